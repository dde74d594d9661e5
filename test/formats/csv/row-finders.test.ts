/** Rows that are found by the kernel's index are those that are found byte by byte, in whatever order bytes come. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { fieldFinder } from "../../../src/formats/csv/field-finder.ts";
import { indexedFinder } from "../../../src/formats/csv/indexed-finder.ts";
import type { MakeRowFinder, OutputSetup } from "../../../src/formats/format.ts";
import { PLAIN_CSV } from "../../../src/formats/text/output-dialect.ts";

const SEED = 20170526;
const COLUMNS = ["a", "b", "c"];

interface Given {
  batches: Uint8Array[];
  wanted: string[];
  /** Batches come one after another in the same memory. */
  isShared: boolean;
}

/** Of each row its end, and the texts of the fields that are wanted; nothing for one that it has not. */
function found(make: MakeRowFinder, output: OutputSetup, { batches, wanted, isShared }: Given): unknown[][] {
  const finder = make(output, COLUMNS, wanted);
  const memory = Buffer.alloc(Math.max(0, ...batches.map(({ length }) => length)));
  return batches.map((batch) => {
    const bytes = isShared ? memory : batch;
    if (isShared) memory.set(batch);
    const rows: unknown[] = [];
    for (let at = 0; at < batch.length;) {
      const next = finder.next(bytes, at, batch.length);
      const fields = Array.from(finder.from, (from, slot): [number, number] => [from, finder.to[slot] ?? 0]);
      rows.push([next, fields.map(([from, to]) => (from < 0 ? undefined : finder.text(bytes, from, to)))]);
      at = next;
    }
    return rows;
  });
}

test("the index finds what a walk over the bytes finds", () => {
  const text = fc.oneof(
    fc.constantFrom("", "x", "é漢", "a b", "12.50"),
    fc.string({ unit: fc.constantFrom("x", '"', ",", ";", "\t", "\n", "\r", "é"), maxLength: 6 }),
  );
  const row = fc.array(text, { minLength: 3, maxLength: 3 });
  // One that is longer than what is indexed at once, and one that lacks a field.
  const odd = fc.constantFrom(["x".repeat(140_000), "y", "z"], ["x", "y"]);
  const rows = fc.array(fc.oneof({ weight: 30, arbitrary: row }, { weight: 1, arbitrary: odd }), { maxLength: 30 });
  const dialects = fc.record({
    delimiter: fc.constantFrom(",", ";", "\t", "||"),
    newline: fc.constantFrom("\n" as const, "\r\n" as const),
    quoteAll: fc.boolean(),
  });
  const wanted = fc.subarray([...COLUMNS, "none"], { minLength: 1 });
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 3 }), dialects, wanted, fc.boolean(), (batches, asked, names, isLong) => {
      const { delimiter, newline, quoteAll } = asked;
      const output: OutputSetup = { format: "csv", dialect: { ...PLAIN_CSV, delimiter, newline } };
      const written = (value: string): string =>
        quoteAll || /[",;\t\n\r|]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
      const all = batches.map((batch) => {
        const lines = batch.map((fields) => fields.map(written).join(delimiter) + newline).join("");
        return Buffer.from(lines.repeat(isLong && lines !== "" ? Math.ceil(300_000 / lines.length) : 1));
      });
      for (const isShared of [false, true]) {
        const given = { batches: all, wanted: names, isShared };
        expect(found(indexedFinder, output, given)).toEqual(found(fieldFinder, output, given));
      }
    }),
    { seed: SEED, numRuns: 30 },
  );
});
