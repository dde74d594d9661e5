/**
 * Elements of an array as lines of JSON: in the kernel's memory each gets a line of its own, and what reads lines reads
 * them. As soon as one is no object, or no JSON, what is left goes the way on which that is told.
 */
import type { DecodedBlock, Decoder } from "../format.ts";
import type { Kernel } from "../kernel/host.ts";

const LF = 10;
/** Bytes that become lines at once: they are still in the cache when they are read. */
const LINED_BYTES = 48 * 1024;

/** Elements of an array, each with the comma or the bracket behind it. */
interface Elements {
  /** Address of their bytes in the kernel's memory. */
  start: number;
  /** The bytes as they came. */
  bytes: Buffer;
}

/**
 * The rows of blocks that have no fault.
 *
 * @returns Up to where in the bytes rows have been given: behind that the kernel's memory is as it was.
 */
export function* linedRows(
  kernel: Kernel,
  lines: Decoder,
  { start, bytes }: Elements,
): Generator<DecodedBlock, number> {
  const end = start + bytes.length;
  for (let at = start; at < end;) {
    const lined = kernel.lineUpJson({ start: at, end }, LINED_BYTES);
    const blocks = lined.bad === 0 ? lines.blocks(at, lined.end, () => {}) : [];
    // An element without an end is no JSON, and no line.
    let left = Math.max(lined.rows, 1);
    for (const block of blocks) {
      if (block.faults.size > 0) break;
      left -= block.count;
      const behind = left === 0 ? lined.end : behindLines(kernel.bytes, at, block.count);
      const place = { kernel, start: at, bytes: bytes.subarray(at - start, behind - start) };
      yield placed(block, place, block.count === lined.rows ? lined.lines : undefined);
      at = behind;
    }
    if (left === 0) continue;
    kernel.bytes.set(bytes.subarray(at - start), at);
    return at - start;
  }
  return bytes.length;
}

/** Behind so many lines. */
function behindLines(bytes: Buffer, from: number, count: number): number {
  let at = from;
  for (let line = 0; line < count; line++) at = bytes.indexOf(LF, at) + 1;
  return at;
}

interface Placed extends Elements {
  kernel: Kernel;
}

/** A block of lines, as it stands in the input. */
function placed(block: DecodedBlock, { kernel, start, bytes }: Placed, lines: number | undefined): DecodedBlock {
  let ends: number[] | undefined;
  // The lines stand in the kernel's memory until the next block is asked for.
  const lineEnds = (): number[] => {
    if (ends !== undefined) return ends;
    ends = [];
    for (let at = start; ends.length < block.count;) {
      at = kernel.bytes.indexOf(LF, at) + 1;
      ends.push(at - start);
    }
    return ends;
  };
  const extent = (row: number): [from: number, to: number] => {
    let from = row === 0 ? 0 : (lineEnds()[row - 1] ?? bytes.length);
    let to = (lineEnds()[row] ?? bytes.length) - 1;
    while (from < to && isSpace(bytes[from])) from++;
    while (to > from && isSpace(bytes[to - 1])) to--;
    return row < block.count ? [from, to] : [bytes.length, bytes.length];
  };
  let source: string | undefined;
  return {
    rows: block.rows,
    count: block.count,
    faults: block.faults,
    spellings: block.spellings,
    lines: lines ?? lineFeeds(bytes),
    get source() {
      source ??= bytes.toString("latin1");
      return source;
    },
    offset: (row) => extent(row)[0],
    text: (row) => bytes.toString("utf8", ...extent(row)),
    bytes: (row) => bytes.subarray(...extent(row)),
    keep() {
      lineEnds();
      block.keep();
    },
  };
}

function lineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
