/** The error of one item of a call. */
import { type ErrorCode, type ErrorWire, RowmillError, fromWire } from "../errors.ts";

/**
 * An item of a call failed: its function threw or rejected, took too long, killed its worker, or the item or its result
 * could not be copied. `cause` is the original error, with its message and stack.
 */
export class ItemError extends RowmillError {
  override readonly name = "ItemError";
  /** Number of the item within the call, from 0. */
  readonly index: number;

  constructor(code: ErrorCode, message: string, details: { index: number; cause: unknown }) {
    super(code, `item ${details.index}: ${message}`, { cause: details.cause });
    this.index = details.index;
  }

  /** The error of item number `index` from what a worker or the scheduler said. */
  static fromWire(wire: ErrorWire, index: number): ItemError {
    const original = fromWire(wire);
    // An error that Rowmill itself raised needs no further words; its cause, if any, is the user's error.
    const isOwn = wire.code !== undefined;
    const code = wire.code ?? "row-function";
    return new ItemError(code, original.message, { index, cause: isOwn ? original.cause : original });
  }
}

/** What became of an item of a call with `settle`: as in `Promise.allSettled()`. */
export type Settled<T> = { status: "fulfilled"; value: T } | { status: "rejected"; reason: ItemError };
