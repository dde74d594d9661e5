// The worker's index of a block of JSONL: which lines are rows, and where the values of the wanted keys lie.
//
// A line is certified byte by byte to be one JSON object; whatever is no JSON, or unusual (a key with an escape, values
// nested very deep, a number that might be too large), is marked for JSON.parse, which then has the last word.

import { internText, knownTexts, setKnownTexts } from "./csv-intern";
import { ASCII, CERTAIN as CERTAIN_ROWS, COPYABLE, END, LINES, ROWS, TEXT, TEXTS, below } from "./masks";
import { NESTED_KEYS_BYTES, behindSpace, isIndex, isSame, valueEnd } from "./json-nested";
import {
  LARGE,
  SPELLED,
  decimals,
  hasEscape,
  clearHigh,
  isAscii,
  isCanonical,
  isDigit,
  isSpaced,
  marks,
  isExact,
  literalEnd,
  noteHigh,
  numberEnd,
  setCanonical,
  setMarks,
  setSpaced,
  shift,
  specials,
  stringEnd,
  unreadEnd,
  value,
} from "./json-scalars";

// A row is four words (read by json-copy.ts, json-decimals.ts, json-ids.ts and json-weave.ts as well): where its line starts, where its
// object starts and ends (in bytes from the start of the block), and its state; then six words a wanted key: the kind of its
// value, how many decimals it has where it is a number (of a nested value, or a string with escapes, 1 where its bytes are
// what JSON.stringify would write), eight bytes in the number itself, that of an interned text, or where the value starts
// and ends in the text that all wanted values are gathered in (in UTF-16 units), and where it starts and ends in the block.
export const HEAD: usize = 16;
export const FIELD: usize = 24;
/** Bytes of a wanted key: address and length of its name, 1 where its texts are interned, and how many new ones it brought. */
const KEY: usize = 16;

// States of a row, in its fourth word (read by json-copy.ts as well). Its bytes are what is written for it where it is
// handed on; they are that without the white space in them; it is one JSON object; JSON.parse must look at it.
const CANONICAL: u32 = 0;
export const SPACED: u32 = 1;
const CERTAIN: u32 = 2;
const UNCERTAIN: u32 = 3;
/** The bits of these. */
export const CERTAINTY: u32 = 3;
// Beside these the marks of the line: JSON.stringify would spell wanted values, or keys, otherwise; a number may be too
// large for a double.

// Kinds of values; where a key is missing, 0.
export const MISSING: u32 = 0;
export const NUMBER: u32 = 1;
export const STRING: u32 = 2;
const TRUE: u32 = 3;
const FALSE: u32 = 4;
export const NULL: u32 = 5;
export const TEXT_SCALAR: u32 = 6; // a string with escapes, or a number of many digits: JSON.parse reads it
export const NESTED: u32 = 7;
export const INTEGER: u32 = 8; // as an i32, where the end would stand
export const INTERNED: u32 = 9; // a string, by its number in the table of texts

// The keys of the line read last that differed from the one before it: address, length with the quote, wanted key or -1,
// a mark: 1 for a key that makes its line not canonical, 2 for one of digits; and where no space stands around it, its
// length with the comma, or the brace, before it and the colon behind it, else 0. A line whose keys are the same, which
// is nearly every line, needs no look at what they are.
const SLOT: usize = 32;
const MAX_SLOTS: u32 = 64;

/** Bytes that `indexJsonl` needs at `scratch`. */
const SLOTS_BYTES: usize = <usize>MAX_SLOTS * SLOT;

/** Where the block starts. */
let block: usize = 0;
let slots: usize = 0;
let slotCount: u32 = 0;
let nestedKeys: usize = 0;
let wanted: usize = 0;
let wantedCount: u32 = 0;
let objectStart: usize = 0;
let objectEnd: usize = 0;
// Where the gathered text ends, and how many UTF-16 units that is.
let textEnd: usize = 0;
let textUnits: u32 = 0;
/** Texts of the key whose value is being read are interned: the address of the count of new ones; else 0. */
let interned: usize = 0;
/** A wanted value of the line is an object or an array: whoever reads it could change it. */
let hasNested: bool = false;

/** Bytes of working memory that `indexJsonl` needs. */
export function jsonScratchBytes(): u32 {
  return <u32>(SLOTS_BYTES + NESTED_KEYS_BYTES);
}

/**
 * Indexes lines in [start, end), of which the last byte is a line feed, up to row number `maxRows`. `keys` is the list of
 * wanted keys, four words each (see KEY); `known` is how many texts the table of texts holds. ASCII is 1 where no byte is above 0x7f; COPYABLE is how many rows are canonical,
 * or spaced, and have no nested value under a wanted key; TEXT is how many bytes of text were gathered at `text`, where as much room
 * is as for the block and 16 bytes more.
 */
export function indexJsonl(
  start: usize,
  end: usize,
  maxRows: u32,
  out: usize,
  scratch: usize,
  keys: usize,
  keyCount: u32,
  text: usize,
  known: u32,
): void {
  setKnownTexts(known);
  block = start;
  slots = scratch;
  slotCount = 0;
  nestedKeys = scratch + SLOTS_BYTES;
  wanted = keys;
  wantedCount = keyCount;
  textEnd = text;
  textUnits = 0;
  clearHigh();
  let rows: u32 = 0;
  let copyable: u32 = 0;
  let certain: u32 = 0;
  let lines: u32 = 0;
  let at = start;
  let to = out;
  while (at < end && rows < maxRows) {
    const line = at;
    let isSpace = true;
    let byte = load<u8>(at);
    while (byte <= 0x20 && byte != 10) {
      if (byte != 0x20 && byte != 0x09 && byte != 0x0d) isSpace = false;
      byte = load<u8>(++at);
    }
    lines++;
    if (byte == 10 && isSpace) {
      at++;
      continue;
    }
    setCanonical(true);
    setSpaced(false);
    setMarks(0);
    hasNested = false;
    objectStart = at;
    const behind = byte == 0x7b && isSpace ? rowEnd(at, to) : 0;
    at = behind == 0 ? passLine(line) : behind;
    store<u32>(to, <u32>(line - start));
    store<u32>(to, <u32>(objectStart - start), 4);
    store<u32>(to, <u32>(objectEnd - start), 8);
    const state = behind == 0 ? UNCERTAIN : !isCanonical ? CERTAIN : isSpaced ? SPACED : CANONICAL;
    store<u32>(to, state | marks, 12);
    if (behind != 0 && isCanonical && !hasNested) copyable++;
    if (behind != 0 && (marks & LARGE) == 0) certain++;
    to += HEAD + <usize>wantedCount * FIELD;
    rows++;
  }
  store<u32>(END, <u32>at);
  store<u32>(ROWS, rows);
  store<u32>(LINES, lines);
  store<u32>(ASCII, isAscii() ? 1 : 0);
  store<u32>(COPYABLE, copyable);
  store<u32>(CERTAIN_ROWS, certain);
  store<u32>(TEXTS, knownTexts());
  store<u32>(TEXT, <u32>(textEnd - text));
}

/** Behind the line feed of a line whose bytes mean nothing here. */
function passLine(start: usize): usize {
  const feed = i8x16.splat(10);
  let at = start;
  while (true) {
    const bytes = v128.load(at);
    const feeds = <u32>i8x16.bitmask(i8x16.eq(bytes, feed));
    const length: u32 = feeds == 0 ? 16 : ctz<u32>(feeds);
    noteHigh(bytes, length);
    at += length;
    if (feeds != 0) break;
  }
  return at + 1;
}

/** Behind the line feed of the row whose object begins at `open`; 0 where it is not certain. */
function rowEnd(open: usize, out: usize): usize {
  const fields = out + HEAD;
  for (let field: u32 = 0; field < wantedCount; field++) store<u32>(fields + <usize>field * FIELD, 0);
  // The brace, or the comma behind the value before.
  let at = open;
  let slot: u32 = 0;
  let isLearning = false;
  while (true) {
    let field: i32;
    const known = slots + <usize>slot * SLOT;
    const isKnown = !isLearning && slot < slotCount;
    const length = load<u32>(known, 4);
    const whole = load<u32>(known, 16);
    if (isKnown && whole != 0 && isSame(load<u32>(known) - 2, at, whole)) {
      field = load<i32>(known, 8);
      const mark = load<u32>(known, 12);
      if (mark != 0) noteKey(mark, field);
      at += whole;
    } else {
      at = behindSpace(at + 1);
      if (load<u8>(at) != 0x22) return slot == 0 && load<u8>(at) == 0x7d ? behindObject(at) : 0;
      at++;
      if (isKnown && isSame(load<u32>(known), at, length)) {
        // The quote at its end is part of what was compared, so that no longer key is taken for it.
        field = load<i32>(known, 8);
        const mark = load<u32>(known, 12);
        if (mark != 0) noteKey(mark, field);
        at += length;
      } else {
        const end = stringEnd(at);
        if (end == 0 || hasEscape) return 0;
        isLearning = true;
        field = learn(slot, at, end);
        at = end + 1;
      }
      at = behindSpace(at);
      if (load<u8>(at) != 0x3a) return 0;
      at++;
    }
    slot++;
    at = behindSpace(at);
    if (field >= 0) {
      interned = load<u32>(wanted + <usize>field * KEY, 8) == 0 ? 0 : wanted + <usize>field * KEY + 12;
      const entry = fields + <usize>field * FIELD;
      const from = at - block;
      at = fieldEnd(at, entry);
      store<u64>(entry, <u64>from | (<u64>(at - block) << 32), 16);
      // A value that is wanted must be one that JavaScript has.
      if ((marks & LARGE) != 0) return 0;
    } else if (load<u8>(at) == 0x22) {
      const end = unreadEnd(at + 1);
      at = end == 0 ? 0 : end + 1;
    } else {
      // How a value is spelled that nobody wants does not matter.
      const before = marks;
      at = valueEnd(at, 0, nestedKeys);
      setMarks((marks & LARGE) | before);
    }
    if (at == 0) return 0;
    at = behindSpace(at);
    const byte = load<u8>(at);
    if (byte == 0x7d) return behindObject(at);
    if (byte != 0x2c) return 0;
  }
}

/** Behind the line feed of a line whose object ends at `at`; 0 where something else follows. */
function behindObject(at: usize): usize {
  objectEnd = at + 1;
  const wasSpaced = isSpaced;
  const feed = behindSpace(objectEnd);
  // White space behind the object is no part of what is copied.
  setSpaced(wasSpaced);
  return load<u8>(feed) == 10 ? feed + 1 : 0;
}

/** Puts the key of a slot in the place of what was there, and gives its field; slots behind it are of an older line. */
function learn(slot: u32, at: usize, end: usize): i32 {
  const length = <u32>(end - at) + 1;
  const field = wantedField(at, length - 1);
  // More keys than there are slots: whether one of them is there twice is not looked into.
  if (slot >= MAX_SLOTS) {
    setCanonical(false);
    return field;
  }
  let isTroubled = false;
  for (let other = slots; other < slots + <usize>slot * SLOT; other += SLOT) {
    if (load<u32>(other, 4) == length && isSame(load<u32>(other), at, length)) isTroubled = true;
  }
  const mark = (isTroubled ? TWICE : 0) | (isIndex(at, end) ? OF_DIGITS : 0);
  noteKey(mark, field);
  const known = slots + <usize>slot * SLOT;
  store<u32>(known, <u32>at);
  store<u32>(known, length, 4);
  store<i32>(known, field, 8);
  store<u32>(known, mark, 12);
  const isClose = load<u8>(at - 2) == (slot == 0 ? 0x7b : 0x2c) && load<u8>(end, 1) == 0x3a;
  store<u32>(known, isClose ? length + 3 : 0, 16);
  slotCount = slot + 1;
  return field;
}

// What is said of a key.
const TWICE: u32 = 1;
const OF_DIGITS: u32 = 2;

@inline
function noteKey(mark: u32, field: i32): void {
  if ((mark & TWICE) != 0) setCanonical(false);
  if ((mark & OF_DIGITS) != 0 && field >= 0) setMarks(marks | SPELLED);
}

/** The number of a wanted key, or -1. */
function wantedField(at: usize, length: u32): i32 {
  for (let field: u32 = 0; field < wantedCount; field++) {
    const key = wanted + <usize>field * KEY;
    if (load<u32>(key, 4) == length && isSame(load<u32>(key), at, length)) return <i32>field;
  }
  return -1;
}

/** Behind the value of a wanted key at `at`; notes where it lies, or what it is. */
function fieldEnd(at: usize, field: usize): usize {
  const byte = load<u8>(at);
  const shiftBefore = shift;
  if (byte == 0x22) {
    const bytes = v128.load(at + 1);
    const bit = ctz<u32>(specials(bytes) | 0x10000);
    // Most are short and of ASCII: nothing is counted, and one vector holds them.
    if (load<u8>(at + 1 + bit) == 0x22 && (<u32>i8x16.bitmask(bytes) & <u32>below(bit)) == 0) {
      const end = at + 1 + bit;
      if (interned == 0 || !isInterned(field, at + 1, end)) gatherShort(field, bytes, bit);
      return end + 1;
    }
    const end = stringEnd(at + 1);
    if (end == 0) return 0;
    if (hasEscape) {
      gather(field, TEXT_SCALAR, at, end + 1, shift - shiftBefore);
      store<u32>(field, hasUsualEscapes(at, end) ? 1 : 0, 4);
    } else if (interned == 0 || !isInterned(field, at + 1, end)) {
      gather(field, STRING, at + 1, end, shift - shiftBefore);
    }
    return end + 1;
  }
  if (byte == 0x2d || isDigit(byte)) {
    const end = numberEnd(at);
    if (end != 0) noteNumber(at, end, field);
    return end;
  }
  if (byte == 0x7b || byte == 0x5b) {
    const wasCanonical = isCanonical;
    const wasSpaced = isSpaced;
    const before = marks;
    setCanonical(true);
    setSpaced(false);
    setMarks(0);
    const end = valueEnd(at, 0, nestedKeys);
    hasNested = true;
    if (end != 0) gather(field, NESTED, at, end, shift - shiftBefore);
    store<u32>(field, isCanonical && !isSpaced && marks == 0 ? 1 : 0, 4);
    setCanonical(isCanonical && wasCanonical);
    setSpaced(isSpaced || wasSpaced);
    setMarks(marks | before);
    return end;
  }
  store<u32>(field, byte == 0x74 ? TRUE : byte == 0x66 ? FALSE : NULL);
  return literalEnd(at);
}

/** Whether all escapes of a string are those that JSON.stringify would write, but for what it writes by its number. */
function hasUsualEscapes(at: usize, end: usize): bool {
  for (; at < end; at++) {
    if (load<u8>(at) != 0x5c) continue;
    const byte = load<u8>(++at);
    if (byte == 0x75 || byte == 0x2f) return false;
  }
  return true;
}

/** Whether a text has a number, which is noted. */
function isInterned(field: usize, from: usize, end: usize): bool {
  const known = knownTexts();
  const id = internText(from, end);
  if (id < 0) return false;
  if (knownTexts() != known) store<u32>(interned, load<u32>(interned) + 1);
  store<u32>(field, INTERNED);
  store<i32>(field, id, 8);
  return true;
}

/** Adds the bytes in [from, to) to the text; `units` UTF-16 units more than bytes. */
function gather(field: usize, kind: u32, from: usize, to: usize, units: i32): void {
  let out = textEnd;
  for (let at = from; at < to; at += 16) {
    v128.store(out, v128.load(at));
    out += 16;
  }
  textEnd += to - from;
  store<u32>(field, kind);
  store<u32>(field, textUnits, 8);
  textUnits += <u32>(<i32>(to - from) + units);
  store<u32>(field, textUnits, 12);
}

/** The same for a string of up to 16 bytes of ASCII. */
@inline
function gatherShort(field: usize, bytes: v128, length: u32): void {
  v128.store(textEnd, bytes);
  textEnd += length;
  store<u32>(field, STRING);
  store<u32>(field, textUnits, 8);
  textUnits += length;
  store<u32>(field, textUnits, 12);
}

@inline
function noteNumber(at: usize, end: usize, field: usize): void {
  if (!isExact) {
    gather(field, TEXT_SCALAR, at, end, 0);
    return;
  }
  const integer = <i32>value;
  // Zero has a sign, which an integer has not.
  if (<f64>integer == value && (integer != 0 || load<u8>(at) != 0x2d)) {
    store<u32>(field, INTEGER);
    store<i32>(field, integer, 8);
  } else {
    store<u32>(field, NUMBER);
    store<u32>(field, decimals, 4);
    store<f64>(field, value, 8);
  }
}
