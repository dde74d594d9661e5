/**
 * Memory for bytes that workers read, and that comes back when they have. It is shared: nothing is copied on the way, and
 * none is left behind for the garbage collector, which would come for it late.
 */

/** Fewer bytes are copied, which takes less than sharing them. */
const LEAST_BYTES = 32 * 1024;
/** Sizes of pieces: the next bytes may be a few more. */
const STEP_BYTES = 64 * 1024;

export class LentMemory {
  /** What nobody uses. */
  #spare: SharedArrayBuffer[] = [];

  /** A copy of bytes, to be sent to a worker. */
  lend(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length < LEAST_BYTES) return new Uint8Array(bytes);
    const copy = this.take(length).subarray(0, length);
    copy.set(bytes);
    return copy;
  }

  /** Memory for so many bytes, or more. */
  take(length: number): Uint8Array {
    const at = this.#spare.findIndex(({ byteLength }) => byteLength >= length);
    const [spare] = at < 0 ? [] : this.#spare.splice(at, 1);
    if (spare !== undefined) return new Uint8Array(spare);
    // Those that are too short would not be taken any more.
    this.#spare = [];
    return new Uint8Array(new SharedArrayBuffer(Math.ceil((length * 1.25) / STEP_BYTES) * STEP_BYTES));
  }

  /** Nobody reads a copy any more. */
  giveBack({ buffer }: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer) this.#spare.push(buffer);
  }
}
