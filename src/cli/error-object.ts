/**
 * Errors as programs read them (`--errors json`): an object for each, with what people see of it in words as fields.
 * Loaded when there is one.
 */
import { RowmillError, messageOf } from "../errors.ts";
import { meantIn } from "../nearest.ts";

/** What is known of an error; what is not known is left out. */
interface ErrorFacts {
  code: string;
  message: string;
  /** `-` is standard input. */
  file?: string;
  /** From 1. */
  line?: number;
  /** The line in words, where the input has none: `row 17 of row group 3`. */
  where?: string;
  /** Of code that cannot be compiled: the place in its line, from 1. */
  character?: number;
  /** The name of the column that is to blame. */
  column?: string;
  /** The raw text of the row. */
  row?: string;
  hint?: string;
  /** The name that was probably meant, to be put in the place of the one that was written. */
  suggestion?: string;
  /** Lines of the user's code. */
  frames?: string;
  /** The command line that goes on with what was done. */
  resume?: string;
  /** Of Rowmill itself, where it is at fault. */
  stack?: string;
}

/** How messages on a file begin that are about no line of it. */
const NAMED_FILE = /^cannot (?:read|write) (.+?): /s;
/** How messages on code begin that cannot be read as such. */
const CODE_PLACE = /^cannot compile (?<file>.+?):(?<line>\d+):(?<character>\d+): /s;
const STDIN_NAME = "standard input";

/** @param resume The command line that goes on, where the error leaves something to go on with. */
export function errorFacts(error: unknown, resume?: string): ErrorFacts {
  if (!(error instanceof RowmillError)) {
    const stack = error instanceof Error ? error.stack : undefined;
    return {
      code: "internal",
      message: `Rowmill failed: ${messageOf(error)}`,
      ...(stack !== undefined && { stack }),
    };
  }
  const { code, message, place, row, hint, frames, isResumable } = error;
  const suggestion = hint === undefined ? undefined : meantIn(hint);
  return {
    code,
    message,
    ...(place !== undefined && place.file !== "" ? placeFacts(place) : namedPlace(message)),
    ...(row !== undefined && { row }),
    ...(hint !== undefined && { hint }),
    ...(suggestion !== undefined && { suggestion }),
    ...(frames !== undefined && { frames }),
    ...(isResumable && resume !== undefined && { resume }),
  };
}

/** What a message says of a place itself. */
function namedPlace(message: string): Partial<ErrorFacts> {
  const { file: code = "", line, character } = CODE_PLACE.exec(message)?.groups ?? {};
  if (line !== undefined) return { file: code, line: Number(line), character: Number(character) };
  const [, file] = NAMED_FILE.exec(message) ?? [];
  return file === undefined ? {} : { file: file === STDIN_NAME ? "-" : file };
}

function placeFacts({ file, line, words, column }: NonNullable<RowmillError["place"]>): Partial<ErrorFacts> {
  return {
    file,
    ...(words === undefined ? { line } : { where: words }),
    ...(column !== undefined && { column }),
  };
}
