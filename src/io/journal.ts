/**
 * The journal of a run: lines of JSON beside the output, each with its checksum, that say how far the run has come. It
 * is only ever appended to, so that a run that is killed leaves at most its last line torn.
 *
 * It is also the lock of an output: it is created exclusively, and names the process that writes.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { RowmillError } from "../errors.ts";
import { errorCode, writeError } from "./write-error.ts";

/** The process that writes an output. */
interface Owner {
  pid: number;
  /** When it started, in the system's own unit: process numbers are used again. */
  started: string;
}

/** What a journal holds. */
export interface JournalContent {
  owner: Owner;
  /** What the run is, as its writer described it. */
  header: unknown;
  /** What was appended, in order; a torn or damaged line ends it. */
  entries: unknown[];
}

/** So many bytes of journal make the pause between two entries a millisecond longer: it stays small on long runs. */
const BYTES_PER_PAUSE_MS = 64 * 1024;

/** Where a journal lies, and the output that it is for. */
export interface JournalPlace {
  path: string;
  output: string;
}

export class Journal {
  readonly #place: JournalPlace;
  readonly #fd: number;
  #bytes: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  private constructor(place: JournalPlace, fd: number, bytes: number) {
    this.#place = place;
    this.#fd = fd;
    this.#bytes = bytes;
  }

  /**
   * Begins a journal, or takes over that of a run that has ended: it then holds these entries alone.
   *
   * @param place Its path, and the output that it is for, as messages name that.
   * @throws {RowmillError} `output`, when another process is writing.
   */
  static begin({ path, output }: JournalPlace, header: unknown, entries: readonly unknown[]): Journal {
    const lines = Buffer.concat([{ owner: thisProcess(), header }, ...entries].map(toLine));
    // Two processes may want to take over: one makes this file.
    const claim = `${path}.new`;
    try {
      const fd = openClaim(claim);
      assertFree(path);
      writeAll(fd, lines);
      renameSync(claim, path);
      return new Journal({ path, output }, fd, lines.length);
    } catch (error) {
      if (error instanceof RowmillError) throw error;
      throw writeError(error, output);
    }
  }

  /** What a journal holds; undefined when there is none, or not even its first line is whole. */
  static read(path: string): JournalContent | undefined {
    if (!existsSync(path)) return undefined;
    const records: unknown[] = [];
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const record = fromLine(line);
      if (record === undefined) break;
      records.push(record);
    }
    const [first, ...entries] = records as [{ owner: Owner; header: unknown }, ...unknown[]];
    return first === undefined ? undefined : { ...first, entries };
  }

  /** Whether an entry is due: with a journal that grows they become rarer. */
  get isDue(): boolean {
    return performance.now() - this.#lastMs >= this.#bytes / BYTES_PER_PAUSE_MS;
  }

  append(entry: unknown): void {
    const line = toLine(entry);
    try {
      writeAll(this.#fd, line);
    } catch (error) {
      // Half a line would hide those behind it.
      ftruncateSync(this.#fd, this.#bytes);
      throw writeError(error, this.#place.output);
    }
    this.#bytes += line.length;
    this.#lastMs = performance.now();
  }

  sync(): void {
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      throw writeError(error, this.#place.output);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The run is over: there is nothing to go on with. */
  remove(): void {
    this.close();
    unlinkSync(this.#place.path);
  }
}

/**
 * Checks that no living process writes the output of a journal.
 *
 * @throws {RowmillError} `output`, naming the process.
 */
export function assertFree(path: string): void {
  const owner = Journal.read(path)?.owner;
  if (owner === undefined || !isAlive(owner)) return;
  throw new RowmillError("output", `another run is writing here: ${path} belongs to process ${owner.pid}`, {
    hint: "wait for it to end, or name another output",
  });
}

function openClaim(path: string): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
  try {
    return openSync(path, flags, 0o666);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    assertFree(path);
    // A process that died while it took over left it.
    unlinkSync(path);
    return openSync(path, flags, 0o666);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

function toLine(record: unknown): Buffer {
  const json = JSON.stringify(record);
  return Buffer.from(`${checksum(json)} ${json}\n`);
}

function fromLine(line: string): unknown {
  const json = line.slice(9);
  return json !== "" && line.slice(0, 8) === checksum(json) ? JSON.parse(json) : undefined;
}

function checksum(text: string): string {
  return Bun.hash.crc32(text).toString(16).padStart(8, "0");
}

function thisProcess(): Owner {
  return { pid: process.pid, started: startOf(process.pid) };
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM" && startOf(pid) === started;
  }
  return startOf(pid) === started;
}

/** When a process started; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Behind the command's name, which may hold anything, come state and 18 numbers; then the start.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
