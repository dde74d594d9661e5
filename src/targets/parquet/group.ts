/** What a row group is: its rows before it is encoded, how that is done, and what comes of it. */
import type { ColumnType } from "../../formats/column-type.ts";

/** Rows as workers have written them. */
export interface GroupRows {
  pieces: readonly Uint8Array[];
  rows: number;
  columns: number;
}

/** How pages are compressed, as the footer says it. */
export type Codec = "SNAPPY" | "ZSTD" | "GZIP" | "LZ4_RAW" | "UNCOMPRESSED";

/** How columns are written. */
export interface Encoding {
  types: readonly ColumnType[];
  codec: Codec;
}

/** A column of a row group, as the footer tells of it. Offsets are from its first byte. */
export interface EncodedColumn {
  bytes: number;
  uncompressedBytes: number;
  dictionaryOffset: number | undefined;
  dataOffset: number;
  rows: number;
  nulls: number;
  /** The least and the greatest value. */
  bounds: readonly [Bound, Bound] | undefined;
}

type Bound = bigint | number | Uint8Array;

/** A row group as the footer tells of it. */
export interface EncodedGroup {
  rows: number;
  columns: EncodedColumn[];
}

/** A group, and its bytes. */
export interface Encoded {
  group: EncodedGroup;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A field that is no value of its column's type. Rows count from 0. */
export interface MisfitPlace {
  column: number;
  row: number;
  text: string;
}
