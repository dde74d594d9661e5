/** The stable merge sort of row numbers: the runtime's own calls a comparison from outside, and a run that sorts takes 5 % longer with it. */

/** Runs of so many rows are sorted by insertion. */
const RUN = 8;

/** The numbers from 0 up to `count`, in the order of `compare`; of equal ones the lower comes first. */
export function sortedIndexes(count: number, compare: (a: number, b: number) => number): Uint32Array {
  let sorted = new Uint32Array(count);
  let merged = new Uint32Array(count);
  for (let start = 0; start < count; start += RUN) insertRun(sorted, start, Math.min(start + RUN, count), compare);
  for (let width = RUN; width < count; width *= 2) {
    for (let start = 0; start < count; start += width * 2) {
      const middle = Math.min(start + width, count);
      mergeRuns(sorted, merged, { start, middle, end: Math.min(middle + width, count) }, compare);
    }
    [sorted, merged] = [merged, sorted];
  }
  return sorted;
}

/** Fills in the numbers from `start` to `end` in their order. */
function insertRun(order: Uint32Array, start: number, end: number, compare: (a: number, b: number) => number): void {
  for (let at = start; at < end; at++) {
    let to = at;
    for (; to > start; to--) {
      const before = order[to - 1] ?? 0;
      if (compare(before, at) <= 0) break;
      order[to] = before;
    }
    order[to] = at;
  }
}

/** Merges the run that ends at `middle` with the one that begins there. */
function mergeRuns(
  from: Uint32Array,
  to: Uint32Array,
  { start, middle, end }: { start: number; middle: number; end: number },
  compare: (a: number, b: number) => number,
): void {
  let left = start;
  let right = middle;
  // Rows that are in order already are the common case of sorted files.
  if (middle >= end || compare(from[middle - 1] ?? 0, from[middle] ?? 0) <= 0) {
    to.set(from.subarray(start, end), start);
    return;
  }
  for (let at = start; at < end; at++) {
    const isLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0);
    to[at] = (isLeft ? from[left++] : from[right++]) ?? 0;
  }
}
