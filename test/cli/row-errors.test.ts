/** One row fails: exit 1, the rows before it on stdout, file:line in the message, an -o target as it was. */
import { describe, expect, test } from "bun:test";
import { type Files, installBinary } from "./binary.ts";

const binary = installBinary();

interface Case {
  what: string;
  files: Files;
  args: string[];
  /** On stdout before the failure. */
  before: string;
  says: (string | RegExp)[];
}

const IN = "n\n1\n2\n3\n";
const transform = (code: string, input = IN): Pick<Case, "files" | "args"> => ({
  files: { "in.csv": input, "x.ts": code },
  args: ["x.ts", "in.csv"],
});
const input = (text: string | Uint8Array, name = "in.csv"): Pick<Case, "files" | "args"> => ({
  files: { [name]: text },
  args: ["-e", "row", name],
});

const CASES: Case[] = [
  {
    what: "too few fields",
    ...input("a,b\n1,2\n3\n5,6\n"),
    before: "a,b\n1,2\n",
    says: ["in.csv:3: ", "1 field", "2", "row: 3", "--ragged"],
  },
  { what: "too many fields", ...input("a,b\n1,2\n3,4,5\n"), before: "a,b\n1,2\n", says: ["in.csv:3: ", "3 fields"] },
  {
    what: "a quote inside a field",
    ...input('a,b\n1,2\n3,x"y\n5,6\n'),
    before: "a,b\n1,2\n",
    says: ["in.csv:3: ", "quote", 'row: 3,x"y'],
  },
  {
    what: "text behind a closing quote",
    ...input('a,b\n1,2\n3,"x"y\n'),
    before: "a,b\n1,2\n",
    says: ["in.csv:3: ", "quote"],
  },
  {
    what: "a quote that is never closed",
    ...input('a,b\n1,2\n"3,4\n5,6\n'),
    before: "a,b\n1,2\n",
    says: ["in.csv:3: ", "quote"],
  },
  {
    what: "invalid UTF-8",
    ...input(Buffer.from("a,b\n1,2\n\xe9t\xe9,3\n5,6\n", "latin1")),
    before: "a,b\n1,2\n",
    says: ["in.csv:3: ", "not UTF-8", "0xe9"],
  },
  {
    what: "invalid UTF-8 in a column that nobody reads",
    files: { "in.csv": Buffer.from("a,b\n1,2\n3,\xe9\n", "latin1") },
    args: ["-e", "{ a }", "in.csv"],
    before: "a\n1\n",
    says: ["in.csv:3: ", "not UTF-8"],
  },
  {
    what: "a line that is no JSON",
    ...input('{"a":1}\n{"a":}\n{"a":3}\n', "in.jsonl"),
    before: '{"a":1}\n',
    says: ["in.jsonl:2: ", "not JSON", 'row: {"a":}'],
  },
  {
    what: "a line that holds no object",
    ...input('{"a":1}\n[1]\n', "in.jsonl"),
    before: '{"a":1}\n',
    says: ["in.jsonl:2: ", "an array, not an object"],
  },
  {
    what: "a number that is too large, and is looked at",
    files: { "in.jsonl": '{"a":1}\n{"a":1e999}\n' },
    args: ["-e", "{ a: a + 1 }", "in.jsonl"],
    before: '{"a":2}\n',
    says: ["in.jsonl:2: ", "1e999", "too large", "--types KEY=string"],
  },
  {
    what: "throw",
    ...transform('export default ({ n }) => {\n  if (n === "2") throw new RangeError("no twos");\n  return { n };\n};'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "no twos", "row: 2", /at .*x\.ts:2:/],
  },
  {
    what: "throw in a function that it imports",
    files: {
      "in.csv": IN,
      "lib.ts": "type T = number;\n\nexport function check(n: T) {\n  if (n === 2) throw new Error('checked');\n}",
      "x.ts": "import { check } from './lib';\nexport default ({ n }) => { check(n); return { n }; };",
    },
    args: ["x.ts", "in.csv"],
    before: "n\n1\n",
    says: [/lib\.ts:4:/, /x\.ts:2:/],
  },
  {
    what: "throw undefined",
    ...transform('export default ({ n }) => { if (n === "2") throw undefined; return { n }; };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "undefined"],
  },
  {
    what: "throw a string",
    ...transform('export default ({ n }) => { if (n === "2") throw "no twos"; return { n }; };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "no twos"],
  },
  {
    what: "reject",
    ...transform(
      'export default async ({ n }) => { await null; if (n === "2") throw new Error("late"); return { n }; };',
    ),
    before: "n\n1\n",
    says: ["in.csv:3: ", "late", /at .*x\.ts:1:/],
  },
  {
    what: "reject with undefined",
    ...transform('export default ({ n }) => n === "2" ? Promise.reject(undefined) : { n };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "undefined"],
  },
  {
    what: "a TypeError of the function",
    ...transform("export default ({ n }) => ({ n: n === '2' ? n.no.such : n });"),
    before: "n\n1\n",
    says: ["in.csv:3: ", "undefined is not an object", /x\.ts:1:/],
  },
  {
    what: "throw in a generator",
    ...transform('export default function* ({ n }) { yield { n }; if (n === "2") throw new Error("half"); }'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "half"],
  },
  {
    what: "throw in an expression",
    files: { "in.csv": IN },
    args: ["-e", "{ n: n === '2' ? n.no.such : n }", "in.csv"],
    before: "n\n1\n",
    says: ["in.csv:3: ", "undefined is not an object"],
  },
  {
    what: "the schema",
    ...transform(
      'import { z } from "zod"; export const schema = z.object({ n: z.number().max(1), m: z.string().optional() }); export default ({ n }) => ({ n });',
    ),
    before: "n\n1\n",
    says: ["in.csv:3: ", "column n", "2", "<=1"],
  },
  {
    what: "a missing number",
    ...transform(
      'import { z } from "zod"; export const schema = z.object({ n: z.number(), m: z.string() }); export default ({ n }) => ({ n });',
      "n,m\n1,a\n,b\n",
    ),
    before: "n\n1\n",
    says: ["in.csv:3: ", "column n", "expected number"],
  },
  {
    what: "a text where a number is wanted",
    ...transform(
      'import { z } from "zod"; export const schema = z.object({ n: z.number() }); export default ({ n }) => ({ n });',
      "n\n1\nx\n",
    ),
    before: "n\n1\n",
    says: ["in.csv:3: ", "column n", '"x"', "expected number"],
  },
  {
    what: "the output schema",
    ...transform(
      'import { z } from "zod"; export const output = z.object({ n: z.string().max(1) }); export default ({ n }) => ({ n: n.repeat(Number(n)) });',
    ),
    before: "n\n1\n",
    says: ["in.csv:3: ", "column n", '"22"'],
  },
  {
    what: "--types",
    files: { "in.csv": "n\n1\nx\n" },
    args: ["--types", "n=int", "-e", "row", "in.csv"],
    before: "n\n1\n",
    says: ["in.csv:3: ", "column n", '"x"', "whole number"],
  },
  {
    what: "a new column in a later row",
    ...transform('export default ({ n }) => n === "2" ? { n, extra: 1 } : { n };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "extra", "export const columns"],
  },
  {
    what: "a new column in a later batch",
    files: { "in.csv": IN },
    args: ["-b", "1", "-e", "i === 1 ? { n, extra: 1 } : { n }", "in.csv"],
    before: "n\n1\n",
    says: ["in.csv:3: ", "extra"],
  },
  {
    what: "a new column in the second of a row's results",
    ...transform('export default ({ n }) => n === "2" ? [{ n }, { n, extra: 1 }] : { n };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "extra"],
  },
  {
    what: "a result that is a number",
    ...transform('export default ({ n }) => n === "2" ? 7 : { n };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "the number 7", "not an object"],
  },
  {
    what: "a result that is a Date",
    ...transform('export default ({ n }) => n === "2" ? new Date(0) : { n };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "a Date, not an object"],
  },
  {
    what: "a field that is a function",
    ...transform('export default ({ n }) => ({ n: n === "2" ? () => 1 : n });'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "function"],
  },
  {
    what: "a field that is an invalid Date",
    ...transform('export default ({ n }) => ({ n: n === "2" ? new Date("x") : n });'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "invalid date"],
  },
  {
    what: "a field that is a cycle",
    ...transform('export default ({ n }) => { const o = { n }; if (n === "2") o.n = { o }; return o; };'),
    before: "n\n1\n",
    says: ["in.csv:3: "],
  },
  {
    what: "process.exit in the function",
    ...transform('export default ({ n }) => { if (n === "2") process.exit(7); return { n }; };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "process.exit(7)"],
  },
  {
    what: "process.exit in an asynchronous function",
    ...transform('export default async ({ n }) => { await null; if (n === "2") process.exit(7); return { n }; };'),
    before: "n\n1\n",
    says: ["in.csv:3: ", "process.exit(7)"],
  },
  {
    what: "an unhandled rejection",
    ...transform(
      'export default async ({ n }) => { if (n === "2") { Promise.reject(new Error("nobody cares")); await new Promise(() => {}); } return { n }; };',
    ),
    before: "n\n1\n",
    says: ["in.csv:3: ", "nobody cares"],
  },
  {
    what: "an error thrown from a timer while the row is open",
    ...transform(
      'export default ({ n }) => n === "2" ? new Promise(() => setTimeout(() => { throw new Error("stray"); })) : { n };',
    ),
    before: "n\n1\n",
    says: ["in.csv:3: ", "stray"],
  },
  {
    what: "--filter",
    files: { "in.csv": IN },
    args: ["--filter", "n === '2' ? n.no.such : true", "in.csv"],
    before: "n\n1\n",
    says: ["in.csv:3: ", "undefined is not an object"],
  },
];

describe("a row that fails ends the run", () => {
  for (const { what, files, args, before, says } of CASES) {
    test(what, async () => {
      const folder = binary.folder({ ...files, "kept.csv": "old\n", "kept.jsonl": "old\n" });
      (await folder.run(args)).expect({ code: 1, stdout: before, stderr: says });
      (await folder.run([...args, "-j", "1"])).expect({ code: 1, stdout: before, stderr: says });
      const kept = args.at(-1) === "in.jsonl" ? "kept.jsonl" : "kept.csv";
      (await folder.run([...args, "-o", kept])).expect({ code: 1, stderr: says });
      expect(folder.read(kept)).toBe("old\n");
      expect(folder.names().filter((name) => name.endsWith(".part"))).toEqual([]);
    });
  }
});

describe("which row it is", () => {
  test("the first failing row in input order, whatever fails first", async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => n).join("\n");
    const folder = binary.folder({ "in.csv": `n\n${rows}\n` });
    // Later batches fail at once, the first one only at its end.
    const late = "r => { if (Number(r.n) > 500 || r.n === '99') throw new Error('row ' + r.n); return r; }";
    const before = `n\n${Array.from({ length: 99 }, (_, n) => n).join("\n")}\n`;
    for (const args of [["-b", "100"], ["-b", "1"], ["-b", "100", "-j", "4"], []]) {
      (await folder.run(["-e", late, "in.csv", ...args])).expect({
        code: 1,
        stdout: before,
        stderr: ["in.csv:101: row 99"],
      });
    }
  });

  test("the file and its own line, over several files and rows of several lines", async () => {
    const folder = binary.folder({ "a.csv": 'n\n"1\n1"\n', "b.csv": 'n\n"2\n\n2"\nbad,row\n' });
    (await folder.run(["-e", "r => r", "a.csv", "b.csv"])).expect({
      code: 1,
      stdout: 'n\n"1\n1"\n"2\n\n2"\n',
      stderr: ["b.csv:5: "],
    });
  });

  test("an unclosed quote is reported where it was opened; later lines count as rows of their own", async () => {
    const folder = binary.folder({ "in.csv": 'a,b\n1,2\n3,"open\n5,6\n' });
    (await folder.run(["-e", "row", "in.csv"])).expect({ code: 1, stdout: "a,b\n1,2\n", stderr: ["in.csv:3: "] });
  });

  test("standard input has a name", async () => {
    const ran = await binary.folder().run(["-e", "row"], { stdin: "a,b\n1\n" });
    ran.expect({ code: 1, stderr: ["standard input:2: "] });
  });

  test("with --unordered the run ends too, with one message", async () => {
    const folder = binary.folder({ "in.csv": IN });
    const ran = await folder.run(["--unordered", "-b", "1", "-e", "n > 1 ? n.no.such : { n }", "in.csv"]);
    ran.expect({ code: 1, stdout: /^(n\n1\n)?$/, stderr: [/^error: in\.csv:[34]: [^\n]*\n/] });
  });

  test("control characters of data do not reach the terminal", async () => {
    const folder = binary.folder({ "in.csv": "a\n\u001b[31mred\u0007,x\n" });
    const ran = await folder.run(["-e", "row", "in.csv"]);
    ran.expect({ code: 1, stderr: ["\\u001b[31mred\\u0007"] });
    expect(ran.stderr).not.toContain("\u001b");
  });

  test("a long row is cut in the message", async () => {
    const folder = binary.folder({ "in.csv": `a\n${"x".repeat(5000)},1\n` });
    const ran = await folder.run(["-e", "row", "in.csv"]);
    ran.expect({ code: 1, stderr: ["in.csv:2: "] });
    expect(ran.stderr.length).toBeLessThan(700);
  });
});
