// Values that are kept as differences: numbers, and texts by their lengths or by what they share with the one before.

import { copy } from "./copy";

/** Where a reading of small numbers is. */
let position: usize = 0;
let isCut = false;

/** Seven bits a byte, the lowest first. */
function readVariable(end: usize): u64 {
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 64; shift += 7) {
    if (position >= end) break;
    const byte = load<u8>(position++);
    value |= <u64>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  isCut = true;
  return 0;
}

/** Numbers near zero are short, whatever their sign. */
function readZigZag(end: usize): i64 {
  const value = readVariable(end);
  return <i64>(value >> 1) ^ -<i64>(value & 1);
}

/**
 * Unpacks so many numbers of 32 or 64 bits, which stand in blocks of packed differences. They wrap around. Returns the
 * address behind them, 0 where they are not there.
 */
export function unpackDeltas(from: usize, end: usize, count: u32, out: usize, isLong: bool): usize {
  position = from;
  isCut = false;
  const blockSize = readVariable(end);
  const parts = readVariable(end);
  const total = readVariable(end);
  let value = readZigZag(end);
  if (isCut || total != <u64>count || parts == 0 || parts > 65536 || blockSize > 0x1000000 || blockSize % (parts << 3) != 0)
    return 0;
  if (count == 0) return position;
  const perPart = blockSize / parts;
  if (perPart == 0) return 0;
  const step: usize = isLong ? 8 : 4;
  out = put(out, value, isLong);
  const outEnd = out + <usize>(count - 1) * step;
  while (out < outEnd) {
    const least = readZigZag(end);
    if (isCut || <u64>(end - position) < parts) return 0;
    const widths = position;
    position += <usize>parts;
    for (let part: usize = 0; part < <usize>parts && out < outEnd; part++) {
      const width = <u64>load<u8>(widths + part);
      const left = <u64>((outEnd - out) / step);
      const taken = left < perPart ? left : perPart;
      const bytes = (perPart >> 3) * width;
      const room = <u64>(end - position);
      if (width > 64 || (taken * width + 7) >> 3 > room) return 0;
      const mask: u64 = width == 64 ? u64.MAX_VALUE : ((<u64>1) << width) - 1;
      let bit: u64 = 0;
      for (let at: u64 = 0; at < taken; at++) {
        const byte = position + <usize>(bit >> 3);
        const shift = bit & 7;
        let residual = load<u64>(byte) >> shift;
        if (shift + width > 64) residual |= <u64>load<u8>(byte, 8) << (64 - shift);
        value += least + <i64>(residual & mask);
        out = put(out, value, isLong);
        bit += width;
      }
      // What fills up the last part may be missing.
      position += <usize>(bytes < room ? bytes : room);
    }
  }
  return position;
}

@inline
function put(out: usize, value: i64, isLong: bool): usize {
  if (isLong) {
    store<i64>(out, value);
    return out + 8;
  }
  store<i32>(out, <i32>value);
  return out + 4;
}

/** How many bytes texts of these lengths have together; -1 where a length is none. Lengths may stand in two lists. */
export function sumOfLengths(lengths: usize, further: usize, count: u32): f64 {
  let sum: i64 = 0;
  for (let at: usize = 0; at < <usize>count; at++) {
    const length = load<i32>(lengths + (at << 2));
    const more = further == 0 ? 0 : load<i32>(further + (at << 2));
    if (length < 0 || more < 0) return -1;
    sum += <i64>length + <i64>more;
  }
  return <f64>sum;
}

/** Lays texts out with their lengths before them. False where there are not so many bytes. */
export function layOutTexts(lengths: usize, count: u32, from: usize, end: usize, out: usize): bool {
  for (const stop = lengths + (<usize>count << 2); lengths < stop; lengths += 4) {
    const length = <usize>load<u32>(lengths);
    if (length > end - from) return false;
    store<u32>(out, <u32>length);
    out += 4;
    if (length > 0) out = copy(out, from, length);
    from += length;
  }
  return true;
}

/**
 * Lays texts out that begin as the one before them, as far as `shared` says, and go on with `own` bytes: with their lengths
 * before them or, where all have the length `fixed`, without.
 */
export function layOutFrontCoded(
  shared: usize, own: usize, count: u32, from: usize, end: usize, out: usize, fixed: usize,
): bool {
  let before = out;
  let beforeLength: usize = 0;
  for (let at: usize = 0; at < <usize>count; at++) {
    const front = <usize>load<u32>(shared + (at << 2));
    const rest = <usize>load<u32>(own + (at << 2));
    if (front > beforeLength || rest > end - from) return false;
    const length = front + rest;
    if (fixed == 0) {
      store<u32>(out, <u32>length);
      out += 4;
    } else if (length != fixed) return false;
    memory.copy(out, before, front);
    memory.copy(out + front, from, rest);
    from += rest;
    before = out;
    beforeLength = length;
    out += length;
  }
  return true;
}

/** Joins values whose first bytes stand together, and so on. */
export function joinStreams(from: usize, count: u32, width: u32, out: usize): void {
  for (let byte: usize = 0; byte < <usize>width; byte++) {
    let to = out + byte;
    for (const stop = from + <usize>count; from < stop; from++) {
      store<u8>(to, load<u8>(from));
      to += <usize>width;
    }
  }
}
