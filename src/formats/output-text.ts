/**
 * The bytes of a batch's output, built from text piece by piece in the memory of a kernel of its own, which can count
 * over them. One serves all batches of a worker.
 */
import type { Encoded, RowCopies } from "./format.ts";
import { INPUT, Kernel } from "./kernel/host.ts";
import type { ByteCounts } from "./kernel/exports.ts";

/** Text is turned into bytes when so much of it has come together: few calls, and still in the cache. */
const FLUSH_CHARS = 64 * 1024;

/** Results of so many bytes are made in memory that comes back; a worker keeps so much of it. */
const LEAST_SHARED_BYTES = 32 * 1024;
const MAX_SPARE = 4;
const SPARE_STEP_BYTES = 32 * 1024;

export class OutputText {
  readonly #kernel = new Kernel();
  readonly #spare: ArrayBuffer[] = [];
  /** Memory has come back: there will be more. */
  #comesBack = false;
  #end = INPUT;
  #text = "";

  add(result: Encoded): void {
    if (typeof result !== "string") {
      this.addBytes(result);
      return;
    }
    this.#text += result;
    if (this.#text.length > FLUSH_CHARS) this.flush();
  }

  /** Adds a text if the counts of special bytes in it pass a check; tells whether it did. */
  addIf(text: string, delimiter: string, passes: (counts: ByteCounts) => boolean): boolean {
    this.flush();
    const end = this.#write(text);
    if (!passes(this.#kernel.countBytes({ start: this.#end, end }, delimiter))) return false;
    this.#end = end;
    return true;
  }

  /** Adds the bytes of a row, and a few characters behind them; false where it has to be encoded. */
  copy(copies: RowCopies, row: number, end: string): boolean {
    const from = copies.from(row);
    if (from < 0) return false;
    if (this.#text !== "") this.flush();
    const length = copies.to(row) - from;
    this.#kernel.reserve(this.#end - INPUT + length + end.length);
    const memory = this.#kernel.bytes;
    memory.set(copies.bytes.subarray(from, from + length), this.#end);
    this.#end += length;
    for (let at = 0; at < end.length; at++) memory[this.#end++] = end.charCodeAt(at);
    return true;
  }

  addBytes(bytes: Uint8Array): void {
    this.flush();
    this.#kernel.reserve(this.#end - INPUT + bytes.length);
    this.#kernel.bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Forgets what was added: the batch before broke off. */
  clear(): void {
    this.#end = INPUT;
    this.#text = "";
  }

  /** Memory for what is taken, which nobody else uses. */
  takeMemory(memory: ArrayBuffer): void {
    this.#comesBack = true;
    if (this.#spare.length < MAX_SPARE) this.#spare.push(memory);
  }

  /**
   * All bytes so far, in memory of their own; starts again from nothing.
   *
   * @param place Copies them there.
   */
  take(place: (all: Uint8Array, to: Uint8Array) => void = copy): Uint8Array<ArrayBuffer> {
    this.flush();
    const all = this.#kernel.bytes.subarray(INPUT, this.#end);
    this.#end = INPUT;
    const memory = this.#memoryFor(all.length) ?? new ArrayBuffer(all.length);
    const bytes = new Uint8Array(memory, 0, all.length);
    place(all, bytes);
    return bytes;
  }

  /** Memory that can be used again and again; undefined where a result gets memory of its own size. */
  #memoryFor(length: number): ArrayBuffer | undefined {
    if (length < LEAST_SHARED_BYTES || !this.#comesBack) return undefined;
    const at = this.#spare.findIndex(({ byteLength }) => byteLength >= length);
    if (at >= 0) return this.#spare.splice(at, 1)[0];
    // Those that are too short would never be taken.
    this.#spare.length = 0;
    // The next result may be a bit longer: what is not filled takes no memory.
    return new ArrayBuffer(Math.ceil((length * 1.25) / SPARE_STEP_BYTES) * SPARE_STEP_BYTES);
  }

  /** Turns what was added into bytes; returns how many there are. */
  flush(): number {
    this.#end = this.#write(this.#text);
    this.#text = "";
    return this.#end - INPUT;
  }

  /** Writes a text behind what is there; returns the address behind it. */
  #write(text: string): number {
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.#kernel.reserve(this.#end - INPUT + text.length * 3);
    return this.#end + this.#kernel.bytes.write(text, this.#end);
  }
}

function copy(all: Uint8Array, to: Uint8Array): void {
  to.set(all);
}
