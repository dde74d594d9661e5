/**
 * Turns certified CSV bytes into rows, on the worker's side.
 *
 * A block (BLOCK_BYTES) is indexed by the kernel, decoded to one string, and cut into fields by position: positions
 * are UTF-16 units of the decoded text, so text in any language takes the same way. The loop that makes row objects is
 * generated for the columns at hand; column names enter it as JSON string literals only.
 */
import { generate, objectLiteral } from "../../generated-code.ts";
import type { CertifiedBlock, DecodedBlock, Decoder, LoadBytes, MakeDecoder, Row, RowFault } from "../format.ts";
import { BLOCK_BYTES } from "../block-bytes.ts";
import type { BlockIndex } from "../kernel/exports.ts";
import { BLANK, type Kernel, POSITION, ROW_END } from "../kernel/host.ts";
import { kernelOf } from "../memory.ts";
import { LazyBlock } from "../lazy-block.ts";
import { decodeUtf8, isUtf8 } from "../utf8.ts";
import { isKernelDialect } from "../text/dialect.ts";
import { type CsvDecoderOptions, TokenDecoder, decodeOneByOne } from "./token-decoder.ts";
import { type MakeRow, makerOptions, rowMaker } from "../text/row-maker.ts";

const LF = 10;
const CR = 13;
/** A row of more columns is built field by field: generated code for it would not be optimised any more. */
const MAX_GENERATED_COLUMNS = 256;

/** Makes the decoder for one file's dialect and columns. */
export const decodeCsv: MakeDecoder = (memory, input, file) => {
  const kernel = kernelOf(memory);
  const { keepsComments, replacesInvalid, maxRowBytes, blockBytes } = input;
  const options: CsvDecoderOptions = {
    ...makerOptions(input, file),
    keepsComments,
    replacesInvalid,
    maxRowBytes,
    wantsFields: file.wantsFields,
    ...(blockBytes !== undefined && { blockBytes }),
  };
  return isKernelDialect(options.dialect) ? new KernelDecoder(kernel, options) : new TokenDecoder(kernel, options);
};

/** Where the fields of the rows of a block are: text, and index entries. */
type DecodeRows = (
  text: string,
  entries: Int32Array,
  rows: (Row | undefined)[],
  starts: Int32Array,
  count: number,
) => void;

class KernelDecoder implements Decoder {
  readonly loadsByPieces = true;
  readonly #kernel: Kernel;
  readonly #options: CsvDecoderOptions;
  /** Undefined where each row is made by itself. */
  readonly #decodeRows: DecodeRows | undefined;
  #makeRow: MakeRow | undefined;
  readonly #rows: (Row | undefined)[] = [];
  #starts = new Int32Array(1024);

  constructor(kernel: Kernel, options: CsvDecoderOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#decodeRows = options.extraFields === "keep" ? undefined : compileDecodeRows(options);
  }

  *blocks(start: number, end: number, load: LoadBytes): Generator<DecodedBlock> {
    const { wantsFields, blockBytes = BLOCK_BYTES } = this.#options;
    const unit = wantsFields ? "byte" : "utf16";
    let at = start;
    let size = blockBytes;
    while (at < end) {
      const blockEnd = Math.min(end, at + size);
      load(blockEnd);
      const index = this.#index(at, blockEnd, unit);
      if (index.end === at) {
        // Not one whole row: the rows are longer than a block. Behind the last row nothing but a cut line may stand.
        if (at + size >= end) return;
        size *= 4;
        continue;
      }
      if (index.count > 0) yield this.#block(at, index);
      at = index.end;
    }
  }

  certify(start: number, end: number): CertifiedBlock | undefined {
    const { wantsFields, blockBytes = BLOCK_BYTES, maxRowBytes } = this.#options;
    const blockEnd = Math.min(end, start + blockBytes);
    if (blockEnd - start > maxRowBytes) return undefined;
    const index = this.#index(start, blockEnd, wantsFields ? "byte" : "utf16");
    const { end: behind, rows, lines, blanks, isBad } = index;
    if (isBad || behind === start) return undefined;
    return { end: behind, rows, lines, blanks, block: rows > 0 ? this.#block(start, index) : undefined };
  }

  #index(start: number, end: number, unit: "byte" | "utf16"): BlockIndex {
    return this.#kernel.indexCsv({ start, end, unit }, this.#options.dialect);
  }

  #block(at: number, index: BlockIndex): DecodedBlock {
    if (!this.#options.wantsFields) return this.#decode(at, index);
    const isPlain =
      index.hasPlainReturns &&
      this.#isRectangular(index) &&
      (index.isAscii || isUtf8(this.#kernel.bytes.subarray(at, index.end)));
    let isByBytes = true;
    const decode = (): DecodedBlock => {
      isByBytes = index.isAscii;
      return this.#decode(at, isByBytes ? index : this.#index(at, index.end, "utf16"));
    };
    if (!isPlain) return decode();
    const reindex = (): void => {
      if (!isByBytes) this.#index(at, index.end, "byte");
      isByBytes = true;
    };
    const fields = { start: at, rows: index.rows, bytes: index.end - at, reindex };
    return new LazyBlock(decode, index, { fields });
  }

  /** Whether each row of the block has all its fields, and no blank line stands between them. */
  #isRectangular({ count, rows }: BlockIndex): boolean {
    const width = this.#options.columns.length;
    const { loops, entries } = this.#kernel;
    return count === rows * width && loops.isRectangular(entries.byteOffset, rows, width) === 1;
  }

  #decode(at: number, index: BlockIndex): DecodedBlock {
    const { bytes, entries } = this.#kernel;
    const text = index.isAscii ? bytes.toString("latin1", at, index.end) : decodeUtf8(bytes.subarray(at, index.end));
    if (text === undefined) return this.#decodeInvalid(at, index.end);
    const rows = this.#rows;
    const count = index.rows;
    if (this.#starts.length <= count) this.#starts = new Int32Array(count * 2);
    const starts = this.#starts;
    const faults = new Map<number, RowFault>();
    const isPlain = !this.#options.dialect.hasEscapes || !text.includes("\\");
    if (this.#decodeRows !== undefined && isPlain && this.#isRectangular(index)) {
      this.#decodeRows(text, entries, rows, starts, count);
      starts[count] = text.length;
    } else {
      this.#decodeUneven(text, index.count, faults);
    }
    let kept = starts;
    return {
      rows,
      count,
      faults,
      lines: index.lines,
      source: text,
      offset: (row) => kept[row] ?? text.length,
      text: (row) => text.slice(kept[row], kept[row + 1]),
      keep: () => {
        kept = starts.slice(0, count + 1);
      },
    };
  }

  /** Made when a block is not plain: few files have one. */
  get #rowMaker(): MakeRow {
    this.#makeRow ??= rowMaker(this.#options);
    return this.#makeRow;
  }

  /** Rows of different lengths, or blank lines between them: each row on its own. */
  #decodeUneven(text: string, entryCount: number, faults: Map<number, RowFault>): void {
    const { entries } = this.#kernel;
    const { dialect } = this.#options;
    const makeRow = this.#rowMaker;
    const starts = this.#starts;
    let start = 0;
    let row = 0;
    let first = 0;
    for (let at = 0; at < entryCount; at++) {
      const entry = entries[at] ?? 0;
      if ((entry & ROW_END) === 0) continue;
      if ((entry & BLANK) === 0) {
        starts[row] = start;
        const fields: (string | null)[] = [];
        let from = start;
        for (let field = first; field <= at; field++) {
          const fieldEnd = entries[field] ?? 0;
          const to = (fieldEnd & POSITION) - ((fieldEnd >> 29) & 1);
          const bare = dialect.emptyIsNull === true && from === to ? null : text.slice(from, to);
          fields.push(fieldEnd < 0 ? unquote(text, from, to, dialect.quote) : bare);
          from = (fieldEnd & POSITION) + 1;
        }
        this.#rows[row] = makeRow(fields, faults, row);
        row++;
      }
      start = (entry & POSITION) + 1;
      first = at + 1;
    }
    starts[row] = text.length;
  }

  /** Somewhere in the block bytes are not UTF-8: those rows fail, the others are decoded one by one. */
  #decodeInvalid(start: number, end: number): DecodedBlock {
    const { dialect } = this.#options;
    const range = { kernel: this.#kernel, options: this.#options, makeRow: this.#rowMaker, start, end };
    return decodeOneByOne(range, (at) => {
      const first = dialect.keepsBlankLines === true ? at : behindBlankLines(this.#kernel.bytes, at, end);
      const scan = this.#kernel.scanCsv({ start: first, end, maxRows: 1 }, dialect);
      return { start: first, end: scan.end, isRow: scan.rows === 1 };
    });
  }
}

/** Where the blank lines that begin at `at` end. */
function behindBlankLines(bytes: Uint8Array, at: number, end: number): number {
  let behind = at;
  while (behind < end) {
    const feed = bytes[behind] === CR ? behind + 1 : behind;
    if (bytes[feed] !== LF) break;
    behind = feed + 1;
  }
  return behind;
}

/** The text between the quotes at `start` and before `end`, doubled quotes made single. */
function unquote(text: string, start: number, end: number, quote: string): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes(quote) ? inner.replaceAll(quote + quote, quote) : inner;
}

/** Generates the loop that makes rows of whole blocks, of the fields in `rowOrder`; every row has all fields. */
function compileDecodeRows({ columns, rowOrder, dialect }: CsvDecoderOptions): DecodeRows {
  const quote = dialect.quote;
  const width = columns.length;
  const emptyIsNull = dialect.emptyIsNull === true;
  if (rowOrder.length > MAX_GENERATED_COLUMNS) return decodeWideRows(columns, rowOrder, { quote, emptyIsNull });
  const bare = `${emptyIsNull ? "from === to ? null : " : ""}text.substring(from, to)`;
  // A header may have a million names: no list of them is searched for each.
  const indexes = new Map(columns.map((name, index) => [name, index]));
  const read = new Set(rowOrder);
  const fields = columns.flatMap((name, index) => {
    if (!read.has(name)) return [];
    const from = index === 0 ? "start" : `(entries[at + ${index - 1}] & POSITION) + 1`;
    const to = index === width - 1 ? "(e & POSITION) - ((e >> 29) & 1)" : "e & POSITION";
    return `e = entries[at + ${index}]; from = ${from}; to = ${to};
      const f${index} = e < 0 ? unquote(text, from, to, quote) : ${bare};`;
  });
  const properties = rowOrder.map((name): [string, string] => [name, `f${indexes.get(name)}`]);
  const source = `return function decodeRows(text, entries, rows, starts, count) {
    let start = 0, from = 0, to = 0, e = 0;
    for (let row = 0, at = 0; row < count; row++, at += ${width}) {
      starts[row] = start;
      ${fields.join("\n")}
      start = (entries[at + ${width - 1}] & POSITION) + 1;
      rows[row] = ${objectLiteral(properties)};
    }
  }`;
  return generate("decodeRows", source, { POSITION, unquote, quote }) as DecodeRows;
}

function decodeWideRows(
  columns: string[],
  rowOrder: string[],
  { quote, emptyIsNull }: { quote: string; emptyIsNull: boolean },
): DecodeRows {
  const indexes = new Map(columns.map((name, index) => [name, index]));
  const order = rowOrder.map((name) => indexes.get(name) ?? -1);
  return (text, entries, rows, starts, count) => {
    let start = 0;
    const fields: (string | null)[] = [];
    for (let row = 0, at = 0; row < count; row++) {
      starts[row] = start;
      for (let field = 0; field < columns.length; field++, at++) {
        const entry = entries[at] ?? 0;
        const to = (entry & POSITION) - ((entry >> 29) & 1);
        const bare = emptyIsNull && start === to ? null : text.slice(start, to);
        fields[field] = entry < 0 ? unquote(text, start, to, quote) : bare;
        start = (entry & POSITION) + 1;
      }
      rows[row] = Object.fromEntries(order.map((field, index) => [rowOrder[index] ?? "", fields[field]]));
    }
  };
}
