/**
 * Cuts batches on a fixed grid of the input: where a cell ends follows from the bytes alone, not from how they come, nor
 * from how fast the cells before were done. What is folded cell by cell then comes to the same for any number of workers.
 */
import type { InputWindow } from "./input-window.ts";
import type { CertainSplit, SplitRequest } from "./split-request.ts";

/**
 * The next cell. Without a number of rows: the rows that end up to the next multiple of `bytes` of the file, or, where
 * none does, up to the one behind it. With one: so many rows; fewer before a bad row, at the end of the input, and where
 * they would be longer than the longest row may be.
 */
export async function nextCell(window: InputWindow, request: SplitRequest): Promise<CertainSplit> {
  return request.rows === undefined ? await cellOfBytes(window, request) : await cellOfRows(window, request);
}

async function cellOfBytes(
  window: InputWindow,
  { bytes: step, maxRows, split, until = Number.POSITIVE_INFINITY }: SplitRequest,
): Promise<CertainSplit> {
  for (let bytes = step - (window.position % step); ; bytes += step) {
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
