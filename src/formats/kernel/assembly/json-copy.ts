// Rows of JSONL that leave as they came.

import { copy } from "./csv-fields";

/**
 * Copies the object of each row of an index of JSONL whose byte at `kept` is not 0, and puts the bytes in [tail, tail +
 * tailBytes), at most 16, behind it. `stride` is how many bytes of the index a row has, `start` the address of the
 * block. Returns the address behind what was written; up to 15 bytes behind that are overwritten.
 */
export function copyObjects(
  index: usize,
  rows: u32,
  stride: u32,
  start: usize,
  kept: usize,
  tail: usize,
  tailBytes: u32,
  out: usize,
): usize {
  let to = out;
  let row = index;
  for (let at: u32 = 0; at < rows; at++, row += stride) {
    if (load<u8>(kept + <usize>at) == 0) continue;
    const from = load<u32>(row, 4);
    to = copy(to, start + <usize>from, <usize>(load<u32>(row, 8) - from));
    to = copy(to, tail, tailBytes);
  }
  return to;
}
