/**
 * The journal of a run: lines of JSON beside the output, each with its checksum, that say how far the run has come. It
 * is only ever appended to, so that a run that is killed leaves at most its last line torn.
 *
 * It is also the lock of an output: it is created exclusively, and names the process that writes. Where that process
 * cannot be seen (another machine, another container) the journal itself tells that it lives: its time changes.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsync,
  ftruncateSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { RowmillError } from "../errors.ts";
import { pathState } from "./file-identity.ts";
import { type Owner, describeOwner, stateOf, thisProcess } from "./owner.ts";
import { syncFile } from "./sync.ts";
import { errorCode, writeError } from "./write-error.ts";

/** What a journal holds. */
export interface JournalContent {
  owner: Owner;
  /** What the run is, as its writer described it. */
  header: unknown;
  /** What was appended, in order; a torn or damaged line ends it. */
  entries: unknown[];
}

/** How often a living run touches its journal. */
const BEAT_MS = 5_000;
/** An owner that cannot be seen counts as ended after this silence: file servers tell times late. */
const SILENT_MS = 60_000;
/** How long a process that is about to end is waited for. */
const ENDING_MS = 5_000;
const LOOK_MS = 200;
const LOOK_AGAIN_MS = 10;
/** How often `--wait` looks. */
const WAIT_MS = 250;

/** The last entry of a run that has ended in order, and leaves what is needed to go on. */
export const STOPPED = { kind: "stopped" } as const;

/** So many bytes of journal make the pause between two entries a millisecond longer: it stays small on long runs. */
const BYTES_PER_PAUSE_MS = 64 * 1024;

/** Where a journal lies, what it is called in messages, and the output that it is for. */
export interface JournalPlace {
  path: string;
  shown: string;
  output: string;
}

/** A journal that is to be begun: until then, or until it is dropped, nobody else takes over. */
export class Claim {
  readonly fd: number;
  readonly path: string;
  readonly owner: Owner;
  /** The run that had the journal before. */
  readonly before: FormerOwner;
  #isOver = false;

  constructor({ fd, path, owner, before }: Pick<Claim, "fd" | "path" | "owner" | "before">) {
    this.fd = fd;
    this.path = path;
    this.owner = owner;
    this.before = before;
  }

  /** It has become a journal. */
  begun(): void {
    this.#isOver = true;
  }

  drop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    dropFile(this.path, this.fd);
  }
}

export class Journal {
  readonly #place: JournalPlace;
  readonly #fd: number;
  #bytes: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** A sign of life, for those who cannot see this process. */
  readonly #beat: NodeJS.Timeout;
  /** Whether the path leads to the file that was opened by it: on some file systems it never does. */
  readonly #isKnown: boolean;

  readonly #owner: Owner;

  private constructor(place: JournalPlace, owner: Owner, { fd, bytes }: { fd: number; bytes: number }) {
    this.#place = place;
    this.#owner = owner;
    openRuns.add(owner.run);
    this.#fd = fd;
    this.#bytes = bytes;
    this.#isKnown = pathState(place.path, fd) === "same";
    this.#beat = setInterval(() => this.#touch(), BEAT_MS);
    this.#beat.unref();
  }

  /**
   * Begins a journal, or takes over that of a run that has ended: it then holds these entries alone.
   *
   * @param place Its path, and the output that it is for, as messages name that.
   * @param claim What {@linkcode Journal.claim} has given for that place, if it was asked before.
   * @throws {RowmillError} `output`, when another process is writing.
   */
  static async begin(
    place: JournalPlace,
    header: unknown,
    { entries, claim: before }: { entries: readonly unknown[]; claim?: Claim | undefined },
  ): Promise<Journal> {
    const claim = before ?? (await Journal.claim(place));
    const { fd, path, owner } = claim;
    const lines = Buffer.concat([{ owner, header }, ...entries].map(toLine));
    try {
      await assertFree(place);
      ftruncateSync(fd, 0);
      writeAll(fd, lines);
      // Another run took this process for dead, and has put its own claim there.
      if (pathState(path, fd) === "other") throw takenOver(place.output);
      renameSync(path, place.path);
      // Left by a run that was killed while it was opening it.
      rmSync(notesPath(place.path), { force: true });
      claim.begun();
      return new Journal(place, owner, { fd, bytes: lines.length });
    } catch (error) {
      claim.drop();
      if (error instanceof RowmillError) throw error;
      // The folder was there a moment ago: somebody has removed the claim.
      if (errorCode(error) === "ENOENT") throw takenOver(place.output);
      throw writeError(error, place.output);
    }
  }

  /**
   * Claims a journal that is to be begun: of two processes that want to take over, one gets it. Until it is begun, or the
   * claim is {@linkcode Claim.drop | dropped}, nobody else takes over.
   *
   * @throws {RowmillError} `output`, when another process is writing.
   */
  static async claim(place: JournalPlace): Promise<Claim> {
    const owner = thisProcess();
    const path = `${place.path}.new`;
    let fd: number | undefined;
    try {
      fd = await openClaim(place, path);
      const before = await assertFree(place);
      nameOwner(fd, owner);
      return new Claim({ fd, path, owner, before });
    } catch (error) {
      if (fd !== undefined) dropFile(path, fd);
      if (error instanceof RowmillError) throw error;
      throw writeError(error, place.output);
    }
  }

  /** What a journal holds; undefined when there is none, or not even its first line is whole. */
  static read(path: string): JournalContent | undefined {
    if (!existsSync(path)) return undefined;
    const records: unknown[] = [];
    for (const line of readFileSync(path, "utf8").split("\n")) {
      // An empty line is a sign of life.
      if (line === "") continue;
      const record = fromLine(line);
      if (record === undefined) break;
      records.push(record);
    }
    const [first, ...entries] = records as [{ owner: Owner; header: unknown }, ...unknown[]];
    return first === undefined ? undefined : { ...first, entries };
  }

  /** Whose journal it is. Reads the first line only, since `--wait` asks often. */
  static ownerOf(path: string): Owner | undefined {
    const first = fromLine(firstLine(path));
    return (first as { owner: Owner } | undefined)?.owner;
  }

  /** Removes the journal of a run that has ended, unless another one has begun since. */
  static removeLeft(path: string, { owner }: JournalContent): void {
    if (Journal.ownerOf(path)?.run === owner.run) rmSync(path, { force: true });
  }

  get path(): string {
    return this.#place.path;
  }

  /** Path of the notes of a row process: the file is there only until it is open. */
  get notesPath(): string {
    return notesPath(this.#place.path);
  }

  /** Whether an entry is due: with a journal that grows they become rarer. */
  get isDue(): boolean {
    return performance.now() - this.#lastMs >= this.#bytes / BYTES_PER_PAUSE_MS;
  }

  /** As {@linkcode Journal.append}, without making the next entry due later. */
  note(entry: unknown): void {
    this.#write(toLine(entry));
  }

  append(entry: unknown): void {
    this.note(entry);
    this.#lastMs = performance.now();
  }

  /** Notes that the run ends in order: another one need not wait to be sure of that. */
  stop(): void {
    this.note(STOPPED);
  }

  sync(): void {
    try {
      syncFile(this.#fd);
    } catch (error) {
      throw writeError(error, this.#place.output);
    }
  }

  /**
   * Checks that the output is still this run's.
   *
   * @throws {RowmillError} `taken-over`, when another run has put its own journal there, or somebody has removed it.
   */
  assertOwn(): void {
    if (!this.isOwn) throw takenOver(this.#place.output);
  }

  /** The journal at this path is the one that this run has begun. */
  get isOwn(): boolean {
    return !this.#isKnown || pathState(this.#place.path, this.#fd) === "same";
  }

  close(): void {
    openRuns.delete(this.#owner.run);
    clearInterval(this.#beat);
    closeSync(this.#fd);
  }

  /** The run is over: there is nothing to go on with. */
  remove(): void {
    const { isOwn } = this;
    this.close();
    // Somebody else may be quicker.
    if (isOwn) rmSync(this.#place.path, { force: true });
  }

  #write(line: Uint8Array): void {
    try {
      writeAll(this.#fd, line);
    } catch (error) {
      // Lines behind half a line would not be read.
      ftruncateSync(this.#fd, this.#bytes);
      throw writeError(error, this.#place.output);
    }
    this.#bytes += line.length;
  }

  #touch(): void {
    try {
      this.#write(BEAT);
      // A file server changes the time of the file only when the data has arrived.
      fsync(this.#fd, () => {});
    } catch (error) {
      // A full disk is reported when there is something to write, not here.
      if (!(error instanceof RowmillError)) throw error;
    }
  }
}

function notesPath(journal: string): string {
  return `${journal}.rows`;
}

/** Runs of this process that hold an output: one that has ended may be gone on with in the same process. */
const openRuns = new Set<string>();

function isOver(owner: Owner): boolean {
  const { machine, namespace, pid, started } = thisProcess();
  const isOurs =
    owner.machine === machine && owner.namespace === namespace && owner.pid === pid && owner.started === started;
  return isOurs && !openRuns.has(owner.run);
}

const LF = 10;
/** A first line is longer where there are many inputs. */
const LINE_BYTES = 16 * 1024;

const BEAT = Buffer.from("\n");

/** The error of a run whose output is not its own any more. */
export function takenOver(output: string): RowmillError {
  return new RowmillError("taken-over", `another run has taken over ${output}, or its files were removed`, {
    hint: "this run has changed nothing there: look at what the other one does, and name one output a run",
  });
}

/** What is known of the run that wrote the output before. */
export interface FormerOwner {
  /** It has surely ended: none of its writes can still come. */
  isDead: boolean;
}

/**
 * Checks that no living process writes the output of a journal. One that is on its way out is waited for.
 *
 * @throws {OwnedError} Naming the process.
 */
export async function assertFree({ path, shown }: JournalPlace): Promise<FormerOwner> {
  const began = performance.now();
  for (;;) {
    const owner = Journal.ownerOf(path);
    if (owner === undefined || isOver(owner)) return { isDead: true };
    const state = stateOf(owner);
    if (state === "dead") return { isDead: true };
    if (state === "unknown") {
      const silentMs = silenceOf(path);
      if (silentMs >= SILENT_MS || hasStopped(path)) return { isDead: false };
      throw ownedElsewhere(shown, owner, silentMs);
    }
    const waitedMs = performance.now() - began;
    if (waitedMs > (state === "ending" ? ENDING_MS : LOOK_MS)) throw owned(shown, owner);
    await Bun.sleep(LOOK_AGAIN_MS);
  }
}

/**
 * Waits until no living process writes the output of a journal.
 *
 * @param onWait Is told, once, whom it waits for.
 */
export async function whenFree(place: JournalPlace, { signal, onWait }: Waiting): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      await assertFree(place);
      return;
    } catch (error) {
      if (!(error instanceof OwnedError)) throw error;
      signal?.throwIfAborted();
      if (isFirst) onWait(error.message);
      await Bun.sleep(WAIT_MS);
    }
  }
}

/** How to wait for another run. */
interface Waiting {
  signal: AbortSignal | undefined;
  onWait: (why: string) => void;
}

/** Another run, which lives, writes there. */
export class OwnedError extends RowmillError {
  constructor(message: string, hint: string) {
    super("output", message, { hint });
  }
}

function owned(path: string, owner: Owner): OwnedError {
  return new OwnedError(
    `another run is writing here: ${path} belongs to ${describeOwner(owner)}`,
    "wait for it to end (--wait does), or name another file",
  );
}

function ownedElsewhere(path: string, owner: Owner, silentMs: number): OwnedError {
  const [heard, left] = [silentMs, SILENT_MS - silentMs].map((ms) => Math.max(1, Math.ceil(ms / 1000)));
  return new OwnedError(
    `another run is writing here: ${path} belongs to ${describeOwner(owner)}, last heard of ${heard} s ago`,
    `wait for it to end (--wait does), or name another file; when nothing more is heard of it, it counts as ended in ${left} s`,
  );
}

/** How long ago a journal was written to, by the clock of the disk that it lies on. */
function silenceOf(path: string): number {
  const probe = `${path}.${crypto.randomUUID()}`;
  try {
    const fd = openSync(probe, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      return Math.max(0, fstatSync(fd).mtimeMs - statSync(path).mtimeMs);
    } finally {
      closeSync(fd);
      rmSync(probe, { force: true });
    }
  } catch (error) {
    // The run has just ended, and removed its journal.
    if (errorCode(error) === "ENOENT") return SILENT_MS;
    throw error;
  }
}

/** Whether the last that a run has written is that it ends. */
function hasStopped(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    throw error;
  }
  try {
    const end = Buffer.alloc(STOPPED_LINE.length);
    readSync(fd, end, 0, end.length, Math.max(0, fstatSync(fd).size - end.length));
    return end.equals(STOPPED_LINE);
  } finally {
    closeSync(fd);
  }
}

async function openClaim({ shown, output }: JournalPlace, path: string): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
  const began = performance.now();
  for (;;) {
    try {
      return openSync(path, flags, 0o666);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      await assertFree({ path, shown: `${shown}.new`, output });
      // A process that died while it took over left it; one that lives has named itself soon, and is done soon.
      if (Journal.ownerOf(path) !== undefined || performance.now() - began > ENDING_MS) rmSync(path, { force: true });
      else await Bun.sleep(LOOK_AGAIN_MS);
    }
  }
}

/** Who waits for the claim is to know for whom. */
function nameOwner(fd: number, owner: Owner): void {
  try {
    writeAll(fd, toLine({ owner, header: undefined }));
  } catch (error) {
    // What is dropped when it has begun may be what fills the disk.
    if (errorCode(error) !== "ENOSPC" && errorCode(error) !== "EDQUOT") throw error;
  }
}

/** Removes the file of a takeover that failed. */
function dropFile(path: string, fd: number): void {
  if (pathState(path, fd) === "same") rmSync(path, { force: true });
  closeSync(fd);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

function toLine(record: unknown): Buffer {
  const json = JSON.stringify(record);
  return Buffer.from(`${checksum(json)} ${json}\n`);
}

const STOPPED_LINE = toLine(STOPPED);

/** The first line of a file; empty when there is none, or it has no end yet. */
function firstLine(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
  try {
    let line = Buffer.alloc(0);
    for (let at = -1; at < 0; at = line.indexOf(LF)) {
      const piece = Buffer.alloc(LINE_BYTES);
      const got = readSync(fd, piece, 0, LINE_BYTES, line.length);
      if (got === 0) return "";
      line = Buffer.concat([line, piece.subarray(0, got)]);
    }
    return line.toString("utf8", 0, line.indexOf(LF));
  } finally {
    closeSync(fd);
  }
}

function fromLine(line: string): unknown {
  const json = line.slice(9);
  return json !== "" && line.slice(0, 8) === checksum(json) ? JSON.parse(json) : undefined;
}

function checksum(text: string): string {
  return Bun.hash.crc32(text).toString(16).padStart(8, "0");
}
