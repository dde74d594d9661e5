// Packs bytes as a block of LZ4: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md

import { copy } from "../../../sources/parquet/assembly/copy";

const HASH_BITS: u32 = 14;
/** Where four bytes were seen last, counted from the start. */
const SEEN = memory.data((1 << 14) * 4, 8);
const LEAST_MATCH: usize = 4;
const MOST_BACK: usize = 0xffff;
/** The last copy begins so many bytes before the end, and the last bytes are no copy. */
const MATCH_MARGIN: usize = 12;
const LAST_LITERALS: usize = 5;

/** Returns the address behind what was packed, which takes at most a two hundredth more than the bytes, and 32 beside. */
export function compressLz4(start: usize, end: usize, out: usize): usize {
  let from = start;
  if (end - start > MATCH_MARGIN) {
    memory.fill(SEEN, 0, (1 << 14) * 4);
    const limit = end - MATCH_MARGIN;
    let at = start + 1;
    while (at < limit) {
      // The longer nothing is found, the fewer places are looked at.
      let step: usize = 32;
      let candidate: usize = 0;
      let isFound = false;
      for (; at < limit; at += step++ >> 5) {
        const four = load<u32>(at);
        const place = SEEN + (<usize>((four * 0x1e35a7bd) >> (32 - HASH_BITS)) << 2);
        candidate = start + <usize>load<u32>(place);
        store<u32>(place, <u32>(at - start));
        if (load<u32>(candidate) == four && at - candidate <= MOST_BACK) {
          isFound = true;
          break;
        }
      }
      if (!isFound) break;
      const length = sameBytes(at, candidate, end - LAST_LITERALS);
      out = sequence(from, at - from, out, length - LEAST_MATCH);
      store<u16>(out, <u16>(at - candidate));
      out = moreLength(out + 2, length - LEAST_MATCH);
      at += length;
      from = at;
    }
  }
  return sequence(from, end - from, out, 0);
}

/** How many bytes are the same, of which the first four are known to be, before `end`. */
function sameBytes(at: usize, other: usize, end: usize): usize {
  const start = at;
  at += LEAST_MATCH;
  other += LEAST_MATCH;
  for (; at + 8 <= end; at += 8, other += 8) {
    const difference = load<u64>(at) ^ load<u64>(other);
    if (difference != 0) return at + <usize>(ctz(difference) >> 3) - start;
  }
  for (; at < end && load<u8>(at) == load<u8>(other); at++, other++);
  return at - start;
}

/** Bytes as they are, before a copy of so many bytes more than the least. */
@inline
function sequence(at: usize, literals: usize, out: usize, copied: usize): usize {
  const high = literals < 15 ? literals : 15;
  const low = copied < 15 ? copied : 15;
  store<u8>(out, <u8>((high << 4) | low));
  out = moreLength(out + 1, literals);
  return literals == 0 ? out : copy(out, at, literals);
}

/** What of a length has no room in four bits. */
@inline
function moreLength(out: usize, length: usize): usize {
  if (length < 15) return out;
  length -= 15;
  for (; length >= 255; length -= 255) store<u8>(out++, 255);
  store<u8>(out, <u8>length);
  return out + 1;
}
