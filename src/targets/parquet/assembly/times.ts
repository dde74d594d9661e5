// Days, times of the day and moments in ISO 8601, read from their texts.

/** Days from the first of March of the year 0 up to the first of January 1970. */
const EPOCH: i64 = 719468;

/** Nanoseconds of so many days before 1970, or after, are surely 64 bits. */
export const MOST_NANO_DAYS: i64 = 106750;

/** What was read last: a day, counted from 1970-01-01; nanoseconds; digits of a second, without zeros at the end. */
export let day: i64 = 0;
export let nanoseconds: i64 = 0;
export let digits: u32 = 0;
/** A `Z` stood behind it. */
export let isUtc: bool = false;

/** Two digits; above 99 where they are none. */
@inline
function pair(at: usize): u32 {
  const high = <u32>load<u8>(at) - 0x30;
  const low = <u32>load<u8>(at, 1) - 0x30;
  return high > 9 || low > 9 ? 1000 : high * 10 + low;
}

/** Reads `2020-02-29`. */
export function readDay(at: usize, length: usize): bool {
  if (length != 10 || load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d) return false;
  const century = pair(at);
  const year = pair(at + 2);
  const month = pair(at + 5);
  const dayOfMonth = pair(at + 8);
  if (century > 99 || year > 99 || month < 1 || month > 12 || dayOfMonth < 1) return false;
  const full = century * 100 + year;
  if (dayOfMonth > daysOf(month, full)) return false;
  day = daysFrom(<i64>full, month, dayOfMonth);
  return true;
}

function daysOf(month: u32, year: u32): u32 {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Years begin in March here, so that a leap day is the last of its year. */
function daysFrom(year: i64, month: u32, dayOfMonth: u32): i64 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const ofEra = shifted - era * 400;
  const ofYear = <i64>((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dayOfMonth - 1);
  return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - EPOCH;
}

/** Reads `03:04:05`, or with up to nine digits behind a point. */
export function readTime(at: usize, length: usize): bool {
  if (length < 8 || length == 9 || length > 18 || load<u8>(at, 2) != 0x3a || load<u8>(at, 5) != 0x3a) return false;
  const hours = pair(at);
  const minutes = pair(at + 3);
  const seconds = pair(at + 6);
  if (hours > 23 || minutes > 59 || seconds > 59) return false;
  let fraction: i64 = 0;
  digits = 0;
  if (length > 8) {
    if (load<u8>(at, 8) != 0x2e) return false;
    for (let place: usize = 0; place < <usize>9; place++) {
      let digit: u32 = 0;
      if (<usize>9 + place < length) {
        digit = <u32>load<u8>(at + 9 + place) - 0x30;
        if (digit > 9) return false;
        if (digit > 0) digits = <u32>place + 1;
      }
      fraction = fraction * 10 + <i64>digit;
    }
  }
  nanoseconds = <i64>(hours * 3600 + minutes * 60 + seconds) * 1000000000 + fraction;
  return true;
}

/** Reads a day and a time with a `T` between them, and perhaps a `Z` behind. */
export function readMoment(at: usize, length: usize): bool {
  if (length < 19 || load<u8>(at, 10) != 0x54 || !readDay(at, 10)) return false;
  isUtc = load<u8>(at + length - 1) == 0x5a;
  return readTime(at + 11, length - 11 - usize(isUtc));
}

/** Reads a day, or the moment in UTC at which one begins. */
export function readDate(at: usize, length: usize): bool {
  return readDay(at, length) || (readMoment(at, length) && isUtc && nanoseconds == 0);
}
