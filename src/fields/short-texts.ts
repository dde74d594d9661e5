/**
 * Short texts of the everyday forms, read by their characters: `1815`, `-12.5`, `2017-05-26`. A loop over a few digits
 * takes a tenth of the time of a pattern. What is not certain here is NaN, and read by the rules of typed-fields.ts.
 */

/** Every number of so many digits is a double of its own. */
const MAX_CHARS = 15;
const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const POWERS: readonly number[] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14];

/** A whole number, such as `1815` or `-7`. */
export function shortInteger(text: string): number {
  const { length } = text;
  const isNegative = text.charCodeAt(0) === MINUS;
  const first = isNegative ? 1 : 0;
  if (length > MAX_CHARS || length === first) return NaN;
  let value = 0;
  for (let at = first; at < length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

/** A decimal number, such as `1815`, `-12.5` or `.5`; the quotient of two exact numbers is the nearest double. */
export function shortDecimal(text: string): number {
  const { length } = text;
  const isNegative = text.charCodeAt(0) === MINUS;
  const first = isNegative ? 1 : 0;
  if (length > MAX_CHARS) return NaN;
  let value = 0;
  let point = -1;
  for (let at = first; at < length; at++) {
    const char = text.charCodeAt(at);
    if (char === POINT && point < 0) {
      point = at;
      continue;
    }
    const digit = char - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  if (length - first - (point < 0 ? 0 : 1) <= 0) return NaN;
  if (point >= 0) value /= POWERS[length - 1 - point] ?? NaN;
  return isNegative ? -value : value;
}

const DASH = 45;
const COLON = 58;
const LETTER_T = 84;
const LETTER_Z = 90;
/** What is behind the day, where there is a time, is in UTC. */
const DATE_CHARS = "2017-05-26".length;
const TIME_CHARS = "2017-05-26T12:00:00Z".length;
const MILLIS_CHARS = "2017-05-26T12:00:00.000Z".length;
/** Years before are others to Date.UTC. */
const FIRST_YEAR = 100;
const DAYS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A date such as `2017-05-26`, or with a time of UTC: milliseconds since 1970. */
export function shortDate(text: string): number {
  const { length } = text;
  if (length !== DATE_CHARS && length !== TIME_CHARS && length !== MILLIS_CHARS) return NaN;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (!(year >= FIRST_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(month, year))) return NaN;
  if (length === DATE_CHARS) return Date.UTC(year, month - 1, day);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const hasMarks =
    text.charCodeAt(10) === LETTER_T &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    text.charCodeAt(length - 1) === LETTER_Z;
  if (!(hasMarks && hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  if (length === TIME_CHARS) return Date.UTC(year, month - 1, day, hour, minute, second);
  if (text.charCodeAt(19) !== POINT) return NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second, twoDigits(text, 20) * 10 + digitAt(text, 22));
}

/** How many days a month has; none where there is no such month. */
export function daysOf(month: number, year: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

function twoDigits(text: string, at: number): number {
  return digitAt(text, at) * 10 + digitAt(text, at + 1);
}

function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : NaN;
}
