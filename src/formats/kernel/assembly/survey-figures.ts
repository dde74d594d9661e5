// What a survey says of all values of a column: sums and bounds over what is known of each.

import { CANONICAL, LINES, NUMBER } from "./survey";

const MAX_SAFE: f64 = 9007199254740991;
/** So many of the least and the greatest numbers. */
const MAX_EXTREMES: u32 = 5;
/** Each is a number and a row, as doubles; there is room for one more. */
const EXTREME_BYTES: usize = 16;
const EXTREMES_BYTES: usize = EXTREME_BYTES * <usize>(MAX_EXTREMES + 1);
/** Doubles before the extremes: see the host. */
const FIGURES: usize = 16;
/** Counts below this one are counted. */
const RARE: u32 = 1024;

/**
 * Sums up so many values. At `out` are doubles: rows that have a value, the least and the greatest length, rows whose value has
 * several lines; how many values are whole numbers that JavaScript would write so, other such numbers, numbers written otherwise,
 * and no numbers; of numbers their rows, mean, squares around that, how many are not whole, rows with 0, with less; how many of
 * the least and of the greatest are known. Behind them are those, and how many values come 0, 1, … times.
 */
export function summarize(
  marksOf: usize, lengths: usize, counts: usize, numbers: usize, firsts: usize, size: u32, out: usize,
): void {
  const least = out + FIGURES * 8;
  const greatest = least + EXTREMES_BYTES;
  const rare = greatest + EXTREMES_BYTES;
  memory.fill(out, 0, rare - out + (<usize>RARE << 2));
  let rows: u64 = 0, multiline: u64 = 0;
  let shortest: u32 = u32.MAX_VALUE, longest: u32 = 0;
  let whole: u32 = 0, parts: u32 = 0, odd: u32 = 0, others: u32 = 0, notWhole: u32 = 0;
  let start: f64 = 0, sum: f64 = 0, numbered: f64 = 0, zeros: f64 = 0, negative: f64 = 0;
  let leastCount: u32 = 0, greatestCount: u32 = 0;
  for (let place: u32 = 0; place < size; place++) {
    const at = <usize>place << 2;
    const marks = load<u32>(marksOf + at);
    const length = load<u32>(lengths + at);
    const count = load<u32>(counts + at);
    rows += count;
    if (count < RARE) {
      const to = rare + (<usize>count << 2);
      store<u32>(to, load<u32>(to) + 1);
    }
    if (length < shortest) shortest = length;
    if (length > longest) longest = length;
    if ((marks & LINES) != 0) multiline += count;
    if ((marks & NUMBER) == 0) {
      others++;
      continue;
    }
    const number = load<f64>(numbers + (at << 1));
    const isWhole = floor<f64>(number) == number;
    if ((marks & CANONICAL) == 0) odd++;
    else if (isWhole && abs<f64>(number) <= MAX_SAFE) whole++;
    else parts++;
    if (!isWhole) notWhole++;
    if (numbered == 0) start = number;
    numbered += <f64>count;
    sum += (number - start) * <f64>count;
    if (number == 0) zeros += <f64>count;
    if (number < 0) negative += <f64>count;
    const row = <f64>load<u32>(firsts + at);
    leastCount = extreme(number, row, least, leastCount);
    greatestCount = extreme(-number, row, greatest, greatestCount);
  }
  const mean = start + sum / numbered;
  let squares: f64 = 0;
  if (numbered > 0) {
    for (let place: u32 = 0; place < size; place++) {
      const at = <usize>place << 2;
      if ((load<u32>(marksOf + at) & NUMBER) == 0) continue;
      const by = load<f64>(numbers + (at << 1)) - mean;
      squares += by * by * <f64>load<u32>(counts + at);
    }
  }
  store<f64>(out, <f64>rows);
  store<f64>(out, <f64>shortest, 8);
  store<f64>(out, <f64>longest, 16);
  store<f64>(out, <f64>multiline, 24);
  store<f64>(out, <f64>whole, 32);
  store<f64>(out, <f64>parts, 40);
  store<f64>(out, <f64>odd, 48);
  store<f64>(out, <f64>others, 56);
  store<f64>(out, numbered, 64);
  store<f64>(out, mean, 72);
  store<f64>(out, squares, 80);
  store<f64>(out, <f64>notWhole, 88);
  store<f64>(out, zeros, 96);
  store<f64>(out, negative, 104);
  store<f64>(out, <f64>leastCount, 112);
  store<f64>(out, <f64>greatestCount, 120);
}

/** Enters a number among the least, each once, with the first row that has it. Returns how many there are then. */
@inline
function extreme(number: f64, row: f64, kept: usize, length: u32): u32 {
  if (length == MAX_EXTREMES && number > load<f64>(kept + <usize>(MAX_EXTREMES - 1) * EXTREME_BYTES)) return length;
  let to = kept + <usize>length * EXTREME_BYTES;
  while (to > kept && load<f64>(to - EXTREME_BYTES) > number) to -= EXTREME_BYTES;
  if (to > kept && load<f64>(to - EXTREME_BYTES) == number) {
    if (row < load<f64>(to - EXTREME_BYTES, 8)) store<f64>(to - EXTREME_BYTES, row, 8);
    return length;
  }
  for (let at = kept + <usize>length * EXTREME_BYTES; at > to; at -= EXTREME_BYTES)
    v128.store(at, v128.load(at - EXTREME_BYTES));
  store<f64>(to, number);
  store<f64>(to, row, 8);
  return length == MAX_EXTREMES ? length : length + 1;
}

/** Writes the places of all values that come more often to `out`. Returns how many. */
export function placesAbove(counts: usize, size: u32, least: u32, out: usize): u32 {
  const first = out;
  for (let place: u32 = 0; place < size; place++) {
    if (load<u32>(counts + (<usize>place << 2)) <= least) continue;
    store<u32>(out, place);
    out += 4;
  }
  return <u32>((out - first) >>> 2);
}

const INDEX_BITS: u32 = 14;
/** Of a hash, so many bits count: those that a double holds. */
const HASH_MASK: u64 = (1 << 53) - 1;

/** Notes hashes in registers of HyperLogLog, a byte each, as stages/grouping/approx/hyperloglog.ts does. */
export function noteHashes(hashes: usize, size: u32, registers: usize): void {
  for (const end = hashes + (<usize>size << 3); hashes < end; hashes += 8) {
    const hash = load<u64>(hashes) & HASH_MASK;
    const to = registers + <usize>(hash & ((1 << INDEX_BITS) - 1));
    const rank = <u8>(clz<u64>(hash >>> INDEX_BITS) - 24);
    if (rank > load<u8>(to)) store<u8>(to, rank);
  }
}

/**
 * Writes of each row the eight bytes of its value. Where it has none these are a number that is none; of hashes they are 0, and
 * a hash that is 0 becomes 1.
 */
export function spread(placeOf: usize, values: usize, rows: u32, areHashes: bool, out: usize): void {
  const none: u64 = areHashes ? 0 : 0x7ff8000000000000;
  for (; rows > 0; rows--) {
    const place = load<i32>(placeOf);
    let value = place < 0 ? none : load<u64>(values + (<usize>place << 3));
    if (areHashes && place >= 0 && value == 0) value = 1;
    store<u64>(out, value);
    placeOf += 4;
    out += 8;
  }
}
