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

  peek(): Promise<Uint8Array> {
    this.#pending ??= this.read();
    return this.#pending;
  }

  take(): void {
    this.#pending = undefined;
  }

  /** Brings the next piece. */
  protected abstract read(): Promise<Uint8Array>;
}
