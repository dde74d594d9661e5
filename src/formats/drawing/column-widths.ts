/** How wide the columns of a table are where it must fit a terminal, and how many of them it can show. */

/** A column that is wider is cut down to this, if need be, before columns are left out. */
const MIN_WIDTH = 8;
/** The column that stands for those that are left out. */
const REST_WIDTH = 1;
/** What stands beside each cell: a space on both sides, and a line. */
const FRAME_WIDTH = 3;

/** Columns that fit: their widths, the first ones of all. */
export interface FittedColumns {
  widths: number[];
  /** A narrow column stands for those that are left out. */
  hasRest: boolean;
}

/** Fits columns of these widths into a line: as many as can be, the narrow ones whole, the others equally wide. */
export function fitColumns(widths: readonly number[], lineWidth: number): FittedColumns {
  const total = lineWidth - 1;
  const least = widths.map((width) => Math.min(width, MIN_WIDTH) + FRAME_WIDTH);
  const isAll = sum(least) <= total;
  let shown = widths.length;
  if (!isAll) {
    let left = total - REST_WIDTH - FRAME_WIDTH;
    // One is shown in any case.
    shown = 1;
    left -= least[0] ?? 0;
    for (; shown < widths.length && (least[shown] ?? 0) <= left; shown++) left -= least[shown] ?? 0;
  }
  const hasRest = shown < widths.length;
  const forCells = total - shown * FRAME_WIDTH - (hasRest ? REST_WIDTH + FRAME_WIDTH : 0);
  return { widths: share(widths.slice(0, shown), forCells), hasRest };
}

/** Shares out so much width: no column gets more than it wants, and those that want more get the same. */
function share(wanted: readonly number[], available: number): number[] {
  const widths = [...wanted];
  let left = available;
  const byWidth = [...wanted.keys()].toSorted((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  for (const [done, column] of byWidth.entries()) {
    const width = Math.max(1, Math.min(wanted[column] ?? 0, Math.floor(left / (byWidth.length - done))));
    widths[column] = width;
    left -= width;
  }
  return widths;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
