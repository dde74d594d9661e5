/**
 * A stage: one step on the rows of a run, as an object. An *ordered* stage needs rows in their order. What the rows of a
 * batch come to for it is a *part*, which a worker makes and packs as bytes; parts are taken in input order at one place.
 * What stands behind it runs where it is taken.
 */
import type { RowContext } from "../code/context.ts";

/** What a plan says of a stage. */
interface Described {
  readonly name: string;
  /** What it does: an expression, columns; empty where the name says it. */
  readonly what: string;
}

/** Rows that are folded. */
export interface FoldingStage extends Described {
  readonly kind: "folding";
  /** A step that throws leaves the part as it was: it need not be folded again. */
  readonly isAtomic: boolean;
  /** The part of no row. */
  init(): unknown;
  /** Folds a row in. Returns the part, which may be the same one. What it throws fails the row. */
  step(part: unknown, row: unknown, ctx: RowContext): unknown;
  /** Folds all outputs of a row in. */
  steps(part: unknown, rows: readonly unknown[], ctx: RowContext): unknown;
  /** Bytes in which a part goes to where it is taken. Throws where something would be lost. */
  pack(part: unknown): Uint8Array<ArrayBuffer>;
  unpack(bytes: Uint8Array): unknown;
  /** Makes what takes the parts. */
  taker(): PartTaker;
}

/** Takes parts, in input order. */
export interface PartTaker {
  /** Takes the part of the rows behind all others so far; may use it up. */
  take(part: unknown): void;
  /** All parts are taken: the rows that come out, one, many or none, or a promise of them. */
  end(): unknown;
}
