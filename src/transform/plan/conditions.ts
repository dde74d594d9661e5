/** What stands in the way of a quick way, as far as a run's options say: each condition gives its reason, or nothing. */
import { canHoldNumbers } from "../../formats/text/output-dialect.ts";
import { type Dialect, isKernelDialect } from "../../formats/text/dialect.ts";
import type { OutputSetup } from "../../formats/format.ts";
import { writerOf } from "../../formats/registry.ts";
import { PLAIN_TYPES } from "../looked-at.ts";
import { stepWords } from "../../stages/rewriting/asked.ts";
import type { InputSetup, RunSetup } from "../wire.ts";

/** A reason; undefined where nothing is in the way. */
export type Reason = string | undefined;

/** Why fields are not what stands in the file, quotes aside, or the kernel does not find them. */
export function fieldsReason(input: InputSetup): Reason {
  return plainFieldsReason(input) ?? (input.settings["objects"] === true ? MAKES_OBJECTS : undefined);
}

export const MAKES_OBJECTS = "--objects makes objects of fields";

/** The same, whether or not some of them are objects to the code. */
export function plainFieldsReason({ format, traits, dialect, ...input }: InputSetup): Reason {
  if (traits.columns !== "header") return `the input is ${format}`;
  if (dialect.hasEscapes) return `the fields of ${format} have escapes`;
  if (!isKernelDialect(dialect)) return dialectReason(dialect);
  if (input.extraFields === "keep" || input.extraFields === "join")
    return `--extra-fields ${input.extraFields} makes a field of several`;
  if (input.nullTexts !== undefined) return "--null changes fields";
  if (input.replacesInvalid) return "--encoding-errors replace changes fields";
  const odd = Object.entries(input.types).find(([, type]) => !PLAIN_TYPES.has(type));
  return odd && `--types ${odd[0]}=${odd[1]} changes a field`;
}

/** Why the values that the kernel finds in lines of JSON are not those that the code gets. */
export function objectsReason({ format, traits, nullTexts, types }: InputSetup): Reason {
  if (traits.copies !== "objects") return `the input is ${format}`;
  if (nullTexts !== undefined) return "--null changes fields";
  const [typed] = Object.keys(types);
  return typed === undefined ? undefined : `--types says what ${typed} is`;
}

function dialectReason({ comments, trim, lazyQuotes, escape, quote, cut }: Dialect): string {
  if (cut !== undefined) return "lines are not cut at a delimiter";
  if (comments.length > 0) return "--comment leaves out lines";
  if (trim !== "none") return "--trim changes fields";
  if (lazyQuotes) return "--lazy-quotes takes quotes as they come";
  if (escape !== quote) return "--escape changes fields";
  return "a delimiter or quote is no single character of ASCII";
}

/** Why a row is more than one call, whose result is all that is asked for. */
export function callsReason({ policy, emits }: RunSetup): Reason {
  if (emits.length > 0) return "--emit has rows come out elsewhere as well";
  if (policy.retries > 0) return "--retries may call a row again";
  if (policy.hasTimeout) return "--timeout watches each row";
  if (policy.rate !== undefined) return "--rate has each call wait";
  return policy.marks === "none" ? undefined : "--max-errors marks where the output may be cut";
}

/** Why the bytes of a field, its quotes aside, are not what is written for it. */
export function bytesReason({ input, output }: RunSetup): Reason {
  if (output === undefined) return "no row comes out";
  const { dialect } = output;
  if (writerOf(output.format).traits.copies !== "fields") return `the output is ${output.format}`;
  const { quote } = input.dialect;
  if (quote !== dialect.quote || (quote !== "" && (quote !== '"' || dialect.escape !== '"')))
    return 'fields are quoted by something else than "';
  if (input.dialect.delimiter !== dialect.delimiter) return "the delimiter of the output is another";
  return writtenReason(output);
}

/** Why the bytes of a field, and of its column whether it is a text, are not what is written as a field that says what it is. */
export function typedReason({ input, output }: RunSetup): Reason {
  if (output === undefined) return "no row comes out";
  if (writerOf(output.format).traits.copies !== "typed") return `the output is ${output.format}`;
  return input.dialect.quote === '"' ? undefined : 'fields are quoted by something else than "';
}

/** Why a value of JSON, without the quotes of a string, is not what is written for it as a field. */
export function valuesReason(output: OutputSetup): Reason {
  const { delimiter, quote, escape, rest } = output.dialect;
  if (writerOf(output.format).traits.copies !== "fields") return `the output is ${output.format}`;
  if (delimiter.length !== 1 || delimiter > "\x7f") return "a delimiter is no single character of ASCII";
  // No string of JSON holds a control character as it is.
  if (quote === "" ? delimiter >= " " : quote !== '"' || escape !== '"')
    return 'fields are quoted by something else than "';
  return rest === undefined ? writtenReason(output) : "a field holds several";
}

/** Why fields are written otherwise than as they are, in quotes where they need them. */
function writtenReason(output: OutputSetup): Reason {
  const { dialect } = output;
  if (!canHoldNumbers(dialect.delimiter)) return "the delimiter may stand in numbers";
  if (dialect.quoteAll) return "--quote-all writes fields anew";
  if (dialect.escapeFormulas) return "--escape-formulas writes fields anew";
  if (dialect.comments.length > 0) return "a field that looks like a comment is quoted";
  if (dialect.keepsSpace) return "fields with space around them are quoted";
  return dialect.nullText === "" ? encodingReason(output) : "--null changes fields";
}

/** Why bytes of UTF-8 are not what is written. */
export function encodingReason({ encoding }: OutputSetup): Reason {
  return encoding === undefined ? undefined : `the output is in ${encoding}`;
}

/** The first reason that there is. */
export function firstReason(...reasons: (Reason | (() => Reason))[]): Reason {
  for (const reason of reasons) {
    const said = typeof reason === "function" ? reason() : reason;
    if (said !== undefined) return said;
  }
  return undefined;
}

/** Why rows that steps take are not written at once: each is looked at. */
export function stepsReason({ steps: [first] }: RunSetup): Reason {
  return first && `${stepWords(first.stage)} looks at each row that comes out`;
}
