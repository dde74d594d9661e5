/** Which file a path leads to, whatever it is called: by device and inode, through links. */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { placed } from "./start-folder.ts";

/** What became of the file that a path led to. */
export type PathState = "same" | "other" | "gone";

/**
 * Whether a path still leads to the file of a descriptor. The path is opened anew: then a network file system asks its
 * server, while a `stat` may be answered from its cache.
 */
export function pathState(path: string, fd: number): PathState {
  const found = statAnew(path);
  if (found === undefined) return "gone";
  return key(found) === key(fstatSync(fd, { bigint: true })) ? "same" : "other";
}

function statAnew(path: string): BigIntStats | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // It may be there all the same: a link, or nothing to be read by this user.
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  }
  try {
    return fstatSync(fd, { bigint: true });
  } finally {
    closeSync(fd);
  }
}

/** What a look at a path finds; undefined where the system refuses it: whoever opens the path says why. */
export function unlessRefused<Found>(look: () => Found): Found | undefined {
  try {
    return look();
  } catch (error) {
    if (Reflect.get(Object(error), "code") === undefined) throw error;
    return undefined;
  }
}

/**
 * A key that is equal for two paths when they lead to the same file; for a file that is not there yet, its folder and
 * name.
 */
export function fileKey(path: string): string {
  const stat = unlessRefused(() => statSync(placed(path), { bigint: true, throwIfNoEntry: false }));
  return stat === undefined ? placeOf(path) : key(stat);
}

/**
 * As {@linkcode fileKey}, of an open file; undefined for a terminal or `/dev/null`, where nothing can be overwritten.
 */
export function openFileKey(fd: number): string | undefined {
  const stat = fstatSync(fd, { bigint: true });
  return isKept(stat) ? key(stat) : undefined;
}

/** Whether what is written to a path stays there, or goes to one reader. */
export function isKeptAt(path: string): boolean {
  return isKept(statSync(placed(path), { bigint: true }));
}

function isKept(stat: BigIntStats): boolean {
  return stat.isFile() || stat.isFIFO();
}

function key({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** The folder counts by its identity, not by its path: it may be mounted at two places. */
function placeOf(path: string): string {
  const folder = unlessRefused(() => statSync(dirname(placed(path)), { bigint: true, throwIfNoEntry: false }));
  // Without a folder there is no other file that it could be.
  return folder === undefined ? placed(path) : `${key(folder)}/${basename(path)}`;
}
