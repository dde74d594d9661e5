/**
 * Turns a stretch of a JSON array, cut between elements, into rows. A malformed array ends the run, as its text cannot
 * be trusted any more.
 */
import { RowmillError } from "../../errors.ts";
import { type DecodedBlock, type Decoder, type Row, type RowFault, countLines } from "../format.ts";
import { isRow, notAnObject } from "../jsonl/parsed-lines.ts";
import type { Kernel } from "../kernel/host.ts";
import { decodeUtf8, invalidUtf8, replaceInvalidUtf8 } from "../utf8.ts";
import { parseJson, whyNoJson } from "./values.ts";

export function jsonDecoder(kernel: Kernel, { replacesInvalid }: { replacesInvalid: boolean }): Decoder {
  return {
    *blocks(start, end) {
      const bytes = Buffer.from(kernel.bytes.subarray(start, end));
      yield decode(kernel, { start, bytes, replacesInvalid });
    },
  };
}

function decode(kernel: Kernel, stretch: Stretch): DecodedBlock {
  const text = decodeUtf8(stretch.bytes);
  if (text === undefined) return decodeOneByOne(kernel, stretch);
  // The comma or bracket behind the last element is part of the stretch.
  const inner = text.trimEnd().slice(0, -1);
  let values: unknown;
  try {
    values = parseJson(`[${inner}]`);
  } catch (error) {
    if (error instanceof RangeError) return decodeOneByOne(kernel, stretch);
    throw malformedElement(kernel, stretch, error);
  }
  const faults = new Map<number, RowFault>();
  const rows = (values as unknown[]).map((value, row) => toRow(value, faults, row));
  return describe(kernel, stretch, { rows, faults });
}

/** The error of the first element that is no JSON, with its line counted from the start of the stretch. */
function malformedElement(kernel: Kernel, stretch: Stretch, error: unknown): RowmillError {
  const { bytes } = stretch;
  const wrong = elements(kernel, stretch).find(({ from, to }) => !isJson(bytes.toString("utf8", from, to)));
  const why = whyNoJson(error);
  return new RowmillError("input", `cannot read JSON: ${why}`, {
    hint: "a JSON input is one array of objects; for one object a line say --from jsonl",
    place: { file: "", line: countLines(bytes.toString("latin1", 0, wrong?.from ?? 0)) },
    ...(wrong !== undefined && { row: bytes.toString("utf8", wrong.from, Math.min(wrong.to, wrong.from + 300)) }),
    cause: error,
  });
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

interface Stretch {
  /** Address of its bytes in the kernel's memory. */
  start: number;
  bytes: Buffer;
  replacesInvalid: boolean;
}

function toRow(value: unknown, faults: Map<number, RowFault>, row: number): Row | undefined {
  if (isRow(value)) return value;
  faults.set(row, notAnObject(value));
  return undefined;
}

/** Somewhere is a number too large for JavaScript, or text that is not UTF-8: it fails its own row only. */
function decodeOneByOne(kernel: Kernel, stretch: Stretch): DecodedBlock {
  const faults = new Map<number, RowFault>();
  const rows = elements(kernel, stretch).map(({ from, to }, row) => {
    const bytes = stretch.bytes.subarray(from, to);
    const text = decodeUtf8(bytes) ?? (stretch.replacesInvalid ? replaceInvalidUtf8(bytes) : undefined);
    if (text === undefined) {
      faults.set(row, invalidUtf8(bytes));
      return undefined;
    }
    try {
      return toRow(parseJson(text), faults, row);
    } catch (error) {
      if (!(error instanceof RangeError)) throw malformedElement(kernel, stretch, error);
      faults.set(row, { code: "row-json", message: whyNoJson(error) });
      return undefined;
    }
  });
  return describe(kernel, stretch, { rows, faults });
}

function describe(
  kernel: Kernel,
  stretch: Stretch,
  found: { rows: (Row | undefined)[]; faults: Map<number, RowFault> },
): DecodedBlock {
  const source = stretch.bytes.toString("latin1");
  let extents: { from: number; to: number }[] | undefined;
  const extent = (row: number): { from: number; to: number } => {
    extents ??= elements(kernel, stretch);
    return extents[row] ?? { from: stretch.bytes.length, to: stretch.bytes.length };
  };
  return {
    ...found,
    count: found.rows.length,
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
function elements(kernel: Kernel, { start, bytes }: Stretch): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  // The worker's memory still holds the bytes: blocks are valid until the next one is asked for.
  for (let at = 0; at < bytes.length;) {
    const scan = kernel.scanJson({ start: start + at, end: start + bytes.length, maxRows: 1 });
    if (scan.end === start + at) break;
    const to = scan.end - start - 1;
    let from = at;
    while (from < to && (bytes[from] ?? 0) <= 0x20) from++;
    if (scan.rows > 0) found.push({ from, to: from + bytes.toString("latin1", from, to).trimEnd().length });
    at = scan.end - start;
    if (scan.bad !== 0) break;
  }
  return found;
}
