/**
 * Quantiles of the numbers of a column, group by group, to within a hundredth of their value: exact of few numbers, and of more
 * by a DDSketch, which counts how many numbers are in each of the buckets between two powers of 1.02. Counts are added in any
 * order.
 */
import { DDSketch } from "@datadog/sketches-js";
import type { DecimalFields } from "../../../formats/indexed/field-reader.ts";
import type { NumberStore, NumberStores } from "../collected-numbers.ts";
import { quantilesOf } from "../quantiles.ts";
import { GroupSketches, type PackedSketches, type SketchKind } from "./group-sketches.ts";

/** With what comes of rounding, less than a hundredth. */
const RELATIVE_ACCURACY = 0.0099;
/** Digits of what is read off a sketch: further ones would say nothing, and are not the same with every system's logarithm. */
const DIGITS = 6;
/** What is nearer to 0 counts as 0: buckets of less would have no number of their own. */
const LEAST = 1e-307;
/** What is larger counts as this one: it has the last bucket whose bounds are doubles. */
const MOST = Number.MAX_VALUE / 1.03;

/** A sketch, and its bounds, which it does not know exactly. */
export interface Bounded {
  sketch: DDSketch;
  least: number;
  greatest: number;
}

export interface PackedSketch {
  /** A number in each of the buckets that are not empty, and how many numbers it stands for. */
  numbers: Float64Array;
  counts: Float64Array;
  least: number;
  greatest: number;
}

type AnyNumber = number | bigint;

const KIND: SketchKind<AnyNumber[], Bounded, PackedSketch> = {
  few: () => [],
  keep: (few, number) => few.push(number),
  sketch: emptySketch,
  add: accept,
  pack,
  join,
};

/** @param quantiles Those that will be read. */
export function sketching(quantiles: readonly number[]): NumberStores {
  return {
    make: () => new NumberSketches(quantiles),
    unpack: (packed) => new NumberSketches(quantiles, packed as PackedSketches<PackedSketch>),
  };
}

class NumberSketches implements NumberStore {
  readonly #quantiles: readonly number[];
  readonly #numbers: GroupSketches<AnyNumber[], Bounded, PackedSketch>;
  /** What was read last. */
  #read: { group: number; values: readonly AnyNumber[] | undefined } | undefined;

  constructor(quantiles: readonly number[], packed?: PackedSketches<PackedSketch>) {
    this.#quantiles = quantiles;
    this.#numbers = new GroupSketches(KIND, packed);
  }

  get size(): number {
    return this.#numbers.size;
  }

  add(group: number, number: AnyNumber): void {
    this.#numbers.add(group, number);
  }

  addAll(groupOf: Int32Array, numbers: DecimalFields): void {
    this.#numbers.addAll(groupOf, numbers);
  }

  addFrom(behind: NumberStore, groupOf: Int32Array): void {
    if (!(behind instanceof NumberSketches)) throw new Error("numbers are kept in two ways");
    this.#numbers.addFrom(behind.#numbers, groupOf);
  }

  quantile(share: number, group: number): AnyNumber | undefined {
    if (this.#read?.group !== group) this.#read = { group, values: this.#quantilesOf(group) };
    return this.#read.values?.[this.#quantiles.indexOf(share)];
  }

  pack(groups: number): PackedSketches<PackedSketch> {
    return this.#numbers.pack(groups);
  }

  #quantilesOf(group: number): readonly AnyNumber[] | undefined {
    const held = this.#numbers.of(group);
    if (held === undefined) return undefined;
    if ("sketch" in held) return this.#quantiles.map((share) => quantileIn(held.sketch, share));
    const large = held.few.filter((number) => typeof number === "bigint");
    const numbers = Float64Array.from(held.few.filter((number) => typeof number === "number"));
    return quantilesOf({ numbers, power: 1, large }, this.#quantiles);
  }
}

/** A sketch without a number. */
export function emptySketch(): Bounded {
  return {
    sketch: new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY }),
    least: Number.POSITIVE_INFINITY,
    greatest: Number.NEGATIVE_INFINITY,
  };
}

function accept(bounded: Bounded, number: AnyNumber): void {
  const double = typeof number === "number" ? number : nearestDouble(number);
  if (double < bounded.least) bounded.least = double;
  if (double > bounded.greatest) bounded.greatest = double;
  const size = double < 0 ? -double : double;
  bounded.sketch.accept(size < LEAST ? 0 : size > MOST ? Math.sign(double) * MOST : double);
}

/** What is beyond all doubles stands for the last of them. */
function nearestDouble(number: bigint): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(number)));
}

/** What it takes to {@linkcode join} it. */
export function pack({ sketch, least, greatest }: Bounded): PackedSketch {
  const { mapping, zeroCount } = sketch;
  const numbers: number[] = [];
  const counts: number[] = [];
  const add = (number: number, count: number): void => {
    numbers.push(number);
    counts.push(count);
  };
  if (zeroCount > 0) add(0, zeroCount);
  for (const [store, sign] of [[sketch.store, 1] as const, [sketch.negativeStore, -1] as const]) {
    const { bins, offset } = store;
    for (let at = 0; at < bins.length; at++) {
      const count = bins[at] ?? 0;
      if (count > 0) add(mapping.value(at + offset) * sign, count);
    }
  }
  return { numbers: Float64Array.from(numbers), counts: Float64Array.from(counts), least, greatest };
}

/**
 * The same of a sketch of numbers that are all there: counts by bucket, without making room for buckets one after another,
 * which takes three times as long. @param counts How often each comes.
 */
export function packNumbers(numbers: ArrayLike<number>, counts: ArrayLike<number>): PackedSketch {
  const { mapping } = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  const buckets = [new Buckets(), new Buckets()] as const;
  let [zeros, least, greatest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    const count = counts[at] ?? 0;
    if (number < least) least = number;
    if (number > greatest) greatest = number;
    const size = Math.min(MOST, Math.abs(number));
    if (size < LEAST) {
      zeros += count;
      continue;
    }
    buckets[number < 0 ? 1 : 0].add(mapping.key(size), count);
  }
  const kept = buckets.flatMap((of, sign) =>
    of.filled().map(([key, count]) => ({ number: mapping.value(key) * (sign === 0 ? 1 : -1), count })),
  );
  if (zeros > 0) kept.push({ number: 0, count: zeros });
  return {
    numbers: Float64Array.from(kept, ({ number }) => number),
    counts: Float64Array.from(kept, ({ count }) => count),
    least,
    greatest,
  };
}

/** Counts by keys that lie near to each other. */
class Buckets {
  #first = 0;
  #counts = new Float64Array(0);

  add(key: number, count: number): void {
    if (key < this.#first || key >= this.#first + this.#counts.length) this.#widen(key);
    const at = key - this.#first;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** Keys with their counts, in their order. */
  filled(): [key: number, count: number][] {
    return [...this.#counts].flatMap((count, at): [number, number][] => (count > 0 ? [[at + this.#first, count]] : []));
  }

  /** Makes room for a key, and for others around it. */
  #widen(key: number): void {
    const more = Math.max(32, this.#counts.length);
    const isEmpty = this.#counts.length === 0;
    const first = isEmpty ? key - 1 : Math.min(this.#first, key - more);
    const behind = isEmpty ? key + more : Math.max(this.#first + this.#counts.length, key + more);
    const counts = new Float64Array(behind - first);
    counts.set(this.#counts, isEmpty ? 0 : this.#first - first);
    [this.#first, this.#counts] = [first, counts];
  }
}

/**
 * Adds what another sketch has, bucket by bucket: `merge` of the library (2.1.1) loses negative numbers, and makes no room for
 * the last of its buckets where that is the one of 1.
 */
export function join(bounded: Bounded, { numbers, counts, least, greatest }: PackedSketch): void {
  for (let at = 0; at < numbers.length; at++) bounded.sketch.accept(numbers[at] ?? 0, counts[at] ?? 1);
  bounded.least = Math.min(bounded.least, least);
  bounded.greatest = Math.max(bounded.greatest, greatest);
}

/**
 * The quantile at a share, between two ranks by interpolation, as of numbers that are all there. The least and the greatest
 * number are known.
 */
export function quantileIn({ sketch, least, greatest }: Bounded, share: number): number {
  const place = share * (sketch.count - 1);
  const rank = Math.floor(place);
  const part = place - rank;
  const low = rankedIn(rank);
  const high = part === 0 ? low : rankedIn(rank + 1);
  return low === high ? low : rounded(low * (1 - part) + high * part);

  function rankedIn(at: number): number {
    if (at <= 0) return least;
    if (at >= sketch.count - 1) return greatest;
    // Half a rank further on, as a product need not come to a whole number again.
    const number = sketch.getValueAtQuantile((at + 0.5) / (sketch.count - 1));
    return Math.max(least, Math.min(greatest, rounded(number))) + 0;
  }
}

function rounded(number: number): number {
  return Number(number.toPrecision(DIGITS));
}
