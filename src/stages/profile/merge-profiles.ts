/** Makes one profile of two, whatever the order: those of several workers become that of all rows. */
import {
  type ArrayProfile,
  type KeyPlace,
  MAX_DISTINCT,
  MAX_KEYS,
  type NumberProfile,
  type ObjectProfile,
  type Profile,
  type Range,
  type TextProfile,
  widen,
} from "./profile.ts";
import type { TextShape } from "./text-shapes.ts";

/** Adds what `from` has seen to `into`; parts of `from` may become parts of it. */
function mergeProfiles(into: Profile, from: Profile): Profile {
  into.count += from.count;
  into.nulls += from.nulls;
  into.booleans += from.booleans;
  into.unknowns += from.unknowns;
  into.texts = either(into.texts, from.texts, mergeTexts);
  into.numbers = either(into.numbers, from.numbers, mergeNumbers);
  into.bigints = either(into.bigints, from.bigints, mergeRanges);
  into.dates = either(into.dates, from.dates, mergeRanges);
  into.arrays = either(into.arrays, from.arrays, mergeArrays);
  into.objects = either(into.objects, from.objects, (a, b) => mergeObjects(a, b));
  return into;
}

/** All values of an object as those of a map. */
export function asMap(objects: ObjectProfile): void {
  for (const { profile } of objects.keys.values()) objects.values = either(objects.values, profile, mergeProfiles);
  objects.keys.clear();
}

function either<Part>(a: Part | undefined, b: Part | undefined, merge: (a: Part, b: Part) => Part): Part | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return merge(a, b);
}

function mergeRanges<Value extends number | bigint | string | Date>(
  into: Range<Value>,
  { min, max }: Range<Value>,
): Range<Value> {
  return widen(widen(into, min), max);
}

function mergeNumbers(into: NumberProfile, from: NumberProfile): NumberProfile {
  mergeRanges(into, from);
  into.areIntegers &&= from.areIntegers;
  return into;
}

function mergeTexts(into: TextProfile, from: TextProfile): TextProfile {
  into.count += from.count;
  into.empty += from.empty;
  into.multiline += from.multiline;
  into.length = either(into.length, from.length, mergeRanges);
  into.numbers = either(into.numbers, from.numbers, mergeRanges);
  into.order = either(into.order, from.order, mergeRanges);
  // The least, so that it is the same in any order.
  into.oddNumber = either(into.oddNumber, from.oddNumber, (a, b) => (a < b ? a : b));
  into.shapes = into.shapes.intersection(from.shapes);
  dropRanges(into);
  const distinct =
    into.distinct === undefined || from.distinct === undefined ? undefined : into.distinct.union(from.distinct);
  into.distinct = distinct === undefined || distinct.size > MAX_DISTINCT ? undefined : distinct;
  return into;
}

const ORDERED: readonly TextShape[] = ["timestamp", "date", "datetime", "time"];

/** What only texts of a shape have is of no use when that shape is gone. */
export function dropRanges(texts: TextProfile): void {
  if (!texts.shapes.has("decimal")) {
    texts.numbers = undefined;
    texts.oddNumber = undefined;
  }
  if (texts.order !== undefined && !ORDERED.some((shape) => texts.shapes.has(shape))) texts.order = undefined;
}

function mergeArrays(into: ArrayProfile, from: ArrayProfile): ArrayProfile {
  into.longest = Math.max(into.longest, from.longest);
  mergeProfiles(into.items, from.items);
  return into;
}

/** As for profiles; an object with more than `maxKeys` becomes a map. */
export function mergeObjects(into: ObjectProfile, from: ObjectProfile, maxKeys: number = MAX_KEYS): ObjectProfile {
  into.count += from.count;
  into.values = either(into.values, from.values, mergeProfiles);
  for (const [key, value] of from.keys) {
    const known = into.keys.get(key);
    if (known === undefined) {
      into.keys.set(key, value);
      continue;
    }
    mergeProfiles(known.profile, value.profile);
    if (isBefore(value.first, known.first)) known.first = value.first;
  }
  if (into.values !== undefined || into.keys.size > maxKeys) asMap(into);
  return into;
}

function isBefore(a: KeyPlace, b: KeyPlace): boolean {
  return a.row === b.row ? a.at < b.at : a.row < b.row;
}
