// Runs of small numbers, repeated or packed bit by bit: levels, and indices into a dictionary. They are read some at a
// time, so that no run, however long it says that it is, takes memory.

// What is known of a reading, in words: what follows the current run, where all ends, and how many bits a number has …
const AT: usize = 0;
const END: usize = 4;
const WIDTH: usize = 8;
// … and of the current run: how many numbers are left, the number that is repeated or `PACKED`, and where the next packed one is.
const LEFT: usize = 12;
const IS_PACKED: usize = 16;
const VALUE: usize = 20;
const BYTE: usize = 24;
const BIT: usize = 28;

/** Begins to read the runs between two addresses, into 32 bytes at `state`. Without bits all numbers are 0. */
export function openRuns(state: usize, from: usize, end: usize, width: u32): void {
  store<u32>(state, <u32>from, AT);
  store<u32>(state, <u32>end, END);
  store<u32>(state, width, WIDTH);
  store<u32>(state, width == 0 ? u32.MAX_VALUE : 0, LEFT);
  store<u32>(state, 0, IS_PACKED);
  store<u32>(state, 0, VALUE);
}

/** The same for numbers of one bit that are packed, and stand in no run. */
export function openPacked(state: usize, from: usize, end: usize): void {
  const bits = (<u64>(end - from)) << 3;
  store<u32>(state, <u32>end, AT);
  store<u32>(state, <u32>end, END);
  store<u32>(state, 1, WIDTH);
  store<u32>(state, bits > <u64>u32.MAX_VALUE ? u32.MAX_VALUE : <u32>bits, LEFT);
  store<u32>(state, 1, IS_PACKED);
  store<u32>(state, <u32>from, BYTE);
  store<u32>(state, 0, BIT);
}

/** Goes on to the next run that is not empty. */
function nextRun(state: usize): bool {
  let at = <usize>load<u32>(state, AT);
  const end = <usize>load<u32>(state, END);
  const width = <usize>load<u32>(state, WIDTH);
  if (width == 0) {
    store<u32>(state, u32.MAX_VALUE, LEFT);
    return true;
  }
  while (at < end) {
    let header: u32 = 0;
    for (let shift: u32 = 0; ; shift += 7) {
      if (at >= end || shift > 28) return false;
      const byte = load<u8>(at++);
      header |= (<u32>(byte & 0x7f)) << shift;
      if (byte < 0x80) break;
    }
    let left: u64;
    if ((header & 1) != 0) {
      const bytes = <u64>(header >> 1) * <u64>width;
      const room = end - at;
      // What fills up the last group may be missing.
      left = bytes <= <u64>room ? (<u64>(header >> 1)) << 3 : ((<u64>room) << 3) / <u64>width;
      store<u32>(state, 1, IS_PACKED);
      store<u32>(state, <u32>at, BYTE);
      store<u32>(state, 0, BIT);
      at = bytes <= <u64>room ? at + <usize>bytes : end;
    } else {
      left = <u64>(header >> 1);
      const bytes = (width + 7) >> 3;
      if (end - at < bytes) return false;
      let value: u32 = 0;
      for (let byte: usize = 0; byte < bytes; byte++) value |= (<u32>load<u8>(at + byte)) << (<u32>(byte << 3));
      store<u32>(state, 0, IS_PACKED);
      store<u32>(state, value, VALUE);
      at += bytes;
    }
    store<u32>(state, <u32>at, AT);
    if (left > 0) {
      store<u32>(state, left > <u64>u32.MAX_VALUE ? u32.MAX_VALUE : <u32>left, LEFT);
      return true;
    }
  }
  return false;
}

/** Reads the next numbers as words; false where there are not so many. */
export function readIndices(state: usize, count: u32, out: usize): bool {
  const width = load<u32>(state, WIDTH);
  const mask: u64 = ((<u64>1) << (<u64>width)) - 1;
  while (count > 0) {
    if (load<u32>(state, LEFT) == 0 && !nextRun(state)) return false;
    const left = load<u32>(state, LEFT);
    const taken = left < count ? left : count;
    const end = out + ((<usize>taken) << 2);
    if (load<u32>(state, IS_PACKED) != 0) {
      const byte = <usize>load<u32>(state, BYTE);
      let bit = <u64>load<u32>(state, BIT);
      for (; out < end; out += 4) {
        store<u32>(out, <u32>((load<u64>(byte + <usize>(bit >> 3)) >> (bit & 7)) & mask));
        bit += <u64>width;
      }
      store<u32>(state, <u32>(byte + <usize>(bit >> 3)), BYTE);
      store<u32>(state, <u32>(bit & 7), BIT);
    } else {
      const value = load<u32>(state, VALUE);
      for (; out < end; out += 4) store<u32>(out, value);
    }
    store<u32>(state, left - taken, LEFT);
    count -= taken;
  }
  return true;
}

/** Reads the next levels as bytes. Returns how many of them are `level`; -1 where there are not so many, or one is higher. */
export function readLevels(state: usize, count: u32, level: u32, out: usize): i32 {
  const width = load<u32>(state, WIDTH);
  const mask: u64 = ((<u64>1) << (<u64>width)) - 1;
  let found: u32 = 0;
  while (count > 0) {
    if (load<u32>(state, LEFT) == 0 && !nextRun(state)) return -1;
    const left = load<u32>(state, LEFT);
    const taken = left < count ? left : count;
    if (load<u32>(state, IS_PACKED) != 0) {
      const byte = <usize>load<u32>(state, BYTE);
      let bit = <u64>load<u32>(state, BIT);
      for (const end = out + <usize>taken; out < end; out++) {
        const value = <u32>((load<u64>(byte + <usize>(bit >> 3)) >> (bit & 7)) & mask);
        if (value > level) return -1;
        store<u8>(out, <u8>value);
        found += u32(value == level);
        bit += <u64>width;
      }
      store<u32>(state, <u32>(byte + <usize>(bit >> 3)), BYTE);
      store<u32>(state, <u32>(bit & 7), BIT);
    } else {
      const value = load<u32>(state, VALUE);
      if (value > level) return -1;
      memory.fill(out, <u8>value, <usize>taken);
      if (value == level) found += taken;
      out += <usize>taken;
    }
    store<u32>(state, left - taken, LEFT);
    count -= taken;
  }
  return <i32>found;
}
