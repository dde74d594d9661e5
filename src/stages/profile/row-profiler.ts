/** Looks at rows, one after another, and folds them into a profile whose size is bounded. */
import { asMap, dropRanges } from "./merge-profiles.ts";
import {
  MAX_DISTINCT,
  MAX_KEPT_CHARS,
  MAX_KEPT_KEYS,
  MAX_KEPT_TEXTS,
  MAX_KEYS,
  type ObjectProfile,
  type Profile,
  type TextProfile,
  emptyProfile,
  widen,
} from "./profile.ts";
import { IMPLIED, SHAPES, type ShapeTests, type TextShape } from "./text-shapes.ts";

/** Values lie so deep at most that are looked into. */
const MAX_DEPTH = 32;
/** So many of the first rows are kept as they are. */
export const HEAD_ROWS = 10;

/** What was seen in the rows of a batch, or of several. */
export interface RowsProfile {
  rows: ObjectProfile;
  /** The first rows of the run, as far as they are among them. */
  head: { index: number; row: Record<string, unknown> }[];
  /** How many texts and keys are kept, at most: what several batches have is counted for each. */
  kept: { texts: number; keys: number };
}

export class RowProfiler {
  readonly #tests: ShapeTests;
  readonly #rows: ObjectProfile = { count: 0, keys: new Map(), values: undefined };
  readonly #head: RowsProfile["head"] = [];
  /** Of CSV the columns are few enough: they are no map. */
  readonly #hasColumns: boolean;
  #texts = 0;
  #keys = 0;
  #row = 0;
  /** Keys of the row that were met so far, in whatever object: no two of them have the same place. */
  #met = 0;

  constructor(tests: ShapeTests, hasColumns: boolean) {
    this.#tests = tests;
    this.#hasColumns = hasColumns;
  }

  get result(): RowsProfile {
    return { rows: this.#rows, head: this.#head, kept: { texts: this.#texts, keys: this.#keys } };
  }

  /** Looks at a row; `index` is its number in the run. */
  look(row: Record<string, unknown>, index: number): void {
    this.#row = index;
    this.#met = 0;
    if (index < HEAD_ROWS) this.#head.push({ index, row });
    this.#object(this.#rows, row, 0);
  }

  #object(profile: ObjectProfile, object: object, depth: number): void {
    profile.count++;
    for (const key of Object.keys(object)) {
      const place = this.#place(profile, key, this.#met++);
      if (place !== undefined) this.#value(place, Reflect.get(object, key), depth);
    }
    const isMap = profile.keys.size > MAX_KEYS && !(depth === 0 && this.#hasColumns);
    if (isMap) {
      this.#keys -= profile.keys.size;
      asMap(profile);
    }
  }

  /** Where the values of a key belong. */
  #place(profile: ObjectProfile, key: string, at: number): Profile | undefined {
    if (profile.values !== undefined) return profile.values;
    const known = profile.keys.get(key);
    if (known !== undefined) return known.profile;
    if (this.#keys >= MAX_KEPT_KEYS) {
      asMap(profile);
      profile.values ??= emptyProfile();
      return profile.values;
    }
    this.#keys++;
    const added = { profile: emptyProfile(), first: { row: this.#row, at } };
    profile.keys.set(key, added);
    return added.profile;
  }

  #value(profile: Profile, value: unknown, depth: number): void {
    // An absent value is that of no key.
    if (value === undefined) return;
    profile.count++;
    if (typeof value === "string") this.#text((profile.texts ??= this.#emptyText()), value);
    else if (typeof value === "number") countNumber(profile, value);
    else if (typeof value === "boolean") profile.booleans++;
    else if (typeof value === "bigint") profile.bigints = widen(profile.bigints, value);
    else if (value === null) profile.nulls++;
    else if (value instanceof Date) profile.dates = widen(profile.dates, value);
    else if (depth >= MAX_DEPTH || typeof value !== "object") profile.unknowns++;
    else if (Array.isArray(value)) this.#array(profile, value, depth + 1);
    else this.#object((profile.objects ??= { count: 0, keys: new Map(), values: undefined }), value, depth + 1);
  }

  #array(profile: Profile, values: readonly unknown[], depth: number): void {
    const arrays = (profile.arrays ??= { longest: 0, items: emptyProfile() });
    arrays.longest = Math.max(arrays.longest, values.length);
    for (const value of values) this.#value(arrays.items, value, depth);
  }

  #emptyText(): TextProfile {
    return {
      count: 0,
      empty: 0,
      multiline: 0,
      length: undefined,
      distinct: new Set(),
      shapes: new Set(SHAPES),
      numbers: undefined,
      order: undefined,
      oddNumber: undefined,
    };
  }

  #text(profile: TextProfile, text: string): void {
    profile.count++;
    if (text === "") {
      profile.empty++;
      return;
    }
    profile.length = widen(profile.length, text.length);
    if (text.includes("\n") || text.includes("\r")) profile.multiline++;
    // What was seen before has the same shapes.
    if (profile.distinct?.has(text) === true) return;
    this.#keep(profile, text);
    if (profile.shapes.size === 0) return;
    this.#narrow(profile.shapes, text);
    if (profile.shapes.has("decimal")) {
      profile.numbers = widen(profile.numbers, Number(text));
      const isOdd = !profile.shapes.has("number") && !this.#tests.number(text);
      if (isOdd && (profile.oddNumber === undefined || text < profile.oddNumber)) profile.oddNumber = ownText(text);
    } else if (profile.order === undefined || text < profile.order.min || text > profile.order.max) {
      profile.order = widen(profile.order, ownText(text));
    }
    dropRanges(profile);
  }

  /** Leaves the shapes that the text has too. */
  #narrow(shapes: Set<TextShape>, text: string): void {
    let implied: readonly TextShape[] = [];
    for (const shape of shapes) {
      if (implied.includes(shape)) continue;
      if (this.#tests[shape](text)) implied = IMPLIED[shape] ?? implied;
      else shapes.delete(shape);
    }
  }

  #keep(profile: TextProfile, text: string): void {
    if (profile.distinct === undefined) return;
    const { size } = profile.distinct;
    if (text.length <= MAX_KEPT_CHARS && size < MAX_DISTINCT && this.#texts < MAX_KEPT_TEXTS) {
      this.#texts++;
      profile.distinct.add(ownText(text));
      return;
    }
    this.#texts -= size;
    profile.distinct = undefined;
  }
}

/** A copy: a slice of a block's text would keep the whole block in memory. */
function ownText(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}

function countNumber(profile: Profile, value: number): void {
  const isInteger = Number.isSafeInteger(value);
  profile.numbers ??= { min: value, max: value, areIntegers: isInteger };
  widen(profile.numbers, value);
  profile.numbers.areIntegers &&= isInteger;
}
