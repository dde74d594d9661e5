/**
 * Threads of the package on Bun, in place of src/thread.ts. A worker is one file without imports of its own, and is named
 * as a file that the package contains: so a bundle of somebody's program takes it along, and finds it, compiled or not.
 */
import { isAbsolute } from "node:path";
import poolWorker from "rowmill-built:pool-worker";
import worker from "rowmill-built:worker";
import type { Thread, ThreadKind } from "../thread.ts";

export type { Thread, ThreadKind };

export function newThread(kind: ThreadKind = "any"): Thread {
  return new Worker(urlOf(kind === "pool" ? poolWorker : worker));
}

export function processCommand(): string[] {
  return [process.execPath, Bun.fileURLToPath(urlOf(worker))];
}

/** In a bundle the path is relative to the file that names it. */
function urlOf(path: string): URL {
  return isAbsolute(path) ? Bun.pathToFileURL(path) : new URL(path, import.meta.url);
}
