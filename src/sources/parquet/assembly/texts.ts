// Texts, which lie in their page with their lengths before them.

import { setResult } from "./results";

const QUOTE: u8 = 0x22;
const COMMA: u8 = 0x2c;
const LF: u8 = 0x0a;
const CR: u8 = 0x0d;

/** `""`: a text that is empty, and not null. */
const EMPTY = memory.data<u8>([0x22, 0x22, 0x22, 0x22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/**
 * Makes fields of the texts at `at`: they stay where they are, but for those that need quotes, which are written at `heap`.
 * Returns for how many rows that was done: fewer where what is left up to `heapEnd` does not hold the next one, or where
 * the page holds no more (then the third result word is 1). The result words are where the next text is, and the end of
 * what was written.
 */
export function textFields(
  at: usize,
  end: usize,
  count: u32,
  levels: usize,
  level: u32,
  heap: usize,
  heapEnd: usize,
  out: usize,
): u32 {
  let row: u32 = 0;
  let isDamaged: usize = 0;
  for (; row < count; row++, out += 8) {
    if (levels != 0 && <u32>load<u8>(levels + <usize>row) != level) {
      store<u64>(out, 0);
      continue;
    }
    const room = end - at;
    const length: usize = room < 4 ? 0 : <usize>load<u32>(at);
    if (room < 4 || length > room - 4) {
      isDamaged = 1;
      break;
    }
    const text = at + 4;
    if (length == 0) {
      store<u32>(out, <u32>EMPTY);
      store<u32>(out, <u32>(EMPTY + 2), 4);
    } else if (!isSpecial(text, length)) {
      store<u32>(out, <u32>text);
      store<u32>(out, <u32>(text + length), 4);
    } else {
      // Each of its characters may be a quote.
      if (heapEnd - heap < (length << 1) + 2) break;
      store<u32>(out, <u32>heap);
      heap = quote(heap, text, length);
      store<u32>(out, <u32>heap, 4);
    }
    at = text + length;
  }
  setResult(0, at);
  setResult(1, heap);
  setResult(2, isDamaged);
  return row;
}

/** Whether a text holds what a field without quotes cannot. */
function isSpecial(at: usize, length: usize): bool {
  const quotes = i8x16.splat(QUOTE);
  const commas = i8x16.splat(COMMA);
  const feeds = i8x16.splat(LF);
  const returns = i8x16.splat(CR);
  while (length > 0) {
    const bytes = v128.load(at);
    const found = v128.or(
      v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, commas)),
      v128.or(i8x16.eq(bytes, feeds), i8x16.eq(bytes, returns)),
    );
    if (length < 16) return (i8x16.bitmask(found) & ((1 << (<i32>length)) - 1)) != 0;
    if (v128.any_true(found)) return true;
    length -= 16;
    at += 16;
  }
  return false;
}

function quote(to: usize, at: usize, length: usize): usize {
  store<u8>(to++, QUOTE);
  for (const end = at + length; at < end; at++) {
    const byte = load<u8>(at);
    store<u8>(to++, byte);
    if (byte == QUOTE) store<u8>(to++, QUOTE);
  }
  store<u8>(to++, QUOTE);
  return to;
}
