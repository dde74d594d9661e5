// Unpacks a block of LZ4: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md

import { copy, copyBack } from "./copy";

/** Whether the block between two addresses makes exactly the bytes from `to` to `toEnd`. */
export function uncompressLz4(from: usize, fromEnd: usize, to: usize, toEnd: usize): bool {
  const start = to;
  while (from < fromEnd) {
    const token = <usize>load<u8>(from++);
    let length = token >> 4;
    if (length == 15) {
      for (;;) {
        if (from >= fromEnd) return false;
        const more = load<u8>(from++);
        length += <usize>more;
        if (length > toEnd - to) return false;
        if (more != 255) break;
      }
    }
    if (length > fromEnd - from || length > toEnd - to) return false;
    if (length > 0) to = copy(to, from, length);
    from += length;
    // The last sequence has literals only.
    if (from == fromEnd) return to == toEnd;
    if (fromEnd - from < 2) return false;
    const back = <usize>load<u16>(from);
    from += 2;
    length = token & 15;
    if (length == 15) {
      for (;;) {
        if (from >= fromEnd) return false;
        const more = load<u8>(from++);
        length += <usize>more;
        if (length > toEnd - to) return false;
        if (more != 255) break;
      }
    }
    length += 4;
    if (back == 0 || back > to - start || length > toEnd - to) return false;
    to = copyBack(to, back, length);
  }
  return to == toEnd;
}
