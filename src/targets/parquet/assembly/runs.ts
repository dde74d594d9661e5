// Small numbers as Parquet packs them: runs of the same, and groups of eight bit by bit.

/** A run of fewer is packed with its neighbours. */
const LEAST_RUN: u32 = 16;
/** So many groups have one header. */
const MOST_GROUPS: u32 = 1 << 20;

function writeVariable(out: usize, value: u32): usize {
  for (; value >= 0x80; value >>= 7) store<u8>(out++, <u8>(value | 0x80));
  store<u8>(out++, <u8>value);
  return out;
}

/** Packs numbers of so many bits, given as words; returns the address behind them. */
export function packRuns(values: usize, count: u32, width: u32, out: usize): usize {
  if (width == 0) return out;
  let at: u32 = 0;
  // From here on they are to be packed bit by bit: always a multiple of eight, but at the end.
  let from: u32 = 0;
  while (at < count) {
    const value = load<u32>(values + (<usize>at << 2));
    let end = at + 1;
    while (end < count && load<u32>(values + (<usize>end << 2)) == value) end++;
    // The groups before it are filled up with some of its numbers.
    const start = from + (((at - from + 7) >> 3) << 3);
    if (end > start && end - start >= LEAST_RUN) {
      out = packGroups(values, from, start, width, out);
      out = writeVariable(out, (end - start) << 1);
      for (let byte: u32 = 0; byte < (width + 7) >> 3; byte++) store<u8>(out++, <u8>(value >> (byte << 3)));
      from = end;
    }
    at = end;
  }
  return packGroups(values, from, count, width, out);
}

function packGroups(values: usize, from: u32, to: u32, width: u32, out: usize): usize {
  while (from < to) {
    let groups = (to - from + 7) >> 3;
    if (groups > MOST_GROUPS) groups = MOST_GROUPS;
    out = writeVariable(out, (groups << 1) | 1);
    let bits: u64 = 0;
    let filled: u64 = 0;
    for (let left = groups << 3; left > 0; left--, from++) {
      // What fills up the last group.
      const value = from < to ? <u64>load<u32>(values + (<usize>from << 2)) : 0;
      bits |= value << filled;
      filled += <u64>width;
      while (filled >= 8) {
        store<u8>(out++, <u8>bits);
        bits >>= 8;
        filled -= 8;
      }
    }
  }
  return out;
}

/** Packs levels of 0 and 1, given as bytes. */
export function packLevels(levels: usize, count: u32, out: usize): usize {
  let at: u32 = 0;
  let from: u32 = 0;
  while (at < count) {
    const value = load<u8>(levels + <usize>at);
    let end = at + 1;
    while (end < count && load<u8>(levels + <usize>end) == value) end++;
    const start = from + (((at - from + 7) >> 3) << 3);
    if (end > start && end - start >= LEAST_RUN) {
      out = packLevelGroups(levels, from, start, out);
      out = writeVariable(out, (end - start) << 1);
      store<u8>(out++, value);
      from = end;
    }
    at = end;
  }
  return packLevelGroups(levels, from, count, out);
}

function packLevelGroups(levels: usize, from: u32, to: u32, out: usize): usize {
  if (from >= to) return out;
  out = writeVariable(out, (((to - from + 7) >> 3) << 1) | 1);
  return packBits(levels + <usize>from, to - from, out);
}

/** Packs bytes of 0 and 1, eight to a byte. */
export function packBits(values: usize, count: u32, out: usize): usize {
  for (let at: u32 = 0; at < count; at += 8) {
    let bits: u32 = 0;
    const some = count - at < 8 ? count - at : 8;
    for (let bit: u32 = 0; bit < some; bit++) bits |= <u32>load<u8>(values + <usize>(at + bit)) << bit;
    store<u8>(out++, <u8>bits);
  }
  return out;
}
