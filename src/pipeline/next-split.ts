/** Looks for whole rows in as many bytes of an input as are wanted, and in more where these hold none, or too few. */
import { nextCell } from "./cell-split.ts";
import type { InputWindow } from "./input-window.ts";
import type { CertainSplit, SplitRequest } from "./split-request.ts";

export async function nextSplit(window: InputWindow, request: SplitRequest): Promise<CertainSplit> {
  const { rows, maxRows, maxRowBytes, until } = request;
  if (request.isCell === true) return await nextCell(window, request);
  const most = until === undefined ? Number.POSITIVE_INFINITY : until - window.position;
  let bytes = Math.min(request.bytes, most);
  let least = 1;
  let short: CertainSplit | undefined;
  for (;;) {
    try {
      await window.fill(least, bytes);
    } catch (error) {
      // Rows before the place where the input cannot be read any more are rows.
      if (short === undefined) throw error;
      return short;
    }
    const end = Math.min(window.end, window.start + bytes);
    const isFinal = window.isFinal && end === window.end;
    const split = request.split({ start: window.start, end, isFinal, maxRows });
    const isShort =
      split.kind === "rows" &&
      rows !== undefined &&
      split.rows > 0 &&
      split.rows < maxRows &&
      split.isBeforeBad !== true;
    // A fixed number of rows is waited for, but for a bad row or the end in between.
    const mayGrow = isShort && split.end > window.start && !isFinal && bytes < Math.min(maxRowBytes, most);
    if (split.kind !== "more" && !mayGrow) return split;
    if (bytes >= most) return { kind: "none" };
    if (split.kind !== "more") short = split;
    least = window.length + 1;
    bytes = Math.min(Math.max(bytes, end - window.start) * 2, most);
  }
}
