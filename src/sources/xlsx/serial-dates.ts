/** Days as workbooks count them, as ISO 8601: `2024-02-29`, `13:45:00`, `2024-02-29T13:45:00`. */
import type { ByteBuffer } from "./byte-buffer.ts";
import type { NumberKind } from "./number-formats.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1000;
/** The last day of the year 9999, by each of the two ways to count. */
const LAST_DAY = 2_958_465;
const LAST_DAY_1904 = 2_957_003;
/** From the first day of 1970 back to day 0: to the last day but one of 1899, and to the first one of 1904. */
const EPOCH = 25_569;
const EPOCH_1904 = 24_107;
/** 29 February 1900, which there was not. Days before it are one less than they would be. */
const NO_DAY = 60;
/** A length of time of more hours is a number. */
const MAX_HOURS = 1e9;

const ZERO = 48;
const DASH = 45;
const COLON = 58;
const POINT = 46;
const T = 84;

/** Writes a number of days; false where it is no date. */
export function addSerial(
  target: ByteBuffer,
  serial: number,
  { kind, is1904 }: { kind: NumberKind; is1904: boolean },
): boolean {
  const ms = Math.round(serial * DAY_MS);
  if (kind === "elapsed") return addElapsed(target, ms);
  if (!(ms >= 0)) return false;
  const day = Math.floor(ms / DAY_MS);
  if (day > (is1904 ? LAST_DAY_1904 : LAST_DAY)) return false;
  const rest = ms - day * DAY_MS;
  if (day === 0 && (kind === "time" || !is1904)) {
    // Day 0 of 1900 is none; what is in it is a time of any day.
    if (kind === "date" && rest === 0) return false;
    addTime(target, rest, Math.floor(rest / HOUR_MS));
    return true;
  }
  addDay(target, day, is1904);
  if (kind === "date" && rest === 0) return true;
  target.put(T);
  addTime(target, rest, Math.floor(rest / HOUR_MS));
  return true;
}

function addDay(target: ByteBuffer, day: number, is1904: boolean): void {
  if (!is1904 && day === NO_DAY) {
    target.addText("1900-02-29");
    return;
  }
  const days = is1904 ? day - EPOCH_1904 : day - EPOCH + (day < NO_DAY ? 1 : 0);
  // Years begin in March here: what is left of a leap year is at its end. Eras of 400 years have as many days each.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  addTwo(target, Math.floor(year / 100));
  addTwo(target, year % 100);
  target.put(DASH);
  addTwo(target, month);
  target.put(DASH);
  addTwo(target, ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1);
}

function addTime(target: ByteBuffer, ms: number, hours: number): void {
  if (hours < 100) addTwo(target, hours);
  else target.addText(String(hours));
  target.put(COLON);
  addTwo(target, Math.floor((ms % HOUR_MS) / MINUTE_MS));
  target.put(COLON);
  addTwo(target, Math.floor((ms % MINUTE_MS) / SECOND_MS));
  const fraction = ms % SECOND_MS;
  if (fraction === 0) return;
  target.put(POINT);
  target.put(ZERO + Math.floor(fraction / 100));
  addTwo(target, fraction % 100);
}

function addElapsed(target: ByteBuffer, ms: number): boolean {
  const length = Math.abs(ms);
  const hours = Math.floor(length / HOUR_MS);
  if (!(hours < MAX_HOURS)) return false;
  if (ms < 0) target.put(DASH);
  addTime(target, length, hours);
  return true;
}

function addTwo(target: ByteBuffer, value: number): void {
  target.put(ZERO + Math.floor(value / 10));
  target.put(ZERO + (value % 10));
}
