/** What becomes of a row: the words that all ways of a row through a transform share. */
import type { Row, RowFault } from "../formats/format.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import type { RowContext } from "../code/context.ts";

/** Several outputs of one row: all are written or none. */
export class Many {
  readonly values: unknown[];
  constructor(values: unknown[]) {
    this.values = values;
  }
}

/** The outcomes of rows that were made of one row, as its own: when one of them fails, it fails. */
export function combined(outcomes: readonly Outcome[]): Outcome {
  const values: unknown[] = [];
  for (const outcome of outcomes) {
    if (outcome instanceof Failed) return outcome;
    if (outcome instanceof Many) for (const value of outcome.values) values.push(value);
    else if (outcome !== undefined) values.push(outcome);
  }
  return values.length === 0 ? undefined : new Many(values);
}

/** A value, and what a stage that picks rows has to know of it. */
export class Noted {
  readonly value: unknown;
  readonly note: unknown;
  constructor(value: unknown, note: unknown) {
    this.value = value;
    this.note = note;
  }
}

/** The value that is written. */
export function writtenValue(value: unknown): unknown {
  return value instanceof Noted ? value.value : value;
}

/** A row that failed: what was thrown, or what the decoder found. */
export class Failed {
  readonly cause: { thrown: unknown } | { fault: RowFault };
  constructor(cause: { thrown: unknown } | { fault: RowFault }) {
    this.cause = cause;
  }
}

/** What became of a row: undefined when it is dropped, one value, or many; that it failed; or a promise of that. */
export type Outcome = unknown;

/**
 * Takes a row all the way; throws, or rejects, when the row fails. What of it is handed on is written as the row was
 * spelled.
 */
export type RowFunction = (row: Row, ctx: RowContext, spelling?: ObjectSpelling) => Outcome;

export type Predicate = (row: Row, ctx: RowContext) => unknown;
