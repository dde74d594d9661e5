/**
 * Rows of a block of JSONL by the kernel's index: only the values of the keys that are read are made, and rows whose
 * bytes are what would be written for them can be copied. Lines that the kernel is not certain of go to JSON.parse.
 */
import { generate } from "../../generated-code.ts";
import type { BlockObjects, DecodedBlock, Row, RowFault } from "../format.ts";
import type { ObjectSpelling } from "../values/spelling-tree.ts";
import type { LooksAt } from "../format.ts";
import { parseJson } from "../values/json.ts";
import type { JsonIndex, WantedKey } from "../kernel/exports.ts";
import { Kind, objectCode, objectStride, placeOf } from "../indexed/object-code.ts";
import { TextTable } from "../indexed/text-table.ts";
import { type Kernel, MAX_TEXTS } from "../kernel/host.ts";
import { LazyBlock } from "../lazy-block.ts";
import { isUtf8 } from "../utf8.ts";
import { type ParsedLinesOptions, parseBlock, parseRow } from "./parsed-lines.ts";
import { noteSpelling } from "../values/json-row.ts";
import { spellingOf } from "../values/spelling.ts";

/** A key that has brought more texts than this to a full table is one of many different texts. */
const FEW_TEXTS = MAX_TEXTS / 4;

const LF = 10;
const CR = 13;

// As in kernel/assembly/json-index.ts.
const OBJECT_START = 1;
const OBJECT_END = 2;
const STATE = 3;
const CANONICAL = 0;
const CERTAIN = 2;
const UNCERTAIN = 3;
/** The bits of a state that tell how certain it is. */
const CERTAINTY = 3;
/** Wanted values are spelled in a way of their own. */
const SPELLED = 4;

interface IndexedLinesOptions {
  reads: readonly string[];
  replacesInvalid: boolean;
  copiesRows?: boolean;
  wantsObjects?: boolean;
  internsTexts?: boolean;
  keepsSpelling?: boolean;
  looksAt?: LooksAt | undefined;
}

/** Makes the rows of an indexed block; a row that it cannot make comes from `parse`. */
type MakeRows = (block: {
  fields: Int32Array;
  numbers: Float64Array;
  text: string;
  strings: readonly string[];
  rows: (Row | undefined)[];
  count: number;
  parse: (row: number) => Row | undefined;
}) => void;

export class IndexedLines {
  readonly #kernel: Kernel;
  readonly #keys: WantedKey[];
  readonly #texts: TextTable | undefined;
  readonly #stride: number;
  readonly #makeRows: MakeRows;
  readonly #parsing: ParsedLinesOptions;
  readonly #copiesRows: boolean;
  readonly #wantsObjects: boolean;
  readonly #rows: (Row | undefined)[] = [];
  #index: JsonIndex | undefined;
  /** By key, how many texts of the table are first its own. */
  readonly #newTexts: number[] = [];

  constructor(
    kernel: Kernel,
    {
      reads,
      replacesInvalid,
      copiesRows = false,
      wantsObjects = false,
      internsTexts = false,
      keepsSpelling = false,
      looksAt,
    }: IndexedLinesOptions,
  ) {
    this.#kernel = kernel;
    // A name that has no UTF-8 stands in the input as an escape only: no bytes are equal to it.
    this.#keys = reads.map((name) => ({
      name: name.isWellFormed() ? Buffer.from(name) : Buffer.of(0xff),
      isInterned: internsTexts,
    }));
    if (internsTexts) this.#texts = new TextTable(kernel);
    this.#stride = objectStride(reads.length);
    this.#makeRows = compileMakeRows(reads, { copiesRows, keepsSpelling, internsTexts });
    // Of rows that are copied nobody looks at the other keys, but they are written.
    this.#parsing = { replacesInvalid, keepsSpelling, looksAt, reads: copiesRows ? undefined : new Set(reads) };
    this.#copiesRows = copiesRows;
    this.#wantsObjects = wantsObjects;
  }

  /** Indexes lines, up to where those end that {@linkcode IndexedLines.block} gives. */
  index(range: { start: number; end: number }): JsonIndex {
    this.#index = this.#kernel.indexJsonl(range, this.#keys, this.#texts?.strings.length);
    if (this.#texts !== undefined) this.#noteTexts(this.#texts, this.#index);
    return this.#index;
  }

  /** A key with many different texts would fill the table for nothing. */
  #noteTexts(table: TextTable, { texts, newTexts }: JsonIndex): void {
    if (texts === table.strings.length) return;
    table.grow(texts);
    for (const [at, count] of newTexts.entries()) this.#newTexts[at] = (this.#newTexts[at] ?? 0) + count;
    if (!table.isFull) return;
    for (const [at, key] of this.#keys.entries()) if ((this.#newTexts[at] ?? 0) > FEW_TEXTS) key.isInterned = false;
  }

  /** The rows of the lines that were indexed last. */
  block(start: number, end: number): DecodedBlock {
    const kernel = this.#kernel;
    const index = this.#index;
    if (index === undefined || !(index.isAscii || isUtf8(kernel.bytes.subarray(start, index.end)))) {
      return parseBlock(kernel.bytes.subarray(start, end), this.#parsing);
    }
    const objects = new IndexedObjects(kernel, index, {
      start,
      bytes: end - start,
      strings: this.#texts?.strings ?? [],
      stride: this.#stride,
      parsing: this.#parsing,
    });
    const decode = (): DecodedBlock => this.#decode(index, objects);
    const isTaken = this.#copiesRows
      ? index.copyable === index.rows
      : this.#wantsObjects && index.certain === index.rows;
    return isTaken ? new LazyBlock(decode, index, { objects }) : decode();
  }

  #decode({ rows: count, lines: lineFeeds }: JsonIndex, { start, bytes, text, strings }: BlockObjects): DecodedBlock {
    const kernel = this.#kernel;
    const rows = this.#rows;
    const faults = new Map<number, RowFault>();
    const lines = new PlacedLines(kernel, { start, length: bytes, stride: this.#stride, count });
    const { fields, numbers } = kernel;
    const { keepsSpelling, looksAt } = this.#parsing;
    let spellings: Map<number, ObjectSpelling> | undefined;
    const parse = (row: number): Row | undefined => {
      const line = lines.text(row);
      const parsed = parseRow(line, (json) => parseJson(json, looksAt), faults, row);
      if (parsed !== undefined && keepsSpelling)
        noteSpelling((spellings ??= new Map()), row, line, this.#parsing.reads);
      return parsed;
    };
    this.#makeRows({ fields, numbers, text, strings, rows, count, parse });
    return {
      rows,
      count,
      faults,
      spellings,
      lines: lineFeeds,
      get source() {
        return lines.source;
      },
      offset: (row) => lines.offset(row),
      text: (row) => lines.text(row),
      keep: () => lines.keep(),
      ...(this.#copiesRows && { copies: lines }),
    };
  }
}

/** What can be had of an indexed block in the kernel's memory without making its rows. */
class IndexedObjects implements BlockObjects {
  readonly #kernel: Kernel;
  readonly #index: JsonIndex;
  readonly #stride: number;
  readonly #parsing: ParsedLinesOptions;
  readonly start: number;
  readonly rows: number;
  readonly bytes: number;
  readonly strings: readonly string[];
  #text: string | undefined;

  constructor(
    kernel: Kernel,
    index: JsonIndex,
    {
      start,
      bytes,
      strings,
      stride,
      parsing,
    }: Pick<BlockObjects, "start" | "bytes" | "strings"> & { stride: number; parsing: ParsedLinesOptions },
  ) {
    this.#kernel = kernel;
    this.#index = index;
    this.#stride = stride;
    this.#parsing = parsing;
    this.start = start;
    this.rows = index.rows;
    this.bytes = bytes;
    this.strings = strings;
  }

  get text(): string {
    const { isAscii, text } = this.#index;
    this.#text ??= this.#kernel.bytes.toString(isAscii ? "latin1" : "utf8", text.start, text.end);
    return this.#text;
  }

  parse(row: number): ReturnType<BlockObjects["parse"]> {
    const { keepsSpelling, looksAt, reads } = this.#parsing;
    const { fields } = this.#kernel;
    const place = { start: this.start, length: this.bytes, stride: this.#stride, count: this.rows };
    const line = new PlacedLines(this.#kernel, place).text(row);
    const isSpelled = keepsSpelling && ((fields[row * this.#stride + STATE] ?? 0) & SPELLED) !== 0;
    return { row: parseJson(line, looksAt) as Row, spelling: isSpelled ? spellingOf(line, reads) : undefined };
  }
}

/** Where the lines of a block stand in the kernel's memory, or in a copy of it. */
class PlacedLines {
  bytes: Buffer;
  #start: number;
  readonly #length: number;
  #fields: Int32Array;
  #stride: number;
  readonly #count: number;
  #source: string | undefined;

  constructor(kernel: Kernel, place: { start: number; length: number; stride: number; count: number }) {
    this.bytes = kernel.bytes;
    this.#fields = kernel.fields;
    this.#start = place.start;
    this.#length = place.length;
    this.#stride = place.stride;
    this.#count = place.count;
  }

  get source(): string {
    this.#source ??= this.bytes.toString("latin1", this.#start, this.#start + this.#length);
    return this.#source;
  }

  offset(row: number): number {
    return row < this.#count ? (this.#fields[row * this.#stride] ?? 0) : this.#length;
  }

  text(row: number): string {
    const from = this.#start + this.offset(row);
    const feed = this.bytes.indexOf(LF, from);
    const end = this.#start + this.#length;
    const to = feed < 0 || feed > end ? end : feed;
    return this.bytes.toString("utf8", from, this.bytes[to - 1] === CR ? to - 1 : to);
  }

  /** Where the bytes of a row start that may be copied, or -1. */
  from(row: number): number {
    const at = row * this.#stride;
    return ((this.#fields[at + STATE] ?? UNCERTAIN) & CERTAINTY) === CANONICAL
      ? this.#start + (this.#fields[at + OBJECT_START] ?? 0)
      : -1;
  }

  to(row: number): number {
    return this.#start + (this.#fields[row * this.#stride + OBJECT_END] ?? 0);
  }

  keep(): void {
    this.bytes = Buffer.from(this.bytes.subarray(this.#start, this.#start + this.#length));
    this.#start = 0;
    this.#fields = this.#fields.slice(0, this.#count * this.#stride);
  }
}

/**
 * Generates the loop that makes rows of the wanted keys. Rows that are not certain are parsed whole; where rows are
 * copied, so are those that cannot be, and those in which a wanted value is nested: whoever reads that could change it.
 */
function compileMakeRows(
  names: readonly string[],
  { copiesRows, keepsSpelling, internsTexts }: { copiesRows: boolean; keepsSpelling: boolean; internsTexts: boolean },
): MakeRows {
  const isNested = names.map((_, field) => `fields[at + ${placeOf(field)}] === ${Kind.nested}`).join(" || ");
  const markNested = copiesRows && names.length > 0 ? `if (${isNested}) fields[at + ${STATE}] = ${UNCERTAIN};` : "";
  const state = `fields[at + ${STATE}]`;
  // How a row that is copied is spelled does not matter.
  const isParsed = copiesRows
    ? `(${state} & ${CERTAINTY}) !== ${CANONICAL}`
    : `${keepsSpelling ? state : `(${state} & ~${SPELLED})`} > ${CERTAIN}`;
  const { statements, object, scope } = objectCode(names, { internsTexts });
  const source = `return function makeRows({ fields, numbers, text, strings, rows, count, parse }) {
    for (let row = 0, at = 0; row < count; row++, at += ${objectStride(names.length)}) {
      ${markNested}
      if (${isParsed}) {
        rows[row] = parse(row);
        continue;
      }
      ${statements}
      rows[row] = ${object};
    }
  }`;
  return generate("makeRows", source, scope) as MakeRows;
}
