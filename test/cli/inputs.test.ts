import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

function cell(text: string): string {
  return /["\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

describe("several inputs", () => {
  test("later files may have their columns in another order; rows come in the first file's", async () => {
    const folder = binary.folder({ "a.csv": "x,y\n1,2\n", "b.csv": "y,x\n4,3\n", "c.csv": "x,y\n5,6\n" });
    (await folder.run(["-e", "r => r", "a.csv", "b.csv", "c.csv"])).expect({ stdout: "x,y\n1,2\n3,4\n5,6\n" });
    (await folder.run(["-e", "{ keys: Object.keys(row).join() }", "a.csv", "b.csv", "--limit", "2"])).expect({
      stdout: 'keys\n"x,y"\n"x,y"\n',
    });
  });

  test("other columns are an error that names them", async () => {
    const folder = binary.folder({ "a.csv": "x,y\n1,2\n", "b.csv": "x,z\n4,3\n" });
    (await folder.run(["-e", "row", "a.csv", "b.csv"])).expect({
      code: 1,
      stdout: /^(x,y\n1,2\n)?$/,
      stderr: ["b.csv:1: ", "missing: y", "not in the first: z"],
    });
  });

  test("empty ones among them do no harm", async () => {
    const folder = binary.folder({ "e.csv": "", "a.csv": "x\n1\n", "h.csv": "x\n", "blank.csv": "\n\n" });
    (await folder.run(["-e", "row", "e.csv", "h.csv", "a.csv", "blank.csv", "e.csv", "a.csv"])).expect({
      stdout: "x\n1\n1\n",
    });
  });

  test("standard input among files", async () => {
    const folder = binary.folder({ "a.csv": "x\n1\n" });
    (await folder.run(["-e", "row", "a.csv", "-", "a.csv"], { stdin: "x\n2\n" })).expect({ stdout: "x\n1\n2\n1\n" });
  });

  test("the same file twice, and json files", async () => {
    const folder = binary.folder({ "a.json": '[{"x":1}]', "b.json": "[]", "c.json": '[{"y":2}]' });
    (await folder.run(["-e", "row", "a.json", "b.json", "c.json", "a.json"])).expect({
      stdout: '[\n{"x":1},\n{"y":2},\n{"x":1}\n]\n',
    });
  });

  test("a name that starts with a dash comes behind --", async () => {
    const folder = binary.folder({ "-x.csv": "x\n1\n" });
    (await folder.run(["-e", "row", "--", "-x.csv"])).expect({ stdout: "x\n1\n" });
  });

  test("without a header, later files bring rows from their first line on", async () => {
    const folder = binary.folder({ "a.csv": "1,2\n", "b.csv": "3,4\n" });
    (await folder.run(["-n", "-e", "r => r", "a.csv", "b.csv"])).expect({ stdout: "1,2\n3,4\n" });
  });
});

describe("header and names", () => {
  test("-n names columns c1, c2, … and writes no header", async () => {
    const folder = binary.folder({ "in.csv": "1,2\n3,4\n" });
    (await folder.run(["-n", "-e", "{ b: c2, a: c1 }", "in.csv"])).expect({ stdout: "2,1\n4,3\n" });
  });

  test("-n --columns names them and writes a header", async () => {
    const folder = binary.folder({ "in.csv": "1,2\n3,4\n" });
    (await folder.run(["-n", "--columns", "a,b", "-e", "row", "in.csv"])).expect({ stdout: "a,b\n1,2\n3,4\n" });
  });

  test("--columns without -n replaces the header", async () => {
    const folder = binary.folder({ "in.csv": "x,x\n3,4\n" });
    (await folder.run(["--columns", "a,b", "-e", "row", "in.csv"])).expect({ stdout: "a,b\n3,4\n" });
  });

  test("--columns with another number of names is an error", async () => {
    const folder = binary.folder({ "in.csv": "x,y\n3,4\n" });
    (await folder.run(["--columns", "a,b,c", "-e", "row", "in.csv"])).expect({
      code: 1,
      stderr: ["in.csv:1: ", "2 columns", "3 names"],
    });
  });

  test("names as they come: __proto__, constructor, empty, code, quotes, line ends, digits", async () => {
    const names = [
      "__proto__",
      "constructor",
      "toString",
      "a-b",
      "",
      '"];process.exit(7)//',
      'say "hi"',
      "two\nlines",
      "0",
    ];
    const text = `${names.map(cell).join(",")}\n${names.map((_, at) => `v${at}`).join(",")}\n`;
    const folder = binary.folder({
      "in.csv": text,
      "own.ts": `export default (row) => ({
        own: Object.keys(row).every((name) => Object.hasOwn(row, name)), count: Object.keys(row).length,
        proto: Object.getPrototypeOf(row) === Object.prototype || Object.getPrototypeOf(row) === null,
        value: Object.getOwnPropertyDescriptor(row, "__proto__").value, clean: ({}).v0 === undefined,
      });`,
      "pass.ts": "export default (row) => row;",
      "spread.ts": "export default (row) => ({ ...row });",
    });
    (await folder.run(["-e", "r => r", "in.csv"])).expect({ stdout: text });
    (await folder.run(["--filter", "true", "in.csv"])).expect({ stdout: text });
    (await folder.run(["pass.ts", "in.csv"])).expect({ stdout: text });
    (await folder.run(["spread.ts", "in.csv"])).expect({ stdout: text });
    (await folder.run(["own.ts", "in.csv"])).expect({ stdout: "own,count,proto,value,clean\ntrue,9,true,v0,true\n" });
    // Through JSONL and back.
    (await folder.bash("rowmill -e r=\\>r in.csv --to jsonl | rowmill -e r=\\>r --ijsonl --ojsonl > in.jsonl")).expect(
      {},
    );
    const keys = Object.keys(JSON.parse(folder.read("in.jsonl")) as object);
    expect(keys.toSorted()).toEqual(names.toSorted());
    const byName = "{ a: row['__proto__'], b: row['\"];process.exit(7)//'], c: row['two\\nlines'], d: row[''] }";
    (await folder.run(["-e", byName, "in.csv"])).expect({ stdout: "a,b,c,d\nv0,v5,v7,v4\n" });
    (await folder.run(["-e", byName, "in.jsonl", "--to", "csv"])).expect({ stdout: "a,b,c,d\nv0,v5,v7,v4\n" });
  });

  test("such names with --types, --null and a table", async () => {
    const folder = binary.folder({ "in.csv": "__proto__,constructor,a-b\n1,2,NA\n" });
    (await folder.run(["-e", "r => r", "in.csv", "--types", "__proto__=int", "--null", "NA", "--to", "jsonl"])).expect({
      stdout: '{"__proto__":1,"constructor":2,"a-b":null}\n',
    });
    (await folder.run(["-e", "r => r", "in.csv", "--to", "table"])).expect({
      stdout: /│ __proto__ │ constructor │ a-b │/,
    });
  });

  test("integer-like columns do not move", async () => {
    const text = "z,1,0,b\nz,one,zero,b\n";
    const folder = binary.folder({ "in.csv": text });
    (await folder.run(["-e", "r => r", "in.csv"])).expect({ stdout: text });
    (await folder.run(["-e", "{ ...r, new: 1 }", "in.csv"])).expect({ stdout: "z,1,0,b,new\nz,one,zero,b,1\n" });
  });
});

describe("dialect of the input", () => {
  const cases: [what: string, args: string[], input: string, output: string][] = [
    ["-d ;", ["-d", ";"], "a;b\n1;2,3\n", 'a,b\n1,"2,3"\n'],
    ["-d tab", ["-d", "tab"], "a\tb\n1\t2\n", "a,b\n1,2\n"],
    ["a delimiter of several characters", ["-d", "::"], "a::b\n1::2\n", "a,b\n1,2\n"],
    ["--quote '", ["--quote", "'"], "a,b\n'x,y','it''s'\n", 'a,b\n"x,y",it\'s\n'],
    ["--quote '' takes quotes as text", ["--quote", ""], 'a,b\n"x,y"\n', 'a,b\n"x,y"\n'],
    ["--escape", ["--escape", "\\"], 'a,b\n"x\\"y",1\n', 'a,b\n"x""y",1\n'],
    ["--comment", ["--comment", "#"], "# no\na,b\n1,2\n#3,4\n5,6\n", "a,b\n1,2\n5,6\n"],
    ["--skip-lines", ["--skip-lines", "2"], 'report "of\ntoday\na,b\n1,2\n', "a,b\n1,2\n"],
    ["--lazy-quotes", ["--lazy-quotes"], 'a,b\n5" pipe,"x"y"\n', 'a,b\n"5"" pipe","x""y"\n'],
    ["--ragged", ["--ragged"], "a,b,c\n4,5,6\n1,2\n3\n", "a,b,c\n4,5,6\n1,2,\n3,,\n"],
    ["--trim", ["--trim"], 'a, b\n1,   "x y"\n', "a,b\n1,x y\n"],
    ["--null", ["--null", "NULL"], "a,b\nNULL,\n", "a,b\nNULL,\n"],
    ["CR LF", [], "a,b\r\n1,2\r\n", "a,b\n1,2\n"],
    ["no last line feed", [], "a,b\n1,2", "a,b\n1,2\n"],
    ["non-ASCII", [], "näme,数\nÉmilie 🚀,Zoë\n", "näme,数\nÉmilie 🚀,Zoë\n"],
  ];
  for (const [what, args, input, output] of cases) {
    test(what, async () => {
      const folder = binary.folder({ "in.csv": input });
      (await folder.run(["-e", "r => ({ ...r })", "in.csv", ...args])).expect({ stdout: output });
      (await folder.run(["-e", "r => ({ ...r })", ...args, "-b", "1"], { stdin: input })).expect({ stdout: output });
    });
  }

  test("missing fields of --ragged are absent keys; extra ones are an error", async () => {
    const folder = binary.folder({ "in.csv": "a,b\n1\n1,2,3\n" });
    (await folder.run(["--ragged", "-e", "{ has: 'b' in row }", "in.csv"])).expect({
      code: 1,
      stdout: "has\nfalse\n",
      stderr: ["in.csv:3: ", "3 fields"],
    });
  });

  test("null is null for the function", async () => {
    const folder = binary.folder({ "in.csv": "a,b\nNULL,x\n" });
    (await folder.run(["--null", "NULL", "-e", "{ isNull: a === null, b: null }", "in.csv"])).expect({
      stdout: "isNull,b\ntrue,NULL\n",
    });
  });

  test("a row longer than --max-row-bytes is bad", async () => {
    const folder = binary.folder({ "in.csv": `a\nx\n${"y".repeat(50)}\nz\n` });
    (await folder.run(["-e", "row", "in.csv", "--max-row-bytes", "40"])).expect({
      code: 1,
      stdout: "a\nx\n",
      stderr: ["in.csv:3: ", "longer than 40 bytes"],
    });
  });
});

describe("the delimiter of csv, found out", () => {
  const cases: [what: string, input: string, found: string, columns: number][] = [
    ["comma", "a,b\n1,2\n", ",", 2],
    ["semicolon", "a;b\n1,5;2,5\n3;4\n", ";", 2],
    ["tab", "a\tb\n1\t2\n", "tab", 2],
    ["bar", "a|b\n1|2\n", "|", 2],
    ["quoted delimiters do not count", 'a;b\n"x,y";1\n"z,w";2\n', ";", 2],
    ["several fit: the comma", "a,b;c\n1,2;3\n", ",", 2],
    ["none fits: the comma", "a\n1;2\n", ",", 1],
    ["a row of another length", "a;b\n1;2;3\n", ";", 2],
    ["a header alone", "a;b\n", ";", 2],
    ["rows that are cut by both: more fields", "a,b;c;d\n1,2;3;4\n", ";", 3],
    ["a bad quote", 'a;b\n1;"x"y\n2;z\n3;z\n', ";", 2],
    ["text with semicolons below one name", "note\na;b\nc\nd;e;f\n", ",", 1],
    ["one column: the comma", "a\n1\n", ",", 1],
  ];
  for (const [what, input, found, columns] of cases) {
    test(what, async () => {
      const folder = binary.folder({ "in.csv": input });
      const expected = new RegExp(`delimiter ${RegExp.escape(found)}[ ,][^]*columns: +${columns}:`);
      (await folder.run(["-e", "row", "in.csv", "--dry-run"])).expect({ stdout: expected });
      (await folder.run(["-e", "row", "--dry-run", "-d", "auto"], { stdin: input })).expect({ stdout: expected });
    });
  }

  test("-d says what it is, without guessing", async () => {
    const folder = binary.folder({ "in.csv": "a;b\n1;2\n" });
    (await folder.run(["-d", ",", "-e", "{ n: Object.keys(row).length }", "in.csv"])).expect({ stdout: "n\n1\n" });
  });

  test("an expression over the columns that were found", async () => {
    const folder = binary.folder({ "in.csv": "a;b\n1;2\n" });
    (await folder.run(["-e", "{ c: Number(a) + Number(b) }", "in.csv"])).expect({ stdout: "c\n3\n" });
  });
});

describe("streams as input", () => {
  test("a FIFO", async () => {
    const folder = binary.folder({ "in.csv": "a\n1\n2\n" });
    (await folder.bash("mkfifo f && (cat in.csv > f & rowmill -e row f)")).expect({ stdout: "a\n1\n2\n" });
  });

  test("a process substitution", async () => {
    (await binary.folder().bash("rowmill -e row <(printf 'a\\n1\\n')")).expect({ stdout: "a\n1\n" });
  });

  test("a row comes out while the input stays open", async () => {
    const child = binary.folder().start(["-e", "{ n: Number(n) * 2 }"]);
    const output = child.stdout.getReader();
    const decoder = new TextDecoder();
    let text = "";
    const until = async (wanted: string): Promise<void> => {
      while (!text.endsWith(wanted)) {
        const { value, done } = await output.read();
        if (done) throw new Error(`the output ended: ${text}`);
        text += decoder.decode(value);
      }
    };
    await child.stdin.write("n\n1\n");
    await until("n\n2\n");
    await child.stdin.write("2\n3");
    await until("n\n2\n4\n");
    await child.stdin.write("0\n");
    await until("4\n60\n");
    await child.stdin.end();
    expect(await child.exited).toBe(0);
    expect(text).toBe("n\n2\n4\n60\n");
  });

  test("standard input redirected from a file, and from its middle", async () => {
    const folder = binary.folder({ "in.csv": "skip,me\na,b\n1,2\n" });
    (await folder.bash("rowmill -e row < in.csv --skip-lines 1")).expect({ stdout: "a,b\n1,2\n" });
    (await folder.bash("(read -r line; rowmill -e row) < in.csv")).expect({ stdout: "a,b\n1,2\n" });
  });

  test("files of /proc, which say that they are empty", async () => {
    (await binary.folder().run(["-e", "{ has: r.c1.length > 0 }", "-n", "/proc/self/comm"])).expect({
      stdout: "true\n",
    });
  });
});
