// Each decoder and each encoder, alone: bytes in the kernel's memory → rows, and rows → text.
import { resultEncoder } from "../../../src/formats/encoder.ts";
import { type InputFormat, type OutputFormat, readerOf } from "../../../src/formats/registry.ts";
import type { Row } from "../../../src/formats/format.ts";
import { INPUT, Kernel } from "../../../src/formats/kernel/host.ts";
import type { Bench, Texts, Work } from "./bench.ts";
import { type RunWords, toldOf } from "./setup.ts";
import { slowFields, slowLine, slowRecords, slowRows, WIDE_COLUMNS } from "./texts.ts";

/** Rows of a sample, which a run looks at. */
const SAMPLED_ROWS = 100;

/** What a decoder reads, and what it should come to. */
interface Decoded {
  options?: Partial<RunWords>;
  header?: string;
  /** A text of each row, with what stands behind it. */
  rows: readonly string[];
  /** A whole input of some of them, where that is more than header and rows. */
  sample?: (rows: readonly string[]) => string;
  /** The columns or keys that are looked at; undefined for all. */
  reads?: readonly string[];
  expected: () => Row[];
}

function decoder(name: string, format: InputFormat, data: (texts: Texts) => Decoded): Bench {
  return { name: `decode ${name}`, open: (texts) => decoding(format, data(texts)) };
}

async function decoding(
  format: InputFormat,
  { options, header = "", rows, sample = (some) => header + some.join(""), reads, expected }: Decoded,
): Promise<Work> {
  const { setup } = await toldOf(sample(rows.slice(0, SAMPLED_ROWS)), {
    from: format,
    to: "jsonl",
    expression: "row",
    ...options,
  });
  const { input } = setup.setup;
  const kernel = new Kernel();
  const bytes = Buffer.from(rows.join(""));
  kernel.reserve(bytes.length + 1);
  kernel.bytes.set(bytes, INPUT);
  const makeDecoder = await readerOf(format).decoder();
  const blocks = makeDecoder(kernel, input, {
    columns: input.columns ?? [],
    reads: reads && new Set(reads),
    wantsFields: false,
    internsTexts: false,
    copiesRows: false,
    keepsSpelling: false,
    looksAt: undefined,
  });
  return {
    bytes: bytes.length,
    rows: rows.length,
    run: (seen) => {
      for (const block of blocks.blocks(INPUT, INPUT + bytes.length, () => {})) {
        const made = block.rows;
        if (seen === undefined) continue;
        // Keys in another order are another row.
        for (let row = 0; row < block.count; row++) seen.push(Object.entries(made[row] ?? {}));
      }
    },
    expected: () => expected().map((row) => Object.entries(row)),
  };
}

/** The rows of a text of CSV, each as it stands there: those of the data begin with a number. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)(?="?\d+"?,|$)/).filter((line) => line !== "");
}

function picked(rows: readonly Row[], names: readonly string[]): Row[] {
  return rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
}

const HEADER = `${WIDE_COLUMNS.join(",")}\n`;
const NAME_AND_BORN = ["name", "born"];

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n");
}

const DECODERS: readonly Bench[] = [
  decoder("csv, 10 columns", "csv", ({ wide }) => ({
    header: HEADER,
    rows: linesOf(wide),
    expected: () => slowRows(wide, WIDE_COLUMNS),
  })),
  decoder("csv, 2 of 10 columns", "csv", ({ wide }) => ({
    header: HEADER,
    rows: linesOf(wide),
    reads: NAME_AND_BORN,
    expected: () => picked(slowRows(wide, WIDE_COLUMNS), NAME_AND_BORN),
  })),
  decoder("csv, all quoted, 10 columns", "csv", ({ quoted }) => ({
    header: HEADER,
    rows: linesOf(quoted),
    expected: () => slowRows(quoted, WIDE_COLUMNS),
  })),
  decoder("csv, by the tokenizer (--comment)", "csv", ({ wide }) => ({
    options: { comment: ["#"] },
    header: HEADER,
    rows: linesOf(wide),
    expected: () => slowRows(wide, WIDE_COLUMNS),
  })),
  decoder("tsv-escaped, 10 columns", "tsv-escaped", ({ wide }) => ({
    header: HEADER.replaceAll(",", "\t"),
    rows: slowFields(wide).map((fields) => `${fields.map(escaped).join("\t")}\n`),
    expected: () => slowRows(wide, WIDE_COLUMNS),
  })),
  decoder("jsonl, all keys", "jsonl", ({ records }) => ({
    rows: records.split(/(?<=\n)/),
    expected: () => slowRecords(records),
  })),
  decoder("jsonl, 2 of 4 keys", "jsonl", ({ records }) => ({
    rows: records.split(/(?<=\n)/),
    reads: NAME_AND_BORN,
    expected: () => picked(slowRecords(records), NAME_AND_BORN),
  })),
  decoder("json, an array", "json", ({ records }) => ({
    // A worker gets elements, each with the comma behind it.
    rows: records
      .trimEnd()
      .split("\n")
      .map((line) => `${line},`),
    sample: (some) => `[${some.join("\n").slice(0, -1)}]`,
    expected: () => slowRecords(records),
  })),
  decoder("rejects of csv", "rejects", ({ wide }) => ({
    rows: linesOf(wide).map((line) => `${JSON.stringify({ input: line.trimEnd(), columns: WIDE_COLUMNS })}\n`),
    expected: () => slowRows(wide, WIDE_COLUMNS),
  })),
];

/** Results of so many rows are written together: those of a block. */
const BLOCK_ROWS = 600;

/** What an encoder is given, and the text that it should come to. */
interface Encoded {
  rows: readonly Row[];
  how: "a block at once" | "row by row";
  line: (row: Row) => string;
}

function encoder(name: string, format: OutputFormat, data: (texts: Texts) => Encoded): Bench {
  return { name: `encode ${name}`, open: (texts) => encoding(format, data(texts)) };
}

async function encoding(format: OutputFormat, { rows, how, line }: Encoded): Promise<Work> {
  const sample = rows.slice(0, SAMPLED_ROWS).map((row) => `${JSON.stringify(row)}\n`);
  const { setup, columns } = await toldOf(sample.join(""), { from: "jsonl", to: format, expression: "row" });
  const { output } = setup.setup;
  if (output === undefined) throw new Error("a run with an expression has an output");
  const made = resultEncoder(output, columns);
  const blocks = Array.from({ length: Math.ceil(rows.length / BLOCK_ROWS) }, (_, at) =>
    rows.slice(at * BLOCK_ROWS, (at + 1) * BLOCK_ROWS),
  );
  const kernel = new Kernel();
  /** As a worker writes them: text, then bytes, and a count over these that proves that the text is right. */
  const blockText = (values: readonly Row[]): string => {
    const plain = made.block?.encode(values);
    if (plain === undefined) throw new Error("the rows cannot be written as a block");
    kernel.reserve(plain.text.length * 3);
    const end = INPUT + kernel.bytes.write(plain.text, INPUT);
    const counts = kernel.countBytes({ start: INPUT, end }, made.delimiter);
    if (made.block?.isPlain(counts, plain.rows) !== true) throw new Error("the rows are not written as a block");
    return plain.text;
  };
  const rowsText = (values: readonly Row[]): string => {
    let text = "";
    for (const row of values) text += made.encode(row);
    return text;
  };
  const textOf = how === "row by row" ? rowsText : blockText;
  return {
    bytes: Buffer.byteLength(rows.map(line).join("")),
    rows: rows.length,
    run: (seen) => {
      for (const values of blocks) {
        const text = textOf(values);
        seen?.push(text);
      }
    },
    expected: () => blocks.map((values) => values.map(line).join("")),
  };
}

function ages({ wide }: Texts): Row[] {
  return slowRows(wide, WIDE_COLUMNS).map(({ name, born }) => ({ name, age: 2017 - Number(born) }));
}

const ENCODERS: readonly Bench[] = [
  encoder("csv, 2 columns, a block at once", "csv", (texts) => ({
    rows: ages(texts),
    how: "a block at once",
    line: (row) => slowLine(Object.values(row)),
  })),
  encoder("csv, 2 columns, row by row", "csv", (texts) => ({
    rows: ages(texts),
    how: "row by row",
    line: (row) => slowLine(Object.values(row)),
  })),
  encoder("csv, 10 columns with quotes, row by row", "csv", ({ wide }) => ({
    rows: slowRows(wide, WIDE_COLUMNS),
    how: "row by row",
    line: (row) => slowLine(Object.values(row)),
  })),
  encoder("tsv-escaped, 10 columns, row by row", "tsv-escaped", ({ wide }) => ({
    rows: slowRows(wide, WIDE_COLUMNS),
    how: "row by row",
    line: (row) => `${Object.values(row).map(String).map(escaped).join("\t")}\n`,
  })),
  encoder("jsonl, 2 keys, a block at once", "jsonl", (texts) => ({
    rows: ages(texts),
    how: "a block at once",
    line: (row) => `${JSON.stringify(row)}\n`,
  })),
  encoder("jsonl, 10 keys, row by row", "jsonl", ({ wide }) => ({
    rows: slowRows(wide, WIDE_COLUMNS),
    how: "row by row",
    line: (row) => `${JSON.stringify(row)}\n`,
  })),
  encoder("json, 10 keys, row by row", "json", ({ wide }) => ({
    rows: slowRows(wide, WIDE_COLUMNS),
    how: "row by row",
    line: (row) => `${JSON.stringify(row)},\n`,
  })),
  encoder("table, 10 columns, row by row", "table", ({ wide }) => ({
    rows: slowRows(wide, WIDE_COLUMNS),
    how: "row by row",
    // The parent draws: a worker sends it the cells.
    line: (row) => `${JSON.stringify(Object.values(row))}\n`,
  })),
];

export const FORMAT_BENCHES: readonly Bench[] = [...DECODERS, ...ENCODERS];
