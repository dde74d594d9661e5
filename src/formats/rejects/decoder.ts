/**
 * Reads a rejects file again, on the worker's side: each line holds the raw text of a row, as it stood in its input or
 * as somebody has put it right since.
 */
import { UsageError } from "../../errors.ts";
import { type RowForm, type RowReading, dialectOfRows } from "../text/dialect.ts";
import { describeFault } from "../text/token-fault.ts";
import { tooLong } from "../long-rows.ts";
import { CROSSING, type RowMakerOptions, makerOptions, rowMaker } from "../text/row-maker.ts";
import { Tokenizer } from "../text/tokenizer.ts";
import type {
  DecodedBlock,
  Decoder,
  DecoderSetup,
  FileColumns,
  MakeDecoder,
  MakeRowReader,
  ReadRow,
  Row,
  RowFault,
  SampleSetup,
} from "../format.ts";
import { firstLines } from "../line-blocks.ts";
import type { ObjectSpelling } from "../values/spelling-tree.ts";
import { parseJson, whyNoJson } from "../values/json.ts";
import { isRow, notAnObject, noteSpelling } from "../values/json-row.ts";
import type { Memory } from "../memory.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import { type Reject, type RejectInput, parseRecord, readReject } from "./record.ts";

/** A format whose rows are read by a reader of its own, and the names of its options. */
export interface OtherFormat {
  settings: readonly string[];
  rowReader: MakeRowReader;
}

/**
 * @param linesDecoder Makes the decoder of the records.
 * @param others By name, the formats that are read by readers of their own.
 */
export function rejectsDecoder(
  { linesDecoder, others }: { linesDecoder: MakeDecoder; others: ReadonlyMap<string, OtherFormat> },
  memory: Memory,
  { input, file }: { input: DecoderSetup; file: FileColumns },
): Decoder {
  const whole = { ...file, reads: undefined, copiesRows: false, keepsSpelling: false, looksAt: undefined };
  const lines = linesDecoder(memory, input, whole);
  const reader = new RejectReader(
    { ...makerOptions(input, file), replacesInvalid: input.replacesInvalid },
    input.maxRowBytes,
    others,
  );
  const { keepsSpelling } = file;
  return {
    *blocks(start, end, load) {
      for (const block of lines.blocks(start, end, load)) yield decodeBlock(block, { reader, keepsSpelling });
    },
  };
}

function decodeBlock(
  block: DecodedBlock,
  { reader, keepsSpelling }: { reader: RejectReader; keepsSpelling: boolean },
): DecodedBlock {
  const faults = new Map(block.faults);
  const inputs: (RejectInput | undefined)[] = [];
  const readings: (RowReading | undefined)[] = [];
  const spellings = new Map<number, ObjectSpelling>();
  const rows = block.rows.slice(0, block.count).map((record, row) => {
    const found = record === undefined ? undefined : reader.find(record);
    if (found === undefined && record !== undefined) faults.set(row, NO_RECORD);
    const input = found?.input;
    const from = record && found && reader.settingsOf(record, found);
    inputs.push(input);
    readings.push(found?.columns && { ...found.form, columns: found.columns, from });
    if (found === undefined) return undefined;
    const read = reader.read(found, from);
    if ("fault" in read) faults.set(row, read.fault);
    else if (keepsSpelling && found?.columns === undefined) noteSpelling(spellings, row, textOf(input) ?? "");
    return "row" in read ? read.row : undefined;
  });
  return {
    ...block,
    rows,
    faults,
    spellings,
    reading: (row) => readings[row],
    text: (row) => textOf(inputs[row]) ?? block.text(row),
    bytes: (row) => bytesOf(inputs[row]) ?? Buffer.from(block.text(row)),
  };
}

/** The fields of the first rows that can be read, as texts. */
export function sampleRejects(
  bytes: Uint8Array,
  setup: SampleSetup,
  others: ReadonlyMap<string, OtherFormat>,
): string[][] {
  const columns = [...setup.columns];
  const options = { ...setup, columns, rowOrder: columns, hasHeader: true };
  const reader = new RejectReader(options, bytes.length, others);
  const rows: string[][] = [];
  for (const line of firstLines(bytes, setup.isWhole)) {
    if (rows.length === setup.mostRows) break;
    const record = parseRecord(line);
    const found = isRow(record) ? reader.find(record) : undefined;
    const read = isRow(record) && found && reader.read(found, reader.settingsOf(record, found));
    if (read !== undefined && read !== false && "row" in read) {
      rows.push(columns.map((name) => (typeof read.row[name] === "string" ? read.row[name] : "")));
    }
  }
  return rows;
}

const NO_RECORD: RowFault = {
  code: "row-json",
  message: "the line is no record of a rejects file: it has no input",
  hint: "--from rejects reads what --on-error reject has written",
};

function textOf(input: RejectInput | undefined): string | undefined {
  return typeof input === "object" ? Buffer.from(input).toString("utf8") : input;
}

function bytesOf(input: RejectInput | undefined): Uint8Array | undefined {
  return typeof input === "string" ? Buffer.from(input) : input;
}

/** How rows of text are read; their columns stand in the records. */
interface RejectOptions extends RowMakerOptions {
  replacesInvalid: boolean;
}

type Read = ReturnType<ReadRow>;

/** Reads the raw text of one row. */
class RejectReader {
  readonly #options: RejectOptions;
  readonly #maxRowBytes: number;
  readonly #others: ReadonlyMap<string, OtherFormat>;
  /** By what their records say. */
  readonly #readers = new Map<string, ReadRow>();

  constructor(options: RejectOptions, maxRowBytes: number, others: ReadonlyMap<string, OtherFormat>) {
    this.#options = options;
    this.#maxRowBytes = maxRowBytes;
    this.#others = others;
  }

  /** What a record says; undefined when it is none. */
  find(record: Row): Reject | undefined {
    return readReject(record, this.#options);
  }

  /** The format that a record names, with the options of that which stand in it. */
  settingsOf(record: Row, { from }: Reject): RowReading["from"] {
    if (from === undefined) return undefined;
    const names = this.#others.get(from)?.settings ?? [];
    return {
      format: from,
      settings: Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name))),
    };
  }

  /** Without columns the row is JSON. */
  read({ input, columns, form }: Reject, from: RowReading["from"]): Read {
    if (Buffer.byteLength(input) > this.#maxRowBytes) return { fault: tooLong(this.#maxRowBytes) };
    const text = typeof input === "string" ? input : this.#decode(input);
    if (typeof text !== "string") return { fault: text };
    if (from !== undefined) return this.#readOther(text, from, columns);
    return columns === undefined ? readJson(text) : this.#readCsv(text, { ...form, columns });
  }

  #readOther(text: string, from: NonNullable<RowReading["from"]>, columns: readonly string[] | undefined): Read {
    const other = this.#others.get(from.format);
    if (other === undefined) {
      return {
        fault: { code: "row-json", message: `the record's row is of the format ${from.format}, which is none here` },
      };
    }
    if (columns === undefined) {
      const hint = 'its columns are a list of names: "columns": ["line"]';
      return {
        fault: {
          code: "row-json",
          message: `the record's row is of the format ${from.format}, and has no columns`,
          hint,
        },
      };
    }
    const key = JSON.stringify([from, columns]);
    let read = this.#readers.get(key);
    if (read === undefined) this.#readers.set(key, (read = readerOrFault(other, from.settings, columns)));
    return read(text);
  }

  #decode(bytes: Uint8Array): string | RowFault {
    return decodeUtf8(bytes) ?? (this.#options.replacesInvalid ? replaceInvalidUtf8(bytes) : invalidUtf8(bytes));
  }

  #readCsv(text: string, { columns, ...form }: RowForm & { columns: string[] }): Read {
    // A record holds a row even where it starts like a comment, and, with one column, where it is an empty line.
    const keepsBlankLines = columns.length === (form.extraFields === "keep" ? 2 : 1);
    const dialect = dialectOfRows(form.dialect, form.extraFields, columns);
    const tokenizer = new Tokenizer({ ...dialect, comments: [], keepsBlankLines });
    const token = tokenizer.read(text === "" ? "\n" : text, 0, true);
    if (tokenizer.fault !== undefined) return { fault: describeFault(tokenizer.fault) };
    if (token !== "row") return { fault: { code: "row-json", message: "the record's input holds no row" } };
    if (tokenizer.end < text.length) {
      return {
        fault: {
          code: "row-field-count",
          message: "the record's input holds more than one row",
          hint: "make a record of each",
        },
      };
    }
    const faults = new Map<number, RowFault>();
    const { fields } = tokenizer;
    if (tokenizer.isCrossing) return { fault: CROSSING };
    const row = rowMaker({ ...this.#options, ...form, columns })(fields, faults, 0);
    const fault = faults.get(0);
    // A `--null` of this run is applied later, to the fields of all rows.
    if (
      row !== undefined &&
      this.#options.nullTexts === undefined &&
      form.nullTexts !== undefined &&
      !form.dialect.hasEscapes
    ) {
      for (const name of columns) if (form.nullTexts.includes(String(row[name]))) row[name] = null;
    }
    return row === undefined && fault !== undefined ? { fault } : { row: row ?? {} };
  }
}

/** A record may have been changed by hand: what is wrong with its options fails its row. */
function readerOrFault(
  { rowReader }: OtherFormat,
  settings: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): ReadRow {
  try {
    return rowReader(settings, columns);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { message, hint } = error;
    return () => ({
      fault: { code: "row-json", message: `the record: ${message}`, ...(hint !== undefined && { hint }) },
    });
  }
}

function readJson(text: string): Read {
  try {
    const value = parseJson(text);
    return isRow(value) ? { row: value } : { fault: notAnObject(value) };
  } catch (error) {
    return { fault: { code: "row-json", message: `the input cannot be read as JSON: ${whyNoJson(error, text).why}` } };
  }
}
