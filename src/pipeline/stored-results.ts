/**
 * What batches came to, kept in a file: a line of JSON with what was counted, and behind it the bytes. Whoever reads them
 * in their order can do with them what the run would have done that has made them.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { RowmillError } from "../errors.ts";
import type { BatchResult, EmittedRows, RowCounts } from "../transform/wire.ts";

/** The bytes of a result, by name, in the order in which they stand. */
const PARTS = ["output", "rejects", "part", "emits", "cuts"] as const;
type Part = (typeof PARTS)[number];

/** All that is no bytes. `end`, `joint`, `groups` and `isProvisional` are of a run under way. */
type StoredHead = Omit<BatchResult, Part | "groups" | "joint" | "end" | "isProvisional"> & {
  stretches?: EmittedRows["stretches"];
  /** Lengths of the bytes; -1 for those that are not there. */
  bytes: number[];
};

const LF = 10;

/** Output of at least so many bytes is no piece of others: to copy it costs more than to write twice. */
const LEAST_OWN_BYTES = 64 * 1024;

/** A result as it is kept: in pieces, one of which may be its output. */
export function storedResult(result: BatchResult): Uint8Array<ArrayBuffer>[] {
  const { output, rejects, part, emits, cuts, ...others } = result;
  const { groups, joint, end, isProvisional: _, ...head } = others;
  if (groups !== undefined || joint === "misfit" || end !== undefined)
    throw new Error("what is kept is certain, in its order, and goes on");
  const bytes = [
    output,
    rejects,
    part,
    emits?.bytes,
    cuts && new Uint8Array(cuts.buffer, cuts.byteOffset, cuts.byteLength),
  ];
  const all: StoredHead = {
    ...head,
    ...(emits !== undefined && { stretches: emits.stretches }),
    bytes: bytes.map((one) => one?.length ?? -1),
  };
  const line = Buffer.from(`${JSON.stringify(all)}\n`);
  const [, ...behind] = bytes.map((one) => one ?? NO_BYTES);
  if (output.length < LEAST_OWN_BYTES) return [Buffer.concat([line, output, ...behind])];
  const further = Buffer.concat(behind);
  return further.length === 0 ? [line, output] : [line, output, further];
}

/** A file of results is not what was written. */
export class TornError extends RowmillError {
  constructor(name: string) {
    super("input", `${name} is not as it was written: something has changed or cut it`);
  }
}

const NO_BYTES = new Uint8Array(0);
/** So much is read ahead of a head, at first: most of the bytes behind it go where they belong at once. */
const WINDOW_BYTES = 64 * 1024;
/** Results that are read, written and waiting, at a time. */
const MOST_SPARE = 4;

/** Memory of results that were written, for those to come: to get as much anew from the system takes longer than to fill it. */
export class SpareMemory {
  #spare: ArrayBuffer[] = [];

  give({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (this.#spare.length < MOST_SPARE && buffer.byteLength >= WINDOW_BYTES) this.#spare.push(buffer);
  }

  /** So many bytes; what is in them is not said. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#spare.findIndex(({ byteLength }) => byteLength >= length);
    const [buffer] = at < 0 || length < WINDOW_BYTES / 2 ? [] : this.#spare.splice(at, 1);
    // Those that are too small for one are too small for the next.
    if (buffer === undefined && length >= WINDOW_BYTES) this.#spare = [];
    return buffer === undefined ? new Uint8Array(length) : new Uint8Array(buffer, 0, length);
  }
}

/** Reads a file of results from its start to an offset. */
export class StoredResults {
  readonly #name: string;
  readonly #fd: number;
  readonly #end: number;
  readonly #memory: SpareMemory;
  /** What was read and not taken: from one place in it to another one. */
  #window = Buffer.allocUnsafe(WINDOW_BYTES);
  #from = 0;
  #to = 0;
  #offset = 0;
  /** CRC-32 of what was read. */
  crc = 0;

  /**
   * @param end Where results end; the end of the file where nothing is said.
   * @param memory Where the rows of results are put.
   */
  constructor(path: string, { name, end, memory }: { name: string; end?: number; memory?: SpareMemory }) {
    this.#name = name;
    this.#memory = memory ?? new SpareMemory();
    this.#fd = openSync(path, "r");
    this.#end = end ?? fstatSync(this.#fd).size;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /**
   * The next result; undefined behind the last. Its bytes are its own.
   *
   * @throws {TornError} When the file is not what was written.
   */
  next(): BatchResult | undefined {
    if (this.#left === 0) return undefined;
    const head = this.#head(this.#line());
    const { bytes: lengths, stretches, ...result } = head;
    const [output = NO_BYTES, rejects = NO_BYTES, part, emits, cuts] = lengths.map((length, at) =>
      this.#take(length, at === 0 ? this.#memory : undefined),
    );
    return {
      ...result,
      // What is undefined is not written.
      failure: head.failure,
      columns: head.columns,
      end: undefined,
      isProvisional: false,
      output,
      rejects,
      ...(part !== undefined && { part }),
      ...(emits !== undefined && stretches !== undefined && { emits: { bytes: emits, stretches } }),
      ...(cuts !== undefined && { cuts: new Uint32Array(cuts.buffer, 0, cuts.length / Uint32Array.BYTES_PER_ELEMENT) }),
    };
  }

  /** Bytes of results that were not taken. */
  get #left(): number {
    return this.#to - this.#from + this.#end - this.#offset;
  }

  #line(): string {
    let feed = this.#window.subarray(0, this.#to).indexOf(LF, this.#from);
    while (feed < 0) {
      const looked = this.#to - this.#from;
      if (this.#end === this.#offset) throw this.#torn();
      this.#readOn();
      feed = this.#window.subarray(0, this.#to).indexOf(LF, looked);
    }
    const line = this.#window.toString("utf8", this.#from, feed);
    this.#from = feed + 1;
    return line;
  }

  #head(text: string): StoredHead {
    try {
      const head = JSON.parse(text) as StoredHead;
      if (Array.isArray(head.bytes) && head.bytes.length === PARTS.length) return head;
    } catch {
      // Said below.
      throw this.#torn();
    }
    throw this.#torn();
  }

  #take(length: number, memory: SpareMemory | undefined): Uint8Array<ArrayBuffer> | undefined {
    if (length < 0) return undefined;
    if (!Number.isSafeInteger(length) || length > this.#left) throw this.#torn();
    const bytes = memory?.take(length) ?? new Uint8Array(length);
    const ahead = Math.min(length, this.#to - this.#from);
    bytes.set(this.#window.subarray(this.#from, this.#from + ahead));
    this.#from += ahead;
    for (let done = ahead; done < length;) done += this.#read(bytes.subarray(done));
    return bytes;
  }

  /** Reads behind what is in the window, which becomes larger where it is full. */
  #readOn(): void {
    const rest = this.#window.subarray(this.#from, this.#to);
    if (rest.length === this.#window.length) this.#window = Buffer.concat([rest], 2 * rest.length);
    else this.#window.copyWithin(0, this.#from, this.#to);
    this.#from = 0;
    this.#to = rest.length;
    this.#to += this.#read(this.#window.subarray(this.#to));
  }

  #read(into: Uint8Array): number {
    const got = readSync(this.#fd, into, 0, Math.min(into.length, this.#end - this.#offset), this.#offset);
    // Cut off meanwhile.
    if (got === 0) throw this.#torn();
    this.crc = Bun.hash.crc32(into.subarray(0, got), this.crc);
    this.#offset += got;
    return got;
  }

  #torn(): TornError {
    return new TornError(this.#name);
  }
}

/** What many results are together. */
export interface ResultsSum {
  counts: RowCounts;
  /** Of what has come out, whatever batches it came in. */
  digest: string;
  /** Bytes of the file that holds them, and their CRC-32. */
  bytes: number;
  crc: number;
}

/** Bytes that are hashed together. */
const BLOCK_BYTES = 1024 * 1024;

/**
 * A digest of bytes, in whatever pieces they come: SHA-256 of the xxHash3 of each mebibyte. It tells what two honest processes
 * have made; SHA-256 of all would take a tenth of the time of a cheap shard (1.4 GB/s, and 20).
 */
class StreamDigest {
  readonly #blocks = new Bun.CryptoHasher("sha256");
  /** The start of a block, where a piece has ended in it. */
  #open: Buffer | undefined;
  #filled = 0;

  update(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const left = bytes.length - at;
      if (this.#filled === 0 && left >= BLOCK_BYTES) {
        this.#add(bytes.subarray(at, at + BLOCK_BYTES));
        at += BLOCK_BYTES;
        continue;
      }
      const taken = Math.min(left, BLOCK_BYTES - this.#filled);
      this.#open ??= Buffer.allocUnsafe(BLOCK_BYTES);
      this.#open.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === BLOCK_BYTES) this.#close();
    }
  }

  /** In hexadecimal. */
  take(): string {
    this.#close();
    return this.#blocks.digest("hex");
  }

  #close(): void {
    if (this.#open !== undefined && this.#filled > 0) this.#add(this.#open.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #add(block: Uint8Array): void {
    this.#blocks.update(`${block.length} ${Bun.hash.xxHash3(block)} `);
  }
}

/** What many results are together, whatever batches they came in. */
export class ResultsDigest {
  readonly #output = new StreamDigest();
  readonly #rejects = new StreamDigest();
  readonly #parts: StreamDigest | undefined;
  readonly counts: RowCounts = { rowsIn: 0, rowsMapped: 0, rowsDropped: 0, rowsFailed: 0, rowsOut: 0 };
  readonly #areOfBatches: boolean;

  /**
   * @param of `hasCells`: parts are of the cells of a grid. `areOfBatches`: which rows come out, or in which order, hangs on
   * batches, until all are there; then what is the same in any of them is which rows came in, and which failed.
   */
  constructor({ hasCells, areOfBatches }: { hasCells: boolean; areOfBatches: boolean }) {
    this.#parts = hasCells ? new StreamDigest() : undefined;
    this.#areOfBatches = areOfBatches;
  }

  /** Adds those in a file, up to its first so many bytes. */
  addStored(path: string, end: number): void {
    const results = new StoredResults(path, { name: path, end });
    try {
      for (let result = results.next(); result !== undefined; result = results.next()) this.add(result);
    } finally {
      results.close();
    }
  }

  add(result: BatchResult): void {
    if (!this.#areOfBatches) this.#output.update(result.output);
    this.#rejects.update(result.rejects);
    if (result.part !== undefined) this.#parts?.update(result.part);
    for (const name of Object.keys(this.counts) as (keyof RowCounts)[]) this.counts[name] += result[name];
  }

  /** In hexadecimal. */
  take(): string {
    const all = [this.#output, this.#rejects, ...(this.#parts === undefined ? [] : [this.#parts])];
    const digests = all.map((digest) => digest.take()).join(" ");
    const { rowsIn, rowsFailed } = this.counts;
    const counts = this.#areOfBatches ? { rowsIn, rowsFailed } : this.counts;
    return new Bun.CryptoHasher("sha256").update(`${digests} ${JSON.stringify(counts)}`).digest("hex");
  }
}
