/** A transform with `batch`, as a user of the binary sees it. */
import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const ROWS = `n\n${Array.from({ length: 7 }, (_, at) => `${at + 1}\n`).join("")}`;
/** Says with each row how many came with it. */
const SIZES = "export const batch = (rows) => rows.map(({ n }) => ({ n, of: rows.length }));\n";

/** The results of a function that fails for the row 3, however it does that. */
const WITHOUT_3 = "n\n1\n2\n4\n5\n6\n7\n";

describe("batch", () => {
  test("gets so many rows at a time as -b says, fewer at the end of each input", async () => {
    const folder = binary.folder({ "sizes.ts": SIZES, "in.csv": ROWS });
    (await folder.run(["sizes.ts", "in.csv", "-b", "3"])).expect({
      stdout: "n,of\n1,3\n2,3\n3,3\n4,3\n5,3\n6,3\n7,1\n",
    });
    (await folder.run(["sizes.ts", "-b", "5"], { stdin: ROWS })).expect({
      stdout: "n,of\n1,5\n2,5\n3,5\n4,5\n5,5\n6,2\n7,2\n",
    });
    const twice = await folder.run(["sizes.ts", "in.csv", "in.csv", "-b", "5", "-j", "2"]);
    expect(twice.stdout.match(/,2$/gm)).toHaveLength(4);
  });

  test("gets a thousand unless -b says otherwise, at the same places for every number of workers", async () => {
    const rows = `n\n${Array.from({ length: 3_210 }, (_, at) => `${at}\n`).join("")}`;
    const module =
      "export const batch = async (rows, { index, line }) => rows.map(() => ({ size: rows.length, index, line }));";
    const folder = binary.folder({ "t.ts": module, "in.csv": rows });
    const one = await folder.run(["t.ts", "in.csv", "-j", "1"]);
    expect([...new Set(one.stdout.split("\n"))]).toEqual([
      "size,index,line",
      "1000,0,2",
      "1000,1000,1002",
      "1000,2000,2002",
      "210,3000,3002",
      "",
    ]);
    (await folder.run(["t.ts", "-j", "3"], { stdin: rows })).expect({ stdout: one.stdout });
    (await folder.run(["t.ts", "in.csv", "--dry-run"])).expect({ stdout: /first batch: 1000 rows/ });
  });

  test("gets rows read and validated, without those that the filter drops; gives none, one or many for each", async () => {
    const module = `import { z } from "zod";
export const schema = z.object({ n: z.number().max(6) });
export const output = z.object({ n: z.number(), of: z.number() });
export const batch = (rows) => rows.map(({ n }) => n === 2 ? null : n === 4 ? [{ n, of: 0 }, { n, of: 1 }] : { n, of: rows.length });
`;
    const folder = binary.folder({ "t.ts": module, "in.csv": ROWS });
    (await folder.run(["t.ts", "in.csv", "--filter", "n > 1", "--on-error", "skip"])).expect({
      code: 3,
      stdout: "n,of\n3,5\n4,0\n4,1\n5,5\n6,5\n",
      stderr: ["1 of 7"],
    });
  });

  test("may stand before a reduce", async () => {
    const reduce =
      "export const reduce = { init: () => 0, step: (sum, { of }) => sum + of, merge: (a, b) => a + b, finish: (sum) => ({ sum }) };";
    const folder = binary.folder({ "t.ts": SIZES + reduce, "in.csv": ROWS });
    (await folder.run(["t.ts", "in.csv", "-b", "3"])).expect({ stdout: "sum\n19\n" });
  });

  const failing = {
    throws:
      "export const batch = (rows) => rows.map(({ n }) => { if (n === 3) throw new Error('three'); return { n }; });",
    rejects:
      "export const batch = async (rows) => rows.map(({ n }) => { if (n === 3) throw new Error('three'); return { n }; });",
    "ends its worker":
      "export const batch = (rows) => rows.map(({ n }) => { if (n === 3) process.exit(1); return { n }; });",
    hangs: "export const batch = (rows) => rows.map(({ n }) => { if (n === 3) for (;;); return { n }; });",
    "never answers":
      "export const batch = (rows) => rows.some(({ n }) => n === 3) ? new Promise(() => {}) : Promise.resolve(rows);",
  };
  for (const [what, module] of Object.entries(failing)) {
    test(`that ${what} for one row costs that row`, async () => {
      const folder = binary.folder({ "t.ts": module, "in.csv": ROWS });
      const flags = ["--on-error", "reject", "--rejects", "bad.jsonl", "--timeout", "300ms"];
      (await folder.run(["t.ts", "in.csv", ...flags])).expect({ code: 3, stdout: WITHOUT_3, stderr: ["1 of 7"] });
      expect(folder.read("bad.jsonl")).toMatch(/^\{"file":"in.csv","line":4,.*\n$/);
    });
  }

  test("that fails ends the run at its row, the rows before it having come out", async () => {
    const folder = binary.folder({ "t.ts": failing.throws, "in.csv": ROWS });
    (await folder.run(["t.ts", "in.csv"])).expect({ code: 1, stdout: "n\n1\n2\n", stderr: ["in.csv:4: three"] });
  });

  test("must answer with one result a row", async () => {
    const folder = binary.folder({
      "few.ts": "export const batch = (rows) => rows.filter(({ n }) => n > 3);",
      "none.ts": "export const batch = async () => {};",
      "both.ts": `export default (row) => row;\n${SIZES}`,
      "value.ts": "export const batch = 7;",
      "in.csv": ROWS,
    });
    const skipping = ["--on-error", "skip"];
    (await folder.run(["few.ts", "in.csv", ...skipping])).expect({
      code: 1,
      stderr: ["batch returned 4 results for 7 rows"],
    });
    (await folder.run(["none.ts", "in.csv"])).expect({ code: 1, stderr: ["batch returned no array for 7 rows"] });
    (await folder.run(["both.ts", "in.csv"])).expect({ code: 1, stderr: ["there is a default export and a batch"] });
    (await folder.run(["value.ts", "in.csv"])).expect({ code: 1, stderr: ["the export batch is no function"] });
  });
});
