/**
 * Turns CSV bytes into rows one by one, on the worker's side: every dialect that the kernel does not read, and blocks in
 * which some row is not UTF-8.
 */
import { type DecodedBlock, type Decoder, type Row, type RowFault, countLines } from "../format.ts";
import type { Kernel } from "../kernel/host.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import { type Dialect, REST_COLUMN, type RowForm } from "./dialect.ts";
import { ESCAPED_NULL, escapedFieldReader } from "./field-escapes.ts";
import { latin1Tokenizer } from "./splitter.ts";
import { Tokenizer } from "./tokenizer.ts";

export interface CsvDecoderOptions extends RowForm {
  /** Names of the fields as they stand in the file; `_rest` is the last one where extra fields are kept. */
  columns: string[];
  /** Names in the order in which a row's properties are made: all of them, or those that are read. */
  rowOrder: string[];
  /** The columns have their names from a line of the file. */
  hasHeader: boolean;
  /** Blocks say which comments stand between their rows. */
  keepsComments: boolean;
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
  /** Bytes that are indexed and decoded at once. @default 64 KB: they stay in the second-level cache */
  blockBytes?: number;
  /** Blocks say where their fields lie, where that can be. */
  wantsFields: boolean;
}

/** Dialects with comments, escapes, lazy quotes or trimming: read by the tokenizer, which the parent used as well. */
export class TokenDecoder implements Decoder {
  readonly #kernel: Kernel;
  readonly #options: CsvDecoderOptions;
  readonly #tokenizer: Tokenizer;
  readonly #makeRow: MakeRow;

  constructor(kernel: Kernel, options: CsvDecoderOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#makeRow = rowMaker(options);
    this.#tokenizer = new Tokenizer(options.dialect);
  }

  *blocks(start: number, end: number): Generator<DecodedBlock> {
    const text = decodeUtf8(this.#kernel.bytes.subarray(start, end));
    if (text === undefined) {
      const bytes = this.#kernel.bytes.toString("latin1", start, end);
      const tokenizer = latin1Tokenizer(this.#options.dialect);
      yield decodeOneByOne(
        { kernel: this.#kernel, options: this.#options, makeRow: this.#makeRow, start, end },
        (at) => {
          const token = tokenizer.read(bytes, at - start, true);
          return { start: at, end: start + tokenizer.end, isRow: token === "row", isComment: token === "comment" };
        },
      );
      return;
    }
    const tokenizer = this.#tokenizer;
    const starts: number[] = [];
    const ends: number[] = [];
    const rows: (Row | undefined)[] = [];
    const faults = new Map<number, RowFault>();
    const comments = this.#options.keepsComments ? new Comments() : undefined;
    let at = 0;
    for (let token = tokenizer.read(text, 0, true); token !== "end"; token = tokenizer.read(text, at, true)) {
      if (token === "row") {
        starts.push(at);
        ends.push(tokenizer.end);
        rows.push(this.#makeRow(tokenizer.fields, faults, rows.length));
      } else if (token === "comment") {
        comments?.add(rows.length, Buffer.from(text.slice(at, tokenizer.end)));
      }
      at = tokenizer.end;
    }
    yield {
      rows,
      count: rows.length,
      faults,
      comments: comments?.found,
      lines: countLines(text),
      source: text,
      offset: (row) => starts[row] ?? text.length,
      text: (row) => text.slice(starts[row], ends[row]),
      keep: () => {},
    };
  }
}

/** Comments between the rows of a block; most blocks have none. */
class Comments {
  found: Map<number, Buffer> | undefined;

  /** @param row The row that comes behind it. */
  add(row: number, line: Buffer): void {
    this.found ??= new Map();
    this.found.set(row, Buffer.concat([this.found.get(row) ?? Buffer.alloc(0), line]));
  }
}

interface ByteRange {
  kernel: Kernel;
  options: CsvDecoderOptions;
  makeRow: MakeRow;
  start: number;
  end: number;
}

/** Decodes rows apart from each other, so that one with bytes that are not UTF-8 fails alone. */
export function decodeOneByOne(
  range: ByteRange,
  next: (at: number) => { start: number; end: number; isRow: boolean; isComment?: boolean },
): DecodedBlock {
  const { kernel, options, makeRow, start, end } = range;
  const rows: (Row | undefined)[] = [];
  const extents: [start: number, end: number][] = [];
  const faults = new Map<number, RowFault>();
  const comments = options.keepsComments ? new Comments() : undefined;
  const tokenizer = new Tokenizer(options.dialect);
  for (let at = start; at < end;) {
    const found = next(at);
    if (found.end <= at) break;
    if (found.isComment === true)
      comments?.add(rows.length, Buffer.from(kernel.bytes.subarray(found.start, found.end)));
    if (found.isRow) {
      extents.push([found.start, found.end]);
      const bytes = kernel.bytes.subarray(found.start, found.end);
      const text = decodeUtf8(bytes) ?? (options.replacesInvalid ? replaceInvalidUtf8(bytes) : undefined);
      if (text === undefined) {
        faults.set(rows.length, invalidUtf8(bytes));
        rows.push(undefined);
      } else {
        tokenizer.read(text, 0, true);
        rows.push(makeRow(tokenizer.fields, faults, rows.length));
      }
    }
    at = found.end;
  }
  const copy = Buffer.from(kernel.bytes.subarray(start, end));
  const source = copy.toString("latin1");
  const offset = (row: number): number => (extents[row]?.[0] ?? end) - start;
  return {
    rows,
    count: rows.length,
    faults,
    comments: comments?.found,
    lines: countLines(source),
    source,
    offset,
    text: (row) => copy.toString("utf8", offset(row), (extents[row]?.[1] ?? end) - start),
    bytes: (row) => copy.subarray(offset(row), (extents[row]?.[1] ?? end) - start),
    keep: () => {},
  };
}

/** A row from its fields, or undefined and a fault when their number is wrong. */
export type MakeRow = (fields: readonly string[], faults: Map<number, RowFault>, at: number) => Row | undefined;

/** Makes rows for a file. A row with missing fields costs what the fields cost that it has, however wide the header is. */
export function rowMaker(options: Omit<CsvDecoderOptions, "replacesInvalid" | "wantsFields">): MakeRow {
  const { columns, rowOrder, isRagged, extraFields } = options;
  const read = fieldReader(options);
  const keepsRest = extraFields === "keep";
  const width = columns.length - (keepsRest ? 1 : 0);
  const givesRest = keepsRest && rowOrder.includes(REST_COLUMN);
  const indexes = new Map(columns.map((name, index) => [name, index]));
  const order = rowOrder.map((name) => indexes.get(name) ?? -1);
  /** Of each field, which property of the row it is; -1 for none. What is written behind the end is not kept. */
  const ranks = new Int32Array(width).fill(-1);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  const isInOrder = order.every((index, rank) => rank === 0 || index > (order[rank - 1] ?? -1));
  return (fields, faults, at) => {
    const found = Math.min(fields.length, width);
    if ((fields.length > width && extraFields === "error") || (fields.length < width && !isRagged)) {
      faults.set(at, wrongCount(fields.length, width, options));
      return undefined;
    }
    const present: number[] = [];
    for (let index = 0; index < found; index++) {
      const rank = ranks[index] ?? -1;
      if (rank >= 0) present.push(rank);
    }
    if (!isInOrder) present.sort((a, b) => a - b);
    const row: Row = Object.fromEntries(
      present.map((rank) => [rowOrder[rank] ?? "", read(fields[order[rank] ?? -1] ?? "")]),
    );
    if (givesRest) row[REST_COLUMN] = fields.slice(width).map(read);
    return row;
  };
}

/** What a field of the file stands for. */
export function fieldReader({ dialect, nullTexts }: RowForm): (raw: string) => string | null {
  return dialect.hasEscapes ? escapedFieldReader(nullTexts ?? [ESCAPED_NULL]) : (raw) => raw;
}

function wrongCount(found: number, wanted: number, of: Pick<CsvDecoderOptions, "hasHeader" | "dialect">): RowFault {
  return {
    code: "row-field-count",
    message: `the row has ${plural(found, "field")}, ${of.hasHeader ? `the header has ${wanted}` : `wanted ${wanted}`}`,
    hint:
      found < wanted
        ? "--ragged takes rows with missing fields"
        : `${needed(of.dialect)}; --extra-fields drop or keep takes rows with more fields`,
  };
}

/** What a field needs in which the delimiter stands. */
function needed({ quote, hasEscapes }: Dialect): string {
  if (hasEscapes) return "a tab in a field must be escaped";
  return quote === ""
    ? "without quotes no field can hold the delimiter"
    : "a field that holds the delimiter must be quoted";
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
