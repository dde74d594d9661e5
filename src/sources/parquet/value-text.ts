/**
 * The text of one value. The kernel writes those of most columns, by itself (assembly/); what is here are values in lists
 * and objects, and those of kinds that are rare.
 */
import { Damage } from "./damage.ts";
import type { Meaning } from "./meaning.ts";

/** A value as it is kept. Bytes are valid until the next page. */
export type Raw = number | bigint | boolean | Uint8Array;

/** @throws {Damage} Where what is kept cannot be such a value. */
export function valueText(meaning: Meaning, raw: Raw, isSingle: boolean): string {
  switch (meaning.is) {
    case "signed":
      return String(raw);
    case "unsigned":
      return String(typeof raw === "bigint" ? BigInt.asUintN(64, raw) : Number(raw) >>> 0);
    case "boolean":
      return raw === true || raw === 1 ? "true" : "false";
    case "float":
      return floatText(raw, isSingle);
    case "decimal":
      return decimalText(whole(raw), meaning.scale);
    case "day":
      return dayText(Number(raw));
    case "time":
      return timeText(whole(raw), meaning.digits);
    case "moment":
      return momentText(raw instanceof Uint8Array ? legacyMoment(raw) : whole(raw), meaning);
    case "text":
    case "json":
      return utf8Text(bytesOf(raw));
    case "uuid":
      return uuidText(bytesOf(raw));
    case "interval":
      return intervalText(bytesOf(raw));
    case "binary":
      return bytesOf(raw).toBase64();
  }
}

function bytesOf(raw: Raw): Uint8Array {
  if (raw instanceof Uint8Array) return raw;
  throw new Damage("a number stands where bytes should");
}

/** A whole number, also where it is kept as bytes, the highest first. */
function whole(raw: Raw): bigint {
  if (!(raw instanceof Uint8Array)) return BigInt(raw);
  if (raw.length === 0) return 0n;
  return BigInt.asIntN(raw.length * 8, BigInt(`0x${raw.toHex()}`));
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8Text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Damage("a text in it is no UTF-8");
  }
}

function floatText(raw: Raw, isSingle: boolean): string {
  const value = raw instanceof Uint8Array ? halfFloat(raw) : Number(raw);
  if (Object.is(value, -0)) return "-0";
  return isSingle ? singleText(value) : String(value);
}

/** The shortest text that reads back as the same number of 32 bits. */
function singleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** A number of 16 bits, whose digits are those of the double. */
function halfFloat(bytes: Uint8Array): number {
  const [low = 0, high = 0] = bytes;
  const power = (high >> 2) & 0x1f;
  const fraction = ((high & 3) << 8) | low;
  const sign = high >= 0x80 ? -1 : 1;
  if (power === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (power === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (power - 25));
}

/** All digits, with as many behind the point as the scale says. */
function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const size = value < 0n ? -value : value;
  const digits = String(size).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const EPOCH_DAY = 719_468;
const DAYS_OF_400_YEARS = 146_097;

/** A day, by its number from 1970-01-01 on. Of years that have not four digits ISO 8601 wants a sign and six. */
export function dayText(number: number): string {
  const days = number + EPOCH_DAY;
  const era = Math.floor(days / DAYS_OF_400_YEARS);
  const day = days - era * DAYS_OF_400_YEARS;
  const yearOfEra = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  );
  const dayOfYear = day - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const dayOfMonth = dayOfYear - Math.floor((153 * march + 2) / 5) + 1;
  const shownYear =
    year >= 0 && year <= 9999
      ? String(year).padStart(4, "0")
      : `${year < 0 ? "-" : "+"}${String(Math.abs(year)).padStart(6, "0")}`;
  return `${shownYear}-${two(month)}-${two(dayOfMonth)}`;
}

function two(value: number | bigint): string {
  return String(value).padStart(2, "0");
}

/** A time of the day; of a fraction as many digits as are not zeros at its end. */
function timeText(parts: bigint, digits: number): string {
  const size = parts < 0n ? -parts : parts;
  const perSecond = 10n ** BigInt(digits);
  const seconds = size / perSecond;
  const fraction = String(size % perSecond)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return `${parts < 0n ? "-" : ""}${clock}${fraction === "" ? "" : `.${fraction}`}`;
}

export function momentText(parts: bigint, { digits, isUtc }: Extract<Meaning, { is: "moment" }>): string {
  const perDay = 86_400n * 10n ** BigInt(digits);
  const rest = ((parts % perDay) + perDay) % perDay;
  return `${dayText(Number((parts - rest) / perDay))}T${timeText(rest, digits)}${isUtc ? "Z" : ""}`;
}

const JULIAN_EPOCH = 2_440_588;
const NANOSECONDS_OF_DAY = 86_400_000_000_000n;

/** A moment of 96 bits: nanoseconds of the day, and the Julian day. */
function legacyMoment(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return BigInt(view.getInt32(8, true) - JULIAN_EPOCH) * NANOSECONDS_OF_DAY + view.getBigInt64(0, true);
}

function uuidText(bytes: Uint8Array): string {
  const hex = bytes.toHex();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Months, days and milliseconds as a duration of ISO 8601: none of them is a number of the others. */
function intervalText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [months, days, milliseconds] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  const date = `${months === 0 ? "" : `${months}M`}${days === 0 ? "" : `${days}D`}`;
  if (milliseconds === 0) return date === "" ? "PT0S" : `P${date}`;
  return `P${date}T${decimalText(BigInt(milliseconds), 3).replace(/\.?0+$/, "")}S`;
}
