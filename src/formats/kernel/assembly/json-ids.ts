// Texts of a key by their numbers, from the index of a block of JSONL.

import { FIELD, HEAD, INTERNED, NESTED, TEXT_SCALAR } from "./json-index";

/** A value that is no text of the table. */
const NONE: i32 = -1;

/**
 * Writes the number in the table of texts of each value of the wanted key number `key`, one every `step` bytes from `out` on.
 * Returns how many rows from the first on have a value that JSON.parse need not read.
 */
export function gatherObjectIds(index: usize, rows: u32, stride: u32, key: u32, out: usize, step: u32): u32 {
  let field = index + HEAD + <usize>key * FIELD;
  for (let done: u32 = 0; done < rows; done++) {
    const kind = load<u32>(field);
    if (kind == INTERNED) store<i32>(out, load<i32>(field, 8));
    else if (kind == TEXT_SCALAR || kind == NESTED) return done;
    else store<i32>(out, NONE);
    out += step;
    field += stride;
  }
  return rows;
}
