/** Decodes blocks of whole lines, on the worker's side, for formats whose rows are lines. */
import {
  type DecodedBlock,
  type Decoder,
  type DecoderSetup,
  type LoadBytes,
  type ReadRow,
  type Row,
  type RowFault,
  countLines,
} from "./format.ts";
import { BLOCK_BYTES } from "./block-bytes.ts";
import type { Memory } from "./memory.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "./utf8.ts";

const LF = 10;

/** How the lines of a format become rows. */
export interface LineReading {
  /** Reads a line, without its line end. */
  read: ReadRow;
  /** Whether a line is a row; must agree with the splitter. @default all are */
  isRow?: (line: string) => boolean;
}

/** The decoder of a format whose rows are lines. A line with bytes that are not UTF-8 fails alone. */
export function lineDecoder(
  memory: Memory,
  { replacesInvalid, blockBytes: size = BLOCK_BYTES }: Pick<DecoderSetup, "replacesInvalid" | "blockBytes">,
  reading: LineReading,
): Decoder {
  return {
    loadsByPieces: true,
    *blocks(start, end, load) {
      for (let at = start; at < end;) {
        const blockEnd = behindLines(memory, { start: at, end }, { size, load });
        yield readBlock(memory.bytes.subarray(at, blockEnd), reading, replacesInvalid);
        at = blockEnd;
      }
    },
  };
}

/** The first lines of an input, without their line ends; the last one may be cut off where more follows. */
export function* firstLines(bytes: Uint8Array, isWhole: boolean): Generator<string> {
  const text = decodeUtf8(bytes) ?? replaceInvalidUtf8(bytes);
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    if (end === text.length && !isWhole) return;
    yield text.slice(at, textEnd(text, at, end));
    at = end + 1;
  }
}

function readBlock(bytes: Buffer, { read, isRow = () => true }: LineReading, replacesInvalid: boolean): DecodedBlock {
  const decoded = decodeUtf8(bytes);
  // With bytes that are not UTF-8, lines are cut as bytes and decoded one by one.
  const text = decoded ?? bytes.toString("latin1");
  const rows: (Row | undefined)[] = [];
  const starts: number[] = [];
  const faults = new Map<number, RowFault>();
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    const raw = text.slice(at, textEnd(text, at, end));
    if (isRow(raw)) {
      const line = decoded === undefined ? decodeLatin1(raw, replacesInvalid) : raw;
      const found = typeof line === "string" ? read(line) : { fault: line };
      if ("fault" in found) faults.set(rows.length, found.fault);
      rows.push("row" in found ? found.row : undefined);
      starts.push(at);
    }
    at = end + 1;
  }
  const offset = (row: number): number => starts[row] ?? text.length;
  const rawOf = (row: number): string => {
    const from = offset(row);
    return text.slice(from, textEnd(text, from, lineEnd(text, from)));
  };
  const bytesOf = (row: number): Buffer => Buffer.from(rawOf(row), "latin1");
  return {
    rows,
    count: rows.length,
    faults,
    lines: countLines(text),
    source: text,
    offset,
    text: decoded === undefined ? (row) => bytesOf(row).toString("utf8") : rawOf,
    ...(decoded === undefined && { bytes: bytesOf }),
    keep: () => {},
  };
}

/** Where the line that begins at `at` ends: its line feed, or the end of the text. */
function lineEnd(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  return feed < 0 ? text.length : feed;
}

/** Where its text ends: a return before the line feed belongs to the line end. */
function textEnd(text: string, at: number, end: number): number {
  return end > at && text[end - 1] === "\r" ? end - 1 : end;
}

function decodeLatin1(line: string, replacesInvalid: boolean): string | RowFault {
  const bytes = Buffer.from(line, "latin1");
  return decodeUtf8(bytes) ?? (replacesInvalid ? replaceInvalidUtf8(bytes) : invalidUtf8(bytes));
}

/** Where about so many bytes of whole lines end; they are loaded. */
export function behindLines(
  { bytes }: Memory,
  range: { start: number; end: number },
  { size, load }: { size: number; load: LoadBytes },
): number {
  const { start, end } = range;
  for (let wanted = start + size; wanted < end; wanted += wanted - start) {
    load(wanted);
    const feed = bytes.subarray(start, wanted).lastIndexOf(LF);
    if (feed >= 0) return start + feed + 1;
  }
  load(end);
  return end;
}
