/** What the values of a column are, by what the file says of it, and how they are written. docs/reading.md has the table. */
import type { SchemaElement } from "hyparquet";
import type { SourceType } from "../source.ts";
import { Damage } from "./damage.ts";

/** What a value is, whatever it is kept as. */
export type Meaning =
  | { is: "signed" | "unsigned" | "float" | "boolean" | "day" }
  | { is: "decimal"; scale: number }
  /** A time of the day, or a moment, in parts of a second with so many digits. */
  | { is: "time"; digits: number }
  | { is: "moment"; digits: number; isUtc: boolean }
  | { is: "text" | "json" | "uuid" | "interval" | "binary" };

/** No decimal has more decimals, before the point or behind it. */
const MOST_DECIMALS = 1000;
/** How many digits a part of a second has. */
const UNIT_DIGITS: Readonly<Record<string, number>> = { MILLIS: 3, MICROS: 6, NANOS: 9 };

export function meaningOf(element: SchemaElement): Meaning {
  const { type, converted_type: converted, logical_type: logical, scale } = element;
  if (type === "BOOLEAN") return { is: "boolean" };
  if (type === "FLOAT" || type === "DOUBLE") return { is: "float" };
  if (type === "INT96") return { is: "moment", digits: 9, isUtc: false };
  if (logical?.type === "DECIMAL") return decimal(logical.scale);
  if (converted === "DECIMAL") return decimal(scale ?? 0);
  return type === "INT32" || type === "INT64" ? ofInteger(element) : ofBytes(element);
}

function decimal(scale: number): Meaning {
  if (Number.isSafeInteger(scale) && Math.abs(scale) <= MOST_DECIMALS) return { is: "decimal", scale };
  throw new Damage("a decimal has more decimals than can be");
}

function ofInteger({ converted_type: converted, logical_type: logical }: SchemaElement): Meaning {
  if (logical?.type === "TIMESTAMP")
    return { is: "moment", digits: UNIT_DIGITS[logical.unit] ?? 3, isUtc: logical.isAdjustedToUTC };
  if (logical?.type === "TIME") return { is: "time", digits: UNIT_DIGITS[logical.unit] ?? 3 };
  if (logical?.type === "DATE" || converted === "DATE") return { is: "day" };
  // Before there were logical types, moments were in UTC.
  if (converted === "TIMESTAMP_MILLIS") return { is: "moment", digits: 3, isUtc: true };
  if (converted === "TIMESTAMP_MICROS") return { is: "moment", digits: 6, isUtc: true };
  if (converted === "TIME_MILLIS") return { is: "time", digits: 3 };
  if (converted === "TIME_MICROS") return { is: "time", digits: 6 };
  const isUnsigned = logical?.type === "INTEGER" ? !logical.isSigned : converted?.startsWith("UINT_") === true;
  return { is: isUnsigned ? "unsigned" : "signed" };
}

function ofBytes({ type, type_length, converted_type: converted, logical_type: logical }: SchemaElement): Meaning {
  if (logical?.type === "STRING" || logical?.type === "ENUM") return { is: "text" };
  if (converted === "UTF8" || converted === "ENUM") return { is: "text" };
  if (logical?.type === "JSON" || converted === "JSON") return { is: "json" };
  if (type !== "FIXED_LEN_BYTE_ARRAY") return { is: "binary" };
  if (logical?.type === "UUID" && type_length === 16) return { is: "uuid" };
  if (logical?.type === "FLOAT16" && type_length === 2) return { is: "float" };
  return { is: converted === "INTERVAL" && type_length === 12 ? "interval" : "binary" };
}

/** What code gets of it. */
export function sourceTypeOf({ is }: Meaning): SourceType {
  if (is === "signed" || is === "unsigned" || is === "decimal" || is === "float") return "number";
  return is === "boolean" || is === "json" ? is : "text";
}

/** What a column is written as again; undefined where its values say it. */
export function writtenAsOf(element: SchemaElement): string | undefined {
  const meaning = meaningOf(element);
  switch (meaning.is) {
    case "signed":
    case "unsigned":
      return "int";
    case "float":
      return "number";
    case "day":
      return "date";
    case "decimal":
      return `decimal(${precisionOf(element)},${meaning.scale})`;
    case "time":
      return `time(${meaning.digits})`;
    case "moment":
      return `${meaning.isUtc ? "instant" : "datetime"}(${meaning.digits})`;
    case "boolean":
    case "json":
      return meaning.is;
    default:
      return undefined;
  }
}

function precisionOf({ logical_type: logical, precision = 0 }: SchemaElement): number {
  return logical?.type === "DECIMAL" ? logical.precision : precision;
}

/** Whether its text is a value of JSON as it stands. */
export function isBare({ is }: Meaning): boolean {
  return is === "boolean" || sourceTypeOf({ is } as Meaning) === "number";
}
