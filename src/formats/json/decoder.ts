/**
 * Turns a stretch of JSON, cut between rows, into rows: elements of an array, or values that stand one after another.
 * Where the text is no JSON the run ends, as the rest of it cannot be trusted any more.
 */
import { RowmillError, withDetails } from "../../errors.ts";
import { type DecodedBlock, type Decoder, type MakeDecoder, type Row, type RowFault, countLines } from "../format.ts";
import { longRowHint } from "../long-rows.ts";
import { isRow, notAnObject, noteSpelling } from "../values/json-row.ts";
import type { Kernel } from "../kernel/host.ts";
import { kernelOf } from "../memory.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import { linedRows } from "./lined-rows.ts";
import { mayBeSpelled } from "../values/spelling.ts";
import type { LooksAt } from "../format.ts";
import { parseJson, whyNoJson } from "../values/json.ts";
import type { ObjectSpelling } from "../values/spelling-tree.ts";

export interface JsonDecoderOptions {
  maxRowBytes: number;
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
  /** How rows are spelled is kept, where JSON.stringify would spell them otherwise. */
  keepsSpelling?: boolean;
  /** The keys whose values somebody looks at; undefined for all. */
  looksAt?: LooksAt | undefined;
  /** Reads lines of JSON; undefined where elements of arrays are not read so. */
  lines?: Decoder | undefined;
}

/** Makes the decoder of an input: rows have no columns. Where only some keys are read, `decodeLines` reads elements as lines. */
export function jsonDecoderBy(decodeLines: MakeDecoder): MakeDecoder {
  return (memory, input, file) => {
    const { replacesInvalid, maxRowBytes } = input;
    const { keepsSpelling, looksAt, reads } = file;
    const lines =
      reads === undefined ? undefined : decodeLines(memory, input, { ...file, wantsFields: false, copiesRows: false });
    return jsonDecoder(kernelOf(memory), { replacesInvalid, maxRowBytes, keepsSpelling, looksAt, lines });
  };
}

export function jsonDecoder(
  kernel: Kernel,
  { replacesInvalid, maxRowBytes, keepsSpelling = false, looksAt, lines }: JsonDecoderOptions,
): Decoder {
  return {
    *blocks(start, end) {
      const bytes = Buffer.from(kernel.bytes.subarray(start, end));
      const last = bytes.at(-1);
      const isArray = last === COMMA || last === CLOSE;
      const isLined = lines !== undefined && isArray && bytes.length <= maxRowBytes;
      const done = isLined ? yield* linedRows(kernel, lines, { start, bytes }) : 0;
      if (done === bytes.length) return;
      const rest = { start: start + done, bytes: bytes.subarray(done) };
      try {
        yield* blocksOf(kernel, { ...rest, isArray, replacesInvalid, maxRowBytes, keepsSpelling, looksAt });
      } catch (error) {
        throw done === 0 ? error : furtherDown(error, countLines(bytes.toString("latin1", 0, done)));
      }
    },
  };
}

/** The error of a part of a stretch, whose place is counted from the start of the whole. */
function furtherDown(error: unknown, lines: number): unknown {
  if (!(error instanceof RowmillError) || error.place === undefined) return error;
  return withDetails(error, { place: { ...error.place, line: error.place.line + lines } });
}

/** The rows of a stretch; before one that ends the run, those before it. */
function* blocksOf(kernel: Kernel, stretch: Stretch): Generator<DecodedBlock> {
  const end = endOf(kernel, stretch);
  if (end.error === undefined) {
    yield end.block;
    return;
  }
  const rest = stretch.bytes.subarray(0, end.from);
  // Where it is of an array, the comma behind the last row before it belongs to that.
  const before = rest.subarray(0, stretch.isArray ? rest.lastIndexOf(COMMA) + 1 : undefined);
  if (before.length > 0) yield* blocksOf(kernel, { ...stretch, bytes: before });
  throw end.error;
}

/** All rows of a stretch, or where one begins that ends the run, and why it does. */
function endOf(
  kernel: Kernel,
  stretch: Stretch,
): { error: undefined; block: DecodedBlock } | { error: RowmillError; from: number } {
  const { bytes, maxRowBytes } = stretch;
  // The parent only finds those that are longer than what it looks through at once.
  const long =
    bytes.length > maxRowBytes ? elements(kernel, stretch).find(({ from, to }) => to - from > maxRowBytes) : undefined;
  if (long !== undefined) return { error: tooLong(long, stretch), from: long.from };
  try {
    return { error: undefined, block: decode(kernel, stretch) };
  } catch (thrown) {
    if (!(thrown instanceof Malformed)) throw thrown;
    return thrown;
  }
}

/** The first element that is no JSON, and where it begins. */
class Malformed extends Error {
  readonly error: RowmillError;
  readonly from: number;

  constructor(error: RowmillError, from: number) {
    super(error.message);
    this.error = error;
    this.from = from;
  }
}

function tooLong({ from }: Extent, { bytes, maxRowBytes }: Stretch): RowmillError {
  const lines = countLines(bytes.toString("latin1", 0, from));
  return new RowmillError("input", `cannot read JSON: a row is longer than ${maxRowBytes} bytes`, {
    hint: longRowHint(maxRowBytes),
    place: { file: "", line: lines },
  });
}

const COMMA = 0x2c;
const CLOSE = 0x5d;
/** What objects and arrays begin with. */
const OPENING: ReadonlySet<number | undefined> = new Set([0x7b, 0x5b]);

interface Stretch {
  /** Address of its bytes in the kernel's memory. */
  start: number;
  bytes: Buffer;
  /** It holds elements of an array: the comma or bracket behind the last one belongs to it. No other value ends so. */
  isArray: boolean;
  replacesInvalid: boolean;
  maxRowBytes: number;
  keepsSpelling: boolean;
  looksAt: LooksAt | undefined;
}

function decode(kernel: Kernel, stretch: Stretch): DecodedBlock {
  const text = stretch.isArray ? decodeUtf8(stretch.bytes) : undefined;
  if (text === undefined) return decodeOneByOne(kernel, stretch);
  let values: unknown;
  try {
    values = parseJson(`[${text.slice(0, -1)}]`);
  } catch (error) {
    if (error instanceof RangeError) return decodeOneByOne(kernel, stretch);
    throw malformedElement(kernel, stretch, error);
  }
  const faults = new Map<number, RowFault>();
  const rows = (values as unknown[]).map((value, row) => toRow(value, faults, row));
  if (!stretch.keepsSpelling || !mayBeSpelled(text)) return describe(kernel, stretch, { rows, faults });
  const extents = elements(kernel, stretch);
  const spellings = new Map<number, ObjectSpelling>();
  for (const [row, { from, to }] of extents.entries()) {
    if (rows[row] !== undefined) noteSpelling(spellings, row, stretch.bytes.toString("utf8", from, to));
  }
  return describe(kernel, stretch, { rows, faults, spellings, extents });
}

/** The error of the first element that is no JSON, with the line of its fault counted from the start of the stretch. */
function malformedElement(kernel: Kernel, stretch: Stretch, error: unknown): Malformed {
  const { bytes, isArray } = stretch;
  const wrong = elements(kernel, stretch).find(({ from, to }) => !isJson(bytes.toString("utf8", from, to)));
  const text = wrong === undefined ? "" : bytes.toString("utf8", wrong.from, wrong.to);
  const isBegun = wrong !== undefined && OPENING.has(bytes[wrong.from]);
  const { why, at, hint = "check how it was made" } = whyNoJson(error, text, { isElement: isArray });
  // Read as lines, a bad line would fail alone.
  const isLine = !isArray && !text.includes("\n");
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const lines = countLines(bytes.toString("latin1", 0, wrong?.from ?? 0)) + countLines(text.slice(0, lineStart));
  const told = new RowmillError("input", `cannot read JSON: ${why}`, {
    hint: isBegun
      ? isLine
        ? "where each line is an object, --from jsonl reads on behind a bad one"
        : hint
      : "JSON is objects, or arrays of objects; for a table say --from csv",
    place: { file: "", line: lines },
    ...(wrong !== undefined && { row: text.slice(lineStart, lineStart + 300) }),
    cause: error,
  });
  return new Malformed(told, wrong?.from ?? 0);
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch (error) {
    // A number too large is JSON, and fails its row alone.
    return error instanceof RangeError;
  }
}

function toRow(value: unknown, faults: Map<number, RowFault>, row: number): Row | undefined {
  if (isRow(value)) return value;
  faults.set(row, notAnObject(value));
  return undefined;
}

/** Values stand one after another, or somewhere is a number too large, or text that is not UTF-8, which fails its row. */
function decodeOneByOne(kernel: Kernel, stretch: Stretch): DecodedBlock {
  const faults = new Map<number, RowFault>();
  const found = elements(kernel, stretch);
  const spellings = new Map<number, ObjectSpelling>();
  const rows = found.map(({ from, to }, row) => {
    const bytes = stretch.bytes.subarray(from, to);
    const text = decodeUtf8(bytes) ?? (stretch.replacesInvalid ? replaceInvalidUtf8(bytes) : undefined);
    if (text === undefined) {
      faults.set(row, invalidUtf8(bytes));
      return undefined;
    }
    try {
      const read = toRow(parseJson(text, stretch.looksAt), faults, row);
      if (read !== undefined && stretch.keepsSpelling) noteSpelling(spellings, row, text);
      return read;
    } catch (error) {
      if (!(error instanceof RangeError)) throw malformedElement(kernel, stretch, error);
      const { why, hint } = whyNoJson(error, text);
      faults.set(row, { code: "row-json", message: why, ...(hint !== undefined && { hint }) });
      return undefined;
    }
  });
  return describe(kernel, stretch, { rows, faults, spellings, extents: found });
}

interface Extent {
  from: number;
  to: number;
}

function describe(
  kernel: Kernel,
  stretch: Stretch,
  found: Pick<DecodedBlock, "rows" | "faults" | "spellings"> & { extents?: Extent[] },
): DecodedBlock {
  const { rows, faults, spellings } = found;
  const source = stretch.bytes.toString("latin1");
  let { extents } = found;
  const extent = (row: number): Extent => {
    extents ??= elements(kernel, stretch);
    return extents[row] ?? { from: stretch.bytes.length, to: stretch.bytes.length };
  };
  return {
    rows,
    faults,
    spellings,
    count: rows.length,
    lines: countLines(source),
    source,
    offset: (row) => extent(row).from,
    text: (row) => stretch.bytes.toString("utf8", extent(row).from, extent(row).to),
    bytes: (row) => stretch.bytes.subarray(extent(row).from, extent(row).to),
    keep: () => {
      extents ??= elements(kernel, stretch);
    },
  };
}

/** Where each element stands in the stretch, without the white space around it. */
function elements(kernel: Kernel, { start, bytes, isArray }: Stretch): Extent[] {
  const found: Extent[] = [];
  // The worker's memory still holds the bytes: blocks are valid until the next one is asked for.
  for (let at = 0; at < bytes.length;) {
    const range = { start: start + at, end: start + bytes.length, maxRows: 1 };
    const scan = isArray ? kernel.scanJson(range) : kernel.scanValues(range);
    // A number at the end of the input: nothing follows that shows its end.
    const end = scan.end === range.start && !isArray ? bytes.length : scan.end - start;
    if (end === at) break;
    let to = isArray ? end - 1 : end;
    let from = at;
    while (from < to && isSpace(bytes[from])) from++;
    while (to > from && isSpace(bytes[to - 1])) to--;
    if (to > from) found.push({ from, to });
    at = end;
    if (isArray && scan.bad !== 0) break;
  }
  return found;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
