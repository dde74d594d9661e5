/** The encoder of a run's output, on the worker's side: that of its format, which fails what its encoding lacks. */
import { RowmillError } from "../errors.ts";
import { quotedText } from "./columns.ts";
import type { Encoder, OutputSetup } from "./format.ts";
import { hasColumns, writerOf } from "./registry.ts";
import { ONE, holdsTexts, unionEncoder } from "./union-encoder.ts";
import { type TextEncoding, textEncoding } from "./text-encoding.ts";

/** The encoder of an output. `columns` counts for formats that have them. */
export function resultEncoder({ union, ...output }: OutputSetup, columns: readonly string[]): Encoder {
  if (union !== undefined) {
    const { dialect } = output;
    // Which field will be the first of its row, nobody knows yet.
    const cell = resultEncoder({ ...output, dialect: { ...dialect, comments: [] } }, [ONE]);
    return unionEncoder({ ...union, nullText: dialect.nullText, holdsAnyText: holdsTexts(output) }, cell);
  }
  const encoder = writerOf(output.format).encoder(output, columns);
  if (output.encoding === undefined) return encoder;
  const encoding = textEncoding(output.encoding);
  // What is counted are bytes of UTF-8.
  return { ...encoder, block: undefined, encode: encoding === undefined ? encoder.encode : checked(encoder, encoding) };
}

/** An encoder that fails rows with characters for which there are no bytes. */
function checked({ encode }: Encoder, encoding: TextEncoding): Encoder["encode"] {
  return (value) => {
    const text = encode(value);
    const missing = typeof text === "string" ? encoding.missing(text) : undefined;
    if (missing === undefined) return text;
    throw new RowmillError(
      "row-encode",
      `the result cannot be written: the file's encoding has no ${quotedText(missing)}`,
      {
        hint: "what is written to another file, with -o, is in UTF-8",
      },
    );
  };
}

/** Whether the rows of an output are written with columns that they share, and that must be known before the first. */
export function sharesColumns({ format, union }: OutputSetup): boolean {
  return union === undefined && hasColumns(format);
}
