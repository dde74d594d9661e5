/** Ranks are those of a plain loop, whatever the values, and however little room there is for what they are made of. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Ranks } from "../../../src/stages/rewriting/windows/ranks.ts";
import { sortKeys } from "../../../src/stages/sort/sort-keys.ts";

const value = fc.oneof(
  fc.constantFrom(
    undefined,
    0,
    -0,
    1.5,
    -3,
    "a",
    "ä",
    "b",
    "abcdefgh",
    "abcdefgi",
    "😀",
    "\uffff",
    "A",
    "10",
    "a\u0308",
  ),
  fc.integer({ min: -3, max: 3 }),
);
const rows = fc.array(fc.record({ value, group: fc.integer({ min: 0, max: 3 }) }), { maxLength: 60 });

type Value = string | number | undefined;

/** Numbers, then texts, downwards the other way round; nothing behind all. */
function before(
  a: Value,
  b: Value,
  { isDown, compare }: { isDown: boolean; compare: (a: string, b: string) => number },
): boolean {
  if (a === undefined || b === undefined) return a !== undefined && b === undefined;
  if (typeof a !== typeof b) return (typeof a === "number") !== isDown;
  const order = typeof a === "number" ? a - Number(b) : compare(a, String(b));
  return isDown ? order > 0 : order < 0;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test("the rank of a row is one more than how many of its group stand before it", () => {
  const asked = fc.constantFrom("k", "-k", "k:locale", "-k:locale");
  const property = fc.property(rows, asked, fc.constantFrom(0, 300, 1e9), (all, by, memoryBytes) => {
    const [key] = sortKeys([by], { locale: "de" });
    if (key === undefined) throw new Error("there is a key");
    const ranks = new Ranks(key, { memoryBytes, tempDir: undefined });
    for (const { value: own, group } of all) ranks.add(own, group);
    const { compare } = by.endsWith("locale") ? new Intl.Collator("de", { usage: "sort" }) : { compare: byBytes };
    const isDown = by.startsWith("-");
    const wanted = all.map(
      (row) =>
        1 + all.filter((one) => one.group === row.group && before(one.value, row.value, { isDown, compare })).length,
    );
    expect([...ranks.all()]).toEqual(wanted);
    ranks.close();
  });
  fc.assert(property, { numRuns: 40 });
});
