/** Turns what went wrong with a row into the failure that the parent shows or records. */
import { RowmillError, describeThrown, toWire } from "../errors.ts";
import { shownColumn } from "../formats/columns.ts";
import type { Failed } from "./outcome.ts";
import { userFrames } from "../code/frames.ts";
import type { RowFailure } from "./wire.ts";

/** So much of a failing row is shown. */
const ROW_TEXT_CHARS = 300;

/** Where a row stands, and its raw text. */
export interface RowPlace {
  row: number;
  file: string;
  line: number;
  /** The line in words, where it is none of text. */
  words: string | undefined;
  text: string;
}

/** The failure of a row as it goes to the parent: what went wrong, where, and the user's own frames. */
export function describeFailure({ cause }: Failed, { row, file, line, words, text }: RowPlace): RowFailure {
  const place = { file, line, ...(words !== undefined && { words }) };
  const shown = shownRow(text);
  if ("fault" in cause) {
    const { code, message, column, hint } = cause.fault;
    const details = {
      place: { ...place, ...(column !== undefined && { column }) },
      row: shown,
      ...(hint !== undefined && { hint }),
    };
    return { row, line, error: toWire(new RowmillError(code, message, details)) };
  }
  const { thrown } = cause;
  if (thrown instanceof RowmillError) {
    const column = thrown.place?.column;
    const wire = toWire(thrown);
    const error = {
      ...wire,
      stack: undefined,
      place: { ...place, ...(column !== undefined && { column }) },
      row: shown,
      frames: wire.frames ?? userFrames(thrown.cause),
    };
    return { row, line, error };
  }
  const frames = userFrames(thrown);
  const hint = methodHint(thrown);
  const error = new RowmillError("row-function", describeThrown(thrown), {
    place,
    ...(hint !== undefined && { hint }),
    row: shown,
    ...(frames !== undefined && { frames }),
    cause: thrown,
  });
  return { row, line, error: toWire(error) };
}

/** Methods of numbers, which a text has not, and the other way round. */
const OF_NUMBERS = "toFixed|toPrecision|toExponential";
const OF_TEXTS =
  "slice|split|padStart|padEnd|trim|startsWith|endsWith|toUpperCase|toLowerCase|replace|replaceAll|match|charAt|substring";
const METHOD = new RegExp(
  String.raw`^([\p{ID_Start}$_][\p{ID_Continue}$.]*)\.(?:(${OF_NUMBERS})|(${OF_TEXTS})) is not a function`,
  "u",
);

/** What to do where a text was taken for a number, or something else for a text. */
function methodHint(thrown: unknown): string | undefined {
  if (!(thrown instanceof TypeError)) return undefined;
  const [, value = "", ofNumber, ofText] = METHOD.exec(thrown.message) ?? [];
  const column = value.split(".").at(-1) ?? "";
  if (ofNumber !== undefined)
    return `it is no number: Number(${value}).${ofNumber}(…), or --types ${column}=number reads the column as numbers`;
  if (ofText === undefined) return undefined;
  // What a variable holds may come of any column.
  return `it is no text: String(${value}).${ofText}(…), or --types text reads all columns as texts`;
}

const CSV_FIELD = /("(?:[^"]|"")*"|[^,"\n]*)(,|\n|$)/y;

/** Makes what shows the fields of a row that were read, by their names, of a line of CSV in which others are empty. */
export function shownFields(columns: readonly string[], reads: ReadonlySet<string>): (text: string) => string {
  return (text) => {
    const shown: string[] = [];
    CSV_FIELD.lastIndex = 0;
    for (const name of columns) {
      const [, field = ""] = CSV_FIELD.exec(text) ?? [];
      if (reads.has(name)) shown.push(`${shownColumn(name)}: ${field}`);
    }
    return shown.join(", ");
  };
}

/** As much of a row's raw text as a message shows. */
export function shownRow(text: string): string {
  const trimmed = text.replace(/(\r?\n)+$/, "");
  return trimmed.length > ROW_TEXT_CHARS ? `${trimmed.slice(0, ROW_TEXT_CHARS)}…` : trimmed;
}
