/** What the rows pass on their way: types, filters, limits; and what must not change the output: jobs and batches. */
import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

function lines(text: string): string[] {
  return text.split("\n").toSorted();
}

describe("--types", () => {
  const cases: [type: string, text: string, json: string][] = [
    ["string", "007", '"007"'],
    ["int", "-42", "-42"],
    ["integer", " 7 ", "7"],
    ["number", "1.5e3", "1.5e3"],
    ["float", ".5", "0.5"],
    ["boolean", "true", "true"],
    ["bool", "0", "false"],
    ["boolean", "TRUE", "true"],
    ["date", "2017-05-26", '"2017-05-26T00:00:00.000Z"'],
    ["date", "2016-02-29", '"2016-02-29T00:00:00.000Z"'],
    ["date", "2017", '"2017-01-01T00:00:00.000Z"'],
    ["date", "2017-05-26T12:00:00+02:00", '"2017-05-26T10:00:00.000Z"'],
    ["bigint", "12345678901234567890", "12345678901234567890"],
    ["json", '"{""a"":[1]}"', '{"a":[1]}'],
    ["int", "", "null"],
    ["boolean", "", "null"],
    ["string", '""', '""'],
  ];
  for (const [type, text, json] of cases) {
    test(`${type} of ${text || "nothing"}`, async () => {
      const ran = await binary
        .folder()
        .run(["--types", `a=${type}`, "-e", "{ a }", "--to", "jsonl"], { stdin: `a,b\n${text},x\n` });
      ran.expect({ stdout: `{"a":${json}}\n` });
    });
  }

  const wrong: [type: string, text: string, wanted: string][] = [
    ["int", "1.5", "whole number"],
    ["int", "9007199254740993", "whole number"],
    ["int", "1e3", "whole number"],
    ["int", "0x10", "whole number"],
    ["number", "1,5", "a number"],
    ["number", "Infinity", "a number"],
    ["number", "NaN", "a number"],
    ["boolean", "yes", "true, false, 1 or 0"],
    ["date", "26.5.2017", "ISO 8601"],
    ["date", "2017-13-01", "ISO 8601"],
    ["date", "2017-02-29", "ISO 8601"],
    ["date", "2017-04-31T10:00:00Z", "ISO 8601"],
    ["bigint", "1n", "whole number"],
    ["json", "{a}", "JSON"],
  ];
  for (const [type, text, wanted] of wrong) {
    test(`${type} is not ${text}`, async () => {
      const cell = text.includes(",") ? `"${text}"` : text;
      const ran = await binary
        .folder()
        .run(["--types", `b=string,a=${type}`, "-e", "row"], { stdin: `a,b\n${cell},x\n` });
      ran.expect({ code: 1, stderr: ["standard input:2: column a holds", JSON.stringify(text), wanted] });
    });
  }

  test("a schema sees the typed fields", async () => {
    const folder = binary.folder({
      "in.csv": "a\n5\n",
      "x.ts":
        'import { z } from "zod"; export const schema = z.object({ a: z.number() }); export default ({ a }) => ({ a: a + 1 });',
    });
    (await folder.run(["x.ts", "in.csv", "--types", "a=int"])).expect({ stdout: "a\n6\n" });
  });
});

describe("types by the data", () => {
  const INPUT = "id,n,ok,zip\n1,12.80,true,0123\n2,,false,99\n";

  test("columns of numbers are numbers, booleans are booleans, and an empty field is missing", async () => {
    const types = "Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value]))";
    (await binary.folder().run(["-e", types], { stdin: INPUT })).expect({
      stdout: "id,n,ok,zip\nnumber,number,boolean,string\nnumber,undefined,boolean,string\n",
    });
  });

  test("what is handed on keeps its bytes; JSON has the number's own digits", async () => {
    const { run } = { run: (args: string[]) => binary.folder().run(args, { stdin: INPUT }) };
    (await run(["-e", "r => r"])).expect({ stdout: INPUT });
    (await run(["-e", "{ ...row, next: id + 1 }", "--filter", "ok"])).expect({
      stdout: "id,n,ok,zip,next\n1,12.80,true,0123,2\n",
    });
    (await run(["-e", "row", "--to", "jsonl"])).expect({
      stdout: '{"id":1,"n":12.80,"ok":true,"zip":"0123"}\n{"id":2,"n":null,"ok":false,"zip":"99"}\n',
    });
  });

  test("--types text is the old way, and a column may be anything else", async () => {
    const { run } = {
      run: (types: string) =>
        binary.folder().run(["-e", "{ a: id + 1, b: n + 1 }", "--types", types], { stdin: INPUT }),
    };
    (await run("text")).expect({ stdout: "a,b\n11,12.801\n21,1\n" });
    (await run("text,id=int")).expect({ stdout: "a,b\n2,12.801\n3,1\n" });
    (await run("id=text")).expect({ stdout: "a,b\n11,13.8\n21,\n" });
  });

  test("a later value that does not fit fails its row, and says the way out", async () => {
    const text = `n\n${"5\n".repeat(1000)}x\n`;
    (await binary.folder().run(["-e", "{ n: n + 1 }"], { stdin: text })).expect({
      code: 1,
      stdout: /^n\n(?:6\n){1000}$/,
      stderr: ['standard input:1002: column n holds "x", wanted a number', "--types n=text"],
    });
    (await binary.folder().run(["-e", "row"], { stdin: text })).expect({ stdout: text });
  });

  test("a column that is used both ways is an error that names --types", async () => {
    (await binary.folder().run(["-e", "{ a: n.slice(1), b: n - 1 }"], { stdin: "n\n12\n" })).expect({
      code: 1,
      stderr: ["column n is used as a text (n.slice()) and as a number (n - …)", "--types n=text"],
    });
  });

  test("--infer says what it is now", async () => {
    (await binary.folder().run(["--infer", "-e", "r => r"], { stdin: INPUT })).expect({
      code: 2,
      stderr: ["--infer", "--types auto is the default"],
    });
  });
});

describe("--filter", () => {
  const input = "n,name\n1,a\n2,b\n3,c\n";

  test("alone, with inputs as operands", async () => {
    const folder = binary.folder({ "in.csv": input });
    (await folder.run(["--filter", "n > 1", "in.csv"])).expect({ stdout: "n,name\n2,b\n3,c\n" });
    (await folder.run(["--filter", "n > 1"], { stdin: input })).expect({ stdout: "n,name\n2,b\n3,c\n" });
    (await folder.run(["--filter=r => r.name === 'b'", "in.csv", "in.csv"])).expect({ stdout: "n,name\n2,b\n2,b\n" });
  });

  test("with -e, before it", async () => {
    const folder = binary.folder({ "in.csv": input });
    (await folder.run(["--filter", "n > 1", "-e", "{ name, i }", "in.csv"])).expect({ stdout: "name,i\nb,1\nc,2\n" });
    // With a filter, operands are inputs.
    (await folder.run(["eval", "-e", "{ name }", "--filter", "n < 2", "in.csv"])).expect({ stdout: "name\na\n" });
  });

  test("with run and the shorthand; it sees what the schema made of the row", async () => {
    const folder = binary.folder({
      "in.csv": input,
      "x.ts": `import { z } from "zod"; export const schema = z.object({ n: z.number(), name: z.string() });
        export default ({ n }) => { if (n === 1) throw new Error("not filtered"); return { n: n + 1 }; };`,
    });
    for (const words of [["x.ts"], ["run", "x.ts"]]) {
      (await folder.run([...words, "--filter", "n !== 1", "in.csv"])).expect({ stdout: "n\n3\n4\n" });
    }
  });

  test("keeps nothing: the header still comes", async () => {
    (await binary.folder().run(["--filter", "false"], { stdin: input })).expect({ stdout: "n,name\n" });
  });
});

describe("--first", () => {
  test("counts input rows over all files; no row beyond is given to the function", async () => {
    const folder = binary.folder({ "a.csv": "n\n1\n2\n", "b.csv": "n\n3\n4\n5\n" });
    const seen = "(row, ctx) => (ctx.log('saw ' + row.n), row.n === '2' ? null : row)";
    for (const extra of [[], ["-b", "1"], ["-j", "4"], ["--unordered", "-j", "1"]]) {
      const ran = await folder.run(["-e", seen, "--first", "3", "a.csv", "b.csv", ...extra]);
      ran.expect({ stdout: "n\n1\n3\n", stderr: ["saw 1", "saw 2", "saw 3"] });
      expect(ran.stderr.match(/saw/g)).toHaveLength(3);
    }
  });

  test("a bad row beyond it is not looked at", async () => {
    (await binary.folder().run(["-e", "r => r", "--first", "1"], { stdin: "a,b\n1,2\nbad\n" })).expect({
      stdout: "a,b\n1,2\n",
    });
  });

  test("0 gives the header alone", async () => {
    (await binary.folder().run(["-e", "r => r", "--first", "0"], { stdin: "a,b\n1,2\n" })).expect({ stdout: "a,b\n" });
  });

  test("ends although the input goes on", async () => {
    const child = binary.folder().start(["-e", "row", "--first", "1"]);
    await child.stdin.write("n\n1\n2\n");
    expect(await child.exited).toBe(0);
    expect(await child.stdout.text()).toBe("n\n1\n");
  });

  test("with json and jsonl", async () => {
    const folder = binary.folder({ "a.json": '[{"n":1},{"n":2},{"n":3}]', "a.jsonl": '{"n":1}\n{"n":2}\n{"n":3}\n' });
    for (const name of ["a.json", "a.jsonl"]) {
      (await folder.run(["-e", "row", name, "--first", "2", "--to", "jsonl"])).expect({ stdout: '{"n":1}\n{"n":2}\n' });
    }
  });
});

describe("--limit", () => {
  const ROWS = `n\n${Array.from({ length: 5000 }, (_, n) => n).join("\n")}\n`;

  test("counts rows of output, and no row behind the last one is given to the function", async () => {
    const folder = binary.folder({ "a.csv": "n\n1\n2\n", "b.csv": "n\n3\n4\n5\n" });
    const seen = "(row, ctx) => (ctx.log('saw ' + row.n), row)";
    for (const extra of [[], ["-b", "1"], ["-j", "4"]]) {
      const ran = await folder.run(["-e", seen, "--limit", "3", "a.csv", "b.csv", ...extra]);
      ran.expect({ stdout: "n\n1\n2\n3\n", stderr: ["saw 1", "saw 2", "saw 3"] });
      expect(ran.stderr.match(/saw/g)).toHaveLength(3);
    }
  });

  test("is the same rows for every number of workers: filtered, dropped, several of one row, failed ones left out", async () => {
    const folder = binary.folder({
      "in.csv": ROWS,
      "many.ts": "export default ({ n }) => (n % 3 === 0 ? null : [{ n, k: 1 }, { n, k: 2 }, { n, k: 3 }]);",
      "failing.ts": "export default ({ n }) => { if (n % 2 === 0) throw new Error('even'); return { n }; };",
    });
    for (const jobs of ["1", "2", "5"]) {
      for (const batch of [[], ["-b", "7"]]) {
        const more = ["in.csv", "-j", jobs, ...batch];
        (await folder.run(["--filter", "n % 500 === 499", "--limit", "4", ...more])).expect({
          stdout: "n\n499\n999\n1499\n1999\n",
        });
        (await folder.run(["many.ts", "--limit", "5", ...more])).expect({
          stdout: "n,k\n1,1\n1,2\n1,3\n2,1\n2,2\n",
        });
        (await folder.run(["failing.ts", "--on-error", "skip", "--limit", "3", ...more])).expect({
          code: 3,
          stdout: "n\n1\n3\n5\n",
          stderr: ["3 of 6 rows failed"],
        });
      }
    }
  });

  test("a row that fails behind the last one is not met", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n2\nx,y\n" });
    (await folder.run(["-e", "row", "--limit", "2", "in.csv"])).expect({ stdout: "n\n1\n2\n" });
    (await folder.run(["-e", "r => { if (r.n > 2) throw 1; return r; }", "--limit", "2", "in.csv"])).expect({
      stdout: "n\n1\n2\n",
    });
  });

  test("with --group-by and reduce it is that of the rows that come out, of all rows", async () => {
    const folder = binary.folder({
      "in.csv": "c,n\na,1\nb,2\na,3\nc,4\n",
      "r.ts": `export const reduce = { init: () => [], step(all, row) { all.push(row.n); },
        merge(a, b) { a.push(...b); }, *finish(all) { for (const n of all) yield { n }; } };`,
    });
    (await folder.run(["--group-by", "c", "--sum", "n", "--limit", "2", "in.csv"])).expect({
      stdout: "c,n_sum\na,4\nb,2\n",
    });
    (await folder.run(["r.ts", "--limit", "3", "in.csv", "--to", "jsonl"])).expect({
      stdout: '{"n":1}\n{"n":2}\n{"n":3}\n',
    });
    (await folder.run(["--count", "--first", "2", "in.csv"])).expect({ stdout: "count\n2\n" });
  });

  test("in every format, and with a file", async () => {
    const folder = binary.folder({ "in.jsonl": '{"n":1}\n{"n":2}\n{"n":3}\n' });
    const run = ["--filter", "n > 1", "in.jsonl", "--limit", "1"];
    (await folder.run([...run, "--to", "json"])).expect({ stdout: '[\n{"n":2}\n]\n' });
    (await folder.run([...run, "--to", "csv"])).expect({ stdout: "n\n2\n" });
    (await folder.run([...run, "--to", "md"])).expect({ stdout: "|   n |\n| --: |\n|   2 |\n" });
    (await folder.run([...run, "-o", "out.jsonl.gz"])).expect({ stdout: "" });
    (await folder.bash("gunzip -c out.jsonl.gz")).expect({ stdout: '{"n":2}\n' });
    (await folder.run([...run.slice(0, -1), "0"])).expect({ stdout: "" });
  });

  test("ends although the input goes on", async () => {
    const child = binary.folder().start(["-e", "row", "--limit", "1"]);
    await child.stdin.write("n\n1\n2\n");
    expect(await child.exited).toBe(0);
    expect(await child.stdout.text()).toBe("n\n1\n");
  });
});

describe("jobs and batches", () => {
  const rows = Array.from(
    { length: 5000 },
    (_, n) => `${n},"text ${n}\n with ""quotes"", commas",${n % 3 === 0 ? "" : n}`,
  );
  const input = `id,text,maybe\n${rows.join("\n")}\n`;
  const expression = "r => r.id % 7 === 0 ? null : r.id % 5 === 0 ? [{ ...r, k: 1 }, { ...r, k: 2 }] : { ...r, k: 0 }";

  test("do not change the output", async () => {
    const folder = binary.folder({ "in.csv": input });
    const plain = (await folder.run(["-e", expression, "in.csv", "-j", "1"])).expect({ stdout: /^id,text,maybe,k\n/ });
    const variants = [
      [],
      ["-j", "2"],
      ["-j", "5"],
      ["-b", "1", "-j", "3"],
      ["-b", "7"],
      ["-b", "1000"],
      ["-k"],
      ["-b100000"],
    ];
    for (const args of variants)
      (await folder.run(["-e", expression, "in.csv", ...args])).expect({ stdout: plain.stdout });
    (await folder.run(["-e", expression, "-b", "13"], { stdin: input })).expect({ stdout: plain.stdout });
  });

  test("--unordered has the same rows and the same header", async () => {
    const folder = binary.folder({ "in.csv": input });
    const jsonl = ["-e", expression, "in.csv", "--to", "jsonl"];
    const ordered = (await folder.run(jsonl)).expect({ stdout: /^/ });
    const unordered = (await folder.run([...jsonl, "--unordered", "-b", "10", "-j", "3"])).expect({ stdout: /^/ });
    expect(lines(unordered.stdout)).toEqual(lines(ordered.stdout));
    (await folder.run(["-e", expression, "in.csv", "--unordered", "-b", "10", "-j", "3"])).expect({
      stdout: /^id,text,maybe,k\n/,
    });
  });

  test("output columns are those of the first row in input order, whatever finishes first", async () => {
    // The first batch waits until the last one has run: its columns come last.
    const folder = binary.folder({
      "in.csv": `n\n${Array.from({ length: 40 }, (_, n) => n).join("\n")}\n`,
      "x.ts": `const shared = new BroadcastChannel("order");
        const last = new Promise((resolve) => { shared.onmessage = resolve; });
        export default async ({ n }) => {
          if (n === "39") shared.postMessage("done");
          if (n === "0") { await last; return { first: n, second: 1 }; }
          return { second: 2, first: n };
        };
        export const teardown = () => shared.close();`,
    });
    const expected = `first,second\n0,1\n${Array.from({ length: 39 }, (_, n) => `${n + 1},2`).join("\n")}\n`;
    (await folder.run(["x.ts", "in.csv", "-j", "2", "-b", "4"])).expect({ stdout: expected });
    const unordered = await folder.run(["x.ts", "in.csv", "-j", "2", "-b", "4", "--unordered"]);
    unordered.expect({ stdout: /^first,second\n/ });
    expect(unordered.stdout.split("\n").toSorted()).toEqual(expected.split("\n").toSorted());
  });
});

describe("--dry-run", () => {
  test("tells the plan, and does nothing", async () => {
    const folder = binary.scientists();
    (await folder.run(["age.ts", "scientists.csv", "-o", "out.jsonl", "--dry-run", "-j", "3"])).expect({
      stdout:
        /^inputs: +scientists\.csv\nformat: +csv, delimiter , [^]*columns: +2: name, born\n[^]*output: +jsonl\nstages: +read csv → schema the export schema → map age\.ts → write jsonl\nway: +row by row: the export schema makes rows first\njobs: +3\nfirst batch: +\d+ bytes\n$/,
    });
    expect(folder.names()).toEqual(["age.ts", "scientists.csv"]);
    (await folder.run(["-e", "row", "--dry-run", "-b", "7", "--ijsonl"], { stdin: "{}" })).expect({
      stdout: /^inputs: +standard input\nformat: +jsonl\n[^]*first batch: +7 rows\n$/,
    });
    (await folder.run(["-e", "{ name, n: born + 1 }", "--dry-run", "--ijsonl"], { stdin: "{}" })).expect({
      stdout: /^inputs: +standard input\nformat: +jsonl\nreads: +born, name\n/,
    });
  });

  test("runs no row", async () => {
    const folder = binary.scientists();
    (await folder.run(["-e", "(row, ctx) => (ctx.log('ran'), row)", "scientists.csv", "--dry-run"])).expect({
      stdout: /^inputs/,
    });
  });
});

describe("flags", () => {
  test("short flags join, values may be attached, -- ends them", async () => {
    const folder = binary.folder({ "in.csv": "a;b\n1;2\n" });
    (await folder.run(["-j1", "-b1", "-d;", "-e", "r => r", "--", "in.csv"])).expect({ stdout: "a,b\n1,2\n" });
    (await folder.run(["-nj2", "--columns=x,y", "--delimiter=;", "-er => r", "in.csv"])).expect({
      stdout: "x,y\na,b\n1,2\n",
    });
  });

  test("options may stand before, between and behind the operands", async () => {
    const folder = binary.scientists();
    const ages = await folder.run(["run", "age.ts", "scientists.csv", "--to", "jsonl"]);
    (await folder.run(["--to", "jsonl", "run", "age.ts", "scientists.csv"])).expect({ stdout: ages.stdout });
    (await folder.run(["run", "--to", "jsonl", "age.ts", "-j", "1", "scientists.csv"])).expect({ stdout: ages.stdout });
  });

  test("NO_COLOR and a pipe: no colour in messages", async () => {
    const ran = await binary.folder().run(["-e", "nope"], { stdin: "n\n1\n" });
    ran.expect({ code: 1, stderr: ["error: "] });
    expect(ran.stderr).not.toContain("\u001b");
  });
});
