/** Sums of decimals are exact, rounded once, whatever the order of the numbers and however they are cut into parts. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ExactSums } from "../../../src/stages/grouping/exact-sums.ts";
import { type FoundNumber, readNumber } from "../../../src/stages/grouping/row-fields.ts";
import { slowMean, slowSum } from "./slow-sum.ts";

const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -400, max: 400 }).map((tenths) => tenths / 10),
  fc.constantFrom(1e16, 1, -1e16, 1e308, -1e308, 5e-324, -(2 ** 53), 2 ** 53, 2 ** -53, -0, 2 ** 900, 2 ** 901),
);

const decimal = fc.oneof(
  double.map(String),
  fc.tuple(fc.integer({ min: -999999, max: 999999 }), fc.nat(12)).map(([digits, zeros]) => `${digits}e-${zeros}`),
  fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(40)).map(([digits, at]) => `${digits}e-${at}`),
  fc.tuple(fc.nat(2_000_000_000), fc.nat(99)).map(([whole, cents]) => `${whole}.${String(cents).padStart(2, "0")}`),
);

function sumOf(numbers: readonly FoundNumber[]): ExactSums {
  const sums = new ExactSums();
  sums.grow(1);
  for (const number of numbers) sums.add(0, number);
  return sums;
}

function found(texts: readonly string[]): FoundNumber[] {
  return texts.map((text) => readNumber(text, "a") ?? 0);
}

describe("a sum", () => {
  test("is that of the decimal texts, and so is the mean", () => {
    const property = fc.property(fc.array(decimal, { minLength: 1, maxLength: 30 }), (texts) => {
      const sums = sumOf(found(texts));
      expect(sums.read(0)).toBe(slowSum(texts));
      expect(sums.readMean(0, texts.length)).toBe(slowMean(texts) + 0);
    });
    fc.assert(property, { seed: 20170526, numRuns: 3000 });
  });

  test("of numbers is that of the texts that they are written as", () => {
    const property = fc.property(fc.array(double, { maxLength: 30 }), (numbers) => {
      expect(sumOf(numbers).read(0)).toBe(slowSum(numbers.map((number) => `${number}`.replace(/^-?\d{16,}$/, "$&.0"))));
    });
    fc.assert(property, { seed: 20170526, numRuns: 1000 });
  });

  test("does not depend on the order of the numbers, nor on their parts, packed or not", () => {
    const numbers = fc.array(decimal, { maxLength: 20 });
    const property = fc.property(numbers, fc.nat({ max: 20 }), fc.boolean(), (texts, at, isPacked) => {
      const all = found(texts);
      const whole = sumOf(all).read(0);
      const left = sumOf(all.slice(at).toReversed());
      const right = sumOf(all.slice(0, at));
      left.addFrom(0, isPacked ? ExactSums.unpack(structuredClone(right.pack(1))) : right, 0);
      expect(left.read(0)).toBe(whole);
    });
    fc.assert(property, { seed: 20170526, numRuns: 2000 });
  });

  test("of columns that the kernel has read is the same, for many groups at once", () => {
    const rows = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: -1e15, max: 1e15 }), fc.nat(15)), { maxLength: 60 });
    fc.assert(
      fc.property(rows, (all) => {
        const sums = new ExactSums();
        sums.grow(41);
        const digits = Float64Array.from(all, ([, digit]) => digit);
        const decimals = Uint8Array.from(all, ([, , places]) => places);
        const mostDecimals = Math.max(0, ...decimals);
        sums.addAll(
          Int32Array.from(all, ([group]) => group),
          { digits, decimals, mostDecimals, isSeen: true },
        );
        for (let group = 0; group <= 40; group++) {
          const texts = all.filter(([at]) => at === group).map(([, digit, places]) => `${digit}e-${places}`);
          expect(sums.read(group)).toBe(slowSum(texts));
        }
      }),
      { seed: 20170526, numRuns: 500 },
    );
  });

  test("that is whole is exact, a number where one can hold it", () => {
    expect(sumOf([2n ** 70n, 1, 2n]).read(0)).toBe(2n ** 70n + 3n);
    expect(sumOf([2n ** 70n, 5, -(2n ** 70n)]).read(0)).toBe(5);
    expect(sumOf([2 ** 53 - 1, 2]).read(0)).toBe(2n ** 53n + 1n);
    expect(sumOf([2n ** 53n, 0.5]).read(0)).toBe(2 ** 53);
    expect(sumOf([2n ** 53n + 1n, 0.5]).read(0)).toBe(2 ** 53 + 2);
    expect(sumOf([1e20, 1]).read(0)).toBe(1e20);
  });

  test("that no double can hold is a whole number, and one that passes through there is not", () => {
    expect(sumOf([1e308, 1e308]).read(0)).toBe(2n * 10n ** 308n);
    expect(sumOf([1e308, 1e308]).readMean(0, 2)).toBe(1e308);
    expect(sumOf([-1.7e308, -1.7e308]).read(0)).toBe(-34n * 10n ** 307n);
    expect(sumOf([1.7e308, 1.7e308, -1.7e308, 0.5]).read(0)).toBe(1.7e308);
  });

  test("of nothing is 0", () => {
    expect(Object.is(sumOf([]).read(0), 0)).toBe(true);
    expect(Object.is(sumOf([-0]).read(0), 0)).toBe(true);
  });

  test("of decimals has no trace of their binary form", () => {
    expect(sumOf([19.99, 5.01, 0.07]).read(0)).toBe(25.07);
    expect(sumOf([1.1, 2.2, 3.3]).readMean(0, 3)).toBe(2.2);
    expect(sumOf(Array<number>(1_000_000).fill(0.1)).read(0)).toBe(100_000);
  });
});
