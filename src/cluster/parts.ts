/**
 * The file of a shard that is done: what its batches came to, and a receipt at the end. It takes its name at once, and only
 * where no other process has been quicker.
 */
import { closeSync, existsSync, fstatSync, linkSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { RowmillError } from "../errors.ts";
import { readFailure } from "../io/files.ts";
import { syncFile } from "../io/sync.ts";
import { errorCode, writeError } from "../io/write-error.ts";
import type { ResultsSum } from "../pipeline/stored-results.ts";

/** What stands at the end of the file of a shard that is done. */
export interface Receipt extends ResultsSum {
  plan: string;
  shard: number;
  host: string;
  pid: number;
  /** When it was begun, and when it was done. */
  begun: string;
  done: string;
}

const RECEIPT = '{"receipt":';
/** How long a receipt is mostly, and at most. */
const USUAL_BYTES = 1024;
const MOST_BYTES = 64 * 1024;

/** What stands before it may not end with a line. */
export function receiptLine(receipt: Receipt): string {
  return `\n${JSON.stringify({ receipt, crc: checksum(receipt) })}\n`;
}

/** One that has changed is none: its digest would accuse whoever does the shard again. */
function checksum(receipt: Receipt): number {
  return Bun.hash.crc32(JSON.stringify(receipt));
}

/**
 * The receipt at the end of a file: `torn` where there is no whole one, `none` where there is no file.
 *
 * @throws {RowmillError} `input`, when the file cannot be read.
 */
export function receiptOf(path: string): Receipt | "torn" | "none" {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const { size } = fstatSync(fd);
    for (const most of [USUAL_BYTES, MOST_BYTES]) {
      const receipt = receiptIn(endOf(fd, { size, most }), size);
      if (receipt !== undefined) return receipt;
    }
    return "torn";
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "none";
    const [reason, hint] = readFailure(error, path);
    throw new RowmillError("input", `cannot read ${path}: ${reason}`, { hint, cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function endOf(fd: number, { size, most }: { size: number; most: number }): Buffer {
  const bytes = Buffer.alloc(Math.min(size, most));
  for (let done = 0; done < bytes.length;) {
    const got = readSync(fd, bytes, done, bytes.length - done, size - bytes.length + done);
    // Cut off meanwhile.
    if (got === 0) break;
    done += got;
  }
  return bytes;
}

function receiptIn(bytes: Buffer, size: number): Receipt | undefined {
  const text = bytes.toString("latin1");
  const start = text.lastIndexOf("\n", text.length - 2) + 1;
  if (start === 0 || !text.endsWith("}\n") || !text.startsWith(RECEIPT, start)) return undefined;
  try {
    const { receipt, crc } = JSON.parse(bytes.toString("utf8", start)) as { receipt: Receipt; crc: number };
    if (crc !== checksum(receipt)) return undefined;
    return receipt.bytes === size - (bytes.length - start) - 1 ? receipt : undefined;
  } catch {
    // Torn, which is said by whoever asks.
    return undefined;
  }
}

/**
 * Gives a file another name, unless there is a file of that name already; tells whether it has.
 *
 * @throws {Error} With the code `ENOENT`, where the file itself is not there.
 */
export function renameUnlessThere(from: string, to: string): boolean {
  try {
    linkSync(from, to);
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") return false;
    if (code === "ENOENT" || !WITHOUT_LINKS.has(code)) throw error;
    // Not all file systems have links. Of two processes that come here at once the second one is taken: both are whole.
    if (existsSync(to)) return false;
    renameSync(from, to);
    syncFolder(to);
    return true;
  }
  syncFolder(to);
  rmSync(from, { force: true });
  return true;
}

const WITHOUT_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);

/** The name of a file is on the disk, where the system knows how to. */
function syncFolder(path: string): void {
  let fd: number;
  try {
    fd = openSync(dirname(path), "r");
  } catch {
    // Some systems do not open folders.
    return;
  }
  try {
    syncFile(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Gives a file that is no good another name. Another process may have put a good one there meanwhile: that one stays.
 *
 * @returns Whether it was no good.
 */
export function putAside(path: string, { as, isGood }: { as: string; isGood: (path: string) => boolean }): boolean {
  try {
    renameSync(path, as);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw writeError(error, path);
  }
  if (!isGood(as)) return true;
  if (!renameUnlessThere(as, path)) rmSync(as, { force: true });
  return false;
}
