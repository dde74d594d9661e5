/** The last rows are kept in files where there is no room for them, and of what is no longer wanted nothing is left there. */
import { afterEach, expect, spyOn, test } from "bun:test";
import * as fc from "fast-check";
import { SpillFile } from "../../../src/io/spill-file.ts";
import { eachRow } from "../../../src/stages/arranged.ts";
import { LastRows } from "../../../src/stages/tail/last-rows.ts";

const closing = spyOn(SpillFile.prototype, "close");
afterEach(() => closing.mockClear());

test("the last of many rows, in two files at most", () => {
  const batches = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 });
  const property = fc.property(
    fc.integer({ min: 0, max: 30 }),
    batches,
    fc.constantFrom(0, 40, 1e9),
    (most, sizes, memoryBytes) => {
      const appending = spyOn(SpillFile.prototype, "append");
      closing.mockClear();
      const last = new LastRows(most, { memoryBytes, tempDir: undefined });
      const all: string[] = [];
      for (const size of sizes) {
        const own = Array.from({ length: size }, (_, at) => `row ${all.length + at}\n`);
        all.push(...own);
        let end = 0;
        last.add({ bytes: Buffer.from(own.join("")), ends: Uint32Array.from(own, ({ length }) => (end += length)) });
        const opened = new Set(appending.mock.contexts).size;
        expect(opened - closing.mock.calls.length).toBeLessThanOrEqual(2);
      }
      const found = Array.from(last.rows(), (rows) =>
        [...eachRow(rows)].map((row) => Buffer.from(row).toString()),
      ).flat();
      expect(found).toEqual(most === 0 ? [] : all.slice(-most));
      last.close();
      expect(closing.mock.calls.length).toBe(new Set(appending.mock.contexts).size);
      appending.mockRestore();
    },
  );
  fc.assert(property, { numRuns: 40 });
});
