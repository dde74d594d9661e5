/** What columns of Parquet become that are read and written again: the table in docs/reading.md. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SchemaElement } from "hyparquet";
import { namedType } from "../../src/formats/column-type.ts";
import { writtenAsOf } from "../../src/sources/parquet/meaning.ts";
import { schemaElement } from "../../src/targets/parquet/column-schema.ts";

type Column = Omit<SchemaElement, "name">;

function moment(unit: "MILLIS" | "MICROS" | "NANOS", isAdjustedToUTC: boolean): Column {
  return { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC, unit } };
}

function time(unit: "MILLIS" | "MICROS" | "NANOS"): Column {
  const type = unit === "MILLIS" ? "INT32" : "INT64";
  return { type, logical_type: { type: "TIME", isAdjustedToUTC: true, unit } };
}

function decimal(precision: number): Column {
  return { type: "BYTE_ARRAY", precision, scale: 2, logical_type: { type: "DECIMAL", precision, scale: 2 } };
}

/** The line of the table, a column that is such, and what it is written as. */
const COLUMNS: [line: string, column: Column, written: string][] = [
  ["whole numbers", { type: "INT32" }, "INT64"],
  ["whole numbers", { type: "INT32", converted_type: "UINT_8" }, "INT64"],
  ["whole numbers", { type: "INT64", logical_type: { type: "INTEGER", bitWidth: 64, isSigned: false } }, "INT64"],
  ["decimals", decimal(18), "DECIMAL"],
  ["decimals", decimal(19), "by its values"],
  ["doubles", { type: "FLOAT" }, "DOUBLE"],
  ["doubles", { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } }, "DOUBLE"],
  ["booleans", { type: "BOOLEAN" }, "BOOLEAN"],
  ["texts", { type: "BYTE_ARRAY", converted_type: "UTF8" }, "by its values"],
  ["texts", { type: "BYTE_ARRAY", logical_type: { type: "ENUM" } }, "by its values"],
  ["dates", { type: "INT32", converted_type: "DATE" }, "DATE"],
  ["times", time("MILLIS"), "TIME MICROS"],
  ["times", time("NANOS"), "TIME NANOS"],
  ["timestamps without", moment("MILLIS", false), "TIMESTAMP MILLIS"],
  ["timestamps without", moment("NANOS", false), "TIMESTAMP NANOS"],
  ["timestamps without", { type: "INT96" }, "TIMESTAMP NANOS"],
  ["timestamps in UTC", moment("MICROS", true), "TIMESTAMP MICROS in UTC"],
  ["timestamps in UTC", { type: "INT64", converted_type: "TIMESTAMP_MILLIS" }, "TIMESTAMP MILLIS in UTC"],
  ["UUIDs", { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } }, "by its values"],
  ["intervals", { type: "FIXED_LEN_BYTE_ARRAY", type_length: 12, converted_type: "INTERVAL" }, "by its values"],
  ["other bytes", { type: "BYTE_ARRAY" }, "by its values"],
  ["JSON", { type: "BYTE_ARRAY", logical_type: { type: "JSON" } }, "JSON"],
];

const LINES = readFileSync(join(import.meta.dir, "../../docs/reading.md"), "utf8").split("\n");

for (const [line, column, written] of COLUMNS) {
  test(`${line}, such as ${JSON.stringify(column)}: ${written}`, () => {
    const name = writtenAsOf({ name: "a", ...column });
    const type = name === undefined ? undefined : namedType(name);
    const found = type === undefined ? "by its values" : shown(schemaElement("a", type));
    expect(found).toBe(written);
    const cell =
      LINES.find((text) => text.startsWith(`| ${line}`))
        ?.split("|")
        .at(-2)
        ?.trim() ?? "";
    // What has no type of its own is a text, or what its values are.
    const [kind = ""] = written.split(" ");
    expect(kind === "by" ? /^STRING|others are what/.test(cell) : cell.startsWith(kind)).toBe(true);
  });
}

function shown({ type, logical_type: logical }: SchemaElement): string {
  if (logical === undefined) return type ?? "";
  const unit = "unit" in logical ? ` ${logical.unit}` : "";
  return `${logical.type}${unit}${logical.type === "TIMESTAMP" && logical.isAdjustedToUTC ? " in UTC" : ""}`;
}
