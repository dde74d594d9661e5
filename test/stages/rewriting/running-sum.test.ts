/** Sums that are read while numbers come and go are those of decimals without a limit. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  type Decimal,
  addDecimals,
  decimalOf,
  nearestDouble,
  nearestQuotient,
} from "../../../src/stages/grouping/decimal.ts";
import { readNumber } from "../../../src/stages/grouping/row-fields.ts";
import { RunningSum } from "../../../src/stages/rewriting/windows/running-sum.ts";

const text = fc.oneof(
  fc.tuple(fc.integer({ min: -100_000, max: 100_000 }), fc.nat({ max: 4 })).map(([n, d]) => (n / 10 ** d).toFixed(d)),
  fc.constantFrom("0", "9007199254740991", "-9007199254740993", "0.000000000000001", "123456789.123456789", "0.1"),
);

test("a sum and a mean are exact, rounded once", () => {
  const property = fc.property(
    fc.array(text, { minLength: 1, maxLength: 30 }),
    fc.nat({ max: 10 }),
    (texts, window) => {
      const sum = new RunningSum();
      const inside: string[] = [];
      for (const one of texts) {
        inside.push(one);
        sum.add(readNumber(one, "n") ?? 0);
        const gone = inside.length > window + 1 ? inside.shift() : undefined;
        if (gone !== undefined) sum.subtract(readNumber(gone, "n") ?? 0);
        const wanted = inside.map(decimalOf).reduce<Decimal>(addDecimals, { digits: 0n, scale: 0 });
        expect(Number(sum.sum)).toBe(nearestDouble(wanted) + 0);
        expect(sum.mean(inside.length)).toBe(nearestQuotient(wanted, inside.length) + 0);
      }
    },
  );
  fc.assert(property, { seed: 20261129, numRuns: 1000 });
});
