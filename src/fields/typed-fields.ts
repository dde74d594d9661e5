/**
 * Typed fields: the readings that `--types` and schemas give to the text of a CSV field. An empty field is
 * missing, never zero.
 */
import type { Row } from "../formats/format.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import { parseJson } from "../formats/values/json.ts";
import { daysOf, shortDate, shortDecimal, shortInteger } from "./short-texts.ts";

/** What a field can be read as. */
export type FieldType = (typeof FIELD_TYPES)[number];
export const FIELD_TYPES = ["string", "int", "number", "boolean", "date", "bigint", "json"] as const;

/** Other names that people use for a type. */
export const TYPE_ALIASES: Readonly<Record<string, FieldType>> = {
  str: "string",
  text: "string",
  integer: "int",
  float: "number",
  double: "number",
  bool: "boolean",
  datetime: "date",
};

/** What a field of each type must be, in words. */
export const WANTED: Readonly<Record<FieldType, string>> = {
  string: "a text",
  int: "a whole number between ±(2^53−1)",
  number: "a number",
  boolean: "true, false, 1 or 0",
  date: "a date in ISO 8601, such as 2017-05-26 or 2017-05-26T12:00:00Z",
  bigint: "a whole number",
  json: "JSON",
};

/**
 * The date forms of ISO 8601 that ECMAScript reads (ECMA-262, "Date Time String Format"): a year of four digits, or of six
 * with a sign, and a time only behind a day. A time may lack its zone, and have a comma for its point.
 */
const ISO_TIME = String.raw`T(?<hours>\d\d):(?<minutes>\d\d)(:(?<seconds>\d\d)([.,](?<fraction>\d+))?)?(?<zone>Z|[+-]\d\d:?\d\d)?`;
const ISO_DATE = new RegExp(
  String.raw`^(?<year>\d{4}|\+\d{6}|-(?!0{6})\d{6})(-(?<month>\d\d)(-(?<day>\d\d)(${ISO_TIME})?)?)?$`,
);
/** A Date holds milliseconds: further digits of a second must be zeros. */
const MILLIS_DIGITS = 3;
export const LONG_FRACTION: RegExp = /:\d\d[.,]\d{4,}/;
export const TOO_FINE = "a date holds milliseconds; as a string the field keeps all digits";
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;

/** The value that `text` stands for, or undefined when it is no such value. Surrounding white space does not count. */
export function readField(text: string, type: FieldType): unknown {
  return FIELD_READERS[type](text);
}

/** Reads a text; undefined when it is no such value. */
export type ReadText = (text: string) => unknown;

export const FIELD_READERS: Readonly<Record<FieldType, ReadText>> = {
  string: (text) => text,
  int: readInteger,
  number: readNumber,
  boolean: readBoolean,
  date: readDate,
  bigint: readBigint,
  json: readJson,
};

function readInteger(text: string): number | undefined {
  const short = shortInteger(text);
  if (!Number.isNaN(short)) return short;
  const trimmed = text.trim();
  const value = Number(trimmed);
  return INTEGER.test(trimmed) && Number.isSafeInteger(value) ? value : undefined;
}

function readNumber(text: string): number | undefined {
  const integer = shortInteger(text);
  if (!Number.isNaN(integer)) return integer;
  const short = shortDecimal(text);
  if (!Number.isNaN(short)) return short;
  const trimmed = text.trim();
  const value = Number(trimmed);
  return DECIMAL.test(trimmed) && Number.isFinite(value) ? value : undefined;
}

function readBigint(text: string): bigint | undefined {
  const trimmed = text.trim();
  return INTEGER.test(trimmed) ? BigInt(trimmed.replace("+", "")) : undefined;
}

function readDate(text: string): Date | undefined {
  const short = shortDate(text);
  return Number.isNaN(short) ? readIsoDate(text.trim()) : new Date(short);
}

/** A date in one of the forms; a time without a zone is in UTC, whatever the zone of this machine. */
function readIsoDate(text: string): Date | undefined {
  const found = ISO_DATE.exec(text)?.groups;
  if (found === undefined) return undefined;
  const { year, month = "01", day = "01", hours, minutes, seconds = "00", fraction = "", zone = "Z" } = found;
  if (/[1-9]/.test(fraction.slice(MILLIS_DIGITS))) return undefined;
  // JavaScript takes 30 February, for a day in March.
  if (Number(day) > daysOf(Number(month), Number(year))) return undefined;
  const millis = fraction.slice(0, MILLIS_DIGITS).padEnd(MILLIS_DIGITS, "0");
  const time = hours === undefined ? "" : `T${hours}:${minutes}:${seconds}.${millis}${zone}`;
  const date = new Date(`${year}-${month}-${day}${time}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function readBoolean(text: string): boolean | undefined {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  const bare = text.trim().toLowerCase();
  return bare === text ? undefined : readBoolean(bare);
}

function readJson(text: string): unknown {
  try {
    return parseJson(text.trim());
  } catch {
    return undefined;
  }
}

/** Makes texts of the numbers of JSON that `types` calls strings, in place: of all digits that stand in the input. */
export function numberTextsReader(
  types: Readonly<Record<string, FieldType>>,
): (row: Row, spelling: ObjectSpelling | undefined) => void {
  const names = Object.keys(types).filter((name) => types[name] === "string");
  return (row, spelling) => {
    for (const name of names) {
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      if (typeof value !== "number" && typeof value !== "bigint") continue;
      const spelled = spelling?.parts.get(name);
      row[name] = spelled?.kind === "number" ? spelled.text : String(value);
    }
  };
}

/** Turns texts that stand for null into null, in place. */
export function nullReader(nullTexts: readonly string[]): (row: Row) => void {
  return (row) => {
    for (const name of Object.keys(row)) {
      const value = row[name];
      if (typeof value === "string" && nullTexts.includes(value)) row[name] = null;
    }
  };
}
