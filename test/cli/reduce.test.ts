/** A transform with `reduce`, as a user of the binary sees it. */
import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** Counts and sums by station, in an object of its own. */
const STATIONS = `export const reduce = {
  init: () => new Map(),
  step(stations, { station, t }) {
    const { count, sum } = stations.get(station) ?? { count: 0, sum: 0 };
    stations.set(station, { count: count + 1, sum: sum + Number(t) });
  },
  merge(before, behind) {
    for (const [station, { count, sum }] of behind) {
      const known = before.get(station) ?? { count: 0, sum: 0 };
      before.set(station, { count: known.count + count, sum: known.sum + sum });
    }
  },
  finish: (stations) => Array.from(stations, ([station, { count, sum }]) => ({ station, count, mean: sum / count })),
};
`;

/** A reduce that collects the rows of \`n\`, with one function replaced. */
function collecting(functions: Record<string, string> = {}): string {
  const all = {
    init: "() => []",
    step: "(all, { n }) => { all.push(n); }",
    merge: "(a, b) => [...a, ...b]",
    finish: '(all) => ({ all: all.join(" ") })',
    ...functions,
  };
  const members = Object.entries(all).map(([name, code]) => `  ${name}: ${code},`);
  return `export const reduce = {\n${members.join("\n")}\n};\n`;
}

const ROWS = `n\n${Array.from({ length: 10 }, (_, at) => `${at + 1}\n`).join("")}`;
const ALL = "all\n1 2 3 4 5 6 7 8 9 10\n";
const WITHOUT_5 = "all\n1 2 3 4 6 7 8 9 10\n";

describe("reduce", () => {
  test("gives the same bytes for every number of workers, from a file and from standard input", async () => {
    const lines = Array.from({ length: 200_000 }, (_, at) => `s${(at * 7919) % 413},${((at * 31) % 900) / 10 - 40}\n`);
    const csv = `station,t\n${lines.join("")}`;
    expect(csv.length).toBeGreaterThan(2 * 1024 * 1024);
    const folder = binary.folder({ "stations.ts": STATIONS, "in.csv": csv });
    const one = await folder.run(["stations.ts", "in.csv", "-j", "1"]);
    expect(one.stdout.split("\n")).toHaveLength(413 + 2);
    for (const jobs of ["2", "3"]) {
      (await folder.run(["stations.ts", "in.csv", "-j", jobs])).expect({ stdout: one.stdout });
      (await folder.run(["stations.ts", "-j", jobs], { stdin: csv })).expect({ stdout: one.stdout });
    }
    (await folder.run(["stations.ts", "in.csv", "--unordered", "-o", "out.csv"])).expect({});
    expect(folder.read("out.csv")).toBe(one.stdout);
    expect(folder.names()).toEqual(["in.csv", "out.csv", "stations.ts"]);
  });

  test("writes any format, and of no row what finish makes of an accumulator of none", async () => {
    const folder = binary.folder({ "r.ts": collecting(), "in.csv": ROWS, "none.csv": "n\n" });
    (await folder.run(["r.ts", "in.csv", "--to", "json"])).expect({ stdout: '[\n{"all":"1 2 3 4 5 6 7 8 9 10"}\n]\n' });
    (await folder.run(["r.ts", "in.csv", "--to", "table"])).expect({ stdout: /1 2 3 4 5 6 7 8 9 10/ });
    (await folder.run(["r.ts", "none.csv", "--to", "jsonl"])).expect({ stdout: '{"all":""}\n' });
  });

  test("folds what --filter, --first, --types and a schema leave, of several inputs in their order", async () => {
    const folder = binary.folder({
      "r.ts": collecting(),
      "typed.ts": `import { z } from "zod";\nexport const schema = z.object({ n: z.number() });\n${collecting({
        step: "(all, { n }) => { all.push(n * 2); }",
      })}`,
      "in.csv": ROWS,
      "more.csv": "n\n11\n12\n",
    });
    (await folder.run(["r.ts", "in.csv", "more.csv", "--filter", "n % 2 == 1"])).expect({
      stdout: "all\n1 3 5 7 9 11\n",
    });
    (await folder.run(["r.ts", "in.csv", "--first", "3"])).expect({ stdout: "all\n1 2 3\n" });
    (await folder.run(["typed.ts", "more.csv"])).expect({ stdout: "all\n22 24\n" });
    (await folder.run(["r.ts", "in.csv", "--types", "n=int", "-b", "3"])).expect({ stdout: ALL });
  });

  test("folds the outputs of a default function, an asynchronous one in the order of the rows", async () => {
    const slow = `export default async ({ n }, { index }) => {
      for (let turns = index % 5; turns > 0; turns--) await new Promise(setImmediate);
      return n === "2" ? null : n === "3" ? [{ n: "3a" }, { n: "3b" }] : { n };
    };\n`;
    const folder = binary.folder({ "r.ts": slow + collecting(), "in.csv": ROWS });
    (await folder.run(["r.ts", "in.csv"])).expect({ stdout: "all\n1 3a 3b 4 5 6 7 8 9 10\n" });
  });

  test("has rows that may be many, an order of columns, and a schema", async () => {
    const many = collecting({ finish: "function* (all) { for (const n of all) yield { i: 1, n }; }" });
    const folder = binary.folder({
      "many.ts": `export const columns = ["n", "i", "x"];\n${many}`,
      "wrong.ts": `import { z } from "zod";\nexport const output = z.object({ n: z.string() });\n${many}`,
      "in.csv": "n\n1\n2\n",
      "none.csv": "n\n",
    });
    (await folder.run(["many.ts", "in.csv"])).expect({ stdout: "n,i,x\n1,1,\n2,1,\n" });
    (await folder.run(["many.ts", "none.csv"])).expect({ stdout: "n,i,x\n" });
    (await folder.run(["wrong.ts", "in.csv"])).expect({ code: 1, stderr: ["string"] });
  });

  test("reads only the columns that step looks at, and says so", async () => {
    const folder = binary.folder({ "stations.ts": STATIONS, "in.csv": "a,station,b,t\n1,x,2,3\n" });
    (await folder.run(["stations.ts", "in.csv", "--dry-run"])).expect({
      stdout: /reads: +2 of 4 columns: station, t\n[^]*folds: +all rows, cell by cell of a fixed grid/,
    });
    const rest = collecting({ step: "(...args) => { args[0].push(args[1].n); }" });
    const other = binary.folder({ "rest.ts": rest, "in.csv": "a,n\n1,7\n" });
    (await other.run(["rest.ts", "in.csv"])).expect({ stdout: "all\n7\n" });
  });

  test("counts its rows in the summary", async () => {
    const folder = binary.folder({ "r.ts": collecting(), "in.csv": ROWS });
    const flags = ["--filter", "n != 4", "--summary", "log.json"];
    (await folder.run(["r.ts", "in.csv", ...flags])).expect({ stdout: "all\n1 2 3 5 6 7 8 9 10\n" });
    const { rows } = JSON.parse(folder.read("log.json")) as { rows: unknown };
    expect(rows).toEqual({ in: 10, mapped: 9, dropped: 1, rejected: 0, out: 1 });
  });

  test("becomes a program of its own", async () => {
    const folder = binary.folder({ "r.ts": collecting(), "in.csv": ROWS });
    (await folder.bash("rowmill compile r.ts -o all && ./all in.csv -b 2 -j 2")).expect({
      stdout: /1 2 3 4 5 6 7 8 9 10/,
    });
  });
});

describe("a row at which step fails", () => {
  const half = "(all, { n }) => { all.push(n); if (n === '5') throw new Error('five'); }";

  test("ends the run, with its place", async () => {
    const folder = binary.folder({ "r.ts": collecting({ step: half }), "in.csv": ROWS });
    (await folder.run(["r.ts", "in.csv"])).expect({ code: 1, stderr: ["in.csv:6: five", /r\.ts:3/] });
  });

  test("is left out as if it had not been there, and recorded", async () => {
    const folder = binary.folder({ "r.ts": collecting({ step: half }), "in.csv": ROWS });
    for (const rows of ["1", "3", "100"]) {
      const flags = ["--on-error", "reject", "--rejects", "bad.jsonl", "-b", rows];
      (await folder.run(["r.ts", "in.csv", ...flags])).expect({ code: 3, stdout: WITHOUT_5, stderr: ["1 of 10"] });
      expect(folder.read("bad.jsonl")).toMatch(/^\{"file":"in.csv","line":6,.*"code":"row-function".*\n$/);
    }
  });

  const deaths = {
    "it hangs": "(all, { n }) => { all.push(n); if (n === '5') for (;;); }",
    "it ends its worker": "(all, { n }) => { all.push(n); if (n === '5') process.exit(7); }",
  };
  for (const [name, step] of Object.entries(deaths)) {
    test(`is left out when ${name}`, async () => {
      const folder = binary.folder({ "r.ts": collecting({ step }), "in.csv": ROWS });
      for (const rows of ["3", "100"]) {
        const flags = ["--on-error", "skip", "--timeout", "200ms", "-b", rows, "-j", "2"];
        (await folder.run(["r.ts", "in.csv", ...flags])).expect({ code: 3, stdout: WITHOUT_5, stderr: ["1 of 10"] });
      }
    });
  }

  test("may be one too many", async () => {
    const folder = binary.folder({ "r.ts": collecting({ step: "() => { throw new Error('all') }" }), "in.csv": ROWS });
    const flags = ["--on-error", "skip", "--max-errors"];
    (await folder.run(["r.ts", "in.csv", ...flags, "2"])).expect({ code: 1, stderr: ["--max-errors is 2"] });
    (await folder.run(["r.ts", "in.csv", ...flags, "20%"])).expect({ code: 1, stderr: ["more than 20 %"] });
  });
});

describe("a reduce that cannot be", () => {
  const cases: [what: string, module: string, stderr: (string | RegExp)[]][] = [
    [
      "keeps objects of a class",
      collecting({ init: "() => ({ stats: new (class Stats { n = 0 })() })", step: "() => {}" }),
      ["the class Stats", ".stats"],
    ],
    ["keeps functions", collecting({ init: "() => ({ f() {} })", step: "() => {}" }), ["holds a function in .f"]],
    ["has an asynchronous step", collecting({ step: "async (all) => all" }), ["reduce.step returned a promise"]],
    ["has an asynchronous merge", collecting({ merge: "async (a) => a" }), ["reduce.merge returned a promise"]],
    ["throws in init", collecting({ init: "() => { throw new Error('no start') }" }), ["reduce.init failed: no start"]],
    [
      "throws in merge",
      collecting({ merge: "() => { throw new Error('no way') }" }),
      ["reduce.merge failed: no way", /r\.ts:4/],
    ],
    [
      "throws in finish",
      collecting({ finish: "() => { throw new Error('no end') }" }),
      ["reduce.finish failed: no end"],
    ],
    [
      "throws between two rows",
      collecting({ finish: "function* () { yield { a: 1 }; throw new Error('half') }" }),
      ["reduce.finish failed: half"],
    ],
    [
      "ends its worker in merge",
      collecting({ merge: "() => process.exit(9)" }),
      ["merge or finish of reduce ended its worker"],
    ],
    ["finishes with what is no row", collecting({ finish: "() => 7" }), ["the number 7, not an object"]],
    ["lacks a function", "export const reduce = { init: () => 0 };", ["the export reduce has no function step"]],
    ["is no object", "export const reduce = 7;", ["the export reduce is no object"]],
  ];
  test.each(cases)("%s: that is said, and the output stays as it was", async (_, module, stderr) => {
    const folder = binary.folder({ "r.ts": module, "in.csv": ROWS, "out.csv": "before\n" });
    (await folder.run(["r.ts", "in.csv", "-o", "out.csv", "-b", "3"])).expect({ code: 1, stderr });
    expect(folder.read("out.csv")).toBe("before\n");
    expect(folder.names()).toEqual(["in.csv", "out.csv", "r.ts"]);
  });

  test("awaits an asynchronous finish", async () => {
    const folder = binary.folder({
      "r.ts": collecting({ finish: "async (all) => ({ all: all.length })" }),
      "in.csv": ROWS,
    });
    (await folder.run(["r.ts", "in.csv"])).expect({ stdout: "all\n10\n" });
  });

  test("is resumed: it begins anew, without the flag", async () => {
    const folder = binary.folder({ "r.ts": collecting(), "in.csv": ROWS });
    (await folder.run(["r.ts", "in.csv", "-o", "out.csv", "--resume"])).expect({
      code: 2,
      stderr: ["--resume is not possible: what rows are folded into comes out at the end"],
    });
    (await folder.run(["r.ts", "in.csv", "--sum", "n"])).expect({ code: 2, stderr: ["has a reduce"] });
  });
});

/** The calls, as the run has told them. */
function calls(stderr: string): { inits: number; steps: string[] } {
  const lines = stderr.split("\n");
  const steps = lines.flatMap((line) => (line.startsWith("step ") ? [line.slice("step ".length)] : []));
  return { inits: lines.filter((line) => line === "init").length, steps };
}

describe("the functions of a reduce are called", () => {
  /** Says each call of init and step. */
  const telling = collecting({
    init: '() => { console.log("init"); return []; }',
    step: "(all, { n }) => { console.log(`step ${n}`); all.push(n); if (n === 'bad') throw new Error('bad'); }",
  });
  const rows = Array.from({ length: 40 }, (_, at) => String(at + 1));

  for (const way of ["steps-interned", "steps-numbers", "steps-texts", "rows"]) {
    const settings = { env: { ROWMILL_WAY: way } };

    test(`${way}: once a cell and once a row`, async () => {
      const folder = binary.folder({ "r.ts": telling, "in.csv": `n,m\n${rows.map((n) => `${n},x\n`).join("")}` });
      const whole = await folder.run(["r.ts", "in.csv", "-j", "1"], settings);
      expect(calls(whole.stderr)).toEqual({ inits: 1, steps: rows });
      const cells = await folder.run(["r.ts", "in.csv", "-j", "1", "-b", "10"], settings);
      expect(calls(cells.stderr).steps).toEqual(rows);
      expect(calls(cells.stderr).inits).toBe(4);
    });

    test(`${way}: a row that is short, or cannot be read, or fails in a filter changes nothing of that`, async () => {
      const lines = rows.map((n) => (n === "20" ? "20\n" : n === "30" ? '30,"x"y\n' : `${n},x\n`));
      const folder = binary.folder({ "r.ts": telling, "in.csv": `n,m\n${lines.join("")}` });
      const filter = "(r, { index }) => { if (index === 9) throw new Error('ten'); return true; }";
      const ran = await folder.run(["r.ts", "in.csv", "-j", "1", "--on-error", "skip", "--filter", filter], settings);
      expect(ran.code).toBe(3);
      // What cannot be read ends its cell: the rows behind it have an accumulator of their own.
      expect(calls(ran.stderr)).toEqual({ inits: 2, steps: rows.filter((n) => !["10", "20", "30"].includes(n)) });
      expect(ran.stdout).toBe(`all\n${rows.filter((n) => !["10", "20", "30"].includes(n)).join(" ")}\n`);
    });

    test(`${way}: a step that throws ends the run with its row, and nothing is called again`, async () => {
      const lines = rows.map((n) => (n === "25" ? "bad,x\n" : `${n},x\n`));
      const folder = binary.folder({ "r.ts": telling, "in.csv": `n,m\n${lines.join("")}` });
      const ran = await folder.run(["r.ts", "in.csv", "-j", "1"], settings);
      ran.expect({ code: 1, stderr: ["in.csv:26: bad"] });
      expect(calls(ran.stderr)).toEqual({ inits: 1, steps: [...rows.slice(0, 24), "bad"] });
    });

    test(`${way}: where the run goes on behind a step that threw, its rows are folded again without it`, async () => {
      const lines = rows.map((n) => (n === "25" ? "bad,x\n" : `${n},x\n`));
      const folder = binary.folder({ "r.ts": telling, "in.csv": `n,m\n${lines.join("")}` });
      const ran = await folder.run(["r.ts", "in.csv", "-j", "1", "--on-error", "skip"], settings);
      expect(ran.code).toBe(3);
      expect(ran.stdout).toBe(`all\n${rows.filter((n) => n !== "25").join(" ")}\n`);
      const { inits, steps } = calls(ran.stderr);
      expect(inits).toBeGreaterThan(1);
      expect(steps.slice(-15)).toEqual(rows.slice(25));
    });
  }

  test("once a cell and once a row, also where a function of many rows throws", async () => {
    const batch =
      'export const batch = (rows) => { if (rows.length > 1) throw new Error("one by one"); return rows; };\n';
    const folder = binary.folder({ "r.ts": batch + telling, "in.csv": `n,m\n${rows.map((n) => `${n},x\n`).join("")}` });
    const ran = await folder.run(["r.ts", "in.csv", "-j", "1"]);
    expect(ran.code).toBe(0);
    expect(calls(ran.stderr)).toEqual({ inits: 1, steps: rows });
  });

  test("a promise of step is an error of the run, whatever the way", async () => {
    const folder = binary.folder({
      "r.ts": collecting({ step: "async (all, { n }) => { all.push(n); }" }),
      "in.csv": ROWS,
    });
    for (const way of ["steps", "rows"]) {
      const ran = await folder.run(["r.ts", "in.csv"], { env: { ROWMILL_WAY: way } });
      ran.expect({ code: 1, stderr: ["reduce.step returned a promise"] });
    }
  });

  test("groups go on behind a block that takes the long way", async () => {
    const lines = Array.from({ length: 120_000 }, (_, at) =>
      at % 60_000 === 59_999 ? "short\n" : `s${at % 7},${at}\n`,
    );
    const folder = binary.folder({ "in.csv": `s,t\n${lines.join("")}` });
    const words = ["--group-by", "s", "--sum", "t", "--count", "in.csv", "-j", "1", "--on-error", "skip"];
    const slow = await folder.run(words, { env: { ROWMILL_WAY: "rows" } });
    const quick = await folder.run([...words, "--summary", "log.json"]);
    expect(slow.stdout.split("\n")).toHaveLength(7 + 2);
    expect(quick.stdout).toBe(slow.stdout);
    const { blocks } = JSON.parse(folder.read("log.json")) as { blocks: Record<string, number> };
    expect(Object.keys(blocks).toSorted()).toEqual(["groups", "rows-folded"]);
  });
});
