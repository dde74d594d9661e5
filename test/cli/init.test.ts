/** `rowmill init`, `types` and `check`: a folder to start from, typed with nothing installed. */
import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const NAMES = ["ages.ts", "rowmill.d.ts", "scientists.csv", "tsconfig.json"];
const NEXT = /^wrote ages\.ts, scientists\.csv, tsconfig\.json, rowmill\.d\.ts\n\nnext:\n/;

test("what init writes runs, and passes its check, with nothing installed", async () => {
  const folder = binary.folder();
  (await folder.run(["init"])).expect({ stdout: NEXT });
  expect(folder.names()).toEqual(NAMES);
  (await folder.run(["run", "ages.ts", "scientists.csv", "--limit", "1", "--arg", "year=1852"])).expect({
    stdout: "name,age\nAda Lovelace,37\n",
  });
  (await folder.run(["check", "ages.ts"])).expect({});
  expect(folder.names()).toEqual(NAMES);
});

test("the checker alone, as an editor has it, is content with the files of init", async () => {
  const folder = binary.folder();
  (await folder.run(["init", "deep/er"])).expect({ stdout: /\n {2}cd deep\/er\n/ });
  const env = { BUN_BE_BUN: "1" };
  (await folder.run(["check", "-p", "deep/er"], { env })).expect({ stderr: ["No type errors"] });
  folder.write({ "deep/er/ages.ts": folder.read("deep/er/ages.ts").replace("ctx.args", "ctx.arg") });
  (await folder.run(["check", "-p", "deep/er"], { env })).expect({ code: 1, stdout: /'args'/, stderr: [] });
});

test.each(NAMES)("init overwrites nothing, and writes nothing when %s is in the way", async (name) => {
  const folder = binary.folder({ [`a/${name}`]: "mine" });
  (await folder.run(["init", "a"])).expect({
    code: 1,
    stderr: [`this is there already: a/${name}`, "rowmill init DIR"],
  });
  expect(folder.names()).toEqual(["a"]);
  expect(folder.read(`a/${name}`)).toBe("mine");
});

test("init does not write through a link that leads nowhere yet", async () => {
  const folder = binary.folder({ "a/empty": "" });
  symlinkSync("../outside.csv", folder.at("a/scientists.csv"));
  (await folder.run(["init", "a"])).expect({ code: 1, stderr: ["scientists.csv"] });
  expect(folder.names()).toEqual(["a"]);
});

test("init into a file, or with two folders, says so", async () => {
  const folder = binary.folder({ taken: "" });
  (await folder.run(["init", "taken"])).expect({ code: 1, stderr: ["cannot write to taken"] });
  (await folder.run(["init", "a", "b"])).expect({ code: 2, stderr: ["one folder too many: b"] });
});

test("check says file, line and column of each error, and leaves the folder as it is", async () => {
  const folder = binary.folder({
    "sub/t.ts": `import { z } from "zod";
import type { RowContext } from "rowmill";
import { double } from "./double.ts";
export const schema = z.object({ n: z.number() });
export default ({ n }: z.infer<typeof schema>, ctx: RowContext) => ({
  n: double(n.toUpperCase()),
  at: ctx.lin,
});
`,
    "sub/double.ts": "export const double = (n: number): string => n * 2;\n",
  });
  (await folder.run(["check", "sub/t.ts"])).expect({
    code: 1,
    stdout: new RegExp(
      [
        String.raw`sub/double\.ts:1:46: Type 'number' is not assignable to type 'string'\. \(TS2322\)`,
        String.raw`sub/t\.ts:6:15: Property 'toUpperCase' does not exist on type 'number'\. \(TS2339\)`,
        String.raw`sub/t\.ts:7:11: Property 'lin' does not exist on type 'RowContext<unknown>'\. .* \(TS\d+\)`,
      ].join("[^]*"),
    ),
  });
  expect(folder.names()).toEqual(["sub"]);
});

test("check takes the nearest tsconfig.json, and runs no script of the folder", async () => {
  const folder = binary.folder({
    "tsconfig.json": `{ "compilerOptions": { "strict": false, "target": "esnext", "module": "preserve", "paths": { "#/*": ["./lib/*"] } } }`,
    "package.json": `{ "scripts": { "check": "touch ran" } }`,
    "lib/one.ts": "export const one = 1;\n",
    "t.ts": `import { one } from "#/one.ts";\nexport default (row) => ({ ...row, one });\n`,
  });
  (await folder.run(["check", "t.ts"])).expect({ code: 1, stdout: /t\.ts:1:21: An import path can only end with/ });
  folder.write({ "t.ts": `import { one } from "#/one";\nexport default (row) => ({ ...row, one });\n` });
  (await folder.run(["check", "t.ts"])).expect({});
  expect(folder.names()).toEqual(["lib", "package.json", "t.ts", "tsconfig.json"]);
});

test("check knows what transforms use of the runtime", async () => {
  const folder = binary.folder({
    "t.ts": `import { readFileSync } from "node:fs";
const known: string = readFileSync("names.txt", "utf8");
export default async ({ url }: { url: string }) => {
  console.log(Bun.version, process.env["HOME"], Buffer.from(url), new URL(url));
  return { known, status: (await fetch(url)).status };
};
`,
  });
  (await folder.run(["check", "t.ts"])).expect({});
});

test("check without a transform, with two, with none there", async () => {
  const folder = binary.folder({ "a.ts": "", "b/c": "" });
  (await folder.run(["check"])).expect({
    code: 2,
    stderr: ["there is no transform", "rowmill check [options] <transform.ts>"],
  });
  (await folder.run(["check", "a.ts", "b.ts"])).expect({ code: 2, stderr: ["one transform too many: b.ts"] });
  (await folder.run(["check", "no.ts"])).expect({
    code: 1,
    stderr: ["cannot read the transform no.ts", "check the path"],
  });
  (await folder.run(["check", "b"])).expect({ code: 1, stderr: ["it is a folder"] });
});

test("types leaves out what is installed", async () => {
  const folder = binary.folder();
  const zod = 'declare module "zod" {';
  const all = await folder.run(["types"]);
  all.expect({ stdout: /declare module "rowmill" \{[^]*interface RowContext/ });
  expect(all.stdout).toContain(zod);
  folder.write({ "node_modules/zod/package.json": "{}", "node_modules/@types/bun/package.json": "{}" });
  const own = (await folder.run(["types"])).stdout;
  expect(own).toContain('declare module "rowmill" {');
  expect(own).not.toContain(zod);
  expect(own).not.toContain("declare var Bun");
  (await folder.run(["types", "x"])).expect({ code: 2, stderr: ["rowmill types > rowmill.d.ts"] });
});
