/** What stands at the end of a Parquet file. */
import type { ColumnChunk, FileMetaData, RowGroup } from "hyparquet";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import type { ColumnType } from "../../formats/column-type.ts";
import { schemaElement } from "./column-schema.ts";
import type { Codec, EncodedColumn, EncodedGroup } from "./group.ts";

export const MAGIC = "PAR1";
const MAGIC_WORD = 0x31524150;

export interface FooterSetup {
  names: readonly string[];
  types: readonly ColumnType[];
  groups: readonly EncodedGroup[];
  codec: Codec;
  createdBy: string;
}

export function footerBytes({ names, types, groups, codec, createdBy }: FooterSetup): Uint8Array<ArrayBuffer> {
  const elements = names.map((name, at) => schemaElement(name, types[at] ?? { is: "text" }));
  let offset = MAGIC.length;
  const rowGroups = groups.map(({ rows, columns }): RowGroup => {
    const start = offset;
    const chunks = columns.map((column, at): ColumnChunk => {
      const chunk = chunkOf(column, { element: elements[at] ?? elements[0], codec, offset });
      offset += column.bytes;
      return chunk;
    });
    return {
      columns: chunks,
      num_rows: BigInt(rows),
      total_byte_size: BigInt(columns.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0)),
      total_compressed_size: BigInt(offset - start),
      file_offset: BigInt(start),
    };
  });
  const metadata: FileMetaData = {
    version: 2,
    schema: [{ name: "schema", num_children: names.length }, ...elements],
    num_rows: BigInt(groups.reduce((sum, { rows }) => sum + rows, 0)),
    row_groups: rowGroups,
    created_by: createdBy,
    metadata_length: 0,
  };
  const writer = new ByteWriter();
  writeMetadata(writer, metadata);
  writer.appendUint32(MAGIC_WORD);
  return new Uint8Array(writer.getBytes());
}

function chunkOf(
  column: EncodedColumn,
  { element, codec, offset }: { element: ReturnType<typeof schemaElement> | undefined; codec: Codec; offset: number },
): ColumnChunk {
  if (element?.type === undefined) throw new Error("a column has no type");
  const { dictionaryOffset, dataOffset, bounds, rows, nulls, bytes, uncompressedBytes } = column;
  const [least, greatest] = bounds ?? [];
  const hasDictionary = dictionaryOffset !== undefined;
  return {
    file_offset: 0n,
    meta_data: {
      type: element.type,
      encodings: hasDictionary ? ["PLAIN", "RLE", "RLE_DICTIONARY"] : ["PLAIN", "RLE"],
      path_in_schema: [element.name],
      codec,
      num_values: BigInt(rows),
      total_uncompressed_size: BigInt(uncompressedBytes),
      total_compressed_size: BigInt(bytes),
      data_page_offset: BigInt(offset + dataOffset),
      ...(hasDictionary && { dictionary_page_offset: BigInt(offset + dictionaryOffset) }),
      statistics: {
        null_count: BigInt(nulls),
        ...(least !== undefined && greatest !== undefined && { min_value: least, max_value: greatest }),
      },
    },
  };
}
