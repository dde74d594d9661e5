// Unpacks what Snappy has packed: https://github.com/google/snappy/blob/main/format_description.txt

import { copy, copyBack } from "./copy";

/** Whether what is packed between two addresses are exactly the bytes from `to` to `toEnd`. */
export function uncompressSnappy(from: usize, fromEnd: usize, to: usize, toEnd: usize): bool {
  // How many bytes it makes stands before them.
  let size: u64 = 0;
  for (let shift: u32 = 0; ; shift += 7) {
    if (from >= fromEnd || shift > 28) return false;
    const byte = load<u8>(from++);
    size |= (<u64>(byte & 0x7f)) << shift;
    if (byte < 0x80) break;
  }
  if (size != <u64>(toEnd - to)) return false;
  const start = to;
  while (from < fromEnd) {
    const tag = <usize>load<u8>(from++);
    let length = tag >> 2;
    if ((tag & 3) == 0) {
      if (length >= 60) {
        const bytes = length - 59;
        if (fromEnd - from < bytes) return false;
        length = 0;
        for (let at: usize = 0; at < bytes; at++) length |= (<usize>load<u8>(from + at)) << (at << 3);
        from += bytes;
      }
      length++;
      if (length == 0 || length > fromEnd - from || length > toEnd - to) return false;
      to = copy(to, from, length);
      from += length;
      continue;
    }
    let back: usize;
    if ((tag & 3) == 1) {
      if (from >= fromEnd) return false;
      back = ((tag >> 5) << 8) | (<usize>load<u8>(from++));
      length = (length & 7) + 4;
    } else if ((tag & 3) == 2) {
      if (fromEnd - from < 2) return false;
      back = <usize>load<u16>(from);
      from += 2;
      length++;
    } else {
      if (fromEnd - from < 4) return false;
      back = <usize>load<u32>(from);
      from += 4;
      length++;
    }
    if (back == 0 || back > to - start || length > toEnd - to) return false;
    to = copyBack(to, back, length);
  }
  return to == toEnd;
}
