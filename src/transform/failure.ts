/** Turns what went wrong with a row into the failure that the parent shows or records. */
import { RowmillError, describeThrown, toWire } from "../errors.ts";
import type { Failed } from "./block-mapper.ts";
import { userFrames } from "./frames.ts";
import type { RowFailure } from "./wire.ts";

/** So much of a failing row is shown. */
const ROW_TEXT_CHARS = 300;

/** Where a row stands, and its raw text. */
export interface RowPlace {
  row: number;
  file: string;
  line: number;
  text: string;
}

/** The failure of a row as it goes to the parent: what went wrong, where, and the user's own frames. */
export function describeFailure({ cause }: Failed, { row, file, line, text }: RowPlace): RowFailure {
  const trimmed = text.replace(/(\r?\n)+$/, "");
  const shown = trimmed.length > ROW_TEXT_CHARS ? `${trimmed.slice(0, ROW_TEXT_CHARS)}…` : trimmed;
  if ("fault" in cause) {
    const { code, message, column, hint } = cause.fault;
    const details = {
      place: { file, line, ...(column !== undefined && { column }) },
      row: shown,
      ...(hint !== undefined && { hint }),
    };
    return { row, error: toWire(new RowmillError(code, message, details)) };
  }
  const { thrown } = cause;
  if (thrown instanceof RowmillError) {
    const column = thrown.place?.column;
    const wire = toWire(thrown);
    return {
      row,
      error: { ...wire, stack: undefined, place: { file, line, ...(column !== undefined && { column }) }, row: shown },
    };
  }
  const frames = userFrames(thrown);
  const error = new RowmillError("row-function", describeThrown(thrown), {
    place: { file, line },
    row: shown,
    ...(frames !== undefined && { frames }),
    cause: thrown,
  });
  return { row, error: toWire(error) };
}
