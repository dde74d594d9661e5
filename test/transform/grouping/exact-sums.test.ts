/** Sums are exact, rounded once, whatever the order of the numbers and however they are cut into parts. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ExactSums } from "../../../src/transform/grouping/exact-sums.ts";
import { slowSum } from "./slow-sum.ts";

const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -400, max: 400 }).map((tenths) => tenths / 10),
  fc.constantFrom(1e16, 1, -1e16, 1e308, -1e308, 5e-324, -(2 ** 53), 2 ** 53, 2 ** -53, -0, 2 ** 900, 2 ** 901),
);

function sumOf(numbers: readonly (number | bigint)[]): ExactSums {
  const sums = new ExactSums();
  sums.grow(1);
  for (const number of numbers) sums.add(0, number);
  return sums;
}

describe("a sum", () => {
  test("is that of integers without a limit, rounded once", () => {
    const property = fc.property(fc.array(double, { maxLength: 30 }), (numbers) => {
      expect(sumOf(numbers).read(0)).toBe(slowSum(numbers) + 0);
    });
    fc.assert(property, { seed: 20170526, numRuns: 3000 });
  });

  test("does not depend on the order of the numbers, nor on their parts, packed or not", () => {
    const numbers = fc.array(fc.oneof(double, fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n })), { maxLength: 20 });
    const property = fc.property(numbers, fc.nat({ max: 20 }), fc.boolean(), (all, at, isPacked) => {
      const whole = sumOf(all).read(0);
      const left = sumOf(all.slice(at).toReversed());
      const right = sumOf(all.slice(0, at));
      left.addFrom(0, isPacked ? ExactSums.unpack(structuredClone(right.pack(1))) : right, 0);
      expect(left.read(0)).toBe(whole);
    });
    fc.assert(property, { seed: 20170526, numRuns: 2000 });
  });

  test("with bigints and whole numbers is exact, a number where one can hold it", () => {
    expect(sumOf([2n ** 70n, 1, 2n]).read(0)).toBe(2n ** 70n + 3n);
    expect(sumOf([2n ** 70n, 5, -(2n ** 70n)]).read(0)).toBe(5);
    expect(sumOf([2n ** 53n, 0.5]).read(0)).toBe(2 ** 53);
    expect(sumOf([2n ** 53n + 1n, 0.5]).read(0)).toBe(2 ** 53 + 2);
  });

  test("that no double can hold is infinite, and one that passes through there is not", () => {
    expect(sumOf([1.7e308, 1.7e308]).read(0)).toBe(Infinity);
    expect(sumOf([-1.7e308, -1.7e308]).read(0)).toBe(-Infinity);
    expect(sumOf([1.7e308, 1.7e308, -1.7e308, 0.5]).read(0)).toBe(1.7e308);
  });

  test("of nothing is 0", () => {
    expect(Object.is(sumOf([]).read(0), 0)).toBe(true);
  });

  test("of tenths has no trace of their binary form", () => {
    expect(sumOf(Array<number>(1_000_000).fill(0.1)).read(0)).toBe(100_000);
  });
});
