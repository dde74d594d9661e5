// Digests of rows: SipHash-1-3 with 128 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), so that
// nobody who does not know the key can make two rows that have the same one. Of each field that holds anything its
// bytes are taken, then the number of its column, then how many bytes they were: no two lists of fields give one text.

import { behindRow, fieldEnd, fieldStart, isQuoted } from "./csv-fields";

let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

/**
 * Digests the fields of `picks` (column numbers, in any order) of all rows of an index, quotes taken off. A pick is three
 * words of 64 bits: the number of the column in the file, and two that stand for its name. `key` is 16 bytes; `out` takes
 * 16 for each row.
 */
export function digestFields(
  entries: usize, rows: u32, columns: u32, start: usize, picks: usize, pickCount: u32, key: usize, out: usize, quote: u8,
): void {
  let rowStart = start;
  let row = entries;
  for (let left = rows; left > 0; left--) {
    begin(key);
    for (let pick: u32 = 0; pick < pickCount; pick++) {
      const told = picks + <usize>pick * 24;
      const column = load<u32>(told);
      const entry = load<i32>(row + (<usize>column << 2));
      let from = fieldStart(start, row, column, rowStart);
      let end = fieldEnd(start, entry);
      let length: usize;
      if (isQuoted(entry)) length = takeQuoted(from + 1, end - 1, quote);
      else length = takeBytes(from, end);
      if (length > 0) endField(told + 8, length);
    }
    finish(out);
    out += 16;
    rowStart = behindRow(start, load<i32>(row + (<usize>(columns - 1) << 2)));
    row += <usize>columns << 2;
  }
}

/** The same of one row, whose fields are given by `fields`: where each begins, its length, and the two words of its column. */
export function digestTexts(fields: usize, count: u32, key: usize, out: usize): void {
  begin(key);
  for (let field: u32 = 0; field < count; field++) {
    const told = fields + <usize>field * 24;
    const from = <usize>load<u32>(told);
    const length = <usize>load<u32>(told + 4);
    if (length == 0) continue;
    takeBytes(from, from + length);
    endField(told + 8, length);
  }
  finish(out);
}

function begin(key: usize): void {
  const k0 = load<u64>(key);
  const k1 = load<u64>(key + 8);
  v0 = k0 ^ 0x736f6d6570736575;
  v1 = k1 ^ 0x646f72616e646f6d ^ 0xee;
  v2 = k0 ^ 0x6c7967656e657261;
  v3 = k1 ^ 0x7465646279746573;
}

@inline
function round(): void {
  v0 += v1;
  v1 = rotl<u64>(v1, 13) ^ v0;
  v0 = rotl<u64>(v0, 32);
  v2 += v3;
  v3 = rotl<u64>(v3, 16) ^ v2;
  v0 += v3;
  v3 = rotl<u64>(v3, 21) ^ v0;
  v2 += v1;
  v1 = rotl<u64>(v1, 17) ^ v2;
  v2 = rotl<u64>(v2, 32);
}

@inline
function take(word: u64): void {
  v3 ^= word;
  round();
  v0 ^= word;
}

function endField(name: usize, length: usize): void {
  take(load<u64>(name));
  take(load<u64>(name + 8));
  take(<u64>length);
}

function finish(out: usize): void {
  v2 ^= 0xee;
  round();
  round();
  round();
  store<u64>(out, v0 ^ v1 ^ v2 ^ v3);
  v1 ^= 0xdd;
  round();
  round();
  round();
  store<u64>(out + 8, v0 ^ v1 ^ v2 ^ v3);
}

/** Takes bytes, eight at a time, the last ones filled up with zeros. Returns how many they were. */
@inline
function takeBytes(from: usize, end: usize): usize {
  let at = from;
  for (; at + 8 <= end; at += 8) take(load<u64>(at));
  // Bytes behind the input may be read.
  if (at < end) take(load<u64>(at) & ((<u64>1 << (<u64>(end - at) << 3)) - 1));
  return end - from;
}

/** The same of what stands between quotes, doubled quotes made single. */
function takeQuoted(from: usize, end: usize, quote: u8): usize {
  let isPlain = true;
  for (let at = from; at < end; at++) {
    if (load<u8>(at) != quote) continue;
    isPlain = false;
    break;
  }
  if (isPlain) return takeBytes(from, end);
  let word: u64 = 0;
  let length: usize = 0;
  for (let at = from; at < end; at++) {
    const byte = load<u8>(at);
    if (byte == quote) at++;
    word |= <u64>byte << (<u64>(length & 7) << 3);
    length++;
    if ((length & 7) != 0) continue;
    take(word);
    word = 0;
  }
  if ((length & 7) != 0) take(word);
  return length;
}
