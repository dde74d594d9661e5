/** Runs that are merged, in memory or from a file, are a plain stable sort of all their rows. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { eachRow, inChunks } from "../../../src/stages/arranged.ts";
import type { OwnRows, PlacedRows } from "../../../src/stages/stage.ts";
import { RunStore } from "../../../src/stages/sort/run-store.ts";
import { type SortKey, sortKeys } from "../../../src/stages/sort/sort-keys.ts";
import { type SortValue, comparesRows, valuesInOrder, valuesOfKey } from "../../../src/stages/sort/sort-values.ts";
import { sortedIndexes } from "../../../src/stages/sort/merge-sort.ts";
import type { KeyedRows } from "../../../src/formats/indexed/row-merger.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface KeyedText {
  values: SortValue[];
  text: string;
}

const KEYS = sortKeys(["a", "-b"], { locale: "en" });
/** The second in the order of a language, which no part of the kernel knows. */
const SPOKEN = sortKeys(["a", "-b:locale"], { locale: "sv" });

function placed(all: readonly KeyedText[]): PlacedRows {
  const [rows = { bytes: new Uint8Array(0), ends: new Uint32Array(0) }] = [
    ...inChunks(all.map(({ text }) => Buffer.from(text))),
  ];
  return rows;
}

function sortedRows(all: readonly KeyedText[], keys: readonly SortKey[]): KeyedRows {
  const values = keys.map((key, at) =>
    valuesOfKey(
      all.map((row) => row.values[at]),
      key,
    ),
  );
  const order = sortedIndexes(all.length, comparesRows(keys, values));
  const rows = placed([...order].flatMap((at) => all[at] ?? []));
  return { values: values.map((of) => valuesInOrder(of, order)), rows };
}

function texts(rows: Iterable<OwnRows>): string[] {
  return [...rows].flatMap((chunk) => [...eachRow(chunk)].map((row) => Buffer.from(row).toString()));
}

function compareOne(a: SortValue, b: SortValue, { isDescending, locale }: SortKey): number {
  const sign = isDescending ? -1 : 1;
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a !== "string") return (typeof b === "string" || a < b ? -1 : Number(a > b)) * sign;
  if (typeof b !== "string") return sign;
  if (locale !== undefined) return a.localeCompare(b, locale) * sign;
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) * sign;
}

const value = fc.oneof(
  fc.constant(undefined),
  fc.integer({ min: -2, max: 2 }),
  // Whole numbers beyond doubles, and doubles beside them.
  fc
    .tuple(fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 70n, -(2n ** 70n)), fc.bigInt({ min: -3n, max: 3n }))
    .map(([large, more]) => large + more)
    .map((whole) => (Number.isSafeInteger(Number(whole)) ? Number(whole) : whole)),
  fc.constantFrom(2 ** 53, -(2 ** 70), 1e300, 10n ** 300n, 10n ** 400n),
  fc.constantFrom(
    "",
    "abcdef",
    "abcdefg",
    "é",
    "z",
    "abcdeé",
    "abcdé",
    "ab\u{1f600}",
    "\uffff",
    "abcdeéé",
    "Z",
    "ö",
    "abcde-f",
  ),
);
const runs = fc.array(fc.array(fc.tuple(value, value), { maxLength: 60 }), { maxLength: 9 });
/** The long ones fill pages of their own. */
const padding = fc.constantFrom(0, 700, 30_000);

test("however much memory there is", () => {
  const property = fc.property(
    runs,
    fc.constantFrom(0, 1, 10_000, 200_000, 10 ** 9),
    padding,
    fc.constantFrom(KEYS, SPOKEN),
    (asked, memoryBytes, pad, keys) => {
      let count = 0;
      const all = asked.map((run) =>
        run.map((values): KeyedText => ({
          values: values.map((one) => (one === "" ? undefined : one)),
          text: `${count++}${"x".repeat(pad)}`,
        })),
      );
      const store = new RunStore(keys, { memoryBytes, tempDir: folder });
      for (const run of all) store.add(sortedRows(run, keys));
      const wanted = all
        .flat()
        .toSorted((a, b) => keys.reduce((order, key, at) => order || compareOne(a.values[at], b.values[at], key), 0));
      expect(texts(store.merged())).toEqual(wanted.map(({ text }) => text));
      expect(readdirSync(folder)).toEqual([]);
    },
  );
  fc.assert(property, { seed: 20261129, numRuns: 80 });
});

test("a run that is given up leaves nothing", () => {
  const store = new RunStore(KEYS, { memoryBytes: 0, tempDir: folder });
  store.add(sortedRows([{ values: [1, 1], text: "one" }], KEYS));
  store.close();
  store.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("a folder that is not there is named", () => {
  const store = new RunStore(KEYS, { memoryBytes: 0, tempDir: join(folder, "nowhere") });
  expect(() => store.add(sortedRows([{ values: [1, 1], text: "one" }], KEYS))).toThrow("nowhere");
});
