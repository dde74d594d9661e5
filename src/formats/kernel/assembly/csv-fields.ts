// Where the fields of an indexed block lie. All loops over fields read the index through these.

/** Bits of an index entry that are a position. */
const POSITION: i32 = (1 << 28) - 1;

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
