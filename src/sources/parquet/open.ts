/** Opens a Parquet file: its footer says what its columns are; each row group is a part. */
import type { ColumnChunk, FileMetaData } from "hyparquet";
import { RowmillError, messageOf } from "../../errors.ts";
import type { FileRange } from "../../io/stream-reader.ts";
import type { ComingColumns, Source, SourceRows, SourceSetup } from "../source.ts";
import { type Column, columnsOf } from "./columns.ts";
import { Damage } from "./damage.ts";
import { LocalFile, type PlacedFile } from "./file.ts";
import { damaged, readFooter } from "./footer.ts";
import { Kernel } from "./kernel.ts";
import { PackedBytes, chunkRange } from "./pages.ts";
import { rangeOf } from "./ranges.ts";
import { type ReadGroup, RowGroupReader } from "./row-group.ts";

/** The row groups that hold any rows. @throws {RowmillError} `input` */
function groupsOf({ row_groups: groups }: FileMetaData, file: PlacedFile): ReadGroup[] {
  return groups.flatMap(({ num_rows: said, columns }, at) => {
    const name = `row group ${at + 1}`;
    const rows = Number(said);
    if (!Number.isSafeInteger(rows) || rows < 0) throw damaged(file, `${name} has ${said} rows`);
    return rows === 0 ? [] : [{ name, rows, chunks: columns }];
  });
}

/** Where the values of a column are. What is said of a place that cannot be, whoever reads it says. */
function stretchOf(chunk: ColumnChunk | undefined, { size }: PlacedFile): FileRange[] {
  if (chunk?.meta_data === undefined) return [];
  try {
    return [chunkRange(chunk.meta_data, size)];
  } catch (error) {
    if (error instanceof Damage) return [];
    throw error;
  }
}

/** @throws {RowmillError} `input`, where there is no such file, or it is none of Parquet. */
export function openParquet({ input }: SourceSetup): Source {
  const { name, path, member, sql } = input;
  if (member !== undefined || sql !== undefined) {
    throw new RowmillError("input", `cannot read ${name}: a Parquet file holds one table, and nothing to choose`, {
      hint: `name the file alone: ${path.split("/").at(-1)}`,
    });
  }
  return openFile(new LocalFile(name, path));
}

/** An open file, and where in it the values are that rows are made of. */
export interface ParquetSource extends Source {
  stretches(part: number, columns: ComingColumns): FileRange[];
  rows(part: number, columns?: ComingColumns): Iterable<SourceRows>;
}

/** @throws {RowmillError} `input`, where it is no file of Parquet. */
export function openFile(file: PlacedFile): ParquetSource {
  const { metadata, digest } = readFooter(file);
  let columns: Column[];
  try {
    columns = columnsOf(metadata);
  } catch (error) {
    throw damaged(file, `its columns do not fit together: ${messageOf(error)}`, error);
  }
  if (columns.length === 0) throw new RowmillError("input", `cannot read ${file.name}: it has no columns`);
  const groups = groupsOf(metadata, file);
  const kernel = new Kernel();
  const packed = new PackedBytes(kernel);
  return {
    table: {
      columns: columns.map(({ name: called, type, writtenAs }) => ({ name: called, type, writtenAs })),
      places: { unit: "row", first: 1, ...(groups.length > 1 && { parts: groups.map((group) => group.name) }) },
      parts: groups.length,
      rowsOfParts: groups.map(({ rows }) => rows),
      skips: true,
      digest,
      hasRanges: true,
    },
    ranges: (asked) => {
      // Leaves are numbered in the order in which the footer tells of them.
      const elements = metadata.schema.filter(({ type }) => type !== undefined);
      return groups.map(({ rows, chunks }) => ({
        rows,
        ranges: asked.map((number) => {
          const column = columns[number];
          const index = column?.leaves[0]?.index ?? -1;
          return column && rangeOf(column, elements[index], chunks[index]);
        }),
      }));
    },
    stretches: (part, coming = [...columns.keys()]) => {
      const leaves = coming.flatMap((number) => columns[number]?.leaves ?? []);
      return leaves.flatMap(({ index }) => stretchOf(groups[part]?.chunks[index], file));
    },
    *rows(part, coming = [...columns.keys()]) {
      const group = groups[part];
      if (group === undefined) return;
      const ofRows = coming.map((number) => columns[number]);
      yield* new RowGroupReader({ kernel, file, packed, columns: ofRows, group }).rows();
    },
    close: () => file.close(),
  };
}
