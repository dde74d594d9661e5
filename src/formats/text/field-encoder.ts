/** Turns one value into a field of text, quoted or escaped where it would not be read back otherwise. */
import { RowmillError } from "../../errors.ts";
import { quotedText } from "../columns.ts";
import { LONE_SURROGATE } from "../utf8.ts";
import { cellText } from "../values/cell.ts";
import { escapeField } from "./field-escapes.ts";
import { type OutputDialect, canHoldNumbers } from "./output-dialect.ts";
import { typedField } from "./typed-field.ts";

/** Makes the function that writes one value as a field. With `isLone` it is the only one of its row. */
export function fieldEncoder(dialect: OutputDialect, isLone: boolean): (value: unknown) => string {
  return dialect.isTyped ? typedField : encoderOf(dialect, isLone, []);
}

/** The same for the first field of a row; `cell` is that of all others. */
export function firstFieldEncoder(
  dialect: OutputDialect,
  isLone: boolean,
  cell: (value: unknown) => string,
): (value: unknown) => string {
  return dialect.comments.length === 0 ? cell : encoderOf(dialect, isLone, dialect.comments);
}

/** @param starts A field that begins with one of them is quoted. */
function encoderOf(dialect: OutputDialect, isLone: boolean, starts: readonly string[]): (value: unknown) => string {
  if (dialect.hasEscapes) return escapedFieldEncoder(dialect, starts);
  const { delimiter, quote, nullText, quoteAll, escapeFormulas, hasBlankRows } = dialect;
  const needsQuotes = patternOf(dialect, starts, "");
  // Halves of surrogate pairs are found on the way: texts that are latin1 cannot hold one, and pay nothing for it.
  const isUnusual = patternOf(dialect, starts, String.raw`\ud800-\udfff`);
  const inQuotes = quoter(dialect, starts);
  const unusual = (text: string): string => {
    if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
    return needsQuotes.test(text) ? inQuotes(text) : text;
  };
  const areNumbersPlain = canHoldNumbers(delimiter) && (quote === "" || canHoldNumbers(quote));
  if (quoteAll || escapeFormulas || (isLone && quote !== "" && !hasBlankRows)) {
    return (value) => {
      const text = typeof value === "string" ? value : cellText(value, nullText);
      const isText = typeof value !== "number" && typeof value !== "bigint";
      const safe = escapeFormulas && isText && isFormula(text) ? `'${text}` : text;
      const written = isUnusual.test(safe) ? unusual(safe) : safe;
      const isBare = written === safe && (quoteAll || (isLone && !hasBlankRows && safe === ""));
      return isBare && quote !== "" ? inQuotes(safe) : written;
    };
  }
  return (value) => {
    if (typeof value === "string") return isUnusual.test(value) ? unusual(value) : value;
    if (typeof value === "number" && areNumbersPlain && Number.isFinite(value)) return String(value);
    const text = cellText(value, nullText);
    return isUnusual.test(text) ? unusual(text) : text;
  };
}

/**
 * Whether a spreadsheet would run it (OWASP, "CSV Injection"; some take full-width signs for the others). What is a
 * number to a spreadsheet as well is not run.
 */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text);
}

/** What is read back only in quotes; `more` are characters of a class beside it. */
function patternOf(
  { delimiter, quote, escape, keepsSpace }: OutputDialect,
  starts: readonly string[],
  more: string,
): RegExp {
  const special = [
    `[${RegExp.escape(delimiter + quote)}\r\n${more}]`,
    ...starts.map((start) => `^${RegExp.escape(start)}`),
  ];
  // To many readers it would escape the delimiter, outside of quotes too.
  if (quote !== "" && escape !== quote && escape !== "") special.push(`${RegExp.escape(escape)}$`);
  if (keepsSpace) special.push(String.raw`^\s|\s$`);
  return new RegExp(special.join("|"));
}

/** Makes the function that puts a text in quotes. */
function quoter(dialect: OutputDialect, starts: readonly string[]): (text: string) => string {
  const { quote, escape } = dialect;
  if (quote === "") return (text) => notQuoted(text, dialect, starts);
  // A dollar sign means something in a replacement. A function in its place takes longer.
  const escaped = (one: string): string => (escape + one).replaceAll("$", "$$$$");
  const [escapedQuote, escapedEscape] = [escaped(quote), escaped(escape)];
  if (escape === quote) return (text) => quote + text.replaceAll(quote, escapedQuote) + quote;
  return (text) => quote + text.replaceAll(escape, escapedEscape).replaceAll(quote, escapedQuote) + quote;
}

/** So much of a field is shown. */
const SHOWN_CHARS = 40;

function notQuoted(text: string, { delimiter }: OutputDialect, starts: readonly string[]): never {
  const what = text.includes(delimiter)
    ? "holds the delimiter"
    : /[\r\n]/.test(text)
      ? "holds a line end"
      : `begins as a comment does, with ${starts.find((start) => text.startsWith(start))}`;
  const shown = quotedText(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);
  throw new RowmillError("row-encode", `the result cannot be written: ${shown} ${what}, and fields are not quoted`, {
    hint: `--out-quote '"' quotes such fields${delimiter === "\t" ? String.raw`; --to tsv-escaped writes \t and \n` : ""}`,
  });
}

/** Writes fields of `tsv-escaped`: what stands for null is told from a text by its backslash. */
function escapedFieldEncoder(
  { nullText, escapeFormulas }: OutputDialect,
  starts: readonly string[],
): (value: unknown) => string {
  return (value) => {
    const text = cellText(value, nullText);
    if (typeof value !== "string" && text === nullText) return text;
    if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
    const isText = typeof value !== "number" && typeof value !== "bigint";
    const written = escapeField(escapeFormulas && isText && isFormula(text) ? `'${text}` : text);
    const start = starts.find((mark) => written.startsWith(mark));
    if (start === undefined) return written;
    throw new RowmillError("row-encode", `the result cannot be written: it begins as a comment does, with ${start}`, {
      hint: "--to csv quotes such fields",
    });
  };
}
