// Rows of CSV, of the fields of columns.

import { copy } from "./copy";
import { setResult } from "./results";

const COMMA: u8 = 0x2c;
const LF: u8 = 0x0a;

/**
 * Writes the rows from one number to another, of the tables of fields that are listed at `columns`; a column without a table
 * is empty. Returns the number of the row that has no room any more. The result words are the end of what was written, and
 * how many bytes that row takes.
 */
export function assembleRows(columns: usize, count: u32, from: u32, to: u32, out: usize, outEnd: usize): u32 {
  const columnsEnd = columns + ((<usize>count) << 2);
  let row = from;
  for (; row < to; row++) {
    const start = out;
    const place = (<usize>row) << 3;
    for (let column = columns; column < columnsEnd; column += 4) {
      const table = <usize>load<u32>(column);
      if (table != 0) {
        const field = <usize>load<u32>(table + place);
        const length = <usize>load<u32>(table + place, 4) - field;
        if (outEnd - out <= length) {
          setResult(0, start);
          setResult(1, rowBytes(columns, columnsEnd, place));
          return row;
        }
        if (length > 0) out = copy(out, field, length);
      } else if (out >= outEnd) {
        setResult(0, start);
        setResult(1, rowBytes(columns, columnsEnd, place));
        return row;
      }
      store<u8>(out++, COMMA);
    }
    // In the place of the last comma.
    store<u8>(out - 1, LF);
  }
  setResult(0, out);
  setResult(1, 0);
  return row;
}

function rowBytes(columns: usize, columnsEnd: usize, place: usize): usize {
  let bytes: u64 = 0;
  for (let column = columns; column < columnsEnd; column += 4) {
    const table = <usize>load<u32>(column);
    if (table != 0) bytes += <u64>(load<u32>(table + place, 4) - load<u32>(table + place));
    bytes++;
  }
  // More than there can be room for.
  return bytes > <u64>i32.MAX_VALUE ? <usize>i32.MAX_VALUE : <usize>bytes;
}
