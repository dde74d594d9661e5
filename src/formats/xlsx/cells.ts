/** Cells of a workbook as XML, in which a mark stands for the number of their row: the parent knows it, the worker does not. */
import { LONE_SURROGATE } from "../utf8.ts";
import { cellText } from "../values/cell.ts";
import { FieldText } from "../values/field-text.ts";
import { writtenForm } from "../values/form.ts";
import { NotFiniteError } from "../values/json.ts";
import { NestedText } from "../values/nested-text.ts";
import { isPlainTime } from "../values/plain-time.ts";

/** Stands for the number of a row: a character that no XML may have. */
export const ROW_MARK = "\x01";

/** Excel has no more, and cuts a longer text off. */
const MAX_CHARACTERS = 32_767;

/** What formats show, by the style of a cell: src/targets/xlsx/parts.ts has their codes. */
const DATE = 1;
const DATE_TIME = 2;
const DATE_TIME_MS = 3;
const TIME = 4;
const TIME_MS = 5;

const DAY_MS = 86_400_000;
/** Days from the last but one of 1899, from which days count, to the first one of 1970. */
const EPOCH_DAYS = 25_569;
/** 1 March 1900: Excel counts a day before it that there was not. */
const FIRST_DAY = 61;
/** The last day of the year 9999. */
const LAST_DAY = 2_958_465;

/** The letters of a column, by its number from 0. */
function columnLetters(column: number): string {
  let name = "";
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1)
    name = String.fromCharCode(65 + (rest % 26)) + name;
  return name;
}

/** How the cell of a column begins. */
export function cellStart(column: number): string {
  return `<c r="${columnLetters(column)}${ROW_MARK}"`;
}

/**
 * A cell; nothing where there is nothing in it.
 *
 * @param start See {@linkcode cellStart}.
 * @throws {TypeError} If the value has no form.
 */
export function cellXml(value: unknown, start: string, nullText: string): string {
  switch (typeof value) {
    case "string":
      return textCell(value, start);
    case "number":
      if (!Number.isFinite(value)) throw new NotFiniteError(value);
      return `${start}><v>${value}</v></c>`;
    case "boolean":
      return `${start} t="b"><v>${value ? 1 : 0}</v></c>`;
    case "bigint":
      return integerCell(value, start);
    case "undefined":
      return textCell(nullText, start);
    case "object":
      return value === null ? textCell(nullText, start) : objectCell(value, start, nullText);
    default:
      return textCell(cellText(value, nullText), start);
  }
}

/** A number of Excel is a double: what is no double is a text. */
function integerCell(value: bigint, start: string): string {
  return Number.isSafeInteger(Number(value)) ? `${start}><v>${value}</v></c>` : textCell(String(value), start);
}

function objectCell(value: object, start: string, nullText: string): string {
  if (value instanceof FieldText) {
    // Of a field that is handed on, the text counts, unless it is a number or a truth.
    if (typeof value.value === "number" || typeof value.value === "boolean")
      return cellXml(value.value, start, nullText);
    return typeof value.value === "bigint" ? integerCell(value.value, start) : textCell(value.text, start);
  }
  if (value instanceof Date) {
    const ms = value.getTime();
    if (!Number.isNaN(ms)) return dateCell(ms, start) ?? textCell(cellText(value, nullText), start);
  }
  if (value instanceof NestedText) return textCell(value.text, start);
  return temporalCell(value, start) ?? textCell(cellText(value, nullText), start);
}

/** A moment as the clock of UTC shows it; undefined where Excel has no number for it. */
function dateCell(ms: number, start: string): string | undefined {
  const days = ms / DAY_MS + EPOCH_DAYS;
  if (!(days >= FIRST_DAY) || days >= LAST_DAY + 1) return undefined;
  const style = ms % DAY_MS === 0 ? DATE : ms % 1000 === 0 ? DATE_TIME : DATE_TIME_MS;
  return `${start} s="${style}"><v>${days}</v></c>`;
}

/** Days and times that have no zone. */
function temporalCell(value: object, start: string): string | undefined {
  if (!isPlainTime(value)) return undefined;
  const kind = Object.prototype.toString.call(value);
  // Its JSON is its text in ISO 8601.
  const text = String(writtenForm(value));
  if (kind === "[object Temporal.PlainDate]" || kind === "[object Temporal.PlainDateTime]") {
    const ms = Date.parse(`${text.replace(/\[.*$/, "")}${kind.endsWith("Time]") ? "Z" : ""}`);
    return Number.isNaN(ms) ? undefined : dateCell(ms, start);
  }
  const ms = Date.parse(`1970-01-01T${text}Z`);
  return `${start} s="${ms % 1000 === 0 ? TIME : TIME_MS}"><v>${ms / DAY_MS}</v></c>`;
}

/** Characters that XML has another form for, or none; what looks like such a form. */
const SPECIAL = /[\0-\x08\n\x0b-\x1f&<>\x7f-\x9f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/g;
const HAS_SPECIAL = /[\0-\x08\n\x0b-\x1f&<>\x7f-\x9f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_/;
const EDGE_SPACE = /^\s|\s$/;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "&#10;" };

function textCell(text: string, start: string): string {
  if (text === "") return "";
  if (text.length > MAX_CHARACTERS) {
    throw new TypeError(`a text has ${text.length} characters, and a cell of Excel at most ${MAX_CHARACTERS}`);
  }
  if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
  const escaped = HAS_SPECIAL.test(text) ? text.replaceAll(SPECIAL, escapedCharacter) : text;
  const space = EDGE_SPACE.test(text) ? ' xml:space="preserve"' : "";
  return `${start} t="inlineStr"><is><t${space}>${escaped}</t></is></c>`;
}

function escapedCharacter(character: string): string {
  return ESCAPES[character] ?? `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;
}
