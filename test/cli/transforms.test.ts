import { describe, expect, test } from "bun:test";
import { type Files, installBinary } from "./binary.ts";

const binary = installBinary();

const IN = { "in.csv": "n\n1\n2\n3\n" };

describe("what a transform imports", () => {
  test("relative files and JSON, from a folder elsewhere", async () => {
    const there = binary.folder({
      "lib/age.ts":
        'import years from "./years.json";\nexport const age = (born: string): number => years.now - Number(born);',
      "lib/years.json": '{"now":2017}',
      "deep/transform.ts": `import { age } from "../lib/age";
        import attributes from "../lib/years.json" with { type: "json" };
        export default ({ n }: { n: string }) => ({ age: age(n), now: attributes.now });`,
    });
    const folder = binary.folder(IN);
    (await folder.run([there.at("deep/transform.ts"), "in.csv"])).expect({
      stdout: "age,now\n2016,2017\n2015,2017\n2014,2017\n",
    });
  });

  test("an ESM package with a dist/ entry, a CommonJS package, and one that these depend on", async () => {
    const folder = binary.folder({ ...IN, ...PACKAGES });
    folder.write({
      "x.ts": `import { triple } from "esm-package";
        import { answer } from "esm-package/extra";
        import common, { double } from "cjs-package";
        import { scoped } from "@scope/pkg";
        export default ({ n }) => ({ t: triple(n), d: double(n), c: common.double(n), answer, scoped: scoped() });`,
    });
    (await folder.run(["x.ts", "in.csv", "--limit", "1"])).expect({ stdout: "t,d,c,answer,scoped\n3,2,2,42,yes\n" });
  });

  test("packages of a folder above the transform, whatever folder it is run from", async () => {
    const there = binary.folder(PACKAGES);
    there.write({
      "src/deep/x.ts": 'import { triple } from "esm-package"; export default ({ n }) => ({ t: triple(n) });',
    });
    const folder = binary.folder(IN);
    (await folder.run([there.at("src/deep/x.ts"), "in.csv", "--limit", "1"])).expect({ stdout: "t\n3\n" });
  });

  test("a transform behind a link resolves from its real folder", async () => {
    const there = binary.folder(PACKAGES);
    there.write({ "x.ts": 'import { triple } from "esm-package"; export default ({ n }) => ({ t: triple(n) });' });
    const folder = binary.folder(IN);
    (await folder.bash(`ln -s ${there.at("x.ts")} link.ts && rowmill link.ts in.csv --limit 1`)).expect({
      stdout: "t\n3\n",
    });
  });

  test("tsconfig paths beside the transform", async () => {
    const there = binary.folder({
      "tsconfig.json": '{ "compilerOptions": { "baseUrl": ".", "paths": { "@lib/*": ["./lib/*"] } } }',
      "lib/one.ts": "export const one = 1;",
      "x.ts": 'import { one } from "@lib/one"; export default ({ n }) => ({ n: Number(n) + one });',
    });
    const folder = binary.folder(IN);
    (await folder.run([there.at("x.ts"), "in.csv"])).expect({ stdout: "n\n2\n3\n4\n" });
  });

  test("built-in zod, by all its names", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": `import zod, { z } from "zod";
        import * as all from "zod";
        import { z as four } from "zod/v4";
        export const schema = z.object({ n: z.number() });
        export default ({ n }) => ({ n: n + 1, same: zod.object === z.object && all.z.object === four.object });`,
    });
    (await folder.run(["x.ts", "in.csv"])).expect({ stdout: "n,same\n2,true\n3,true\n4,true\n" });
  });

  test("built-in zod for a package of the transform", async () => {
    const folder = binary.folder({
      ...IN,
      "node_modules/shapes/package.json": '{"name":"shapes","version":"1.0.0","main":"index.js","type":"module"}',
      "node_modules/shapes/index.js": 'import { z } from "zod"; export const schema = z.object({ n: z.number() });',
      "x.ts": 'export { schema } from "shapes"; export default ({ n }) => ({ n: n + 1 });',
    });
    (await folder.run(["x.ts", "in.csv", "--limit", "1"])).expect({ stdout: "n\n2\n" });
  });

  test("a zod in the transform's own node_modules wins", async () => {
    const folder = binary.folder({
      ...IN,
      "node_modules/zod/package.json": '{"name":"zod","version":"9.9.9","main":"./dist/index.cjs"}',
      "node_modules/zod/dist/index.cjs": 'exports.z = { own: "planted" };',
      "x.ts": 'import { z } from "zod"; export default () => ({ z: z.own });',
    });
    (await folder.run(["x.ts", "in.csv", "--limit", "1"])).expect({ stdout: "z\nplanted\n" });
  });

  test("node: and bun modules, import.meta and require", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": `import { createHash } from "node:crypto";
        import { join } from "path";
        const { data } = require("./data.cjs");
        export default ({ n }) => ({
          hash: createHash("md5").update(String(n)).digest("hex").slice(0, 4), path: join("a", "b"), data,
          here: import.meta.file,
        });`,
      "data.cjs": "exports.data = 7;",
    });
    (await folder.run(["x.ts", "in.csv", "--limit", "1"])).expect({ stdout: "hash,path,data,here\nc4ca,a/b,7,x.ts\n" });
  });

  test("JavaScript and module extensions", async () => {
    const code = "export default (row) => ({ n: row.n * 2 });";
    const folder = binary.folder({ ...IN, "a.js": code, "b.mjs": code, "c.mts": code });
    for (const name of ["a.js", "b.mjs", "c.mts"]) {
      (await folder.run([name, "in.csv"])).expect({ stdout: "n\n2\n4\n6\n" });
    }
  });

  test("top-level await", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": "const late = await Promise.resolve(5); export default ({ n }) => ({ n: n * late });",
    });
    (await folder.run(["x.ts", "in.csv"])).expect({ stdout: "n\n5\n10\n15\n" });
  });
});

const PACKAGES: Files = {
  "node_modules/esm-package/package.json": JSON.stringify({
    name: "esm-package",
    version: "1.0.0",
    type: "module",
    exports: { ".": { types: "./dist/index.d.ts", import: "./dist/index.js" }, "./extra": "./dist/extra.js" },
    dependencies: { nested: "1.0.0" },
  }),
  "node_modules/esm-package/dist/index.js": 'import { times } from "nested"; export const triple = (n) => times(n, 3);',
  "node_modules/esm-package/dist/index.d.ts": "export const triple: (n: number) => number;",
  "node_modules/esm-package/dist/extra.js": "export const answer = 42;",
  "node_modules/esm-package/node_modules/nested/package.json":
    '{"name":"nested","version":"1.0.0","type":"module","main":"dist/main.js"}',
  "node_modules/esm-package/node_modules/nested/dist/main.js": "export const times = (a, b) => a * b;",
  "node_modules/cjs-package/package.json":
    '{"name":"cjs-package","version":"1.0.0","main":"dist/index","dependencies":{"nested":"2.0.0"}}',
  "node_modules/cjs-package/dist/index.js":
    'const nested = require("nested"); exports.double = (n) => nested.add(Number(n), Number(n));',
  "node_modules/cjs-package/node_modules/nested/package.json": '{"name":"nested","version":"2.0.0"}',
  "node_modules/cjs-package/node_modules/nested/index.js": "module.exports = { add: (a, b) => a + b };",
  "node_modules/@scope/pkg/package.json": '{"name":"@scope/pkg","version":"1.0.0","module":"m.mjs"}',
  "node_modules/@scope/pkg/m.mjs": 'export const scoped = () => "yes";',
};

describe("what a function may return", () => {
  test("promises: the order of the input is kept", async () => {
    const rows = Array.from({ length: 200 }, (_, n) => n);
    const folder = binary.folder({
      "in.csv": `n\n${rows.join("\n")}\n`,
      // Later rows of a group are done first: each waits for the one behind it.
      "x.ts": `const done = [];
        export default async ({ n }, ctx) => {
          const mine = Promise.withResolvers();
          done[ctx.index] = mine;
          if (ctx.index % 8 !== 7 && ctx.index < 199) await new Promise((r) => (done[ctx.index].next = r));
          done[ctx.index - 1]?.next?.();
          return { n };
        };`,
    });
    const ran = await folder.run(["x.ts", "in.csv", "-j", "1", "-b", "200"]);
    ran.expect({ stdout: `n\n${rows.join("\n")}\n` });
  });

  test("arrays, iterables, generators, null and undefined", async () => {
    const folder = binary.folder({
      "in.csv": "n\n0\n1\n2\n3\n4\n5\n6\n",
      "x.ts": `export default ({ n }) => {
        switch (n) {
          case "0": return null;
          case "1": return [{ n, k: "a" }, { n, k: "b" }];
          case "2": return undefined;
          case "3": return (function* () { yield { n, k: "c" }; yield { n, k: "d" }; })();
          case "4": return [];
          case "5": return new Set([{ n, k: "e" }, null]);
          default: return (async function* () { yield { n, k: "f" }; })();
        }
      };`,
    });
    (await folder.run(["x.ts", "in.csv"])).expect({ stdout: "n,k\n1,a\n1,b\n3,c\n3,d\n5,e\n6,f\n" });
  });

  test("anything for formats that need no objects", async () => {
    const folder = binary.folder(IN);
    (await folder.run(["-e", "Number(n)", "in.csv", "--to", "jsonl"])).expect({ stdout: "1\n2\n3\n" });
    (await folder.run(["-e", "n", "in.csv", "--to", "json"])).expect({ stdout: "[\n1,\n2,\n3\n]\n" });
  });

  test("class instances and null-prototype objects are rows", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": `class Item { n; #hidden = 1; constructor(n) { this.n = n; } get twice() { return 2; } }
        export default ({ n }) => n === "2" ? Object.assign(Object.create(null), { n }) : new Item(n);`,
    });
    (await folder.run(["x.ts", "in.csv"])).expect({ stdout: "n\n1\n2\n3\n" });
  });
});

describe("other exports", () => {
  test("setup runs once a worker, its result is ctx.state, teardown gets it", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": `let calls = 0;
        export async function setup(ctx) { calls++; return { calls, arg: ctx.args.who }; }
        export default ({ n }, { state }) => ({ n, calls: state.calls, who: state.arg });
        export async function teardown(state, ctx) { ctx.log("bye", state.arg, { worker: ctx.worker }); }`,
    });
    (await folder.run(["x.ts", "in.csv", "-j", "1", "--arg", "who=ada"])).expect({
      stdout: "n,calls,who\n1,1,ada\n2,1,ada\n3,1,ada\n",
      stderr: ["bye ada", "worker: 0"],
    });
  });

  test("columns fix the order, and the header of an empty result", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts":
        'export const columns = ["b", "a", "c"]; export default ({ n }) => n === "2" ? { a: n } : { c: 1, b: n };',
      "none.ts": 'export const columns = ["b", "a"]; export default () => null;',
    });
    (await folder.run(["x.ts", "in.csv"])).expect({ stdout: "b,a,c\n1,,1\n,2,\n3,,1\n" });
    (await folder.run(["none.ts", "in.csv"])).expect({ stdout: "b,a\n" });
  });

  test("output validates, fixes the columns, and changes the result", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": `import { z } from "zod";
        export const output = z.object({ b: z.string().default("d"), a: z.number().transform((a) => a * 10) });
        export default ({ n }) => ({ a: Number(n), other: 1 });`,
    });
    (await folder.run(["x.ts", "in.csv"])).expect({ stdout: "b,a\nd,10\nd,20\nd,30\n" });
  });

  test("options are defaults for flags; flags win", async () => {
    const folder = binary.folder({
      "in.txt": "a;b\n1;2\n",
      "x.ts": 'export const options = { delimiter: ";", to: "jsonl" }; export default ({ a, b }) => ({ a, b });',
    });
    (await folder.run(["x.ts", "in.txt"])).expect({ stdout: '{"a":1,"b":2}\n' });
    (await folder.run(["x.ts", "in.txt", "--to", "csv"])).expect({ stdout: "a,b\n1,2\n" });
  });

  test("a schema with all the types of a csv field", async () => {
    const folder = binary.folder({
      "in.csv": "s,n,i,b,d,t,o,big,e\n007,1.5,3,true,2017-05-26,2017-05-26T12:00:00Z,,12345678901234567890,1\n",
      "x.ts": `import { z } from "zod";
        export const schema = z.object({
          s: z.string(), n: z.number(), i: z.int(), b: z.boolean(), d: z.date(), t: z.iso.datetime(),
          o: z.number().optional(), big: z.bigint(), e: z.enum(["1", "2"]),
        });
        export default (row) => ({ ...row, d: row.d.getUTCFullYear(), kinds: Object.values(row).map((v) => typeof v).join(" ") });`,
    });
    (await folder.run(["x.ts", "in.csv"])).expect({
      stdout:
        "s,n,i,b,d,t,o,big,e,kinds\n007,1.5,3,true,2017,2017-05-26T12:00:00Z,,12345678901234567890,1,string number number boolean object string undefined bigint string\n",
    });
  });

  test("any Standard Schema", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": `export const schema = { "~standard": { version: 1, vendor: "mine", validate: async (row) =>
          Number(row.n) < 3 ? { value: { n: Number(row.n) } } : { issues: [{ message: "too large", path: ["n"] }] } } };
        export default ({ n }) => ({ n: n + 1 });`,
    });
    (await folder.run(["x.ts", "in.csv"])).expect({
      code: 1,
      stdout: "n\n2\n3\n",
      stderr: ["in.csv:4: ", "column n", '"3"', "too large"],
    });
  });
});

describe("ctx", () => {
  test("index, line and file over several inputs, with rows of several lines", async () => {
    const folder = binary.folder({
      "a.csv": 'n\n"one\ntwo"\n\nthree\n"x\n\n\ny"\n',
      "b.csv": "# comment\nn\nfour\nfive\n",
    });
    folder.write({ "b.csv": "n\nfour\n\nfive\n" });
    (await folder.run(["-e", "(row, { index, line, file }) => ({ index, line, file })", "a.csv", "b.csv"])).expect({
      // Of one column, a line with nothing on it is a row.
      stdout: "index,line,file\n0,2,a.csv\n1,4,a.csv\n2,5,a.csv\n3,6,a.csv\n4,2,b.csv\n5,3,b.csv\n6,4,b.csv\n",
    });
  });

  test("index and line are exact for every batch size, asynchronous functions included", async () => {
    const rows = Array.from({ length: 60 }, (_, n) => (n % 7 === 0 ? `"${n}\n"` : String(n)));
    const folder = binary.folder({
      "in.csv": `n\n${rows.join("\n")}\n`,
      "x.ts": `export default async (row, ctx) => {
        await null;
        return { index: ctx.index, line: ctx.line, n: row.n.trim() };
      };`,
    });
    let line = 2;
    const expected = rows.map((row, index) => {
      const text = `${index},${line},${index}`;
      line += row.includes("\n") ? 2 : 1;
      return text;
    });
    for (const batch of ["1", "7", "100"]) {
      (await folder.run(["x.ts", "in.csv", "-b", batch])).expect({ stdout: `index,line,n\n${expected.join("\n")}\n` });
    }
  });

  test("standard input is the file -", async () => {
    const ran = await binary.folder().run(["-e", "(_, { file, line }) => ({ file, line })"], { stdin: "n\n1\n" });
    ran.expect({ stdout: "file,line\n-,2\n" });
  });

  test("args, worker, signal; log goes to stderr", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": `export default ({ n }, ctx) => {
        ctx.log("row", n, { deep: [1] });
        return { year: ctx.args.year, empty: ctx.args.empty, worker: ctx.worker, signal: ctx.signal.aborted };
      };`,
    });
    const ran = await folder.run([
      "x.ts",
      "in.csv",
      "-j",
      "1",
      "--arg",
      "year=20=17",
      "--arg",
      "empty=",
      "--limit",
      "2",
    ]);
    ran.expect({
      stdout: "year,empty,worker,signal\n20=17,,0,false\n20=17,,0,false\n",
      stderr: [/^row 1 \{[^]*deep: \[ 1 \][^]*row 2/],
    });
  });

  test("console output of a transform never mixes into the results", async () => {
    const folder = binary.folder({
      ...IN,
      "x.ts": 'console.log("at import"); export default ({ n }) => (console.log(n), { n });',
    });
    const ran = await folder.run(["x.ts", "in.csv", "-o", "out.csv"]);
    expect(ran.code).toBe(0);
    expect(folder.read("out.csv")).toBe("n\n1\n2\n3\n");
  });
});

test("rows behind a slow first one are spread over the workers, however short the input is", async () => {
  // Each of the rows 2 and 3 waits until the other one has begun: in one worker they would wait for ever.
  const module = `import { existsSync, writeFileSync } from "node:fs";
export default ({ n }: { n: number }) => {
  if (n === 1) Bun.sleepSync(160);
  writeFileSync(\`begun-\${n}\`, "");
  const other = n === 2 ? "begun-3" : n === 3 ? "begun-2" : undefined;
  while (other !== undefined && !existsSync(other)) Bun.sleepSync(1);
  return { n };
};
`;
  const folder = binary.folder({ "t.ts": module, "in.csv": "n\n1\n2\n3\n4\n5\n" });
  (await folder.run(["t.ts", "in.csv", "-j", "2"])).expect({ stdout: "n\n1\n2\n3\n4\n5\n" });
});
