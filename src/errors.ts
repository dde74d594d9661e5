/**
 * Every error that Rowmill raises on purpose, its stable code, and its wire form.
 *
 * An error is data: a code, a message without a full stop, and where it happened. Turning it into the text on a
 * terminal is cli/render-error.ts. Errors lose class, `code` and `cause` over `postMessage`, so they cross threads as
 * {@linkcode ErrorWire}.
 */

/** Where in the input something went wrong. Lines and columns count from 1; a line is a physical one. */
export interface Place {
  file: string;
  line: number;
  /** The name of the input column (field), where one is to blame. */
  column?: string;
  /** The line in words, where the input has none that a person could go to: `row 17 of row group 3`. */
  words?: string;
}

/** A place as it stands before a message. */
export function shownPlace({ file, line, words }: Place): string {
  const name = file === "-" ? "standard input" : file;
  return words === undefined ? `${name}:${line}` : `${name}, ${words}`;
}

/** What stands behind every {@linkcode RowmillError}: which kind of thing failed. */
export type ErrorCode =
  | "usage"
  | "input"
  | "output"
  | "spill"
  | "memory"
  | "taken-over"
  | "transform"
  | "transform-changed"
  | "work-changed"
  | "worker"
  | "processor"
  | "pool"
  | "too-many-errors"
  | "interrupted"
  /** What fails a row: formats and stages have words of their own. docs/failures.md has all. */
  | `row-${string}`
  | "internal";

/** Further facts of an error, each optional. */
export interface ErrorDetails {
  /** Where in the input. */
  place?: Place;
  /** The raw text of the row, as far as it helps (at most a few hundred characters). */
  row?: string;
  /** What to do about it: one sentence, no full stop. */
  hint?: string;
  /** Columns that the hint is about. */
  columns?: readonly string[];
  /** A column of the input that was named, and is not there. */
  lacks?: string;
  /** The user's own stack frames or the code frame, ready to print. */
  frames?: string;
  /** What was done is kept: `resume` goes on from there. */
  isResumable?: boolean;
  cause?: unknown;
}

/** What a hint begins with that is code, perhaps of several lines. */
export const WRITE = "write: ";

/** The base of every error that Rowmill raises on purpose. */
export class RowmillError extends Error {
  override readonly name: string = "RowmillError";
  readonly code: ErrorCode;
  readonly place: Place | undefined;
  readonly row: string | undefined;
  readonly hint: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly lacks: string | undefined;
  readonly frames: string | undefined;
  readonly isResumable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.place = details.place && { ...details.place, file: withoutSecrets(details.place.file) };
    this.row = details.row;
    this.hint = details.hint;
    this.columns = details.columns;
    this.lacks = details.lacks;
    this.frames = details.frames;
    this.isResumable = details.isResumable ?? false;
  }
}

/** A password before a host. */
const PASSWORD = /(\w+:\/\/[^/?#@:\s]*:)[^/?#@\s]*@/g;
/** Parameters by which servers let somebody in, as signed addresses have them. */
const SECRET = /([?&][\w.-]*(?:token|secret|password|signature|sig|key|credential)[\w.-]*=)[^&#\s]*/gi;

/** What may be said of an address, or of a text with several: messages, journals and logs are kept, and shown to others. */
export function withoutSecrets(name: string): string {
  return name.includes("://") ? name.replaceAll(PASSWORD, "$1…@").replaceAll(SECRET, "$1…") : name;
}

/** The same error with its place filled in: it was raised where only the lines from some start were known. */
export function placeAt(error: unknown, file: string, firstLine: number): unknown {
  if (!(error instanceof RowmillError) || error.place?.file !== "") return error;
  return withDetails(error, { place: { ...error.place, file, line: firstLine + error.place.line } });
}

/** The same error with further facts, or other ones. */
export function withDetails(error: RowmillError, further: ErrorDetails): RowmillError {
  const { code, message, place, row, hint, columns, lacks, frames, isResumable, cause } = error;
  return new RowmillError(code, message, {
    ...(place !== undefined && { place }),
    ...(row !== undefined && { row }),
    ...(hint !== undefined && { hint }),
    ...(columns !== undefined && { columns }),
    ...(lacks !== undefined && { lacks }),
    ...(frames !== undefined && { frames }),
    isResumable,
    cause,
    ...further,
  });
}

/** The command line or the options of a call are wrong; nothing was done. */
export class UsageError extends RowmillError {
  override readonly name = "UsageError";
  constructor(message: string, hint?: string) {
    super("usage", message, hint === undefined ? {} : { hint });
  }
}

/** The form in which an error crosses a thread boundary. */
export interface ErrorWire {
  name: string;
  code: ErrorCode | undefined;
  message: string;
  stack: string | undefined;
  place: Place | undefined;
  row: string | undefined;
  hint: string | undefined;
  columns: readonly string[] | undefined;
  lacks: string | undefined;
  frames: string | undefined;
  cause: ErrorWire | undefined;
}

// A chain of causes may be circular; more causes than this are not kept.
const MAX_CAUSES = 8;

/** The wire form of anything that can be thrown, `undefined` and plain strings included. */
export function toWire(thrown: unknown, depth = 0): ErrorWire {
  const error = thrown instanceof Error ? thrown : undefined;
  const own = thrown instanceof RowmillError ? thrown : undefined;
  const cause = error?.cause;
  return {
    name: error === undefined ? "Error" : error.name,
    code: own?.code,
    message: error === undefined ? describeThrown(thrown) : error.message,
    stack: typeof error?.stack === "string" ? error.stack : undefined,
    place: own?.place,
    row: own?.row,
    hint: own?.hint,
    columns: own?.columns,
    lacks: own?.lacks,
    frames: own?.frames,
    cause: cause === undefined || depth >= MAX_CAUSES ? undefined : toWire(cause, depth + 1),
  };
}

/** The error that a wire form stands for: a {@linkcode RowmillError} when it has a code, else an `Error`. */
export function fromWire(wire: ErrorWire): Error {
  const cause = wire.cause === undefined ? {} : { cause: fromWire(wire.cause) };
  if (wire.code !== undefined) {
    return new RowmillError(wire.code, wire.message, {
      ...(wire.place && { place: wire.place }),
      ...(wire.row !== undefined && { row: wire.row }),
      ...(wire.hint !== undefined && { hint: wire.hint }),
      ...(wire.columns !== undefined && { columns: wire.columns }),
      ...(wire.lacks !== undefined && { lacks: wire.lacks }),
      ...(wire.frames !== undefined && { frames: wire.frames }),
      ...cause,
    });
  }
  const error = new Error(wire.message, cause);
  error.name = wire.name;
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

/** A thrown value that is no `Error`, in words: `undefined`, `"a string"`, `{"a":1}`. */
export function describeThrown(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === "" ? thrown.name : thrown.message;
  return `a thrown value that is no Error: ${inspected(thrown)}`;
}

/** A value as people read it, on either runtime. */
export function inspected(value: unknown): string {
  if (typeof Bun !== "undefined") return Bun.inspect(value, { depth: 2 });
  return typeof value === "string" ? JSON.stringify(value) : process.getBuiltinModule("node:util").inspect(value);
}

/** The message of whatever was thrown; for wrapping a system error into one of ours. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : describeThrown(thrown);
}
