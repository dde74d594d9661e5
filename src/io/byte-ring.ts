/**
 * The last so many bytes of a file, by their offsets, in memory that all threads share. It goes round: a byte takes the place
 * of the one a ring's length before it.
 */
export class ByteRing {
  readonly shared: SharedArrayBuffer;
  readonly #bytes: Uint8Array;

  /** @param shared What another one has left, of any content. */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#bytes = new Uint8Array(shared);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Puts bytes to where they belong. */
  set(offset: number, bytes: Uint8Array): void {
    const at = offset % this.length;
    const first = bytes.subarray(0, this.length - at);
    this.#bytes.set(first, at);
    this.#bytes.set(bytes.subarray(first.length), 0);
  }

  /** The bytes from an offset on that stand together: so many, or those up to where the ring goes round. */
  view(offset: number, length: number): Uint8Array {
    const at = offset % this.length;
    return this.#bytes.subarray(at, Math.min(at + length, this.length));
  }

  /** Copies bytes to where somebody wants them. */
  copy(into: Uint8Array, at: number, { offset, length }: { offset: number; length: number }): void {
    for (let done = 0; done < length;) {
      const piece = this.view(offset + done, length - done);
      into.set(piece, at + done);
      done += piece.length;
    }
  }
}
