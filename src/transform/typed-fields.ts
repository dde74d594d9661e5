/**
 * Typed fields: the readings that `--types`, `--infer` and schemas give to the text of a CSV field. An empty field is
 * missing, never zero.
 */
import { RowmillError } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import { parseJson } from "../formats/json/values.ts";
import { compileFieldsReader } from "./fields-reader.ts";
import { daysOf, shortCanonical, shortDate, shortDecimal, shortInteger } from "./short-texts.ts";

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

const WANTED: Record<FieldType, string> = {
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
const LONG_FRACTION = /:\d\d[.,]\d{4,}/;
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

/** Reads the fields of a row in place as `types` says; an empty field becomes null, but for strings. */
export function typedFieldsReader(types: Readonly<Record<string, FieldType>>): (row: Row) => void {
  const typed = Object.entries(types).filter(([, type]) => type !== "string");
  return compileFieldsReader(
    typed.map(([name, type]) => {
      const refuse = (text: string): void => {
        throw wrongType(name, text, type);
      };
      return { name, read: FIELD_READERS[type], refuse, empty: "null" };
    }),
  );
}

/** Reads the numbers of a row in place, where writing one back gives the same text. */
export function inferNumbers(row: Row): void {
  for (const name of Object.keys(row)) {
    const text = row[name];
    if (typeof text !== "string") continue;
    const value = canonicalNumber(text);
    if (value !== undefined) row[name] = value;
  }
}

function canonicalNumber(text: string): number | undefined {
  // Every number that is written begins with a digit, or with a minus.
  const first = text.charCodeAt(0);
  if (!((first >= 48 && first <= 57) || first === 45)) return undefined;
  const short = shortCanonical(text);
  if (!Number.isNaN(short)) return short;
  const value = Number(text);
  return Number.isFinite(value) && String(value) === text ? value : undefined;
}

/** Turns the text that stands for null into null, in place. */
export function nullReader(nullText: string): (row: Row) => void {
  return (row) => {
    for (const name of Object.keys(row)) if (row[name] === nullText) row[name] = null;
  };
}

function wrongType(column: string, text: string, type: FieldType): RowmillError {
  const isTooFine = type === "date" && LONG_FRACTION.test(text);
  return new RowmillError("row-type", `column ${column} holds ${JSON.stringify(text)}, wanted ${WANTED[type]}`, {
    place: { file: "", line: 0, column },
    ...(isTooFine && { hint: "a date holds milliseconds; as a string the field keeps all digits" }),
  });
}
