/** Rows of JSONL that are copied by the kernel, against the lines themselves. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { jsonlDecoder } from "../../src/formats/jsonl/decoder.ts";
import { INPUT, Kernel } from "../../src/formats/kernel/host.ts";
import { PROGRESS_WORDS } from "../../src/scheduler/messages.ts";
import { Progress } from "../../src/scheduler/serve-tasks.ts";
import { RowContext } from "../../src/code/context.ts";
import { CopyWay } from "../../src/transform/copied-rows.ts";
import type { LoopState } from "../../src/transform/row-loop.ts";
import { lookupsOf } from "../../src/transform/lookups.ts";

const kernel = new Kernel();
const reads = ["keep"];
const decoder = jsonlDecoder(kernel, { reads: new Set(reads), copiesRows: true, replacesInvalid: false });
const progress = new Progress(new Int32Array(PROGRESS_WORDS));
const worker = {
  args: {},
  state: undefined,
  worker: 0,
  signal: AbortSignal.any([]),
  log: () => {},
  lookup: lookupsOf({ lookups: {} }),
};

/** The output for lines whose `keep` is true, and how many these are. */
function copied(lines: readonly string[], tail: string): { text: string; kept: number } {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  kernel.reserve(bytes.length + 1);
  kernel.bytes.set(bytes, INPUT);
  const way = new CopyWay(kernel, { call: (row) => row, filter: ({ keep }) => keep }, reads, tail);
  let text = "";
  let kept = 0;
  for (const block of decoder.blocks(INPUT, INPUT + bytes.length, () => {})) {
    const opened = way.open(block);
    if (opened === undefined) throw new Error("the block cannot be copied");
    const state: LoopState = { row: 0, rows: opened.rows, rowInBatch: 0, firstRow: 0, beside: "", kept: 0 };
    opened.mapRows(state, new RowContext(worker, "-", 0, () => 0), progress);
    text += Buffer.from(opened.output(state)).toString();
    kept += state.kept;
  }
  return { text, kept };
}

const text = fc.string({ unit: fc.constantFrom("a", "é", "😀", "\\", '"'), maxLength: 40 });
const row = fc.record({ text, keep: fc.boolean() }, { requiredKeys: ["text"] });

test("rows that are kept leave with their bytes, and what stands behind each row", () => {
  const tail = fc.constantFrom("\n", ",\n");
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), tail, (rows, end) => {
      const lines = rows.map((one) => JSON.stringify(one));
      const wanted = lines.filter((_, at) => rows[at]?.keep === true);
      expect(copied(lines, end)).toEqual({ text: wanted.map((line) => line + end).join(""), kept: wanted.length });
    }),
    { seed: 20170526, numRuns: 1000 },
  );
});

test("more rows than are indexed at once", () => {
  const lines = Array.from({ length: 9000 }, (_, at) => JSON.stringify({ at, keep: at % 3 === 0 }));
  const wanted = lines.filter((_, at) => at % 3 === 0);
  expect(copied(lines, "\n").text.trimEnd().split("\n")).toEqual(wanted);
});
