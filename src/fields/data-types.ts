/**
 * What the data say of a column of text: that its fields are numbers, or booleans. One piece of code decides for a run,
 * for `--dry-run`, `info` and `schema`.
 *
 * A number is written in decimal: digits, perhaps a sign and a point, blanks around it. A leading zero (`007`), an
 * exponent, or more digits than a double holds make a column text, since there the number is not what was written; so
 * does a plus sign before seven digits or more (`+4915123456`), which is the number of a telephone.
 */
import { isNullWord } from "../formats/values/null-words.ts";

/** What an input says itself that a column holds: a database, a file of columns. */
export type StatedType = "stated number" | "stated boolean" | "stated json";

/**
 * What the fields of a column are, by the data. Whole numbers, and true and false, are written as JavaScript writes them.
 * Of an empty column nothing is known.
 */
export type DataType = StatedType | "number" | "whole" | "boolean" | "true or false" | "text" | "empty" | Disguised;

/** A column of texts that most likely are meant as numbers or booleans, and the first of those that say otherwise. */
export interface Disguised {
  looksLike: "numbers" | "booleans";
  but: string;
}

/** How many of the first rows of the first input decide, and how many bytes of them at most. */
export const SAMPLE_ROWS = 1000;
export const SAMPLE_BYTES: number = 256 * 1024;

// A plus sign and seven or more digits are taken for a telephone number, which is text.
const DECIMAL = /^\s*(?:-|\+(?!\d{7,}\s*$))?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)\s*$/;
/** Every decimal number of this many digits is a double that is written with the same digits. */
const MAX_DIGITS = 15;
const BOOLEAN_SPELLINGS: readonly (readonly string[])[] = [
  ["true", "false"],
  ["TRUE", "FALSE"],
  ["True", "False"],
];

/** `1e5` and `007`. */
const NUMBER_LIKE = /^\s*[-+]?(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*$/;
const BOOLEAN_WORD = /^(?:true|false)$/i;

/** Whether a text is a decimal number that a double holds to the last digit. */
export function isDataNumber(text: string): boolean {
  return DECIMAL.test(text) && (text.length <= MAX_DIGITS || isHeld(text.trim()));
}

/** Whether a long decimal number is the one that is written for its double, but for zeros at the end. */
function isHeld(text: string): boolean {
  const digits = text.replace(/^[+-]/, "");
  const significant = digits.replace(".", "").replace(/^0+/, "");
  if (significant.length <= MAX_DIGITS) return true;
  const value = Number(digits);
  if (Number.isSafeInteger(value) && !digits.includes(".")) return true;
  const bare = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return String(value) === (bare.startsWith(".") ? `0${bare}` : bare);
}

/** Folds the texts of one column into what they are together. */
export class ColumnSample {
  #isNumber = true;
  #spellings = BOOLEAN_SPELLINGS;
  #filled = 0;

  /** Takes one field; an empty one says nothing. */
  add(text: string): void {
    if (text === "") return;
    this.#filled++;
    this.#isNumber &&= isDataNumber(text);
    if (this.#spellings.length > 0) this.#spellings = this.#spellings.filter((words) => words.includes(text));
  }

  get type(): "number" | "boolean" | "text" | "empty" {
    if (this.#filled === 0) return "empty";
    if (this.#isNumber) return "number";
    return this.#spellings.length > 0 ? "boolean" : "text";
  }
}

/** What the texts of one column are together: as {@linkcode typeOfTexts}, one after another, where all of them are too many. */
export class ColumnTexts {
  #first = "";
  /** Its first value has said that it is text. */
  #isText = false;
  #isNumber = true;
  #isWhole = true;
  #spellings = BOOLEAN_SPELLINGS;
  /** Of the values that are no word for null. */
  #firstValued: string | undefined;
  #areLikeNumbers = true;
  #areBooleanWords = true;
  /** What says that it is no number, and what stands before the first value or is spelled otherwise. */
  #noNumber: string | undefined;
  #otherWord: string | undefined;
  #firstNull: string | undefined;

  /** Takes one field; an empty one says nothing, nor does one that stands for null. */
  add(text: string, nullTexts: readonly string[] = []): void {
    if (text === "" || this.#isText || nullTexts.includes(text)) return;
    const isNumber = isWhole(text) || isDataNumber(text);
    // Most fields of a column of numbers are numbers.
    if (isNumber && this.#isNumber && this.#first !== "") {
      this.#isWhole &&= isWhole(text);
      return;
    }
    if (this.#first === "") {
      this.#first = text;
      this.#isText = !isNumber && !NUMBER_LIKE.test(text) && !isNullWord(text) && !BOOLEAN_WORD.test(text);
      if (this.#isText) return;
    }
    if (!isNumber) this.#noNumber ??= text;
    this.#isNumber &&= isNumber;
    this.#isWhole &&= isWhole(text);
    if (this.#spellings.length > 0) this.#spellings = this.#spellings.filter((words) => words.includes(text));
    if (isNullWord(text)) {
      this.#firstNull ??= text;
      if (this.#firstValued !== undefined) this.#otherWord ??= text;
      return;
    }
    this.#firstValued ??= text;
    this.#areLikeNumbers &&= isNumber || (NUMBER_LIKE.test(text) && !/^\s*\+\d{7}/.test(text));
    this.#areBooleanWords &&= BOOLEAN_WORD.test(text);
    if (text !== this.#firstValued && !isOfSpelling(text, this.#firstValued)) this.#otherWord ??= text;
  }

  get type(): DataType {
    if (this.#first === "") return "empty";
    if (this.#isText) return "text";
    if (this.#isNumber) return this.#isWhole ? "whole" : "number";
    if (this.#spellings.length > 0) return isOfSpelling(this.#first, "true") ? "true or false" : "boolean";
    if (this.#firstValued === undefined) return "text";
    if (this.#areLikeNumbers) return { looksLike: "numbers", but: this.#noNumber ?? "" };
    if (!this.#areBooleanWords) return "text";
    // A word for null may stand before all values.
    const isNullFirst = this.#firstNull === this.#first;
    return { looksLike: "booleans", but: (isNullFirst ? this.#firstNull : this.#otherWord) ?? "" };
  }
}

/** A line that is neither empty nor a decimal number, among lines; blanks do not go on to the next one. */
const OTHER_LINE = new RegExp(
  `^(?!(?:${DECIMAL.source.slice(1, -1).replaceAll(String.raw`\s`, String.raw`[^\S\n]`)})?$)`,
  "m",
);
const LONG_LINE = new RegExp(`^.{${MAX_DIGITS + 1}}`, "m");
/** What ends a line in a pattern, and is no end of one here. */
const OTHER_LINE_END = /[\r\u2028\u2029]/;

/** What the texts of one column are together: as {@linkcode ColumnSample}, all of them at once. */
export function typeOfTexts(texts: readonly string[]): DataType {
  const first = texts.find((field) => field !== "");
  if (first === undefined) return "empty";
  // The first value says of most columns that they are text.
  if (isDataNumber(first)) {
    if (areNumbers(texts)) return texts.every((text) => text === "" || isWhole(text)) ? "whole" : "number";
  } else if (!NUMBER_LIKE.test(first) && !isNullWord(first) && !BOOLEAN_WORD.test(first)) return "text";
  const sample = new ColumnSample();
  for (const field of texts) sample.add(field);
  if (sample.type === "text") return disguised(texts) ?? "text";
  return sample.type === "boolean" && isOfSpelling(first, "true") ? "true or false" : sample.type;
}

const WHOLE = /^(?:0|-?[1-9]\d{0,14})$/;

/** Whether a text is a whole number as JavaScript writes it. */
export function isWhole(text: string): boolean {
  return WHOLE.test(text);
}

function disguised(texts: readonly string[]): Disguised | undefined {
  const filled = texts.filter((text) => text !== "");
  const valued = filled.filter((text) => !isNullWord(text));
  if (valued.length === 0) return undefined;
  if (valued.every((text) => NUMBER_LIKE.test(text) && !/^\s*\+\d{7}/.test(text)))
    return { looksLike: "numbers", but: filled.find((text) => !isDataNumber(text)) ?? "" };
  if (!valued.every((text) => BOOLEAN_WORD.test(text))) return undefined;
  return {
    looksLike: "booleans",
    but: filled.find((text) => text !== valued[0] && !isOfSpelling(text, valued[0])) ?? "",
  };
}

/** Whether two words are true and false in one spelling. */
function isOfSpelling(text: string, other: string | undefined): boolean {
  return BOOLEAN_SPELLINGS.some((words) => words.includes(text) && words.includes(other ?? ""));
}

/** Whether all texts are decimal numbers, or empty; false also where they must be looked at one by one. */
function areNumbers(texts: readonly string[]): boolean {
  const text = texts.join("\n");
  if (OTHER_LINE_END.test(text) || text.split("\n").length !== texts.length) return false;
  return !OTHER_LINE.test(text) && !LONG_LINE.test(text);
}
