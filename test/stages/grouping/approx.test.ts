/**
 * Sketches: what they come to does not depend on how values were cut into parts, is exact of few values, and lies within its
 * bounds of many.
 */
import { describe, expect, test } from "bun:test";
import { deserialize, serialize } from "bun:jsc";
import * as fc from "fast-check";
import { DistinctCounts, type PackedDistinct } from "../../../src/stages/grouping/approx/distinct-counts.ts";
import { sketching } from "../../../src/stages/grouping/approx/number-sketches.ts";
import type { NumberStore } from "../../../src/stages/grouping/collected-numbers.ts";
import { slowQuantile } from "./slow-figures.ts";

const SEED = 20261129;
const SHARES = [0, 0.01, 0.25, 0.5, 0.95, 0.999, 1];
const stores = sketching(SHARES);

/** Numbers are made of a seed: so many would be slow to make, and to shrink, one by one. */
interface Asked {
  seed: number;
  count: number;
  kind: "prices" | "both signs" | "far apart" | "few different" | "large";
}

const asked: fc.Arbitrary<Asked> = fc.record({
  seed: fc.nat(),
  count: fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 1000, max: 1050 }),
    fc.integer({ min: 0, max: 6000 }),
  ),
  kind: fc.constantFrom("prices", "both signs", "far apart", "few different", "large"),
});

/** A generator of numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function numbersOf({ seed, count, kind }: Asked): (number | bigint)[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => {
    switch (kind) {
      case "prices":
        return Math.round(random() * 100_000) / 100;
      case "both signs":
        return Math.round((random() - 0.5) * 200) / 10;
      case "far apart":
        return (random() < 0.5 ? -1 : 1) * 10 ** Math.round((random() - 0.5) * 600);
      case "few different":
        return [1, 0.99, 1, 0, -1][Math.floor(random() * 5)] ?? 0;
      case "large":
        return random() < 0.5 ? BigInt(Math.floor(random() * 1e9)) * 10n ** 12n : Math.floor(random() * 1e6);
    }
  });
}

/** The numbers of one group, in parts that are joined from left to right; each may have been sent by another thread. */
function inParts(numbers: readonly (number | bigint)[], cuts: readonly number[], isPacked: boolean): NumberStore {
  const ends = [...cuts.map((cut) => cut % (numbers.length + 1)), numbers.length].toSorted((a, b) => a - b);
  const whole = stores.make();
  let from = 0;
  for (const to of ends) {
    let part = stores.make();
    for (const number of numbers.slice(from, to)) part.add(0, number);
    if (isPacked) part = stores.unpack(deserialize(serialize(part.pack(1))));
    whole.addFrom(part, Int32Array.of(0));
    from = to;
  }
  return whole;
}

describe("quantiles", () => {
  const cuts = fc.array(fc.nat({ max: 6000 }), { maxLength: 8 });

  test("hang on the numbers alone", () => {
    const property = fc.property(asked, cuts, cuts, fc.boolean(), (of, some, others, isPacked) => {
      const numbers = numbersOf(of);
      const one = inParts(numbers, some, isPacked);
      const other = inParts(numbers.toReversed(), others, !isPacked);
      for (const share of SHARES) expect(other.quantile(share, 0, 1)).toBe(one.quantile(share, 0, 1) as number);
    });
    fc.assert(property, { seed: SEED, numRuns: 150 });
  }, 60_000);

  test("are exact of few numbers, and within a hundredth of many", () => {
    const property = fc.property(asked, cuts, (of, some) => {
      const numbers = numbersOf(of);
      const store = inParts(numbers, some, true);
      const texts = numbers.map(String);
      const sorted = numbers.map(Number).toSorted((a, b) => a - b);
      for (const share of SHARES) {
        const found = store.quantile(share, 0, 1) ?? null;
        const exact = slowQuantile(texts, String(share));
        if (numbers.length <= 1024) {
          // Of a double beyond 2^53 the reference makes a whole number.
          if (of.kind === "large" || exact === null) expect(found).toEqual(exact);
          else expect(Number(found)).toBe(Number(exact));
          continue;
        }
        // Between two numbers of different signs it is a hundredth of these.
        const at = Math.floor(share * (sorted.length - 1));
        const bound = Math.max(Math.abs(sorted[at] ?? 0), Math.abs(sorted[at + 1] ?? 0));
        const isOneSign = (sorted[at] ?? 0) * (sorted[at + 1] ?? 0) >= 0;
        const most = 0.01 * (isOneSign ? Math.max(Math.abs(Number(exact)), 1e-306) : bound);
        expect(Math.abs(Number(found) - Number(exact))).toBeLessThanOrEqual(most * (1 + 1e-9));
      }
    });
    fc.assert(property, { seed: SEED, numRuns: 150 });
  }, 60_000);

  test("of the least and the greatest number are these", () => {
    const store = stores.make();
    for (let at = 0; at < 5000; at++) store.add(3, at % 2 === 0 ? 5e-324 : Number.MAX_VALUE);
    store.add(3, -Number.MAX_VALUE);
    expect([0, 1].map((share) => store.quantile(share, 3, 4))).toEqual([-Number.MAX_VALUE, Number.MAX_VALUE]);
    expect(store.quantile(0.25, 3, 4)).toBe(0);
    expect(store.quantile(0.5, 0, 4)).toBeUndefined();
  });
});

describe("distinct counts", () => {
  test("hang on the values alone", () => {
    const property = fc.property(
      fc.nat({ max: 5000 }),
      fc.nat({ max: 5000 }),
      fc.nat({ max: 5000 }),
      (all, one, two) => {
        const values = Array.from({ length: all }, (_, at) => `user ${at % 3000}`);
        const [a = 0, b = 0] = [one, two].map((cut) => cut % (all + 1)).toSorted((x, y) => x - y);
        const whole = new DistinctCounts();
        for (const part of [values.slice(b), values.slice(0, a), values.slice(a, b), values.slice(0, 1)])
          whole.addFrom(
            new DistinctCounts(deserialize(serialize(countsOf(part).pack(1))) as PackedDistinct),
            Int32Array.of(0),
          );
        expect(whole.count(0)).toBe(countsOf(values).count(0));
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 60 });
  }, 60_000);

  test("are exact of few values, and mostly within a fiftieth of many", () => {
    const wide: number[] = [];
    for (const size of [0, 1, 2, 1023, 1024, 1025, 3000, 10_000, 40_000, 100_000, 400_000]) {
      for (let run = 0; run < (size > 40_000 ? 2 : 6); run++) {
        function* values(): Generator<string> {
          for (let at = 0; at < size; at++) yield `${run}/${at}`;
          // Those that come again are none.
          for (let at = 0; at < size; at += 7) yield `${run}/${at}`;
        }
        const found = countsOf(values()).count(0);
        if (size <= 1024) expect(found).toBe(size);
        else wide.push(Math.abs(found / size - 1));
      }
    }
    // The standard error is 0.8 %.
    expect(Math.max(...wide)).toBeLessThan(0.03);
    const root = Math.sqrt(wide.reduce((sum, error) => sum + error ** 2, 0) / wide.length);
    expect(root).toBeLessThan(0.0105);
  }, 60_000);

  test("tell values of different types apart", () => {
    expect(countsOf(["1", 1, true, "true", 1n, { a: 1 }, { a: 1 }, [1], "[1]", 1]).count(0)).toBe(8);
    expect(new DistinctCounts().count(4)).toBe(0);
  });
});

function countsOf(values: Iterable<unknown>): DistinctCounts {
  const counts = new DistinctCounts();
  for (const value of values) counts.add(0, value);
  return counts;
}
