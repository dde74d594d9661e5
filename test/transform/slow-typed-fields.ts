/**
 * The readings of typed fields, slow and simple: by patterns alone. What src/transform/typed-fields.ts reads by characters
 * must be the same.
 */
import type { Row } from "../../src/formats/format.ts";
import { parseJson } from "../../src/formats/json/values.ts";
import type { FieldType } from "../../src/transform/typed-fields.ts";

// The date forms of ISO 8601 that ECMAScript reads (ECMA-262, "Date Time String Format"), time zone optional.
const ISO_DATE =
  /^(?<year>[+-]?\d{4,6})(-(?<month>\d\d)(-(?<day>\d\d)(T\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;

/** The value that `text` stands for, or undefined when it is no such value. Surrounding white space does not count. */
export function slowReadField(text: string, type: FieldType): unknown {
  const trimmed = text.trim();
  switch (type) {
    case "string":
      return text;
    case "int": {
      const value = Number(trimmed);
      return INTEGER.test(trimmed) && Number.isSafeInteger(value) ? value : undefined;
    }
    case "number": {
      const value = Number(trimmed);
      return DECIMAL.test(trimmed) && Number.isFinite(value) ? value : undefined;
    }
    case "boolean":
      return readBoolean(trimmed.toLowerCase());
    case "date":
      return readDate(trimmed);
    case "bigint":
      return INTEGER.test(trimmed) ? BigInt(trimmed.replace("+", "")) : undefined;
    case "json":
      return readJson(trimmed);
  }
}

function readDate(text: string): Date | undefined {
  const { year, month, day } = ISO_DATE.exec(text)?.groups ?? {};
  if (year === undefined) return undefined;
  // JavaScript takes 30 February, for a day in March.
  const lastDay = new Date(Date.UTC(Number(year), Number(month ?? 1), 0)).getUTCDate();
  const date = new Date(text);
  return Number(day ?? 1) > lastDay || Number.isNaN(date.getTime()) ? undefined : date;
}

function readBoolean(text: string): boolean | undefined {
  if (text === "true" || text === "1") return true;
  return text === "false" || text === "0" ? false : undefined;
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Reads the numbers of a row in place, where writing one back gives the same text. */
export function slowInferNumbers(row: Row): void {
  for (const name of Object.keys(row)) {
    const text = row[name];
    if (typeof text !== "string" || text === "") continue;
    const value = Number(text);
    if (Number.isFinite(value) && String(value) === text) row[name] = value;
  }
}
