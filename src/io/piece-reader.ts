/** Inputs that come in pieces. */

/** Gives a stream in pieces. */
export interface PieceReader {
  /** The next piece, empty at the end. It is valid until the next call. The same promise until it is taken. */
  peek(): Promise<Uint8Array>;
  /** The piece of the last `peek` was used. */
  take(): void;
  /** Nothing comes before somebody has said what is wanted, or needs it all the same. */
  readonly isHeld?: boolean;
}

/** A reader that holds one piece at a time, and reads the next when that was taken. */
export abstract class SinglePieceReader implements PieceReader {
  #pending: Promise<Uint8Array> | undefined;
  #own: Uint8Array | undefined;

  peek(): Promise<Uint8Array> {
    if (this.#pending !== undefined) return this.#pending;
    if (this.#own !== undefined) freeMemory(this.#own);
    this.#own = undefined;
    this.#pending = this.read();
    return this.#pending;
  }

  take(): void {
    this.#pending = undefined;
  }

  /** The piece of the last `peek` stays with whoever has it. */
  keep(): void {
    this.#own = undefined;
    this.take();
  }

  /** Brings the next piece. */
  protected abstract read(): Promise<Uint8Array>;

  /** The memory of the next piece is nobody else's, and is given back when the one behind it is asked for. */
  protected own(piece: Uint8Array): Uint8Array {
    this.#own = piece;
    return piece;
  }
}

/**
 * Gives memory back that nobody reads any more. The garbage collector would come for it late: what follows would lie in memory
 * that is touched for the first time, and reading over a connection takes more than twice the CPU time by that.
 */
function freeMemory({ buffer, byteLength }: Uint8Array): void {
  // Of a part of some memory nobody knows who has the rest.
  if (buffer instanceof ArrayBuffer && byteLength > 0 && byteLength === buffer.byteLength) buffer.transfer(0);
}
