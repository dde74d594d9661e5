/** Looks for a file or folder from a folder upward. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A file or folder of that name in a folder, else in the nearest one above it. */
export function nearestAbove(folder: string, name: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, name);
    if (existsSync(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}
