/** What becomes of a row: the words that all ways of a row through a transform share. */
import type { Row } from "../formats/format.ts";
import type { ObjectSpelling } from "../formats/json/spelling.ts";
import type { RowContext } from "./context.ts";

/** Several outputs of one row: all are written or none. */
export class Many {
  readonly values: unknown[];
  constructor(values: unknown[]) {
    this.values = values;
  }
}

/** What became of a row: undefined when it is dropped, one value, or many; or a promise of that. */
export type Outcome = unknown;

/**
 * Takes a row all the way; throws, or rejects, when the row fails. What of it is handed on is written as the row was
 * spelled.
 */
export type RowFunction = (row: Row, ctx: RowContext, spelling?: ObjectSpelling) => Outcome;

export type Predicate = (row: Row, ctx: RowContext) => unknown;
