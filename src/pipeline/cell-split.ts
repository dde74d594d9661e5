/**
 * Cuts batches on a fixed grid of the input: where a cell ends follows from the bytes alone, not from how they come, nor
 * from how fast the cells before were done. What is folded cell by cell then comes to the same for any number of workers.
 */
import type { InputWindow } from "./input-window.ts";
import type { CertainSplit, SplitRequest } from "./split-request.ts";

/** Cells further behind are larger: one begins no nearer to the start of the file than so many times its size. */
const BEFORE_LARGER = 4;

/**
 * Where the cell ends that begins at an offset of the file. With `mostBytes`, cells become twice as large again and again, up
 * to that size: a short file is still cut for all workers, and of a long one the parts are few. Ends at larger steps are ends at
 * all smaller ones, so that where cells lie follows from the offset alone.
 */
export function cellEnd(
  offset: number,
  { bytes, mostBytes = bytes }: { bytes: number; mostBytes?: number | undefined },
): number {
  let step = bytes;
  while (step * 2 <= mostBytes && step * 2 * BEFORE_LARGER <= offset) step *= 2;
  return (Math.floor(offset / step) + 1) * step;
}

/**
 * The next cell. Without a number of rows: the rows that end up to {@linkcode cellEnd}, or, where
 * none does, up to the one behind it. With one: so many rows; fewer before a bad row, at the end of the input, and where
 * they would be longer than the longest row may be.
 */
export async function nextCell(window: InputWindow, request: SplitRequest): Promise<CertainSplit> {
  return request.rows === undefined ? await cellOfBytes(window, request) : await cellOfRows(window, request);
}

async function cellOfBytes(
  window: InputWindow,
  { maxRows, split, until = Number.POSITIVE_INFINITY, ...grid }: SplitRequest,
): Promise<CertainSplit> {
  for (let end = cellEnd(window.position, grid); ; end = cellEnd(end, grid)) {
    const bytes = end - window.position;
    // One byte more tells whether the input ends there.
    const fault = await filled(window, bytes + 1, bytes + 1);
    const found = split({ ...stretch(window, bytes), maxRows });
    if (found.kind !== "more" && !(found.kind === "end" && fault !== undefined)) return found;
    if (fault !== undefined) throw fault.error;
    if (window.position + bytes >= until) return { kind: "none" };
  }
}

async function cellOfRows(window: InputWindow, request: SplitRequest): Promise<CertainSplit> {
  const { maxRows, split } = request;
  let { bytes } = request;
  const mostBytes = Math.max(bytes, request.maxRowBytes);
  for (let least = 1; ; least = window.length + 1) {
    const fault = await filled(window, least, bytes + 1);
    const bounds = stretch(window, bytes);
    const found = split({ ...bounds, maxRows });
    const isShort =
      found.kind === "rows" &&
      found.rows > 0 &&
      found.rows < maxRows &&
      found.isBeforeBad !== true &&
      !bounds.isFinal &&
      fault === undefined;
    const hasMore = window.length > bytes;
    if (found.kind !== "more" && !(isShort && !(hasMore && bytes >= mostBytes))) return found;
    if (fault !== undefined) throw fault.error;
    if (hasMore) bytes = found.kind === "more" ? bytes * 2 : Math.min(bytes * 2, mostBytes);
  }
}

/** Fills the window; gives what went wrong where rows may stand before that. */
async function filled(window: InputWindow, least: number, wanted: number): Promise<{ error: unknown } | undefined> {
  try {
    await window.fill(least, wanted);
    return undefined;
  } catch (error) {
    if (window.length === 0) throw error;
    return { error };
  }
}

function stretch(window: InputWindow, bytes: number): { start: number; end: number; isFinal: boolean } {
  const { start } = window;
  const end = Math.min(window.end, start + bytes);
  return { start, end, isFinal: window.isFinal && end === window.end };
}
