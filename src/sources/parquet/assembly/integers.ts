// Fields of whole numbers, and of what is kept as one.

import { powerOfTen, writeDecimal, writeSigned, writeUnsigned } from "./digits";
import { setResult } from "./results";
import { writeDay, writeMoment, writeTime } from "./times";

// What they mean; see ../kernel.ts.
const SIGNED: u32 = 0;
const UNSIGNED: u32 = 1;
/** With `digits` decimals. */
const DECIMAL: u32 = 2;
const DAY: u32 = 3;
/** Parts of a second, a power of ten with `digits` zeros. */
const TIME: u32 = 4;
const MOMENT: u32 = 5;
// 6: a moment in UTC.

@inline
function write(to: usize, value: i64, kind: u32, digits: u32, power: u64): usize {
  if (kind == SIGNED) return writeSigned(to, value);
  if (kind == UNSIGNED) return writeUnsigned(to, <u64>value);
  if (kind == DECIMAL) return writeDecimal(to, value, digits, power);
  if (kind == DAY) return writeDay(to, value);
  if (kind == TIME) {
    if (value < 0) store<u8>(to++, 0x2d);
    return writeTime(to, value < 0 ? <u64>0 - <u64>value : <u64>value, power, <usize>digits);
  }
  return writeMoment(to, value, power, <usize>digits, kind != MOMENT);
}

/**
 * Makes fields of numbers of 32 bits at `at`, at `heap`, where 48 bytes a row are free. Where there are levels, a byte each,
 * only those that are `level` have a number. The result words are where the next number is, and the end of what was
 * written.
 */
export function int32Fields(
  at: usize, count: u32, levels: usize, level: u32, kind: u32, digits: u32, heap: usize, out: usize,
): void {
  const power = powerOfTen(digits);
  for (let row: u32 = 0; row < count; row++, out += 8) {
    if (levels != 0 && <u32>load<u8>(levels + <usize>row) != level) {
      store<u64>(out, 0);
      continue;
    }
    const value = kind == UNSIGNED ? <i64>load<u32>(at) : <i64>load<i32>(at);
    at += 4;
    store<u32>(out, <u32>heap);
    heap = write(heap, value, kind, digits, power);
    store<u32>(out, <u32>heap, 4);
  }
  setResult(0, at);
  setResult(1, heap);
}

/** The same of numbers of 64 bits. */
export function int64Fields(
  at: usize, count: u32, levels: usize, level: u32, kind: u32, digits: u32, heap: usize, out: usize,
): void {
  const power = powerOfTen(digits);
  for (let row: u32 = 0; row < count; row++, out += 8) {
    if (levels != 0 && <u32>load<u8>(levels + <usize>row) != level) {
      store<u64>(out, 0);
      continue;
    }
    const value = load<i64>(at);
    at += 8;
    store<u32>(out, <u32>heap);
    heap = write(heap, value, kind, digits, power);
    store<u32>(out, <u32>heap, 4);
  }
  setResult(0, at);
  setResult(1, heap);
}
