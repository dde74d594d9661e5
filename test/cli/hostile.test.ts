/** Everything but the transform is data: files, names and folders around it run nothing. */
import { describe, expect, test } from "bun:test";
import { type Files, type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

/** Code that leaves a trace when it runs. */
const EVIL = 'require("node:fs").writeFileSync(process.env.TRACE, "ran"); module.exports = { z: {}, parse() {} };';

/** A folder full of what a runtime might pick up. */
const TRAPS: Files = {
  "in.csv": "n\n1\n",
  ".env": "PLANTED=yes\n",
  ".env.local": "PLANTED=yes\n",
  "bunfig.toml": 'preload = ["./evil.cjs"]\n[run]\npreload = ["./evil.cjs"]\n[test]\npreload = ["./evil.cjs"]\n',
  "evil.cjs": EVIL,
  "package.json": '{"name":"trap","main":"evil.cjs","imports":{"zod":"./evil.cjs"},"exports":"./evil.cjs"}',
  "tsconfig.json":
    '{"compilerOptions":{"baseUrl":".","paths":{"*":["./evil.cjs"],"/*":["./evil.cjs"],"zod":["./evil.cjs"]}}}',
  "worker.ts": EVIL,
  "command-line.ts": EVIL,
  "zod.ts": EVIL,
  "zod.js": EVIL,
};
for (const name of ["zod", "acorn", "cli-table3", "string-width"]) {
  TRAPS[`node_modules/${name}/package.json`] = `{"name":"${name}","version":"1.0.0","main":"index.js"}`;
  TRAPS[`node_modules/${name}/index.js`] = EVIL;
}

const ENV = "process.env.PLANTED ?? 'clean'";

async function expectClean(folder: Folder, args: string[], stdout: string | RegExp): Promise<void> {
  const ran = await folder.run(args, { env: { TRACE: folder.at("trace") } });
  ran.expect({ stdout });
  expect(folder.names()).not.toContain("trace");
}

describe("a folder with traps", () => {
  test("runs nothing for -e", async () => {
    const folder = binary.folder(TRAPS);
    await expectClean(folder, ["-e", `{ n, env: ${ENV} }`, "in.csv"], "n,env\n1,clean\n");
    await expectClean(folder, ["--filter", "n > 0", "in.csv", "--to", "table"], /│ 1 │/);
    await expectClean(folder, ["-e", "(row as any)", "in.csv"], "n\n1\n");
    const importing = "async () => ({ zod: typeof (await import('zod')).z.object })";
    await expectClean(folder, ["-e", importing, "in.csv"], "zod\nfunction\n");
    await expectClean(folder, ["-e", "row", "in.csv", "--dry-run"], /columns: +1: n/);
    await expectClean(folder, ["--help"], /Usage/);
  });

  test("runs nothing for a transform that lives elsewhere, which gets the built-in zod", async () => {
    const there = binary.folder({
      "x.ts": `import { z } from "zod";
        export const schema = z.object({ n: z.number() });
        export default ({ n }) => ({ n: n + 1, env: ${ENV} });`,
    });
    const folder = binary.folder(TRAPS);
    await expectClean(folder, [there.at("x.ts"), "in.csv"], "n,env\n2,clean\n");
  });

  test("runs nothing when the binary itself lies in it", async () => {
    const folder = binary.folder(TRAPS);
    const ran = await folder.bash('cp "$(command -v rowmill)" . && ./rowmill -e row in.csv', {
      env: { TRACE: folder.at("trace") },
    });
    ran.expect({ stdout: "n\n1\n" });
    expect(folder.names()).not.toContain("trace");
  });

  test("runs nothing of the home folder", async () => {
    const home = binary.folder({ ...TRAPS, ".bunfig.toml": 'preload = ["./evil.cjs"]\n' });
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    const env = { HOME: home.path, XDG_CONFIG_HOME: home.path, TRACE: folder.at("trace") };
    (await folder.run(["-e", "row", "in.csv"], { env })).expect({ stdout: "n\n1\n" });
    expect(folder.names()).toEqual(["in.csv"]);
  });
});

describe("packages that are not there", () => {
  test("are an error at once, from no cache and no network", async () => {
    const home = binary.folder({
      ".bun/install/cache/leftpad@1.0.0@@@1/package.json": '{"name":"leftpad","version":"1.0.0","main":"index.js"}',
      ".bun/install/cache/leftpad@1.0.0@@@1/index.js": EVIL,
      ".bun/install/cache/leftpad/1.0.0@@@1/package.json": "{}",
    });
    const folder = binary.folder({
      "in.csv": "n\n1\n",
      "x.ts": 'import pad from "leftpad"; export default (row) => pad(row);',
      "late.ts": 'export default async (row) => (await import("leftpad@1.0.0")).default(row);',
    });
    const env = {
      HOME: home.path,
      BUN_INSTALL_CACHE_DIR: home.at(".bun/install/cache"),
      // Whoever asks the network gets an answer that it was not to ask for.
      BUN_CONFIG_REGISTRY: "http://127.0.0.1:1/",
      TRACE: folder.at("trace"),
    };
    (await folder.run(["x.ts", "in.csv"], { env })).expect({ code: 1, stderr: ["x.ts", /leftpad/] });
    (await folder.run(["late.ts", "in.csv"], { env })).expect({ code: 1, stderr: ["in.csv:2: ", /leftpad/] });
    expect(folder.names()).toEqual(["in.csv", "late.ts", "x.ts"]);
  });
});

describe("names that mean something to somebody", () => {
  test("paths with spaces, quotes, percent signs and code", async () => {
    const odd = 'a b#c%20"];process.exit(7)//';
    const folder = binary.folder({
      [`${odd}/x y#.ts`]: 'import { one } from "./lib#.ts"; export default (row, ctx) => ({ one, file: ctx.file });',
      [`${odd}/lib#.ts`]: "export const one = 1;",
      [`${odd}/in $(touch x).csv`]: "n\n1\n",
    });
    const inFile = `${odd}/in $(touch x).csv`;
    (await folder.run([`${odd}/x y#.ts`, inFile, "--to", "jsonl"])).expect({
      stdout: `${JSON.stringify({ one: 1, file: inFile })}\n`,
    });
    (await folder.run(["-e", "row", inFile, "-o", `${odd}/out.csv`])).expect({});
    expect(folder.read(`${odd}/out.csv`)).toBe("n\n1\n");
  });

  test("arguments called __proto__ and constructor", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    const expression = "{ own: Object.keys(args).join(), value: args['__proto__'], clean: ({}).x === undefined }";
    (await folder.run(["-e", expression, "in.csv", "--arg", "__proto__=x", "--arg", "constructor=y"])).expect({
      stdout: 'own,value,clean\n"__proto__,constructor",x,true\n',
    });
  });

  test("json keys called __proto__", async () => {
    const line = '{"__proto__":{"polluted":true},"a":{"__proto__":1}}\n';
    const folder = binary.folder({ "in.jsonl": line });
    (await folder.run(["-e", "r => r", "in.jsonl"])).expect({ stdout: line });
    (
      await folder.run(["-e", "{ polluted: row.polluted ?? 'no', own: Object.hasOwn(row, '__proto__') }", "in.jsonl"])
    ).expect({
      stdout: '{"polluted":"no","own":true}\n',
    });
  });
});

describe("rows and headers without measure", () => {
  test("a header of ten megabytes", async () => {
    const folder = binary.folder({ "in.csv": `${"a".repeat(10_000_000)},b\n1,2\n` });
    (await folder.run(["-e", "{ b }", "in.csv"])).expect({ stdout: "b\n2\n" });
    const ran = await folder.run(["-e", "{ b, x }", "in.csv"]);
    ran.expect({ code: 1, stderr: ["the expression uses x"] });
    expect(ran.stderr.length).toBeLessThan(1000);
    (await folder.run(["-e", "row", "in.csv", "--max-row-bytes", "1000"])).expect({
      code: 1,
      stderr: ["in.csv:1: cannot read the header", "1000 bytes"],
    });
  });

  test("a header of 50,000 columns", async () => {
    const names = Array.from({ length: 50_000 }, (_, index) => `c${index}`);
    const folder = binary.folder({
      "in.csv": `${names.join(",")}\n${names.map(() => "1").join(",")}\n`,
      "turned.csv": `${names.toReversed().join(",")}\n${names.map((_, index) => index).join(",")}\n`,
      "other.csv": `${names.map((name) => `${name}x`).join(",")}\n`,
      "short.csv": `${names.join(",")}\n${"1,2\n".repeat(20_000)}`,
      "twice.csv": `${names.join(",")},c49999\n`,
    });
    (await folder.run(["-e", "row", "in.csv"])).expect({ stdout: folder.read("in.csv") });
    (await folder.run(["-e", "{ c0, c49999 }", "in.csv", "turned.csv"])).expect({
      stdout: "c0,c49999\n1,1\n49999,0\n",
    });
    for (const to of ["table", "md"]) {
      const lines = (await folder.run(["-e", "row", "in.csv", "--to", to])).expect({ stdout: /c49999/ }).stdout;
      expect(
        new Set(
          lines
            .trimEnd()
            .split("\n")
            .map(({ length }) => length),
        ).size,
      ).toBe(1);
    }
    // Missing fields cost nothing where they are not written, or this would be a billion of them.
    (await folder.run(["-e", "{ c0, c1 }", "short.csv", "--ragged"])).expect({
      stdout: `c0,c1\n${"1,2\n".repeat(20_000)}`,
    });
    (await folder.run(["-e", "row", "short.csv", "--ragged", "--limit", "2"])).expect({
      stdout: `${names.join(",")}\n${`1,2${",".repeat(49_998)}\n`.repeat(2)}`,
    });
    for (const args of [
      ["-e", "{ nosuch }", "in.csv"],
      ["-e", "row", "in.csv", "other.csv"],
      ["-e", "row", "twice.csv"],
      ["-e", "row", "short.csv"],
      ["-e", "i === 0 ? row : { neu: 1 }", "in.csv", "turned.csv"],
      ["-e", "row", "in.csv", "--types", "nosuch=int"],
    ]) {
      const ran = await folder.run(args);
      ran.expect({ code: 1, stdout: /^/, stderr: ["error: "] });
      expect(ran.stderr.length).toBeLessThan(2000);
    }
  });

  test("millions of columns are refused", async () => {
    const folder = binary.folder({ "in.csv": `${",".repeat(3_000_000)}\n` });
    for (const more of [[], ["-n"]]) {
      (await folder.run(["-e", "row", "in.csv", ...more])).expect({
        code: 1,
        stderr: ["in.csv:1: ", "3000001 columns", "250000"],
      });
    }
  });

  test("a line without end is not held in memory", async () => {
    const folder = binary.folder();
    for (const args of [
      ["--skip-lines", "1"],
      ["--from", "json"],
    ]) {
      const child = folder.start(["-e", "row", ...args]);
      const [, peakBytes] = await Promise.all([child.stdout.text(), feed(child)]);
      expect(await child.exited).toBe(0);
      expect(peakBytes).toBeLessThan(ENDLESS_BYTES / 2);
    }
  });
});

const ENDLESS_BYTES = 400_000_000;

/** Writes one line of blanks, and gives the largest memory that the reader took meanwhile. */
async function feed({ stdin, pid }: Bun.Subprocess<"pipe", "pipe", "pipe">): Promise<number> {
  const piece = new Uint8Array(1_000_000).fill(0x20);
  for (let done = 0; done < ENDLESS_BYTES; done += piece.length) {
    await stdin.write(piece);
    await stdin.flush();
  }
  // Not that of resourceUsage(): there, a child starts with the peak of its parent.
  const status = await Bun.file(`/proc/${pid}/status`).text();
  await stdin.end();
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe("values without measure", () => {
  const DEEP = 100_000;
  const array = "[".repeat(DEEP) + "]".repeat(DEEP);

  test("JSON nested 100,000 deep fails its row, and no more", async () => {
    const objects = `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`;
    const folder = binary.folder({
      "in.jsonl": `{"b":1}\n{"a":${array}}\n`,
      "objects.jsonl": `{"b":1}\n{"a":${objects}}\n`,
      "exact.jsonl": `{"b":1}\n{"n":12345678901234567890,"a":${array}}\n`,
      "in.json": `[{"b":1},\n{"a":${array}}]`,
    });
    for (const name of ["in.jsonl", "objects.jsonl", "in.json"]) {
      const ran = await folder.run(["-e", "row", name]);
      ran.expect({ code: 1, stdout: /"b":1/, stderr: [`${name}:2: `, "nested too deeply"] });
      (await folder.run(["-e", "{ ok: 1 }", name, "--to", "csv"])).expect({ stdout: "ok\n1\n1\n" });
    }
    (await folder.run(["-e", "{ ok: 1 }", "exact.jsonl"])).expect({
      code: 1,
      stdout: '{"ok":1}\n',
      stderr: ["exact.jsonl:2: ", "nested too deeply"],
    });
  });

  test("a result nested 100,000 deep, or that holds itself, fails its row", async () => {
    const folder = binary.folder({
      "in.csv": "n\n1\n2\n",
      "deep.ts": `export default ({ n }) => {
        let a = [];
        if (n === "2") for (let i = 0; i < ${DEEP}; i++) a = [a];
        return { a };
      };`,
      "self.ts": 'export default ({ n }) => { const a = []; if (n === "2") a.push({ a }); return { a }; };',
    });
    for (const transform of ["deep.ts", "self.ts"]) {
      for (const format of ["csv", "jsonl"]) {
        const ran = await folder.run([transform, "in.csv", "--to", format]);
        ran.expect({ code: 1, stdout: /\[\]/, stderr: ["in.csv:3: ", "cannot be written"] });
      }
    }
  });

  test("numbers that are too large are never Infinity", async () => {
    const folder = binary.folder({
      "in.jsonl": '{"a":1}\n{"a":1e999}\n',
      "in.csv": "n\n1e999\n",
      "z.ts": `import { z } from "zod";
        export const schema = z.object({ n: z.number() });
        export default (row) => row;`,
    });
    (await folder.run(["-e", "row", "in.jsonl"])).expect({ stdout: '{"a":1}\n{"a":1e999}\n' });
    (await folder.run(["-e", "{ a: a * 2 }", "in.jsonl"])).expect({
      code: 1,
      stdout: '{"a":2}\n',
      stderr: [":2: ", "1e999"],
    });
    (await folder.run(["-e", "row", "in.csv", "--to", "jsonl"])).expect({
      stdout: '{"n":"1e999"}\n',
    });
    (await folder.run(["-e", "row", "in.csv", "--types", "n=number"])).expect({ code: 1, stderr: [":2: ", "1e999"] });
    (await folder.run(["z.ts", "in.csv"])).expect({ code: 1, stderr: [":2: ", "1e999"] });
  });

  test("a message that quotes megabytes shows their start and its own end", async () => {
    const long = "x".repeat(3_000_000);
    const folder = binary.folder({
      "in.csv": `n,m\n${long},1\n`,
      "x.ts": "export default (row) => { throw new Error(`${row.n}: the end`); };",
    });
    for (const [args, end] of [
      [["-e", "row", "in.csv", "--types", "n=int"], "wanted a whole number"],
      [["x.ts", "in.csv"], "the end"],
    ] as const) {
      const ran = await folder.run([...args]);
      ran.expect({ code: 1, stderr: ["in.csv:2: ", "xxx…", end] });
      expect(ran.stderr.length).toBeLessThan(5000);
    }
  });

  test("of keys that stand twice, the last one counts", async () => {
    const folder = binary.folder({ "in.jsonl": '{"a":1,"b":2,"a":3}\n', "in.json": '[{"a":1,"a":3}]' });
    (await folder.run(["-e", "row", "in.jsonl"])).expect({ stdout: '{"a":3,"b":2}\n' });
    (await folder.run(["-e", "row", "in.json", "--to", "jsonl"])).expect({ stdout: '{"a":3}\n' });
  });

  test("NUL bytes in fields and headers stay", async () => {
    const text = "a\0b,c\n\0,1\nx\0y,2\n";
    const folder = binary.folder({ "in.csv": text, "in.jsonl": '{"a\\u0000":"\\u0000"}\n' });
    (await folder.run(["-e", "row", "in.csv"])).expect({ stdout: text });
    (await folder.run(["-e", "row", "in.csv", "--lazy-quotes"])).expect({ stdout: text });
    (await folder.run(["-e", "row", "in.jsonl"])).expect({ stdout: '{"a\\u0000":"\\u0000"}\n' });
  });
});
