/**
 * What was seen in the values of a place of the rows: how many, of which types, from where to where. Profiles are plain
 * data, so that they can be sent, and two of them make one whatever the order.
 */
import type { TextShape } from "./text-shapes.ts";

/** The values of one place: a column, a key of an object, the items of an array. */
export interface Profile {
  /** Values, null among them. */
  count: number;
  nulls: number;
  booleans: number;
  texts: TextProfile | undefined;
  numbers: NumberProfile | undefined;
  bigints: Range<bigint> | undefined;
  dates: Range<Date> | undefined;
  arrays: ArrayProfile | undefined;
  objects: ObjectProfile | undefined;
  /** Values that were not looked into: there was no room left for what they hold. */
  unknowns: number;
}

/** The least and the greatest of some values. */
export interface Range<Value> {
  min: Value;
  max: Value;
}

export interface TextProfile {
  count: number;
  empty: number;
  /** Texts with a line break in them. */
  multiline: number;
  /** Characters, of those that are not empty. */
  length: Range<number> | undefined;
  /** The different texts that are not empty; undefined when they are too many, or too long. */
  distinct: Set<string> | undefined;
  /** The shapes that all texts have in common, but for the empty ones. */
  shapes: Set<TextShape>;
  /** As numbers, while they have a shape of numbers. */
  numbers: Range<number> | undefined;
  /** In the order of their characters. */
  order: Range<string> | undefined;
  /** A number that JavaScript would write otherwise. */
  oddNumber: string | undefined;
}

export interface NumberProfile extends Range<number> {
  /** All are whole, and between ±(2^53−1). */
  areIntegers: boolean;
}

export interface ArrayProfile {
  longest: number;
  items: Profile;
}

export interface ObjectProfile {
  count: number;
  keys: Map<string, KeyProfile>;
  /** With too many keys, all values are taken together, and `keys` is empty. */
  values: Profile | undefined;
}

interface KeyProfile {
  profile: Profile;
  /** Where it was first seen. */
  first: KeyPlace;
}

/** A row, and which of all keys in it, those of objects within included, one is. */
export interface KeyPlace {
  row: number;
  at: number;
}

/** More different texts than this are not counted. */
export const MAX_DISTINCT = 1000;
/** So many texts are kept, of all places together. */
export const MAX_KEPT_TEXTS = 1_000_000;
/** And so many keys, of all objects. */
export const MAX_KEPT_KEYS = 250_000;
/** Longer texts are not kept. */
export const MAX_KEPT_CHARS = 64;
/** An object with more keys than this is a map. */
export const MAX_KEYS = 1000;

export function emptyProfile(): Profile {
  return {
    count: 0,
    nulls: 0,
    booleans: 0,
    texts: undefined,
    numbers: undefined,
    bigints: undefined,
    dates: undefined,
    arrays: undefined,
    objects: undefined,
    unknowns: 0,
  };
}

/** The range with one more value. */
export function widen<Value extends number | bigint | string | Date>(
  range: Range<Value> | undefined,
  value: Value,
): Range<Value> {
  if (range === undefined) return { min: value, max: value };
  if (value < range.min) range.min = value;
  if (value > range.max) range.max = value;
  return range;
}
