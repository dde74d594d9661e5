/** The bytes of a batch's output, built from text piece by piece. */

/** Text is turned into bytes when so much of it has come together: large enough for few calls, small enough for cache. */
const FLUSH_CHARS = 64 * 1024;
const FIRST_BYTES = 64 * 1024;

export class OutputText {
  #bytes: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(FIRST_BYTES));
  #length = 0;
  #text = "";

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > FLUSH_CHARS) this.#flush();
  }

  /** All bytes so far, in memory of their own; starts again from nothing. */
  take(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const bytes = new Uint8Array(this.#bytes.buffer.slice(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  #flush(): void {
    // A UTF-16 unit is at most three bytes of UTF-8.
    const need = this.#length + this.#text.length * 3;
    if (need > this.#bytes.length) {
      const grown = Buffer.from(new ArrayBuffer(Math.max(need, this.#bytes.length * 2)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#length += this.#bytes.write(this.#text, this.#length);
    this.#text = "";
  }
}
