/** How long a row may be, and what to say of one that is longer. */
import type { RowFault } from "./format.ts";
import { MAX_BLOCK_BYTES } from "./kernel/host.ts";

/** Longest row unless said otherwise. */
export const USUAL_ROW_BYTES: number = 16 * 1024 * 1024;
/** Longest row that can be asked for. */
export const MOST_ROW_BYTES: number = MAX_BLOCK_BYTES / 2;

/** From one attempt to the next. */
const STEP = 4;

/** The fault of a row that is too long; `isQuoted`: it goes over lines, within quotes. */
export function tooLong(maxRowBytes: number, { isQuoted = false }: { isQuoted?: boolean } = {}): RowFault {
  const hint = longRowHint(maxRowBytes);
  return {
    code: "row-too-long",
    message: `the row is longer than ${maxRowBytes} bytes`,
    hint: isQuoted ? `a quote that is never closed makes such rows; ${hint}` : hint,
  };
}

/** The option with a value that takes more; as much as is usual costs nobody anything. */
export function longRowHint(maxRowBytes: number): string {
  if (maxRowBytes >= MOST_ROW_BYTES)
    return "no longer row can be read: look whether a line end, or the end of a quote, is missing";
  const more = maxRowBytes < USUAL_ROW_BYTES ? USUAL_ROW_BYTES : Math.min(maxRowBytes * STEP, MOST_ROW_BYTES);
  return `if the row is right: --max-row-bytes ${more}`;
}
