/** How Parquet is written, by the options of a run and by what its inputs say of their columns. */
import { type ColumnType, namedType } from "../formats/column-type.ts";
import type { RunOptions } from "../options/run-options.ts";
import { OPTIONS } from "../options/table.ts";
import type { TargetsSetup } from "./target-thread.ts";

/** @param stated What an input says of columns of these names. */
export function parquetPlan(
  { parquetCodec = OPTIONS.parquetCodec.default, parquetTypes, types }: RunOptions,
  stated: Readonly<Record<string, string>>,
): TargetsSetup["parquet"] {
  const asked = typeof types === "object" ? Object.entries(types) : [];
  const ofTypes = asked.flatMap(([name, type]) => (type === "int" || type === "number" ? [[name, type] as const] : []));
  return {
    codec: PARQUET_CODECS[parquetCodec],
    types: namedTypes(Object.entries(parquetTypes ?? {})),
    stated: namedTypes([...Object.entries(stated), ...ofTypes]),
  };
}

const PARQUET_CODECS = {
  snappy: "SNAPPY",
  zstd: "ZSTD",
  gzip: "GZIP",
  lz4: "LZ4_RAW",
  none: "UNCOMPRESSED",
} as const;

function namedTypes(names: readonly (readonly [column: string, type: string])[]): Map<string, ColumnType> {
  return new Map(
    names.flatMap(([column, name]) => {
      const type = namedType(name);
      return type === undefined ? [] : [[column, type] as const];
    }),
  );
}
