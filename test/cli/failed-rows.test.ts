/** Rows that fail and do not end the run: --on-error, --rejects, --max-errors, --timeout, --retries, --from rejects. */
import { describe, expect, test } from "bun:test";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

interface Reject {
  file: string;
  line: number;
  row: number;
  column?: string;
  code: string;
  message: string;
  input?: string;
  inputBase64?: string;
  stack?: string;
  columns?: string[];
  delimiter?: string;
}

function rejectsOf(folder: Folder, name = "out.csv.rejects.jsonl"): Reject[] {
  return folder
    .read(name)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Reject);
}

/** A transform with a fault of its own for each of some rows; the others get a number more. */
const FAULTY = `
import { z } from "zod";
export const schema = z.object({ id: z.number(), name: z.string().max(20) });
export const output = z.object({ id: z.any(), twice: z.any() });
export const columns = ["id", "twice"];
export default ({ id, name }) => {
  switch (name) {
    case "throws": throw new Error("thrown on purpose");
    case "throws undefined": throw undefined;
    case "throws text": throw "a text";
    case "rejects": return Promise.reject(new Error("rejected"));
    case "never settles": return new Promise(() => {});
    case "loops": for (;;);
    case "exits": process.exit(9);
    case "stray": return new Promise(() => { setTimeout(() => { throw new Error("stray") }) });
    case "unwritable": return { id: () => 1, twice: 2 };
    case "wrong output": return { wrong: 1 };
    case "no object": return 7;
  }
  return { id, twice: 2 * id };
};
`;

/** Kinds of fault, the text of the row (its id being the row's number), and the code of its record. */
const FAULTS: readonly (readonly [row: (id: number) => string, code: string])[] = [
  [(id) => `${id},a"b`, "row-quote"],
  [(id) => `${id},"a"b`, "row-quote"],
  [(id) => `${id}`, "row-field-count"],
  [(id) => `${id},a,b`, "row-field-count"],
  [(id) => `${id},\xff`, "row-encoding"],
  [(id) => `${id}x,name`, "row-schema"],
  [(id) => `${id},${"long".repeat(9)}`, "row-schema"],
  [(id) => `${id},throws`, "row-function"],
  [(id) => `${id},throws undefined`, "row-function"],
  [(id) => `${id},throws text`, "row-function"],
  [(id) => `${id},rejects`, "row-function"],
  [(id) => `${id},never settles`, "row-timeout"],
  [(id) => `${id},loops`, "row-timeout"],
  [(id) => `${id},exits`, "row-worker-died"],
  [(id) => `${id},stray`, "row-worker-died"],
  [(id) => `${id},unwritable`, "row-encode"],
  [(id) => `${id},wrong output`, "row-output-schema"],
  [(id) => `${id},no object`, "row-output-schema"],
];

const ROWS = 100_000;
/** Faults lie so far apart. */
const APART = 5000;

function faultyRow(id: number): (typeof FAULTS)[number] | undefined {
  return id % APART === 17 ? FAULTS[(id - 17) / APART] : undefined;
}

function faultyInput(): Buffer {
  const rows = Array.from({ length: ROWS }, (_, id) => faultyRow(id)?.[0](id) ?? `${id},name`);
  return Buffer.from(`id,name\n${rows.join("\n")}\n`, "latin1");
}

const GOOD = Array.from({ length: ROWS }, (_, id) => id).filter((id) => faultyRow(id) === undefined);
const GOOD_OUTPUT = `id,twice\n${GOOD.map((id) => `${id},${2 * id}\n`).join("")}`;

function faultyFolder(): Folder {
  return binary.folder({ "in.csv": faultyInput(), "x.ts": FAULTY, "out.csv": "old\n" });
}

describe("a file of 100,000 rows with a fault of each kind", () => {
  test.each([1, 2, 4])("gives, under reject with %d jobs, all other rows and a record of each", async (jobs) => {
    const there = faultyFolder();
    const args = ["x.ts", "in.csv", "-o", "out.csv", "--on-error", "reject", "--timeout", "1s", "-j", String(jobs)];
    (await there.run(args)).expect({
      code: 3,
      stderr: ["18 of 100,000 rows failed: see out.csv.rejects.jsonl", "the first: in.csv:19: "],
    });
    expect(there.read("out.csv") === GOOD_OUTPUT).toBe(true);
    const expected = FAULTS.map(([row, code], index) => {
      const id = index * APART + 17;
      const raw =
        code === "row-encoding"
          ? { inputBase64: Buffer.from(row(id), "latin1").toString("base64") }
          : { input: row(id) };
      return Object.assign(raw, {
        file: "in.csv",
        line: id + 2,
        row: id,
        code,
        columns: ["id", "name"],
      });
    });
    const found = rejectsOf(there);
    expect(found.map(({ message: _m, stack: _s, column: _c, ...rest }) => rest)).toEqual(expected);
    expect(found.find(({ input }) => input?.endsWith(",throws"))).toMatchObject({
      message: "thrown on purpose",
      stack: expect.stringContaining("x.ts:8:"),
    });
    expect(found.find(({ input }) => input?.includes("long"))).toMatchObject({ column: "name" });
    expect(there.names()).toEqual(["in.csv", "out.csv", "out.csv.rejects.jsonl", "x.ts"]);
  });

  test("ends, under fail, at the first", async () => {
    const there = faultyFolder();
    (await there.run(["x.ts", "in.csv", "-o", "out.csv"])).expect({
      code: 1,
      stderr: ["error: in.csv:19: a quote in column 5 of the line", 'row: 17,a"b'],
    });
    expect(there.read("out.csv")).toBe("old\n");
    expect(there.names()).toEqual(["in.csv", "out.csv", "x.ts"]);
  });

  test("ends, with --max-errors 3, at the fourth, and goes on with a higher limit", async () => {
    const there = faultyFolder();
    const args = ["x.ts", "in.csv", "-o", "out.csv", "--on-error", "reject", "--timeout", "1s"];
    (await there.run([...args, "--max-errors", "3"])).expect({
      code: 1,
      stderr: [
        "error: in.csv:15019: ",
        "failed row 4, --max-errors is 3",
        "go on with: rowmill x.ts in.csv",
        "--resume",
      ],
    });
    expect(there.read("out.csv")).toBe("old\n");
    (await there.run([...args, "--max-errors", "18", "--resume"])).expect({ code: 3, stderr: ["18 of 100,000 rows"] });
    expect(there.read("out.csv") === GOOD_OUTPUT).toBe(true);
    expect(rejectsOf(there)).toHaveLength(18);
  });

  test("loses nothing else under skip, from a pipe to a pipe", async () => {
    const there = faultyFolder();
    const ran = await there.run(["x.ts", "--on-error", "skip", "--timeout", "1s", "-q"], { stdin: faultyInput() });
    ran.expect({ code: 3, stdout: GOOD_OUTPUT });
  });
});

describe("--on-error reject", () => {
  const IN = "a,b\n1,2\nbad\n3,4\n";

  test("needs a place for the rejects of standard output", async () => {
    const folder = binary.folder({ "in.csv": IN });
    const args = ["-e", "row", "in.csv", "--on-error", "reject"];
    (await folder.run(args)).expect({ code: 2, stderr: ["--rejects FILE"] });
    (await folder.run([...args, "--rejects", "r.jsonl"])).expect({
      code: 3,
      stdout: "a,b\n1,2\n3,4\n",
      stderr: ["1 of 3 rows failed: see r.jsonl", "the first: in.csv:3: the row has 1 field"],
    });
    expect(rejectsOf(folder, "r.jsonl")).toMatchObject([{ line: 3, row: 1, input: "bad" }]);
  });

  test("writes an empty rejects file where nothing fails, in place of an older one", async () => {
    const folder = binary.folder({ "in.csv": "a\n1\n", "out.csv.rejects.jsonl": "old\n" });
    (await folder.run(["-e", "row", "in.csv", "-o", "out.csv", "--on-error", "reject"])).expect({});
    expect(folder.read("out.csv.rejects.jsonl")).toBe("");
  });

  test("refuses an input or the output as the place", async () => {
    const folder = binary.folder({ "in.csv": IN });
    for (const taken of ["in.csv", "out.csv", "./out.csv"]) {
      const args = ["-e", "row", "in.csv", "-o", "out.csv", "--on-error", "reject", "--rejects", taken];
      (await folder.run(args)).expect({
        code: 2,
        stderr: [/is the rejects file, and (?:an input|the output) as well/],
      });
    }
    expect(folder.names()).toEqual(["in.csv"]);
  });

  test("keeps the text of rows of several lines, and the line on which they start", async () => {
    const folder = binary.folder({ "in.csv": 'a,b\n1,"x\ny"\n2,"x\ny",3\n4,5\n' });
    await folder.run(["-e", "row", "in.csv", "-o", "out.csv", "--on-error", "reject"]);
    expect(rejectsOf(folder)).toMatchObject([{ line: 4, row: 1, input: '2,"x\ny",3' }]);
  });

  test("says which columns and delimiter its rows have, file by file", async () => {
    const folder = binary.folder({ "1.csv": "a;b\n1;2\nx\n", "2.csv": "b;a\ny\n2;1\n" });
    await folder.run(["-e", "row", "1.csv", "2.csv", "-d", ";", "-o", "out.csv", "--on-error", "reject"]);
    expect(rejectsOf(folder)).toMatchObject([
      { file: "1.csv", line: 3, input: "x", columns: ["a", "b"], delimiter: ";" },
      { file: "2.csv", line: 2, input: "y", columns: ["b", "a"], delimiter: ";" },
    ]);
  });
});

/** What a record must keep when it is written again. */
function essentials(records: Reject[] = []): unknown[] {
  return records.map((r) => [r.input, r.inputBase64, r.columns, r.code]);
}

describe("--from rejects", () => {
  test("runs rows again that were put right, by their own columns", async () => {
    const folder = binary.folder({ "1.csv": "a;b\n1;2\nx\n", "2.csv": "b;a\ny\n2;1\n" });
    await folder.run(["-e", "row", "1.csv", "2.csv", "-d", ";", "-o", "out.csv", "--on-error", "reject"]);
    folder.write({ "r.jsonl": folder.read("out.csv.rejects.jsonl").replace('"x"', '"7;8"').replace('"y"', '"8;7"') });
    (await folder.run(["-e", "{ a, b }", "--from", "rejects", "r.jsonl"])).expect({ stdout: "a,b\n7,8\n7,8\n" });
  });

  test("records what fails again so that it can be read once more", async () => {
    const folder = binary.folder({ "in.csv": Buffer.from("a,b\nx\n\xff,1\n", "latin1") });
    const reject = ["-e", "row", "--on-error", "reject", "-o", "out.csv", "--restart"];
    await folder.run([...reject, "in.csv", "--rejects", "1.jsonl"]);
    await folder.run([...reject, "--from", "rejects", "1.jsonl", "--rejects", "2.jsonl"]);
    const [one, two] = ["1.jsonl", "2.jsonl"].map((name) => rejectsOf(folder, name));
    expect(essentials(two)).toEqual(essentials(one));
  });

  test("reads rows of JSON", async () => {
    const folder = binary.folder({ "in.jsonl": '{"a":1}\n{"a":}\n' });
    await folder.run(["-e", "row", "in.jsonl", "-o", "out.jsonl", "--on-error", "reject"]);
    folder.write({
      "r.jsonl": folder.read("out.jsonl.rejects.jsonl").replace(String.raw`{\"a\":}`, String.raw`{\"a\":2}`),
    });
    (await folder.run(["-e", "row", "--from", "rejects", "r.jsonl"])).expect({ stdout: '{"a":2}\n' });
  });

  test("refuses other files", async () => {
    const folder = binary.folder({ "in.jsonl": '{"a":1}\n' });
    const ran = await folder.run(["-e", "row", "--from", "rejects", "in.jsonl"]);
    ran.expect({ code: 1, stderr: ["in.jsonl:1: the line is no record of a rejects file"] });
  });
});

describe("--max-errors", () => {
  /** Every tenth row is bad, from row 9 on. */
  const tenth = Array.from({ length: 5000 }, (_, id) => (id % 10 === 9 ? "bad,row" : String(id)));
  const IN = `n\n${tenth.join("\n")}\n`;
  const good = (rows: number): string =>
    `n\n${tenth
      .slice(0, rows)
      .filter((row) => row !== "bad,row")
      .join("\n")}\n`;
  const args = ["-e", "row", "in.csv", "--on-error", "skip"];

  test.each([[["-j", "1"]], [["-j", "4", "-b", "1"]], [["-j", "2", "-b", "7"]], [["-j", "2", "-b", "5000"]]])(
    "cuts the output at the row, however the work is spread: %p",
    async (spread) => {
      const folder = binary.folder({ "in.csv": IN });
      const ran = await folder.run([...args, ...spread, "--max-errors", "42"]);
      ran.expect({ code: 1, stdout: good(429), stderr: ["error: in.csv:431: ", "failed row 43, --max-errors is 42"] });
      (await folder.run([...args, ...spread, "--max-errors", "500", "-q"])).expect({ code: 3, stdout: good(5000) });
      (await folder.run([...args, ...spread, "--max-errors", "9.9%"])).expect({
        code: 1,
        stdout: good(1000),
        stderr: ["100 of the first 1000 rows failed, more than 9.9 %"],
      });
      (await folder.run([...args, ...spread, "--max-errors", "10%", "-q"])).expect({ code: 3, stdout: good(5000) });
    },
  );

  test("looks at a percentage at the end of short inputs too", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\nbad,row\n" });
    (await folder.run([...args, "--max-errors", "49%"])).expect({
      code: 1,
      stdout: "n\n1\n",
      stderr: ["1 of the first 2 rows failed"],
    });
    (await folder.run([...args, "--max-errors", "50%", "-q"])).expect({ code: 3, stdout: "n\n1\n" });
  });

  test("at the end keeps what was done, for a higher limit", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\nbad,row\n" });
    const file = [...args, "-o", "out.csv"];
    (await folder.run([...file, "--max-errors", "49%"])).expect({ code: 1, stderr: ["go on with: "] });
    (await folder.run([...file, "--max-errors", "50%", "--resume", "-q"])).expect({ code: 3 });
    expect(folder.read("out.csv")).toBe("n\n1\n");
  });

  test("needs a policy, and a number", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    (await folder.run(["-e", "row", "in.csv", "--max-errors", "3"])).expect({ code: 2, stderr: ["--on-error"] });
    for (const wrong of ["x", "-1", "101%", "1.5", ""]) {
      (await folder.run([...args, "--max-errors", wrong])).expect({ code: 2, stderr: ["--max-errors"] });
    }
  });
});

/** A transform that fails as often as its row says. */
const flaky = (how: string): string => `
const seen = new Map();
export default ${how} ({ n }) => {
  const attempt = (seen.get(n) ?? 0) + 1;
  seen.set(n, attempt);
  if (attempt <= Number(n)) throw new Error("attempt " + attempt);
  return { n, attempt };
};`;

describe("--retries", () => {
  test.each(["", "async"])("calls a function again that threw or rejected: %p", async (how) => {
    const folder = binary.folder({ "in.csv": "n\n0\n2\n1\n3\n", "x.ts": flaky(how) });
    const args = ["x.ts", "in.csv", "--retries", "2", "--on-error", "reject", "--rejects", "r.jsonl", "-j", "1", "-q"];
    (await folder.run(args)).expect({ code: 3, stdout: "n,attempt\n0,1\n2,3\n1,2\n" });
    expect(rejectsOf(folder, "r.jsonl")).toMatchObject([{ line: 5, input: "3", message: "attempt 3" }]);
  });

  test("does not call it again for what is wrong with the row itself", async () => {
    const code = `
import { z } from "zod";
export const output = z.object({ n: z.boolean() });
export default ({ n }, ctx) => { ctx.log("called"); return { n }; };`;
    const folder = binary.folder({ "in.csv": "n\n1\n", "x.ts": code });
    const ran = await folder.run(["x.ts", "in.csv", "--retries", "5"]);
    ran.expect({ code: 1, stderr: ["called"] });
    expect(ran.stderr.match(/called/g)).toHaveLength(1);
  });
});

describe("--timeout", () => {
  test("aborts the row's signal", async () => {
    const code = `export default ({ n }, ctx) => n === "2"
      ? new Promise((resolve) => ctx.signal.addEventListener("abort", () => ctx.log(ctx.signal.reason.message)))
      : { n };`;
    const folder = binary.folder({ "in.csv": "n\n1\n2\n3\n", "x.ts": code });
    (await folder.run(["x.ts", "in.csv", "--timeout", "50ms", "--on-error", "skip"])).expect({
      code: 3,
      stdout: "n\n1\n3\n",
      stderr: ["took longer than 50 ms\n", "1 of 3 rows failed"],
    });
  });

  test("wants a duration", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    for (const wrong of ["x", "0", "-1s", "5d", ""]) {
      (await folder.run(["-e", "row", "in.csv", "--timeout", wrong])).expect({ code: 2, stderr: ["--timeout"] });
    }
  });

  test("may be said by the transform", async () => {
    const code = `export const options = { timeout: "50ms", onError: "skip", retries: 1 };
      export default ({ n }) => { if (n === "2") for (;;); return { n }; };`;
    const folder = binary.folder({ "in.csv": "n\n1\n2\n3\n", "x.ts": code });
    (await folder.run(["x.ts", "in.csv", "-q"])).expect({ code: 3, stdout: "n\n1\n3\n" });
  });
});

test("--rate spaces the calls of all workers, and gives the same rows", async () => {
  const rows = Array.from({ length: 40 }, (_, n) => n).join("\n");
  const folder = binary.folder({ "in.csv": `n\n${rows}\n` });
  const started = performance.timeOrigin + performance.now();
  const ran = await folder.run([
    "-e",
    "{ n, at: performance.timeOrigin + performance.now() }",
    "in.csv",
    "--rate",
    "200/s",
    "-b",
    "5",
  ]);
  const times = ran.stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => Number(line.split(",")[1]));
  expect(
    ran.stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0])
      .join("\n"),
  ).toBe(rows);
  // A call comes at its turn or later, never before; the first turn is behind the start.
  for (const [index, time] of times.toSorted((a, b) => a - b).entries()) {
    expect(time - started).toBeGreaterThanOrEqual(index * 5);
  }
});
