// Packs bytes as Snappy does: https://github.com/google/snappy/blob/main/format_description.txt

import { copy } from "../../../sources/parquet/assembly/copy";

/** What is packed at once: a copy reaches back no further. */
const BLOCK_BYTES: usize = 1 << 16;
const HASH_BITS: u32 = 14;
/** Where four bytes were seen last, counted from the start of the block. */
const SEEN = memory.data((1 << 14) * 2, 8);
/** At the end of a block nothing is looked for. */
const MARGIN: usize = 15;

@inline
function hashOf(four: u32): usize {
  return <usize>((four * 0x1e35a7bd) >> (32 - HASH_BITS)) << 1;
}

/** Returns the address behind what was packed, which takes at most a sixth more than the bytes, and 32 beside. */
export function compressSnappy(at: usize, end: usize, out: usize): usize {
  let size = <u32>(end - at);
  for (; size >= 0x80; size >>= 7) store<u8>(out++, <u8>(size | 0x80));
  store<u8>(out++, <u8>size);
  while (at < end) {
    const blockEnd = end - at > BLOCK_BYTES ? at + BLOCK_BYTES : end;
    out = packBlock(at, blockEnd, out);
    at = blockEnd;
  }
  return out;
}

function packBlock(start: usize, end: usize, out: usize): usize {
  if (end - start < MARGIN) return literal(start, end - start, out);
  memory.fill(SEEN, 0, (1 << 14) * 2);
  const limit = end - MARGIN;
  let from = start;
  let at = start + 1;
  while (at < limit) {
    // The longer nothing is found, the fewer places are looked at.
    let step: u32 = 32;
    let candidate: usize;
    for (;;) {
      const place = SEEN + hashOf(load<u32>(at));
      candidate = start + <usize>load<u16>(place);
      store<u16>(place, <u16>(at - start));
      if (load<u32>(candidate) == load<u32>(at)) break;
      at += <usize>(step++ >> 5);
      if (at >= limit) return literal(from, end - from, out);
    }
    out = literal(from, at - from, out);
    // What follows is the same for a while, perhaps again and again.
    for (;;) {
      const found = at;
      at += 4;
      let other = candidate + 4;
      while (at + 8 <= end && load<u64>(at) == load<u64>(other)) {
        at += 8;
        other += 8;
      }
      if (at + 8 <= end) {
        const same = <usize>(ctz(load<u64>(at) ^ load<u64>(other)) >> 3);
        at += same;
      } else while (at < end && load<u8>(at) == load<u8>(other)) {
        at++;
        other++;
      }
      out = copyOf(found - candidate, at - found, out);
      from = at;
      if (at >= limit) return literal(from, end - from, out);
      store<u16>(SEEN + hashOf(load<u32>(at - 1)), <u16>(at - 1 - start));
      const place = SEEN + hashOf(load<u32>(at));
      candidate = start + <usize>load<u16>(place);
      store<u16>(place, <u16>(at - start));
      if (load<u32>(candidate) != load<u32>(at)) break;
    }
    at++;
  }
  return literal(from, end - from, out);
}

function literal(at: usize, length: usize, out: usize): usize {
  if (length == 0) return out;
  const size = <u32>length - 1;
  if (size < 60) store<u8>(out++, <u8>(size << 2));
  else if (size < 256) {
    store<u8>(out++, 60 << 2);
    store<u8>(out++, <u8>size);
  } else {
    store<u8>(out++, 61 << 2);
    store<u16>(out, <u16>size);
    out += 2;
  }
  return copy(out, at, length);
}

function copyOf(back: usize, length: usize, out: usize): usize {
  for (; length >= 68; length -= 64) out = shortCopy(back, 64, out);
  if (length > 64) {
    out = shortCopy(back, 60, out);
    length -= 60;
  }
  return shortCopy(back, length, out);
}

@inline
function shortCopy(back: usize, length: usize, out: usize): usize {
  if (length < 12 && back < 2048) {
    store<u8>(out, <u8>(1 | (<u32>(length - 4) << 2) | (<u32>(back >> 8) << 5)));
    store<u8>(out, <u8>back, 1);
    return out + 2;
  }
  store<u8>(out, <u8>(2 | (<u32>(length - 1) << 2)));
  store<u16>(out, <u16>back, 1);
  return out + 3;
}
