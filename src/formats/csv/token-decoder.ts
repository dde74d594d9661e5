/**
 * Turns CSV bytes into rows one by one, on the worker's side: every dialect that the kernel does not read, and blocks in
 * which some row is not UTF-8.
 */
import { type DecodedBlock, type Decoder, type Row, type RowFault, countLines } from "../format.ts";
import type { Kernel } from "../kernel/host.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import { latin1Tokenizer } from "../text/latin1-tokenizer.ts";
import { CROSSING, type MakeRow, type RowMakerOptions, rowMaker } from "../text/row-maker.ts";
import { Tokenizer } from "../text/tokenizer.ts";

export interface CsvDecoderOptions extends RowMakerOptions {
  /** Blocks say which comments stand between their rows. */
  keepsComments: boolean;
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
  maxRowBytes: number;
  /** Bytes that are indexed and decoded at once. @default BLOCK_BYTES */
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
        rows.push(rowOf(tokenizer, { makeRow: this.#makeRow, faults, row: rows.length }));
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

/** The row that was read; undefined and a fault where it is none. */
function rowOf(
  tokenizer: Tokenizer,
  { makeRow, faults, row }: { makeRow: MakeRow; faults: Map<number, RowFault>; row: number },
): Row | undefined {
  const { fields } = tokenizer;
  if (!tokenizer.isCrossing) return makeRow(fields, faults, row);
  faults.set(row, CROSSING);
  return undefined;
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
        rows.push(rowOf(tokenizer, { makeRow, faults, row: rows.length }));
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
