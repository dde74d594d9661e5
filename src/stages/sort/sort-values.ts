/** The values that rows are sorted by: what a field counts as, and many of them as arrays of numbers. */
import type { KeyValues } from "../../formats/indexed/row-merger.ts";
import { FieldText } from "../../formats/values/field-text.ts";
import { stringifyJson } from "../../formats/values/json.ts";
import { isNullWord } from "../../formats/values/null-words.ts";
import { copyable } from "../arranged.ts";
import { collation } from "./collation.ts";
import type { SortKey } from "./sort-keys.ts";

/** What is missing or empty stands behind all, downwards too. */
const NOTHING = 2;
/** So many bytes of a text are a whole number that a double holds. */
const PREFIX_BYTES = 6;

/** What a field is sorted as: a bigint only where no double holds it; undefined: nothing. */
export type SortValue = number | bigint | string | undefined;

/** The function that says what a field of a key counts as. */
export function sortValueOf({ as }: Pick<SortKey, "as">): (field: unknown) => SortValue {
  const read = as === undefined ? undefined : READERS[as];
  // No language orders numbers in another way.
  const readsText = as !== undefined && as !== "locale";
  return (field) => {
    const value = plainValue(field instanceof FieldText && readsText ? field.text : field);
    if (value === undefined || value === "" || Number.isNaN(value)) return undefined;
    return typeof value === "string" && read !== undefined ? read(value) : value;
  };
}

function plainValue(field: unknown): SortValue {
  if (typeof field === "string" || typeof field === "number") return field;
  if (field === undefined || field === null) return undefined;
  if (field instanceof FieldText) return plainValue(field.value);
  if (typeof field === "bigint") return shortNumber(field);
  if (field instanceof Date) return field.getTime();
  if (typeof field === "boolean") return String(field);
  if (typeof field === "function" || typeof field === "symbol")
    throw new TypeError(`rows are not sorted by a ${typeof field}`);
  return stringifyJson(field);
}

/** A double, where there is one. */
function shortNumber(whole: bigint): number | bigint {
  const near = Number(whole);
  return Number.isSafeInteger(near) ? near : whole;
}

const WHOLE = /^\s*-?\d+\s*$/;

/** What says of a time in which zone it is: an offset behind a clock, or a name. */
const HAS_ZONE = /:\d\d.*[+-]\d|\b(?:UTC?|GMT|[ECMP][SD]T)\b|\dZ$/i;

/** The time that a text stands for as `Date.parse` reads it, but that one without a zone is in UTC, and not in that of this machine. */
function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time) || HAS_ZONE.test(text)) return time;
  const inUtc = Date.parse(`${text}Z`);
  return Number.isNaN(inUtc) ? Date.parse(`${text} UTC`) : inUtc;
}

/** Texts that are none of these stay texts. */
const READERS: Record<NonNullable<SortKey["as"]>, (text: string) => SortValue> = {
  num: (text) => {
    if (isNullWord(text)) return undefined;
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isNaN(number)) return text;
    return Number.isSafeInteger(number) || !WHOLE.test(text) ? number : shortNumber(BigInt(text));
  },
  date: (text) => {
    const time = timeOf(text);
    return Number.isNaN(time) ? text : time;
  },
  // As it comes back from bytes.
  locale: (text) => text.toWellFormed(),
  // The length of a number decides before its digits do.
  natural: (text) =>
    text.replaceAll(/\d+/g, (digits) => {
      const number = digits.replace(/^0+(?=\d)/, "");
      return `0${String(number.length).padStart(4, "0")}${number}`;
    }),
};

/** The rank of a text, and of a number. */
function ranksOf({ isDescending }: Pick<SortKey, "isDescending">): { ofText: number; ofNumber: number } {
  return isDescending ? { ofText: 0, ofNumber: 1 } : { ofText: 1, ofNumber: 0 };
}

/** Makes arrays of the values of a key. */
export function valuesOfKey(values: readonly SortValue[], key: Pick<SortKey, "isDescending" | "locale">): KeyValues {
  const ranks = new Uint8Array(values.length);
  const leads = new Float64Array(values.length);
  const texts: string[] = [];
  const { ofText, ofNumber } = ranksOf(key);
  const sign = key.isDescending ? -1 : 1;
  /** What stands in the place of texts for large integers. */
  let rests: Map<number, string> | undefined;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value === "number") {
      ranks[row] = ofNumber;
      leads[row] = value * sign;
    } else if (value === undefined) {
      ranks[row] = NOTHING;
    } else if (typeof value === "bigint") {
      const lead = doubleBelow(value);
      const rest = restText(value, lead);
      ranks[row] = ofNumber;
      leads[row] = lead * sign;
      (rests ??= new Map()).set(row, rest);
      texts.push(rest);
    } else {
      ranks[row] = ofText;
      // The first bytes say nothing of the order in a language.
      if (key.locale === undefined) leads[row] = leadOf(value) * sign;
      texts.push(value);
    }
  }
  const joined = texts.join("");
  const bytes = Buffer.from(joined);
  const measure = bytes.length === joined.length ? lengthOf : byteLength;
  const written = rests === undefined ? values : values.map((value, row) => rests.get(row) ?? value);
  return { ranks, leads, texts: bytes, ends: endsOf(written, measure) };
}

/** The largest double that is not above an integer. */
function doubleBelow(whole: bigint): number {
  const near = Number(whole);
  if (!Number.isFinite(near) || BigInt(near) <= whole) return near;
  const bits = new BigInt64Array(new Float64Array([near]).buffer);
  bits[0] = (bits[0] ?? 0n) + (near > 0 ? -1n : 1n);
  return new Float64Array(bits.buffer)[0] ?? near;
}

/** How far an integer is above a double, so that texts are in the order of these: how many digits there are comes first. */
function restText(whole: bigint, lead: number): string {
  const rest = Number.isFinite(lead) ? whole - BigInt(lead) : 0n;
  if (rest === 0n) return "";
  const digits = rest.toString(16);
  return String(digits.length).padStart(REST_DIGITS, "0") + digits;
}

/** A double has 1,024 bits at most. */
const REST_DIGITS = 3;

function endsOf(values: readonly SortValue[], measure: (text: string) => number): Uint32Array {
  const ends = new Uint32Array(values.length + 1);
  let end = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value === "string") end += measure(value);
    ends[row + 1] = end;
  }
  return ends;
}

function lengthOf(text: string): number {
  return text.length;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function leadOf(text: string): number {
  let lead = 0;
  let bytes = 0;
  for (let at = 0; bytes < PREFIX_BYTES; at++, bytes++) {
    const unit = at < text.length ? text.charCodeAt(at) : 0;
    if (unit < 0x80) lead = lead * 256 + unit;
    else if (unit < 0x800) {
      lead = lead * 256 + (0xc0 | (unit >> 6));
      if (++bytes < PREFIX_BYTES) lead = lead * 256 + (0x80 | (unit & 0x3f));
    } else return leadOfBytes(Buffer.from(text.slice(0, PREFIX_BYTES)));
  }
  return lead;
}

function leadOfBytes(bytes: Buffer): number {
  let lead = 0;
  for (let at = 0; at < PREFIX_BYTES; at++) lead = lead * 256 + (bytes[at] ?? 0);
  return lead;
}

/** The values of these rows, in this order. */
export function valuesInOrder({ ranks, leads, texts, ends }: KeyValues, order: Uint32Array): KeyValues {
  const inOrder = {
    ranks: new Uint8Array(order.length),
    leads: new Float64Array(order.length),
    texts: new Uint8Array(texts.length),
    ends: new Uint32Array(order.length + 1),
  };
  const [from, to] = [copyable(texts), copyable(inOrder.texts)];
  let end = 0;
  for (let at = 0; at < order.length; at++) {
    const row = order[at] ?? 0;
    inOrder.ranks[at] = ranks[row] ?? 0;
    inOrder.leads[at] = leads[row] ?? 0;
    const [start, behind] = [ends[row] ?? 0, ends[row + 1] ?? 0];
    if (behind > start) end += from.copy(to, end, start, behind);
    inOrder.ends[at + 1] = end;
  }
  return inOrder;
}

/** The values of the rows from one up to another, in memory of their own. */
export function valuesBetween({ ranks, leads, texts, ends }: KeyValues, from: number, to: number): KeyValues {
  const start = ends[from] ?? 0;
  return {
    ranks: ranks.slice(from, to),
    leads: leads.slice(from, to),
    texts: texts.slice(start, ends[to]),
    ends: ends.slice(from, to + 1).map((end) => end - start),
  };
}

/**
 * The function that compares the rows of a batch by their values: below 0 where one stands before the other. It is called for
 * a row more often than there are bits in their number, so it makes no object.
 */
export function comparesRows(keys: readonly SortKey[], values: readonly KeyValues[]): (a: number, b: number) => number {
  return keys.reduceRight(
    (next: (a: number, b: number) => number, key, at) => {
      const of = values[at];
      if (of === undefined) return next;
      const { ranks, leads } = of;
      const compareOthers = key.locale === undefined ? comparesTexts(key) : comparesCollated(of, key);
      return (a, b) => {
        const rank = (ranks[a] ?? 0) - (ranks[b] ?? 0);
        if (rank !== 0) return rank;
        const lead = leads[a] ?? 0;
        const other = leads[b] ?? 0;
        if (lead !== other) return lead < other ? -1 : 1;
        return compareOthers(of, a, of, b) || next(a, b);
      };
    },
    () => 0,
  );
}

/** The rank of values that are texts. */
export function rankOfTexts(key: SortKey): number {
  return ranksOf(key).ofText;
}

/** Compares two values of a key whose ranks and leads are equal. */
export type CompareTexts = (a: KeyValues, atA: number, b: KeyValues, atB: number) => number;

export function comparesTexts(key: Pick<SortKey, "isDescending">): CompareTexts {
  const sign = key.isDescending ? -1 : 1;
  return (a, atA, b, atB) => compareTexts(a, atA, b, atB) * sign;
}

/** Compares the texts of rows of a batch by a language: all are read beforehand, as each is compared many times. */
function comparesCollated(of: KeyValues, key: SortKey): CompareTexts {
  const { isDescending, locale = "" } = key;
  const texts = textsOf(of, [0, of.ranks.length]);
  const compare = collation(locale);
  const sign = isDescending ? -1 : 1;
  const ofText = rankOfTexts(key);
  const compareNumbers = comparesTexts(key);
  return (a, atA, b, atB) =>
    a.ranks[atA] === ofText ? compare(texts[atA] ?? "", texts[atB] ?? "") * sign : compareNumbers(a, atA, b, atB);
}

/** The texts of the rows from one up to another; empty where the value is none. */
export function textsOf({ texts, ends }: KeyValues, [from, to]: readonly [number, number]): string[] {
  const bytes = copyable(texts);
  return Array.from({ length: to - from }, (_, at) =>
    bytes.toString("utf8", ends[from + at] ?? 0, ends[from + at + 1] ?? 0),
  );
}

/** Compares texts whose first bytes are equal. */
function compareTexts(a: KeyValues, atA: number, b: KeyValues, atB: number): number {
  const from = a.ends[atA] ?? 0;
  const otherFrom = b.ends[atB] ?? 0;
  const length = (a.ends[atA + 1] ?? 0) - from;
  const otherLength = (b.ends[atB + 1] ?? 0) - otherFrom;
  const shared = Math.min(length, otherLength);
  for (let at = 0; at < shared; at++) {
    const difference = (a.texts[from + at] ?? 0) - (b.texts[otherFrom + at] ?? 0);
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}
