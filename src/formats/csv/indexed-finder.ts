/**
 * Finds rows in CSV that was written here, and some of their fields, by the kernel's index of many rows at once. Rows of which
 * that is not certain are found byte by byte.
 */
import type { MakeRowFinder } from "../format.ts";
import { INPUT, type Kernel, POSITION } from "../kernel/host.ts";
import { kernelOf, openMemory } from "../memory.ts";
import { fieldFinder } from "./field-finder.ts";

/** Bytes that are indexed at once: they are still in the second-level cache when fields are cut from them. */
const INDEXED_BYTES = 128 * 1024;
/** The bit of an entry that says that its row ends with CR LF. */
const RETURN_SHIFT = 29;

/** @throws {UsageError} When quote or escape is no ASCII character. */
export const indexedFinder: MakeRowFinder = (output, columns, wanted) => {
  const slow = fieldFinder(output, columns, wanted);
  const { delimiter, quote, escape, isTyped, hasEscapes } = output.dialect;
  const isKnown = isOneByte(delimiter) && (quote === "" || (quote === '"' && escape === '"'));
  // In a table of one column a blank line is a row, or none.
  if (!isKnown || isTyped || hasEscapes || columns.length < 2) return slow;
  const { from, to } = slow;
  const width = columns.length;
  const picked = wanted.map((name) => columns.indexOf(name));
  const dialect = { delimiter, quote };
  let kernel: Kernel | undefined;
  /** What the index is of: these bytes, from the one place to the other; where its next row begins, and that row's entry. */
  let indexed: Uint8Array | undefined;
  let [begin, behind, nextStart, entry] = [0, 0, 0, 0];
  /** Up to here no index can be had. */
  let oddTo = 0;

  /** Indexes rows from a place on; false where not all of them have all fields. */
  function index(bytes: Uint8Array, start: number, end: number): boolean {
    kernel ??= kernelOf(openMemory());
    indexed = bytes;
    [begin, behind, entry] = [start, 0, 0];
    const size = Math.min(INDEXED_BYTES, end - start);
    kernel.reserve(size);
    kernel.bytes.set(bytes.subarray(start, start + size), INPUT);
    const scanned = kernel.scanCsv({ start: INPUT, end: INPUT + size, maxRows: Infinity }, dialect);
    const { count, rows } = kernel.indexCsv({ start: INPUT, end: scanned.end, unit: "byte" }, dialect);
    const isWhole = rows > 0 && count === rows * width;
    const isGood = isWhole && kernel.loops.isRectangular(kernel.entries.byteOffset, rows, width) !== 0;
    if (isGood) behind = start + scanned.end - INPUT;
    else oddTo = start + size;
    return isGood;
  }

  function isIndexed(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes === indexed && start === nextStart && start < behind) return true;
    if (bytes === indexed && start >= begin && start < oddTo) return false;
    return index(bytes, start, end);
  }

  function next(bytes: Uint8Array, start: number, end: number): number {
    if (!isIndexed(bytes, start, end) || kernel === undefined) return slow.next(bytes, start, end);
    const { entries } = kernel;
    for (let slot = 0; slot < picked.length; slot++) {
      const field = picked[slot] ?? -1;
      const ending = entries[entry + field] ?? 0;
      from[slot] = field < 0 ? -1 : field === 0 ? start : begin + ((entries[entry + field - 1] ?? 0) & POSITION) + 1;
      to[slot] = begin + (ending & POSITION) - ((ending >>> RETURN_SHIFT) & 1);
    }
    nextStart = begin + ((entries[entry + width - 1] ?? 0) & POSITION) + 1;
    entry += width;
    return nextStart;
  }

  return { ...slow, next };
};

function isOneByte(text: string): boolean {
  return text.length === 1 && text < "\u0080";
}
