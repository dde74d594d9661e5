/** What is wrong with the command line, the inputs, the transform: exit code, message, and what to do. */
import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { type Files, installBinary } from "./binary.ts";

const binary = installBinary();

const IN = { "in.csv": "n\n1\n2\n" };
const OK = { ...IN, "x.ts": "export default (row) => row;" };

describe("wrong usage: exit 2, nothing done", () => {
  const cases: [args: string[], says: string[]][] = [
    [[], ["Usage: rowmill run", "rowmill init", "rowmill --help"]],
    [
      ["--jbos", "2", "x.ts", "in.csv"],
      ["unknown option --jbos", "did you mean --jobs?"],
    ],
    [
      ["--outptu=x", "x.ts", "in.csv"],
      ["unknown option --outptu", "did you mean --output?"],
    ],
    [
      ["-z", "x.ts", "in.csv"],
      ["unknown option -z", "--help behind the command"],
    ],
    [
      ["-j", "0", "x.ts", "in.csv"],
      ['-j is "0"', "whole number from 1"],
    ],
    [
      ["-j", "abc", "x.ts", "in.csv"],
      ['-j is "abc"', "whole number from 1"],
    ],
    [["-j", "1.5", "x.ts", "in.csv"], ['-j is "1.5"']],
    [["-j=-1", "x.ts", "in.csv"], ["-j is"]],
    [["--jobs", "", "x.ts", "in.csv"], ['is ""']],
    [["-b", "0", "x.ts", "in.csv"], ['-b is "0"']],
    [["--limit", "-5", "x.ts", "in.csv"], ["--limit"]],
    [
      ["--limit", "many", "x.ts", "in.csv"],
      ['--limit is "many"', "whole number from 0"],
    ],
    [["x.ts", "in.csv", "-j"], ["-j needs a value"]],
    [["x.ts", "in.csv", "-o"], ["-o needs a value"]],
    [["x.ts", "in.csv", "--crlf=yes"], ["--crlf takes no value"]],
    [
      ["x.ts", "in.csv", "--to", "jsno"],
      ['--to is "jsno"', "did you mean json?"],
    ],
    [
      ["x.ts", "in.csv", "--from", "table"],
      ['--from is "table"', "csv, tsv, tsv-escaped, jsonl, json"],
    ],
    [
      ["x.ts", "in.csv", "--types", "n"],
      ['--types has "n"', "COLUMN=TYPE"],
    ],
    [
      ["x.ts", "in.csv", "--types", "n=imt"],
      ['--types has "n=imt"', "int"],
    ],
    [
      ["x.ts", "in.csv", "--arg", "year"],
      ['--arg is "year"', "NAME=VALUE"],
    ],
    [["x.ts", "in.csv", "-d", ""], ["delimiter"]],
    [["x.ts", "in.csv", "-d", '"'], ["delimiter and quote are the same"]],
    [["x.ts", "in.csv", "--quote", "ab"], ["quote is not one character"]],
    [["x.ts", "in.csv", "--out-delimiter", "ab"], ["out-delimiter"]],
    [["x.ts", "in.csv", "--columns", "a,a"], ["twice"]],
    [["in.csv"], ["in.csv is data, not a transform", "rowmill TRANSFORM.ts in.csv"]],
    [["run"], ["there is no transform"]],
    [["eval"], ["there is no expression"]],
    [
      ["rnu", "x.ts", "in.csv"],
      ["rnu", "did you mean run?"],
    ],
    [
      ["{ n }", "in.csv"],
      ["{ n }", "rowmill -e EXPRESSION"],
    ],
  ];
  for (const [args, says] of cases) {
    test(args.join(" ") || "nothing at all", async () => {
      const folder = binary.folder(OK);
      // Without a word there is nothing wrong: what is said is how to start.
      (await folder.run(args)).expect({ code: 2, stderr: [...(args.length > 0 ? ["error: "] : []), ...says] });
      expect(folder.names()).toEqual(["in.csv", "x.ts"]);
    });
  }
});

describe("inputs", () => {
  test("a missing file", async () => {
    const folder = binary.folder(OK);
    (await folder.run(["x.ts", "nope.csv"])).expect({
      code: 1,
      stderr: ["cannot read nope.csv: there is no such file"],
    });
    (await folder.run(["x.ts", "in.csv", "nope.csv", "-o", "out.csv"])).expect({ code: 1, stderr: ["nope.csv"] });
    expect(folder.names()).toEqual(["in.csv", "x.ts"]);
  });

  test("a folder as file", async () => {
    const folder = binary.folder({ ...OK, "sub/a.csv": "" });
    (await folder.run(["x.ts", "sub"])).expect({ code: 1, stderr: ["cannot read sub: it is a folder", "sub/*.csv"] });
  });

  test("a file that may not be read", async () => {
    const folder = binary.folder(OK);
    chmodSync(folder.at("in.csv"), 0);
    const ran = await folder.run(["x.ts", "in.csv"]);
    // root reads everything.
    if (process.getuid?.() !== 0) ran.expect({ code: 1, stderr: ["cannot read in.csv: permission denied"] });
  });

  test("an empty file has no rows", async () => {
    const folder = binary.folder({
      ...OK,
      "e.csv": "",
      "e.jsonl": "",
      "e.tsv": "",
      "bom.csv": "\uFEFF",
      "lf.csv": "\n",
    });
    for (const name of ["e.csv", "e.jsonl", "e.tsv", "bom.csv", "lf.csv"]) {
      (await folder.run(["x.ts", name])).expect({ stdout: "" });
      (await folder.run(["-e", "r => r", name])).expect({ stdout: "" });
    }
    (await folder.run(["x.ts"], { stdin: "" })).expect({ stdout: "" });
    (await folder.run(["x.ts", "e.csv", "-o", "out.csv"])).expect({});
    expect(folder.read("out.csv")).toBe("");
    (await folder.run(["x.ts", "e.csv", "--to", "json"])).expect({ stdout: "[]\n" });
    (await folder.run(["x.ts", "e.csv", "--to", "table"])).expect({ stdout: "" });
  });

  test("an empty json file is no array", async () => {
    const folder = binary.folder({ ...OK, "e.json": "" });
    const ran = await folder.run(["x.ts", "e.json"]);
    expect([0, 1]).toContain(ran.code);
  });

  test("a header alone has no rows", async () => {
    const folder = binary.folder({ ...OK, "h.csv": "a,b\n", "h2.csv": "a,b" });
    for (const name of ["h.csv", "h2.csv"]) {
      (await folder.run(["x.ts", name])).expect({ stdout: "" });
      (await folder.run(["-e", "r => r", name])).expect({ stdout: "a,b\n" });
      (await folder.run(["--filter", "a > 1", name])).expect({ stdout: "a,b\n" });
      (await folder.run(["-e", "r => r", name, "--to", "jsonl"])).expect({ stdout: "" });
      (await folder.run(["-e", "r => r", name, "--to", "json"])).expect({ stdout: "[]\n" });
    }
  });

  test("a column that stands twice", async () => {
    const folder = binary.folder({ ...OK, "twice.csv": "a,b,a\n1,2,3\n" });
    (await folder.run(["x.ts", "twice.csv"])).expect({
      code: 1,
      stderr: ["twice.csv:1: ", '"a" twice', "--columns a,b,a_3"],
    });
    (await folder.run(["x.ts", "twice.csv", "--columns", "a,b,a_3"])).expect({ stdout: "a,b,a_3\n1,2,3\n" });
  });

  test("a header with bad quoting, or that is no UTF-8", async () => {
    const folder = binary.folder({ ...OK, "q.csv": 'a,b"c\n1,2\n', "l.csv": Buffer.from("a,\xe9\n1,2\n", "latin1") });
    (await folder.run(["x.ts", "q.csv"])).expect({ code: 1, stderr: ["q.csv:1: ", "header", "quote"] });
    (await folder.run(["x.ts", "l.csv"])).expect({ code: 1, stderr: ["l.csv:1: ", "not UTF-8"] });
  });

  test("a file that shrinks while it is read", async () => {
    const rows = 60_000;
    const folder = binary.folder({
      "in.csv": `n,text\n${`1,${"x".repeat(100)}\n`.repeat(rows)}`,
      "out.csv": "old\n",
      "x.ts": `import { truncateSync } from "node:fs";
        export default (row, ctx) => { if (ctx.index === 0) truncateSync("in.csv", 1000); return row; };`,
    });
    (await folder.run(["x.ts", "in.csv", "-o", "out.csv", "-j", "1"])).expect({
      code: 1,
      stderr: ["in.csv", "became shorter while it was read"],
    });
    expect(folder.read("out.csv")).toBe("old\n");
    expect(folder.names()).toEqual(["in.csv", "out.csv", "x.ts"]);
  });

  test("a file that changes while it is read", async () => {
    const folder = binary.folder({
      "in.csv": `n\n${"1\n".repeat(300_000)}`,
      "x.ts": `import { writeFileSync } from "node:fs";
        export default (row, ctx) => {
          if (ctx.index === 0) writeFileSync("in.csv", "n\\n" + "123\\n".repeat(150_000));
          return row;
        };`,
    });
    (await folder.run(["x.ts", "in.csv", "-o", "out.csv", "-j", "1"])).expect({ code: 1, stderr: ["in.csv"] });
    expect(folder.names()).toEqual(["in.csv", "x.ts"]);
  });

  test("malformed JSON arrays", async () => {
    const cases: [text: string, says: string][] = [
      ['{"a":1}\n}', "no value begins with }"],
      ['[{"a":1},{"a":2}', "ends inside the array"],
      ['[{"a":1},]', "comma"],
      ['[{"a":1},,{"a":2}]', "comma"],
      ['[{"a":1}] x', "JSON has no value x"],
      ['[{"a":1},{"a":}]', "JSON"],
      ['[{"a":1}{"a":2}]', "JSON"],
    ];
    for (const [text, says] of cases) {
      const folder = binary.folder({ ...OK, "in.json": text });
      (await folder.run(["x.ts", "in.json", "-o", "out.json"])).expect({ code: 1, stderr: [says] });
      expect(folder.names()).toEqual(["in.csv", "in.json", "x.ts"]);
    }
  });

  // OPEN: the json splitter's errors carry no place; file and line are wanted.
  test("a malformed JSON array is named with file and line", async () => {
    const folder = binary.folder({ ...OK, "in.json": '[{"a":1},\n{"a":2},\n]' });
    (await folder.run(["x.ts", "in.json"])).expect({ code: 1, stdout: /^/, stderr: ["in.json:3: "] });
  });

  test("compressed files are named", async () => {
    const folder = binary.folder({
      ...OK,
      "a.csv": Bun.gzipSync(Bun.gzipSync(Buffer.from("n\n1\n"))),
    });
    (await folder.run(["x.ts", "a.csv"])).expect({ code: 1, stderr: ["cannot read a.csv", "gzip", "gunzip"] });
  });

  test("--types with a column that is not there", async () => {
    const folder = binary.folder(OK);
    (await folder.run(["x.ts", "in.csv", "--types", "m=int"])).expect({ code: 1, stderr: ["--types", "m", "n"] });
  });
});

describe("transforms", () => {
  const cases: { what: string; files: Files; says: (string | RegExp)[] }[] = [
    { what: "that is missing", files: {}, says: ["cannot read the transform x.ts: there is no such file"] },
    { what: "that is a folder", files: { "x.ts/index.ts": "export default (r) => r;" }, says: ["x.ts", "folder"] },
    {
      what: "without default export",
      files: { "x.ts": "export const age = 1;" },
      says: ["x.ts: there is no default export", "export default (row) =>"],
    },
    { what: "that is empty", files: { "x.ts": "" }, says: ["x.ts: there is no default export"] },
    {
      what: "whose default export is no function",
      files: { "x.ts": "export default { a: 1 };" },
      says: ["default export is no function"],
    },
    {
      what: "with a syntax error",
      files: { "x.ts": "export default (row) => {\n  const a = ;\n  return row;\n};" },
      says: [/x\.ts:2:13: /, "const a = ;", /\n +\| +\^/],
    },
    {
      what: "with a syntax error in a file that it imports",
      files: { "lib.ts": "\nexport const a = (;", "x.ts": 'import { a } from "./lib"; export default (row) => a;' },
      says: [/lib\.ts:2:19: /, "export const a = (;"],
    },
    {
      what: "that throws at import",
      files: { "x.ts": 'const a = 1;\nthrow new Error("no database");\nexport default (row) => row;' },
      says: ["cannot load x.ts: ", "no database", /x\.ts:2:/],
    },
    {
      what: "that throws undefined at import",
      files: { "x.ts": "throw undefined;\nexport default (row) => row;" },
      says: ["cannot load x.ts: ", "undefined"],
    },
    {
      what: "that ends the worker at import",
      files: { "x.ts": "process.exit(3);\nexport default (row) => row;" },
      says: ["process.exit(3)"],
    },
    {
      what: "that imports a file that is not there",
      files: { "x.ts": 'import { a } from "./nope";\nexport default (row) => a;' },
      says: ["./nope", "x.ts"],
    },
    {
      what: "that imports a package that is not installed",
      files: { "x.ts": 'import { chunk } from "lodash";\nexport default (row) => chunk;' },
      says: ["lodash", "x.ts"],
    },
    {
      what: "that imports a name that is not there",
      files: { "lib.ts": "export const a = 1;", "x.ts": 'import { b } from "./lib";\nexport default (row) => b;' },
      says: ["b", "lib"],
    },
    {
      what: "whose setup throws",
      files: { "x.ts": 'export const setup = () => { throw new Error("no network"); };\nexport default (row) => row;' },
      says: ["no network", "setup"],
    },
    {
      what: "whose setup ends the worker",
      files: { "x.ts": "export const setup = () => process.exit(4);\nexport default (row) => row;" },
      says: ["a worker ended before it was ready", "process.exit(4)"],
    },
    {
      what: "whose setup rejects",
      files: {
        "x.ts": 'export const setup = async () => { throw new Error("no network"); };\nexport default (row) => row;',
      },
      says: ["no network", "setup"],
    },
    {
      what: "whose schema is none",
      files: { "x.ts": "export const schema = { n: Number };\nexport default (row) => row;" },
      says: ["the export schema is no schema"],
    },
    {
      what: "whose columns are none",
      files: { "x.ts": 'export const columns = "a,b";\nexport default (row) => row;' },
      says: ["the export columns is no list"],
    },
    {
      what: "with an unknown option",
      files: { "x.ts": "export const options = { delimeter: ';' };\nexport default (row) => row;" },
      says: ["unknown name: delimeter", "did you mean delimiter?"],
    },
    {
      what: "with an option of the wrong type",
      files: { "x.ts": "export const options = { jobs: 'two' };\nexport default (row) => row;" },
      says: ["options.jobs", "two", "whole number"],
    },
    {
      what: "with an option that cannot be",
      files: { "x.ts": "export const options = { to: 'ods' };\nexport default (row) => row;" },
      says: ["options.to", "ods"],
    },
  ];
  for (const { what, files, says } of cases) {
    test(what, async () => {
      const folder = binary.folder({ ...IN, "out.csv": "old\n", ...files });
      const names = folder.names();
      (await folder.run(["x.ts", "in.csv", "-o", "out.csv"])).expect({ code: 1, stderr: says });
      (await folder.run(["run", "x.ts", "-j", "1", "-o", "out.csv"], { stdin: "n\n1\n" })).expect({
        code: 1,
        stderr: says,
      });
      expect(folder.read("out.csv")).toBe("old\n");
      expect(folder.names()).toEqual(names);
    });
  }
});

// OPEN: Run drops what a teardown threw (TransformWorkers.#lost resolves `finished`); the run must fail.
test("a transform whose teardown throws fails the run", async () => {
  const folder = binary.folder({
    ...IN,
    "x.ts": 'export const teardown = () => { throw new Error("not closed"); };\nexport default (row) => row;',
  });
  (await folder.run(["x.ts", "in.csv", "-o", "out.csv"])).expect({ code: 1, stderr: ["not closed", "teardown"] });
});

describe("expressions", () => {
  const cases: [expression: string, says: (string | RegExp)[]][] = [
    ["{ m }", ["uses m", "no column", "the columns are: n"]],
    ["{ total }", ["uses total", "the columns are: n"]],
    ["{ a: n + }", ["cannot compile the expression", "{ a: n + }"]],
    ["{ n", ["cannot compile the expression", "{ n"]],
    ["", ["the expression is empty"]],
    ["let x = 1; x", ["expression"]],
    ["require('./x')", ["require"]],
    ["import('./x.ts')", ["import"]],
  ];
  for (const [expression, says] of cases) {
    test(expression || "(empty)", async () => {
      const folder = binary.folder({ ...OK, "out.csv": "old\n" });
      (await folder.run(["-e", expression, "in.csv", "-o", "out.csv"])).expect({ code: 1, stderr: says });
      (await folder.run(["--filter", expression, "in.csv", "-o", "out.csv"])).expect({ code: 1, stderr: says });
      expect(folder.read("out.csv")).toBe("old\n");
      expect(folder.names()).toEqual(["in.csv", "out.csv", "x.ts"]);
    });
  }

  // OPEN: with no batch to wait for, the run ends before the worker says that the expression is wrong.
  test("a name that is no column is an error for a header without rows too", async () => {
    const folder = binary.folder({ "h.csv": "name,born\n" });
    (await folder.run(["-e", "{ nam }", "h.csv"])).expect({ code: 1, stderr: ["uses nam", "did you mean name?"] });
  });

  // OPEN: as above.
  test("one that does not compile is an error without any row too", async () => {
    (await binary.folder().run(["-e", "{ n"], { stdin: "" })).expect({ code: 1, stderr: ["cannot compile"] });
  });

  test("in json, a name that is not there is undefined", async () => {
    const ran = await binary
      .folder()
      .run(["-e", "{ n, missing: m ?? 'none' }", "--ijsonl"], { stdin: '{"n":1}\n{"n":2,"m":3}\n' });
    ran.expect({ stdout: '{"n":1,"missing":"none"}\n{"n":2,"missing":3}\n' });
  });

  test("names of the row, the index, the arguments, columns over them, and TypeScript", async () => {
    const folder = binary.folder({ "in.csv": "i,n\na,1\n", "b.csv": "n\n1\n2\n" });
    (await folder.run(["-e", "{ i, n: row.n + r.n }", "in.csv"])).expect({
      stdout: "i,n\na,2\n",
      stderr: ["note: i is the column of that name"],
    });
    (await folder.run(["-e", "{ i, y: args.y }", "b.csv", "--arg", "y=7"])).expect({ stdout: "i,y\n0,7\n1,7\n" });
    (await folder.run(["-e", "{ n: (n as unknown as number)! * 2 } satisfies object", "b.csv"])).expect({
      stdout: "n\n2\n4\n",
    });
  });
});
