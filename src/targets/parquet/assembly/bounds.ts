// The least and the greatest of the values of a column.

import { setResult } from "../../../sources/parquet/assembly/results";
import { isNull, lengthOf, startOf } from "./fields";

/** Of numbers of 32 or 64 bits: leaves them at `out`, the least first, as 64 bits. */
export function boundsOfIntegers(values: usize, count: u32, isLong: bool, out: usize): void {
  let least = i64.MAX_VALUE;
  let greatest = i64.MIN_VALUE;
  for (let at: u32 = 0; at < count; at++) {
    const value = isLong ? load<i64>(values + (<usize>at << 3)) : <i64>load<i32>(values + (<usize>at << 2));
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  store<i64>(out, least);
  store<i64>(out, greatest, 8);
}

/** Of doubles, but for those that are no number; false where all are. */
export function boundsOfDoubles(values: usize, count: u32, out: usize): bool {
  let least: f64 = Infinity;
  let greatest: f64 = -Infinity;
  let isAny = false;
  for (const end = values + (<usize>count << 3); values < end; values += 8) {
    const value = load<f64>(values);
    if (value != value) continue;
    isAny = true;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  // Zero has two signs, of which readers may know one.
  store<f64>(out, least == 0 ? -0.0 : least);
  store<f64>(out, greatest == 0 ? 0.0 : greatest, 8);
  return isAny;
}

/** Of texts that are not null, byte by byte: the result words are their rows. */
export function boundsOfTexts(table: usize, rows: u32, asText: bool): void {
  let least: u32 = rows;
  let greatest: u32 = rows;
  for (let row: u32 = 0; row < rows; row++) {
    if (isNull(table + (<usize>row << 3), asText)) continue;
    if (least == rows) {
      least = row;
      greatest = row;
    } else if (isLess(table, row, least)) least = row;
    else if (isLess(table, greatest, row)) greatest = row;
  }
  setResult(0, <usize>least);
  setResult(1, <usize>greatest);
}

function isLess(table: usize, one: u32, other: u32): bool {
  const a = table + (<usize>one << 3);
  const b = table + (<usize>other << 3);
  const aLength = lengthOf(a);
  const bLength = lengthOf(b);
  const shorter = aLength < bLength ? aLength : bLength;
  const order = memory.compare(startOf(a), startOf(b), shorter);
  return order < 0 || (order == 0 && aLength < bLength);
}
