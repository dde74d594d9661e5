/** Paths that stand for what a process has open: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/3`, and links to them. */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { placed } from "./start-folder.ts";

/** A chain of more links than this is taken for a circle, as the system does. */
const MAX_LINKS = 40;

/**
 * The number of the open file that a path stands for; undefined for every other path. To open such a path would be to
 * open the file behind it once more: at its start, and without the `O_APPEND` of a shell's `>>`.
 */
export function descriptorOf(path: string): number | undefined {
  let name = placed(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const folder = realFolder(dirname(name));
    if (folder === undefined) return undefined;
    if (isOwnDescriptors(folder) && /^\d+$/.test(basename(name))) return Number(basename(name));
    const next = linkAt(join(folder, basename(name)));
    if (next === undefined) return undefined;
    name = resolve(folder, next);
  }
  return undefined;
}

/** `/proc/self` and `/proc/thread-self` are links to the numbers of this process and thread. */
function isOwnDescriptors(folder: string): boolean {
  if (folder === "/dev/fd") return true;
  const own = /^(\/proc\/\d+)(?:\/task\/\d+)?\/fd$/.exec(folder);
  return own !== null && own[1] === realFolder("/proc/self");
}

/** Where a link leads to; undefined for everything else. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function realFolder(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // It is not there, or not for this user: what follows finds out.
    return undefined;
  }
}
