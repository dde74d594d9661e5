/** Quantiles of many numbers are those of the sorted ones, however these come, whatever they need, and in whatever windows. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { CollectedNumbers, NoteMemory } from "../../../src/stages/grouping/collected-numbers.ts";

const SHARES = [0.5, 0, 1, 0.25, 0.9];
const GROUPS = 5;

/** What numbers there are: of two bytes, of four, doubles, far apart, all the same, and some of each. */
const KINDS: readonly ((random: () => number) => number)[] = [
  (random) => Math.round(random() * 2000 - 1000) / 10,
  (random) => Math.round(random() * 200),
  (random) => Math.round(random() * 60_000 - 30_000),
  (random) => Math.round(random() * 2e9 - 1e9) / 100,
  (random) => random(),
  (random) => (random() < 0.01 ? 1e300 * (random() - 0.5) : random()),
  () => 7.5,
  (random) => (random() < 0.5 ? 1.7e308 : -1.7e308),
  (random) => 5e-324 * Math.round(random() * 9),
  (random) => 10 ** Math.round(random() * 600 - 300),
];

const part = fc.record({
  kind: fc.nat({ max: KINDS.length - 1 }),
  count: fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 6000 })),
  /** The groups in the order in which they first come. */
  groups: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
  isPacked: fc.boolean(),
});
const sizes = fc.record({ run: fc.constantFrom(1, 100, 4096), window: fc.constantFrom(1, 3000, 2 ** 21) });

test("quantiles of groups are those of their sorted numbers", () => {
  const parts = fc.array(part, { minLength: 1, maxLength: 5 });
  const isMixed = fc.boolean();
  const property = fc.property(
    parts,
    sizes,
    isMixed,
    fc.integer({ min: 1, max: 2 ** 31 - 2 }),
    (all, given, mixed, seed) => {
      let state = seed;
      const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
      const options = { quantiles: SHARES, memory: new NoteMemory(), sizes: given };
      const whole = new CollectedNumbers(options);
      const plain = Array.from({ length: GROUPS }, (): number[] => []);
      for (const { kind, count, groups, isPacked } of all) {
        const number = KINDS[mixed ? kind : (all[0]?.kind ?? 0)] ?? random;
        let collected = new CollectedNumbers(options);
        for (let at = 0; at < count; at++) {
          const place = Math.floor(random() * groups.length);
          const one = number(random);
          collected.add(place, one);
          plain[groups[place] ?? 0]?.push(one);
        }
        if (isPacked) collected = CollectedNumbers.unpack(structuredClone(collected.pack(groups.length)), options);
        whole.addFrom(collected, Int32Array.from(groups));
      }
      for (const [group, numbers] of plain.entries()) {
        const sorted = numbers.toSorted((a, b) => a - b);
        for (const share of SHARES) {
          const found = whole.quantile(share, group, GROUPS);
          const at = Math.round((sorted.length - 1) * share * 100);
          const [low = 0, high = low] = sorted.slice(Math.floor(at / 100), Math.floor(at / 100) + 2);
          if (sorted.length === 0) expect(found).toBeUndefined();
          else if (at % 100 === 0) expect(found).toBe(low);
          else expect(Number(found) >= low && Number(found) <= high).toBe(true);
        }
      }
    },
  );
  fc.assert(property, { seed: 20170526, numRuns: 300 });
}, 120_000);
