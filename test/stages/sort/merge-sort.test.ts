import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { sortedIndexes } from "../../../src/stages/sort/merge-sort.ts";

test("sorts as the runtime does, with few keys and many", () => {
  const keys = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 200 }),
    fc.array(fc.double({ noNaN: true }), { maxLength: 200 }),
  );
  const property = fc.property(keys, (values) => {
    const compare = (a: number, b: number): number => {
      const [one, other] = [values[a] ?? 0, values[b] ?? 0];
      if (one === other) return 0;
      return one < other ? -1 : 1;
    };
    const wanted = values.map((_, at) => at).toSorted(compare);
    expect([...sortedIndexes(values.length, compare)]).toEqual(wanted);
  });
  fc.assert(property, { seed: 20261129, numRuns: 2000 });
});
