// A table of short texts: fields with the same bytes have the same number, in all blocks of a run.

import { behindRow, fieldEnd, fieldStart, isQuoted } from "./csv-fields";

// The table lies at address TABLE: the texts (32 bytes each, zeros behind), how long they are, and slots of a hash table:
// the number of a text plus one, or 0.
const TABLE: usize = 64;
const MAX_TEXTS: u32 = 4096;
const MAX_BYTES: usize = 32;
const LENGTHS: usize = TABLE + <usize>MAX_TEXTS * MAX_BYTES;
const SLOTS: usize = LENGTHS + <usize>MAX_TEXTS;
const SLOT_MASK: u32 = MAX_TEXTS * 4 - 1;

/** A field that is not in the table: it is too long, has a quote in it, or the table is full. */
const NONE: i32 = -1;

/** How many texts there are. */
let count: u32 = 0;

/** Forgets all texts. */
export function clearTexts(): void {
  memory.fill(SLOTS, 0, (<usize>SLOT_MASK + 1) << 2);
}

/**
 * Writes at `out` the number of the text of each field of `picks`, row by row; new texts are added to the `known` ones.
 * Returns how many are known then.
 */
export function internFields(
  entries: usize, rows: u32, columns: u32, start: usize,
  picks: usize, pickCount: u32, out: usize, known: u32, quote: u8,
): u32 {
  count = known;
  let rowStart = start;
  let row = entries;
  for (let left = rows; left > 0; left--) {
    for (let pick: u32 = 0; pick < pickCount; pick++) {
      const column = load<u32>(picks + (<usize>pick << 2));
      const entry = load<i32>(row + (<usize>column << 2));
      let from = fieldStart(start, row, column, rowStart);
      let end = fieldEnd(start, entry);
      let id = NONE;
      if (isQuoted(entry)) {
        from++;
        end--;
      }
      const length = end - from;
      if (length <= MAX_BYTES && !(isQuoted(entry) && holds(from, end, quote))) id = numberOf(from, length);
      store<i32>(out, id);
      out += 4;
    }
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
  return count;
}

/** Says how many texts are known, before {@link internText} is called. */
export function setKnownTexts(known: u32): void {
  count = known;
}

export function knownTexts(): u32 {
  return count;
}

/** The number of a text that stands in the input as it is, or -1: it is too long, or the table is full. */
export function internText(from: usize, end: usize): i32 {
  const length = end - from;
  return length <= MAX_BYTES ? numberOf(from, length) : NONE;
}

/** The number of a text that is not too long. */
@inline
function numberOf(from: usize, length: usize): i32 {
  const low = v128.and(v128.load(from), firstBytes(length));
  const high = length > 16 ? v128.and(v128.load(from, 16), firstBytes(length - 16)) : i64x2.splat(0);
  let slot = hash(low, high, length) & SLOT_MASK;
  while (true) {
    const found = load<u32>(SLOTS + (<usize>slot << 2));
    if (found == 0) {
      if (count == MAX_TEXTS) return NONE;
      const id = count++;
      const text = TABLE + <usize>id * MAX_BYTES;
      v128.store(text, low);
      v128.store(text, high, 16);
      store<u8>(LENGTHS + <usize>id, <u8>length);
      store<u32>(SLOTS + (<usize>slot << 2), count);
      return <i32>id;
    }
    const text = TABLE + <usize>(found - 1) * MAX_BYTES;
    const isSame =
      <usize>load<u8>(LENGTHS + <usize>(found - 1)) == length &&
      !v128.any_true(v128.or(v128.xor(low, v128.load(text)), v128.xor(high, v128.load(text, 16))));
    if (isSame) return <i32>(found - 1);
    slot = (slot + 1) & SLOT_MASK;
  }
}

/** A mask of the first bytes of a vector. */
@inline
function firstBytes(count: usize): v128 {
  return i8x16.lt_s(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(count > 16 ? 16 : <i8>count));
}

@inline
function hash(low: v128, high: v128, length: usize): u32 {
  let h = i64x2.extract_lane(low, 0) * 0x9e3779b97f4a7c15;
  h = (h ^ i64x2.extract_lane(low, 1)) * 0xc2b2ae3d27d4eb4f;
  h ^= h >>> 29;
  h = (h ^ i64x2.extract_lane(high, 0) ^ <i64>length) * 0x9e3779b97f4a7c15;
  h = (h ^ i64x2.extract_lane(high, 1)) * 0xc2b2ae3d27d4eb4f;
  return <u32>(h >>> 32);
}

function holds(at: usize, end: usize, byte: u8): bool {
  for (; at < end; at++) if (load<u8>(at) == byte) return true;
  return false;
}
