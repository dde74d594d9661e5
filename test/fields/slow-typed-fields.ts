/**
 * The readings of typed fields, slow and simple: by patterns alone. What src/transform/typed-fields.ts reads by characters
 * must be the same.
 */
import { parseJson } from "../../src/formats/values/json.ts";
import type { FieldType } from "../../src/fields/typed-fields.ts";

// The date forms of ISO 8601, piece by piece.
const DAY = /^(\d{4}|[+-]\d{6})(-\d\d(-\d\d)?)?$/;
const TIME = /^(\d\d:\d\d)(:\d\d)?([.,]\d+)?(Z|[+-]\d\d:?\d\d)?$/;
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

/** By Temporal, which knows the calendar; it takes neither a lone month, nor 24:00. */
function readDate(text: string): Date | undefined {
  const [day = "", time, ...more] = text.split("T");
  const [, year, month = "-01", lone] = DAY.exec(day) ?? [];
  if (year === undefined || more.length > 0 || (time !== undefined && lone === undefined)) return undefined;
  const [, minutes, seconds = ":00", fraction = "", zone = "Z"] = TIME.exec(time ?? "00:00") ?? [];
  if (minutes === undefined || (fraction !== "" && !/:\d\d[.,]/.test(time ?? ""))) return undefined;
  if (seconds === ":60" || fraction.slice(4).replaceAll("0", "") !== "") return undefined;
  const isEnd = minutes === "24:00" && seconds === ":00" && /^[.,]?0*$/.test(fraction);
  try {
    const from = `${year}${month}${lone === undefined ? "-01" : ""}`;
    const at = `${from}T${isEnd ? "00:00" : minutes}${seconds}${fraction.slice(0, 4).replace(",", ".")}${zone}`;
    const date = new Date(Temporal.Instant.from(at).epochMilliseconds + (isEnd ? 24 * 3600 * 1000 : 0));
    return Number.isNaN(date.getTime()) ? undefined : date;
  } catch {
    return undefined;
  }
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
