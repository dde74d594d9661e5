// Rows of JSONL that leave as they came.

import { copy } from "./csv-fields";
import { CERTAINTY, SPACED } from "./json-index";
import { stringEnd } from "./json-scalars";

/**
 * Copies the object of each row of an index of JSONL whose byte at `kept` is not 0, and puts the bytes in [tail, tail +
 * tailBytes), at most 16, behind it. `stride` is how many bytes of the index a row has, `start` the address of the
 * block. White space between the tokens of a row is left out. Returns the address behind what was written; up to 15 bytes
 * behind that are overwritten.
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
    const end = load<u32>(row, 8);
    to =
      (load<u32>(row, 12) & CERTAINTY) == SPACED
        ? copyTokens(to, start + <usize>from, start + <usize>end)
        : copy(to, start + <usize>from, <usize>(end - from));
    to = copy(to, tail, tailBytes);
  }
  return to;
}

/** Copies what is certain to be JSON in [from, end), without the white space outside its strings. */
function copyTokens(out: usize, from: usize, end: usize): usize {
  let to = out;
  let at = from;
  while (at < end) {
    const byte = load<u8>(at);
    if (byte == 0x22) {
      const behind = stringEnd(at + 1) + 1;
      to = copy(to, at, behind - at);
      at = behind;
      continue;
    }
    store<u8>(to, byte);
    if (byte > 0x20) to++;
    at++;
  }
  return to;
}
