/** What the footer says of a column. */
import type { SchemaElement } from "hyparquet";
import type { ColumnType } from "../../formats/column-type.ts";

const OLD_MOMENTS: Readonly<Record<number, "TIMESTAMP_MILLIS" | "TIMESTAMP_MICROS">> = {
  3: "TIMESTAMP_MILLIS",
  6: "TIMESTAMP_MICROS",
};

export function schemaElement(name: string, type: ColumnType): SchemaElement {
  const column = { name, repetition_type: "OPTIONAL" } as const;
  switch (type.is) {
    case "text":
      return { ...column, type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } };
    case "json":
      return { ...column, type: "BYTE_ARRAY", converted_type: "JSON", logical_type: { type: "JSON" } };
    case "integer":
      return { ...column, type: "INT64" };
    case "double":
      return { ...column, type: "DOUBLE" };
    case "boolean":
      return { ...column, type: "BOOLEAN" };
    case "day":
      return { ...column, type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } };
    case "decimal": {
      const { precision, scale } = type;
      const logical = { type: "DECIMAL", precision, scale } as const;
      return { ...column, type: "INT64", converted_type: "DECIMAL", precision, scale, logical_type: logical };
    }
    case "time":
      return { ...column, type: "INT64", logical_type: { type: "TIME", isAdjustedToUTC: false, unit: unitOf(type) } };
    case "moment": {
      const logical = { type: "TIMESTAMP", isAdjustedToUTC: type.isUtc, unit: unitOf(type) } as const;
      // Before there were logical types, all moments were in UTC, and none had nanoseconds.
      const old = type.isUtc ? OLD_MOMENTS[type.digits] : undefined;
      return { ...column, type: "INT64", logical_type: logical, ...(old !== undefined && { converted_type: old }) };
    }
  }
}

function unitOf({ digits }: { digits: number }): "MILLIS" | "MICROS" | "NANOS" {
  return digits === 9 ? "NANOS" : digits === 6 ? "MICROS" : "MILLIS";
}
