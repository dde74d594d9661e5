/**
 * Many files on their way at the same time, which take their names together: each is a part file, and all of them are
 * there, or none is. Few are open at a time, and what is written waits in memory until there is enough of it.
 */
import { existsSync, mkdirSync, rmSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { RowmillError } from "../errors.ts";
import { compressionByName } from "./compression.ts";
import { PartFile, type PartState, renamePart } from "./part-file.ts";
import { type FileTarget, type Sink, fileTarget, shownBeside } from "./sink.ts";
import { placed } from "./start-folder.ts";
import { errorCode, writeError } from "./write-error.ts";

/** So many are open at most: most systems allow a process 1,024 descriptors, and inputs and workers need some. */
const MOST_OPEN = 500;
/** Where the system allows fewer, so many are kept all the same. */
const LEAST_OPEN = 16;
/** A file is written when so much waits for it. */
const FILE_BYTES = 64 * 1024;
/** All are when so much waits for all of them. */
const ALL_BYTES = 32 * 1024 * 1024;
/** Buffers are given back when they take so much. */
const MOST_ROOM_BYTES = 2 * ALL_BYTES;
const LEAST_BUFFER_BYTES = 4 * 1024;
/** So many are put on the disk at a time. */
const SYNCS_AT_ONCE = 64;

/** How far a file has come: its number, its bytes, and their CRC-32. */
export type NumberedState = readonly [file: number, bytes: number, crc: number];

/** One of many files. */
export interface ManyFile {
  readonly path: string;
  /** In the order in which files were met. */
  readonly number: number;
  readonly target: FileTarget;
  /** It is there at the end even where nothing was written. */
  isAlways: boolean;
  /** Of all that was handed over. */
  readonly bytes: number;
}

interface OpenedFile extends ManyFile {
  bytes: number;
  crc: number;
  /** When something was added to it last, counted in points, and how it was before. */
  point: number;
  before: PartState;
  /** It has changed since the states were told. */
  isChanged: boolean;
  part: PartFile | undefined;
  /** What takes its place at the end, where that is something else. */
  packed: PartFile | undefined;
  buffer: Uint8Array;
  waiting: number;
}

/** Who must know of files before they are made. */
export interface FilesWatch {
  /** Checks that a file is nothing else to the run. */
  check(path: string, target: FileTarget): void;
  /** These files are about to be made, and these folders: whoever finds them later can tell. */
  announce(paths: readonly string[], folders: readonly string[]): void;
}

const NOTHING: PartState = { bytes: 0, crc: 0 };

export class PartFiles {
  readonly #watch: FilesWatch;
  readonly #files: OpenedFile[] = [];
  readonly #byPath = new Map<string, OpenedFile>();
  /** The first file of each name in small letters. */
  readonly #byLetters = new Map<string, string>();
  readonly #open = new Set<OpenedFile>();
  /** Those that have enough to be written. */
  #full: OpenedFile[] = [];
  /** Those that have changed since their states were told. */
  #changed: OpenedFile[] = [];
  #point = 0;
  #mostOpen = MOST_OPEN;
  /** Committed, abandoned or closed: what was just being written comes too late. */
  #isOver = false;
  /** What buffers hold, full or not. */
  #room = 0;
  /** Folders that were made, or are known to be there. */
  readonly #folders = new Set<string>();
  readonly #made = new Set<string>();
  #waiting = 0;
  /** So many have been announced. */
  #announced = 0;

  constructor(watch: FilesWatch) {
    this.#watch = watch;
  }

  get all(): readonly ManyFile[] {
    return this.#files;
  }

  /** Folders that were made for them. */
  get madeFolders(): readonly string[] {
    return [...this.#made];
  }

  /** What of the files that are replaced could not be kept. */
  get lost(): { name: string; lost: readonly string[] }[] {
    return this.#files.flatMap(({ part, path }) => (part === undefined ? [] : [{ name: path, lost: part.lost }]));
  }

  /**
   * The file of a path, which is made when something is written to it.
   *
   * @throws {RowmillError} `output`, when it cannot be a file.
   */
  file(path: string, { isAlways = false }: { isAlways?: boolean } = {}): ManyFile {
    const known = this.#byPath.get(path);
    if (known !== undefined) {
      known.isAlways ||= isAlways;
      return known;
    }
    const target = fileTarget(path);
    if (target === undefined) {
      throw new RowmillError("output", `cannot write ${path}: it is no file`, { hint: "name another file" });
    }
    this.#watch.check(path, target);
    const file: OpenedFile = {
      path,
      number: this.#files.length,
      target,
      isAlways,
      bytes: 0,
      crc: 0,
      point: -1,
      before: NOTHING,
      isChanged: false,
      part: undefined,
      packed: undefined,
      buffer: NO_BYTES,
      waiting: 0,
    };
    this.#files.push(file);
    this.#byPath.set(path, file);
    const letters = path.normalize().toLowerCase();
    if (!this.#byLetters.has(letters)) this.#byLetters.set(letters, path);
    return file;
  }

  /** Adds bytes to a file. */
  append({ number }: ManyFile, bytes: Uint8Array): void {
    const file = this.#files[number];
    const { length } = bytes;
    if (file === undefined || length === 0 || this.#isOver) return;
    if (file.point !== this.#point) {
      file.point = this.#point;
      file.before = { bytes: file.bytes, crc: file.crc };
    }
    if (!file.isChanged) {
      file.isChanged = true;
      this.#changed.push(file);
    }
    const waiting = file.waiting + length;
    if (waiting > file.buffer.length) this.#grow(file, waiting);
    file.buffer.set(bytes, file.waiting);
    if (file.waiting < FILE_BYTES && waiting >= FILE_BYTES) this.#full.push(file);
    file.waiting = waiting;
    file.bytes += length;
    file.crc = Bun.hash.crc32(bytes, file.crc);
    this.#waiting += length;
  }

  #grow(file: OpenedFile, length: number): void {
    const buffer = new Uint8Array(
      Math.max(LEAST_BUFFER_BYTES, length <= FILE_BYTES ? length * 2 : length + FILE_BYTES),
    );
    buffer.set(file.buffer.subarray(0, file.waiting));
    this.#room += buffer.length - file.buffer.length;
    file.buffer = buffer;
  }

  /** Writes what has become enough to be written. */
  async writeOut(): Promise<void> {
    if (this.#isOver) return;
    if (this.#waiting > ALL_BYTES || this.#room > MOST_ROOM_BYTES) {
      await this.flush();
      return;
    }
    const full = this.#full;
    if (full.length === 0) return;
    this.#full = [];
    for (const file of full) await this.#write(file);
  }

  /** Writes all that waits. */
  async flush(): Promise<void> {
    this.#full = [];
    for (const file of this.#isOver ? [] : this.#files) {
      if (file.waiting > 0 || (file.isAlways && file.part === undefined)) await this.#write(file);
    }
    if (this.#room <= ALL_BYTES) return;
    this.#room = 0;
    for (const file of this.#files) file.buffer = NO_BYTES;
  }

  /** All that was handed over so far belongs together. */
  point(): void {
    this.#point++;
  }

  /** The states of those that have changed since the last time, as they were at the last point. */
  changedStates(): NumberedState[] {
    return this.#changed.map((file): NumberedState => {
      const { bytes, crc } = file.point === this.#point ? file.before : file;
      return [file.number, bytes, crc];
    });
  }

  /** Their states are known to whoever asked for those that have changed. */
  told(): void {
    this.#changed = this.#changed.filter((file) => (file.isChanged = file.point === this.#point));
  }

  async #write(file: OpenedFile): Promise<void> {
    for (;;) {
      try {
        file.part ??= await this.#make(file);
        this.#use(file);
        if (file.waiting > 0) file.part.write(file.buffer.subarray(0, file.waiting));
        break;
      } catch (error) {
        if (!isOutOfDescriptors(error) || this.#open.size <= LEAST_OPEN) throw error;
        // Nothing of it was written.
        this.#mostOpen = Math.max(LEAST_OPEN, Math.floor(this.#open.size / 2));
        this.#closeOld();
      }
    }
    this.#waiting -= file.waiting;
    file.waiting = 0;
    if (file.buffer.length <= 2 * FILE_BYTES) return;
    this.#room -= file.buffer.length;
    file.buffer = NO_BYTES;
  }

  /** It is about to be used: of those that are open, the one that was used longest ago makes room. */
  #use(file: OpenedFile): void {
    this.#open.delete(file);
    this.#open.add(file);
    if (this.#open.size > this.#mostOpen) this.#closeOld();
  }

  #closeOld(): void {
    for (const other of this.#open) {
      if (this.#open.size <= this.#mostOpen) return;
      if (other.part?.suspend() !== false) this.#open.delete(other);
    }
  }

  async #make(file: OpenedFile): Promise<PartFile> {
    this.#announce();
    // An earlier run may have been cut off before it made it.
    this.makeFolder(dirname(file.target.target));
    try {
      return await PartFile.create(file.target);
    } catch (error) {
      throw this.#inTheWay(file, error) ?? error;
    }
  }

  /** Tells of all files that are known, and makes their folders. */
  #announce(): void {
    const fresh = this.#files.slice(this.#announced);
    if (fresh.length === 0) return;
    const folders = fresh.flatMap(({ target }) => this.#missing(dirname(target.target)));
    this.#watch.announce(
      fresh.map(({ path }) => path),
      folders,
    );
    this.#announced = this.#files.length;
    for (const folder of folders) this.#makeFolder(folder);
  }

  /** Makes a folder, and those above it. */
  makeFolder(path: string): void {
    for (const folder of this.#missing(placed(path))) this.#makeFolder(folder);
  }

  /** Of a folder and those above it, the ones that are not there, from the top. */
  #missing(folder: string): string[] {
    if (this.#folders.has(folder)) return [];
    this.#folders.add(folder);
    if (existsSync(folder)) return [];
    return [...this.#missing(dirname(folder)), folder];
  }

  #makeFolder(folder: string): void {
    try {
      mkdirSync(folder);
      this.#made.add(folder);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw writeError(error, folder);
    }
  }

  /** Why there is a part already of which nobody has told: its name is taken for another one, or it is somebody else's. */
  #inTheWay({ path, target }: OpenedFile, error: unknown): RowmillError | undefined {
    if (errorCode(Reflect.get(Object(error), "cause")) !== "EEXIST") return undefined;
    const other = this.#byLetters.get(path.normalize().toLowerCase());
    if (other === undefined || other === path) {
      const part = shownBeside(target, target.part);
      return new RowmillError("output", `cannot write ${path}: ${part} is in the way, and not of this run`, {
        hint: `if no other run is writing there, remove it`,
        cause: error,
      });
    }
    return new RowmillError("output", `cannot write ${path}: on this file system it is the same file as ${other}`, {
      hint: "split by something that differs in more than capital letters, or write to another file system",
      cause: error,
    });
  }

  /**
   * Takes over what an earlier run left: its files in their order, and how far each had come by a state that is chosen
   * among several.
   *
   * @param isDead No process writes to them any more.
   */
  async reopen(
    paths: readonly string[],
    { folders, isDead }: { folders: readonly string[]; isDead: boolean },
  ): Promise<void> {
    for (const folder of folders) this.#made.add(folder);
    for (const path of paths) {
      this.file(path);
      const file = this.#files.at(-1);
      if (file === undefined || !existsSync(file.target.part)) continue;
      file.part = isDead ? PartFile.reopen(file.target) : await PartFile.copy(file.target);
      this.#use(file);
    }
    this.#announced = this.#files.length;
  }

  /** Of states of a file in ascending order, how many its bytes agree with. */
  agreesWith(number: number, states: readonly PartState[]): number {
    const part = this.#files[number]?.part;
    if (part === undefined) return states.findIndex(({ bytes }) => bytes > 0) < 0 ? states.length : 0;
    const agrees = part.verify(states);
    const file = this.#files[number];
    if (file !== undefined) this.#use(file);
    const end = agrees.indexOf(false);
    return end < 0 ? states.length : end;
  }

  /** Goes on behind these states. */
  rewind(states: ReadonlyMap<number, PartState>): void {
    for (const file of this.#files) {
      const state = states.get(file.number) ?? NOTHING;
      file.bytes = state.bytes;
      file.crc = state.crc;
      file.part?.rewind(state);
      if (file.part !== undefined) this.#use(file);
    }
  }

  /** All of them are on the disk. */
  async sync(): Promise<void> {
    const waiting = this.#files.values();
    const work = async (): Promise<void> => {
      for (const file of waiting) {
        if (file.part === undefined) continue;
        this.#use(file);
        await (file.packed ?? file.part).syncLater();
        file.packed?.suspend();
      }
    };
    const most = Math.min(SYNCS_AT_ONCE, Math.ceil(this.#mostOpen / 2));
    await Promise.all(Array.from({ length: most }, work));
  }

  assertOwn(): void {
    for (const file of this.#files) {
      if (file.part === undefined) continue;
      file.part.assertOwn();
      this.#use(file);
    }
  }

  /** Those to which nothing was written go. */
  dropEmpty(): void {
    for (const file of this.#files) {
      if (file.bytes > 0 || file.isAlways) continue;
      file.part?.abandon();
      file.part = undefined;
    }
  }

  /** Has what was written go through something else into another file, which takes its place at the end. */
  async pack(through: (to: Sink, path: string) => Packing): Promise<void> {
    for (const file of this.#files) {
      const { part, target, path } = file;
      if (part === undefined || compressionByName(path) === undefined) continue;
      const fresh = { ...target, part: packedPart(target) };
      rmSync(fresh.part, { force: true });
      const packed = await PartFile.create(fresh);
      file.packed = packed;
      const packing = through(packed, path);
      try {
        for (const piece of part.pieces()) await packing.write(piece);
        await packing.finish();
      } finally {
        packing.stop();
      }
      packed.suspend();
      this.#use(file);
    }
  }

  /** They take their names, in order. */
  commit(): void {
    this.#isOver = true;
    for (const { part, packed } of this.#files) {
      (packed ?? part)?.commit();
      if (packed !== undefined) part?.abandon();
    }
  }

  /** They go, and the folders that were made for them, if nothing else is in these. */
  abandon(): void {
    this.#isOver = true;
    for (const { part, packed } of this.#files) {
      packed?.abandon();
      part?.abandon();
    }
    removeFolders([...this.#made]);
  }

  /** Closes them and leaves them where they are. */
  close(): void {
    this.#isOver = true;
    for (const { part, packed } of this.#files) {
      packed?.abandon();
      part?.close();
    }
  }
}

function isOutOfDescriptors(error: unknown): boolean {
  const code = errorCode(Reflect.get(Object(error), "cause"));
  return code === "EMFILE" || code === "ENFILE";
}

/** Packs what is written to it. */
interface Packing {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  stop(): void;
}

/** Where that lies until it takes its name. */
function packedPart({ part }: FileTarget): string {
  return `${part}.new`;
}

/** Removes what a run that is given up has left of its files. */
export function dropParts(paths: readonly string[], folders: readonly string[]): void {
  for (const path of paths) {
    const target = fileTarget(path);
    if (target === undefined) continue;
    try {
      for (const file of [target.part, packedPart(target)]) rmSync(file, { force: true });
    } catch (error) {
      throw writeError(error, path);
    }
  }
  removeFolders(folders);
}

/** Gives files their names that a run had made for certain, and was cut off at that. */
export function finishParts(paths: readonly string[]): void {
  for (const path of paths) {
    const target = fileTarget(path);
    if (target === undefined) continue;
    if (compressionByName(path) === undefined) {
      if (existsSync(target.part)) renamePart(target);
      continue;
    }
    const packed = { ...target, part: packedPart(target) };
    if (existsSync(packed.part)) renamePart(packed);
    rmSync(target.part, { force: true });
  }
}

function removeFolders(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else is in it, or it is gone.
    }
  }
}

const NO_BYTES = new Uint8Array(0);
