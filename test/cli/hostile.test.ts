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
