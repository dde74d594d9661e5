/**
 * Parquet: a file of columns. A thread makes CSV of it (src/sources/parquet); what is written are rows of CSV whose fields say
 * what they are (text/typed-field.ts), which threads encode in groups (src/targets/parquet).
 */
import { RowmillError } from "../../errors.ts";
import { checkNames } from "../column-names.ts";
import { convertedReader } from "../converted.ts";
import type { Framing, FramingSetup, ReadAndWritten } from "../format.ts";

export function parquetOf(csv: ReadAndWritten): ReadAndWritten {
  return {
    told: {
      extensions: [".parquet", ".pq", ".parq"],
      mediaTypes: ["application/vnd.apache.parquet"],
      signature: "PAR1",
      isFar: true,
      called: "a Parquet file",
    },
    reader: { ...convertedReader(csv.reader), skipsColumns: true, skipsRows: true },
    writer: {
      ...csv.writer,
      traits: {
        columns: "header",
        values: "typed",
        cells: "values",
        takesHead: false,
        copies: "typed",
        notResumable: "the end of a Parquet file tells of all its rows",
      },
      settings: ["parquetTypes", "parquetCodec"],
      framing,
    },
  };
}

function framing({ target, terminalWidth }: FramingSetup): Framing {
  if (terminalWidth() !== undefined) {
    throw new RowmillError("output", "Parquet is no text that a terminal could show", {
      hint: "write it to a file: -o out.parquet",
    });
  }
  const file = target("parquet");
  return {
    hasBegun: false,
    batch(rows, columns) {
      checkNames(columns ?? []);
      return file.write(rows, { table: "", columns });
    },
    end: async (columns) => Buffer.concat(await Array.fromAsync(file.end(columns))),
    endPieces: (columns) => file.end(columns),
  };
}
