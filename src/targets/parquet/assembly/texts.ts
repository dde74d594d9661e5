// The texts of fields, with their lengths before them.

import { copy } from "../../../sources/parquet/assembly/copy";
import { JSON, isNull, kindOf, lengthOf, startOf } from "./fields";

/** How many bytes the plain values of rows take. */
export function plainBytes(table: usize, rows: u32, asText: bool): f64 {
  let bytes: u64 = 0;
  for (let row: u32 = 0; row < rows; row++, table += 8)
    if (!isNull(table, asText)) bytes += <u64>lengthOf(table) + 4;
  return <f64>bytes;
}

/** Lays the texts of rows out; returns the address behind them. */
export function layOutFields(table: usize, rows: u32, asText: bool, out: usize): usize {
  for (let row: u32 = 0; row < rows; row++, table += 8)
    if (!isNull(table, asText)) out = layOut(table, out);
  return out;
}

/** The same of rows by their numbers. */
export function layOutPicked(table: usize, numbers: usize, count: u32, out: usize): usize {
  for (const end = numbers + (<usize>count << 2); numbers < end; numbers += 4)
    out = layOut(table + (<usize>load<u32>(numbers) << 3), out);
  return out;
}

/** The next row from one on whose field is neither null nor an object or list of JSON; how many rows there are, where there is none. */
export function otherThanJson(table: usize, from: u32, rows: u32): u32 {
  for (let row = from; row < rows; row++) {
    const field = table + (<usize>row << 3);
    if (lengthOf(field) > 0 && kindOf(field) != JSON) return row;
  }
  return rows;
}

@inline
function layOut(field: usize, out: usize): usize {
  const length = lengthOf(field);
  store<u32>(out, <u32>length);
  return copy(out + 4, startOf(field), length);
}
