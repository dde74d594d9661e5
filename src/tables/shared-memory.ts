/** Memory that all threads share, filled without knowing how much it will be. */

/** What 32 bits can address without a sign, and a little less: an address is rounded up. */
export const MOST_BYTES: number = 2 ** 31 - 2 ** 16;

/** There is more than can be addressed. */
export class TooLargeError extends Error {
  override name = "TooLargeError";
}

export function sharedBytes(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}

function sharedWords(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT));
}

const CHUNK_BYTES = 1024 * 1024;
/** The most bytes of UTF-8 that a UTF-16 unit becomes. */
const UNIT_BYTES = 3;

/** Memory that is given back as soon as it is not needed: what waits for its collection adds up. */
function ownBytes(length: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(length));
}

/** Texts one behind the other, as UTF-8. */
export class GrowingBytes {
  readonly #full: { chunk: Buffer<ArrayBuffer>; used: number }[] = [];
  #chunk = ownBytes(CHUNK_BYTES);
  #used = 0;
  #fullBytes = 0;
  /** No byte is above 0x7f. */
  isAscii = true;

  get length(): number {
    return this.#fullBytes + this.#used;
  }

  /** @throws {TooLargeError} When there are more bytes than can be addressed. */
  write(text: string): void {
    const most = text.length * UNIT_BYTES;
    if (this.#used + most > this.#chunk.length) this.#next(Math.max(CHUNK_BYTES, most));
    const written = this.#chunk.write(text, this.#used);
    if (written !== text.length) this.isAscii = false;
    this.#used += written;
    if (this.length > MOST_BYTES) throw new TooLargeError();
  }

  /** What comes next begins at a multiple of four. */
  align(): void {
    while ((this.length & 3) !== 0) this.write("\0");
  }

  #next(length: number): void {
    this.#full.push({ chunk: this.#chunk, used: this.#used });
    this.#fullBytes += this.#used;
    this.#chunk = ownBytes(length);
    this.#used = 0;
  }

  /** All of them in shared memory; they are here no longer. */
  take(): Uint8Array<SharedArrayBuffer> {
    const all = sharedBytes(this.length);
    this.#next(0);
    let at = 0;
    for (const { chunk, used } of this.#full) {
      all.set(chunk.subarray(0, used), at);
      at += used;
      chunk.buffer.transfer(0);
    }
    this.#full.length = 0;
    this.#fullBytes = 0;
    return all;
  }
}

const FIRST_WORDS = 1024;

/** Numbers of 32 bits. */
export class GrowingWords {
  words: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_WORDS);
  length = 0;

  push(word: number): void {
    if (this.length === this.words.length)
      this.words = new Uint32Array(this.words.buffer.transfer(this.words.byteLength * 2));
    this.words[this.length++] = word;
  }

  /** All of them in shared memory; they are here no longer. */
  take(): Uint32Array<SharedArrayBuffer> {
    const all = sharedCopy(this.words.subarray(0, this.length));
    this.words.buffer.transfer(0);
    return all;
  }
}

/** A copy of words in shared memory. */
export function sharedCopy(words: Uint32Array): Uint32Array<SharedArrayBuffer> {
  const all = sharedWords(words.length);
  all.set(words);
  return all;
}
