// Where the fields of an indexed block lie. All loops over fields read the index through these.

/** Bits of an index entry that are a position. */
const POSITION: i32 = (1 << 28) - 1;
// Flags above them. Bit 29: a row end that is CR LF.
export const QUOTED: i32 = 1 << 31; // the field ends with a closing quote
export const ROW_END: i32 = 1 << 30; // the position is that of a line feed
const BLANK: i32 = 1 << 28; // a row end of an empty line

/** Address of the first byte of a field: behind the delimiter or line feed before it. */
@inline
export function fieldStart(start: usize, row: usize, column: u32, rowStart: usize): usize {
  return column == 0 ? rowStart : start + <usize>(load<i32>(row + ((<usize>column - 1) << 2)) & POSITION) + 1;
}

/** Address behind the last byte of a field: its delimiter, or its line feed, or the CR before that. */
@inline
export function fieldEnd(start: usize, entry: i32): usize {
  return start + <usize>(entry & POSITION) - <usize>((entry >>> 29) & 1);
}

/** Address behind the line feed that ends a row. */
@inline
export function behindRow(start: usize, lastEntry: i32): usize {
  return start + <usize>(lastEntry & POSITION) + 1;
}

/** Whether a field is quoted. */
@inline
export function isQuoted(entry: i32): bool {
  return entry < 0;
}

/**
 * Whether each of the rows of an index has all its fields, given that there are as many entries as that takes. Blank
 * lines have entries too: before or behind a row that is too short they must not stand in for the fields that it lacks.
 */
export function isRectangular(entries: usize, rows: u32, columns: u32): bool {
  const width = <usize>columns << 2;
  for (let row = entries; rows > 0; rows--, row += width) {
    if ((load<i32>(row + width - 4) & (ROW_END | BLANK)) != ROW_END) return false;
    if (columns > 1 && (load<i32>(row) & ROW_END) != 0) return false;
  }
  return true;
}

/** Copies 16 bytes at a time: up to 15 bytes behind `to + length` are overwritten. Returns the address behind. */
@inline
export function copy(to: usize, from: usize, length: usize): usize {
  let done: usize = 0;
  do {
    v128.store(to + done, v128.load(from + done));
    done += 16;
  } while (done < length);
  return to + length;
}
