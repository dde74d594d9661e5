// Whole numbers in decimal.

/** 00 to 99. */
const PAIRS = memory.data<u8>([
  48,48,48,49,48,50,48,51,48,52,48,53,48,54,48,55,48,56,48,57,49,48,49,49,49,50,49,51,49,52,49,53,49,54,49,55,49,56,49,57,
  50,48,50,49,50,50,50,51,50,52,50,53,50,54,50,55,50,56,50,57,51,48,51,49,51,50,51,51,51,52,51,53,51,54,51,55,51,56,51,57,
  52,48,52,49,52,50,52,51,52,52,52,53,52,54,52,55,52,56,52,57,53,48,53,49,53,50,53,51,53,52,53,53,53,54,53,55,53,56,53,57,
  54,48,54,49,54,50,54,51,54,52,54,53,54,54,54,55,54,56,54,57,55,48,55,49,55,50,55,51,55,52,55,53,55,54,55,55,55,56,55,57,
  56,48,56,49,56,50,56,51,56,52,56,53,56,54,56,55,56,56,56,57,57,48,57,49,57,50,57,51,57,52,57,53,57,54,57,55,57,56,57,57,
]);

/** No whole number of 64 bits has more digits. */
const MOST_DIGITS: usize = 20;

/** Two digits. */
@inline
export function writePair(to: usize, value: u32): usize {
  store<u16>(to, load<u16>(PAIRS + (<usize>value << 1)));
  return to + 2;
}

/** As many digits as there are. Up to 20 bytes behind `to` are overwritten. */
export function writeUnsigned(to: usize, value: u64): usize {
  // From the last pair of digits on, at the end of the room for the longest number.
  let at = to + MOST_DIGITS;
  while (value > <u64>u32.MAX_VALUE) {
    const rest = value / 100;
    at -= 2;
    writePair(at, <u32>(value - rest * 100));
    value = rest;
  }
  let small = <u32>value;
  while (small >= 100) {
    const rest = small / 100;
    at -= 2;
    writePair(at, small - rest * 100);
    small = rest;
  }
  if (small >= 10) {
    at -= 2;
    writePair(at, small);
  } else {
    store<u8>(--at, <u8>(small + 0x30));
  }
  const length = to + MOST_DIGITS - at;
  // It moves to the front, over itself.
  const first = v128.load(at);
  const last = load<u32>(at, 16);
  v128.store(to, first);
  store<u32>(to, last, 16);
  return to + length;
}

/** So many digits, with zeros before them. */
export function writePadded(to: usize, value: u64, digits: usize): usize {
  let at = to + digits;
  for (; at > to + 1; at -= 2) {
    const rest = value / 100;
    writePair(at - 2, <u32>(value - rest * 100));
    value = rest;
  }
  if (at > to) store<u8>(to, <u8>(<u32>(value % 10) + 0x30));
  return to + digits;
}

export function writeSigned(to: usize, value: i64): usize {
  if (value < 0) {
    store<u8>(to++, 0x2d);
    return writeUnsigned(to, <u64>0 - <u64>value);
  }
  return writeUnsigned(to, <u64>value);
}

export function powerOfTen(exponent: u32): u64 {
  let power: u64 = 1;
  for (; exponent > 0; exponent--) power *= 10;
  return power;
}

/** A number with so many decimals, which `power` is the power of ten of. */
export function writeDecimal(to: usize, value: i64, scale: u32, power: u64): usize {
  if (scale == 0) return writeSigned(to, value);
  let size = <u64>value;
  if (value < 0) {
    store<u8>(to++, 0x2d);
    size = <u64>0 - size;
  }
  const whole = size / power;
  to = writeUnsigned(to, whole);
  store<u8>(to++, 0x2e);
  return writePadded(to, size - whole * power, <usize>scale);
}
