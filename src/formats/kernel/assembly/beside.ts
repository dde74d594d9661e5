// What stands beside the columns of computed integers: texts of all other values, and rows that are written as a whole.

import { copy } from "./csv-fields";

/** Stands in a computed column for a value whose text is the next one beside it. */
export const IN_TEXT: i32 = i32.MIN_VALUE;

/** Stands for a row that is not written, though its values were computed. */
export const PASSED_OVER: u8 = 2;

export const LF: u8 = 10;
export const CR: u8 = 13;

/** Where the next text lies; each has a line feed behind it. */
let texts: usize = 0;

export function beginTexts(at: usize): void {
  texts = at;
}

/** Where the next row lies that is written as a whole, and where its length does. */
let rowsAside: usize = 0;
let lengthsAside: usize = 0;

export function beginAside(rows: usize, lengths: usize): void {
  rowsAside = rows;
  lengthsAside = lengths;
}

/** Copies the next row that is written as a whole. */
export function takeAside(to: usize): usize {
  const length = load<u32>(lengthsAside);
  const end = copy(to, rowsAside, length);
  rowsAside += length;
  lengthsAside += 4;
  return end;
}

/** Whether nothing stands before the line feed of the next text. It is passed over then. */
@inline
export function passEmpty(): bool {
  if (load<u8>(texts) != LF) return false;
  texts++;
  return true;
}

/** Copies the next text up to its line feed. */
export function takeLine(to: usize): usize {
  let at = texts;
  for (let byte = load<u8>(at); byte != LF; byte = load<u8>(++at)) store<u8>(to++, byte);
  texts = at + 1;
  return to;
}

/** Copies the next written field of CSV; one that begins with a quote, or with a bracket and one, may hold line feeds. */
export function takeField(to: usize, quote: u8): usize {
  let at = texts;
  if (isBracket(load<u8>(at)) && load<u8>(at + 1) == quote) store<u8>(to++, load<u8>(at++));
  if (load<u8>(at) != quote) return takeLine(to);
  store<u8>(to++, quote);
  for (at++; ; at++) {
    const byte = load<u8>(at);
    store<u8>(to++, byte);
    if (byte != quote) continue;
    if (load<u8>(at + 1) != quote) break;
    store<u8>(to++, quote);
    at++;
  }
  texts = at + 2;
  return to;
}

@inline
function isBracket(byte: u8): bool {
  return byte == 0x5b || byte == 0x7b;
}

/**
 * Ends a row of CSV that was begun at `lineStart`: the delimiter behind its last field makes room for the line end. With
 * `isLone` an empty field is quoted.
 */
@inline
export function endRow(to: usize, lineStart: usize, quote: u8, crlf: bool, isLone: bool): usize {
  to--;
  if (isLone && to == lineStart) {
    store<u8>(to++, quote);
    store<u8>(to++, quote);
  }
  if (crlf) store<u8>(to++, CR);
  store<u8>(to++, LF);
  return to;
}

export function writeInteger(to: usize, value: i32): usize {
  let rest = <u32>value;
  if (value < 0) {
    store<u8>(to++, 0x2d);
    rest = <u32>(-value);
  }
  const digits: usize =
    rest < 10 ? 1 : rest < 100 ? 2 : rest < 1000 ? 3 : rest < 10000 ? 4 : rest < 100000 ? 5 :
    rest < 1000000 ? 6 : rest < 10000000 ? 7 : rest < 100000000 ? 8 : rest < 1000000000 ? 9 : 10;
  for (let at = to + digits; at > to; ) {
    // A division by ten, as a multiplication: exact for 32 bits.
    const tenth = <u32>((<u64>rest * 0xcccccccd) >> 35);
    store<u8>(--at, <u8>(rest - tenth * 10 + 0x30));
    rest = tenth;
  }
  return to + digits;
}
