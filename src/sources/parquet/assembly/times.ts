// Days, times of the day, and moments, as ISO 8601 writes them.

import { writePadded, writePair, writeUnsigned } from "./digits";

/** Days from the first of March of the year 0 up to the first of January 1970. */
const EPOCH: i64 = 719468;
const DAYS_OF_400_YEARS: i64 = 146097;

/**
 * A day, by its number from 1970-01-01 on. Years begin in March here, so that a leap day is the last of its year. A year
 * that has not four digits is written with a sign and six.
 */
export function writeDay(to: usize, number: i64): usize {
  const days = number + EPOCH;
  const era = (days >= 0 ? days : days - DAYS_OF_400_YEARS + 1) / DAYS_OF_400_YEARS;
  const day = <u32>(days - era * DAYS_OF_400_YEARS);
  const yearOfEra = (day - day / 1460 + day / 36524 - day / 146096) / 365;
  const dayOfYear = day - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  // Five months have 153 days, wherever one begins.
  const march = (5 * dayOfYear + 2) / 153;
  const dayOfMonth = dayOfYear - (153 * march + 2) / 5 + 1;
  const month = march < 10 ? march + 3 : march - 9;
  let year = <i64>yearOfEra + era * 400;
  if (month <= 2) year++;
  if (year >= 0 && year <= 9999) to = writePadded(to, <u64>year, 4);
  else {
    store<u8>(to++, year < 0 ? 0x2d : 0x2b);
    const size = <u64>(year < 0 ? -year : year);
    to = size < 1000000 ? writePadded(to, size, 6) : writeUnsigned(to, size);
  }
  store<u8>(to, 0x2d);
  to = writePair(to + 1, month);
  store<u8>(to, 0x2d);
  return writePair(to + 1, dayOfMonth);
}

/** A time of the day, in parts of a second of which there are `perSecond`, the power of ten with so many zeros. */
export function writeTime(to: usize, parts: u64, perSecond: u64, digits: usize): usize {
  const seconds = parts / perSecond;
  let fraction = parts - seconds * perSecond;
  const minutes = seconds / 60;
  const hours = minutes / 60;
  to = hours < 100 ? writePair(to, <u32>hours) : writeUnsigned(to, hours);
  store<u8>(to, 0x3a);
  to = writePair(to + 1, <u32>(minutes - hours * 60));
  store<u8>(to, 0x3a);
  to = writePair(to + 1, <u32>(seconds - minutes * 60));
  if (fraction == 0) return to;
  store<u8>(to++, 0x2e);
  while (fraction % 10 == 0) {
    fraction /= 10;
    digits--;
  }
  return writePadded(to, fraction, digits);
}

/** A moment, in parts of a second from 1970-01-01 on, in UTC or in no zone. */
export function writeMoment(to: usize, parts: i64, perSecond: u64, digits: usize, isUtc: bool): usize {
  const perDay = <i64>(perSecond * 86400);
  let day = parts / perDay;
  let rest = parts - day * perDay;
  if (rest < 0) {
    day--;
    rest += perDay;
  }
  to = writeDay(to, day);
  store<u8>(to, 0x54);
  to = writeTime(to + 1, <u64>rest, perSecond, digits);
  if (isUtc) store<u8>(to++, 0x5a);
  return to;
}
