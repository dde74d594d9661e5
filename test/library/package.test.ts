/** The package as people get it: packed, installed into a project of their own, and used there. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pack, writePackage } from "../package.ts";

const TEST = resolve(import.meta.dir, "..");
const folder = mkdtempSync(join(tmpdir(), "rowmill-package-"));
const app = join(folder, "app");
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
import { Pool, parse, readRows, run, stringify } from "rowmill";

interface Scientist { name: string; born: number }
const scientists: Scientist[] = [{ name: "Ada Lovelace", born: 1815 }, { name: "Emmy Noether", born: 1882 }];
await using pool = new Pool({ jobs: 2 });
const ages = await pool.map(({ name, born }: Scientist) => ({ name, age: 2017 - born }), scientists);
const summary = await run({ transform: "age.ts", inputs: ["scientists.csv"], output: "ages.jsonl" });
console.log(JSON.stringify({ ages, rowsOut: summary.rowsOut, last: readRows("ages.jsonl").at(-1), csv: parse(stringify([["a", "b,c"]], { crlf: false })) }));
`;
const TRANSFORM = `
import { z } from "zod";
export const schema = z.object({ name: z.string(), born: z.coerce.number() });
export default ({ name, born }: z.infer<typeof schema>) => ({ name, age: 2017 - born });
`;

function sh(command: string[], cwd: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd, stdout: "pipe", stderr: "pipe" });
  if (exitCode !== 0)
    throw new Error(`${command.join(" ")} ended with ${exitCode}:\n${stdout.toString()}\n${stderr.toString()}`);
  return stdout.toString();
}

/** Whether the `node` that is here can run the package at all. */
const node = Bun.which("node");
const hasNode = node !== null && Number(sh([node, "-p", "process.versions.node.split('.')[0]"], folder)) >= 22;

beforeAll(async () => {
  await writePackage(join(folder, "package"));
  const tarball = pack(join(folder, "package"), folder);
  cpSync(join(TEST, "fixtures/scientists.csv"), join(app, "scientists.csv"));
  writeFileSync(join(app, "package.json"), '{ "name": "app", "type": "module" }');
  sh([process.execPath, "add", tarball], app);
  writeFileSync(join(app, "all.ts"), PROGRAM);
  writeFileSync(join(app, "age.ts"), TRANSFORM);
  for (const name of ["program.ts", "typed.ts"]) cpSync(join(TEST, "package", name), join(app, name));
}, 60_000);

const ALL = {
  ages: [
    { name: "Ada Lovelace", age: 202 },
    { name: "Emmy Noether", age: 135 },
  ],
  rowsOut: 7,
  last: { name: "Sally Ride", age: 66 },
  csv: [["a", "b,c"]],
};

test("a program uses all of it on Bun, with nothing else installed", () => {
  expect(JSON.parse(sh([process.execPath, "all.ts"], app))).toEqual(ALL);
  expect(sh(["ls", join(app, "node_modules")], app)).toBe("rowmill\n");
});

test("what a bundler makes of a program finds its workers", () => {
  const elsewhere = join(folder, "elsewhere");
  cpSync(join(TEST, "fixtures/scientists.csv"), join(elsewhere, "scientists.csv"));
  writeFileSync(join(elsewhere, "age.ts"), TRANSFORM);
  sh([process.execPath, "build", "--target=bun", "all.ts", "--outdir=bundle"], app);
  expect(JSON.parse(sh([process.execPath, join(app, "bundle/all.js")], elsewhere))).toEqual(ALL);
  sh([process.execPath, "build", "--compile", "program.ts", "--outfile=compiled"], app);
  expect(sh([join(app, "compiled")], elsewhere)).toBe("202 135 rejected\n");
});

test("the build for Node runs on Bun as well", () => {
  const file = "./node_modules/rowmill/lib/node/index.js";
  writeFileSync(join(app, "other.ts"), readFileSync(join(app, "program.ts"), "utf8").replace('"rowmill"', `"${file}"`));
  expect(sh([process.execPath, "other.ts"], app)).toBe("202 135 rejected\n");
});

test.skipIf(!hasNode)("a pool works on Node; run() says what it needs", () => {
  sh([process.execPath, "build", "--target=node", "--packages=external", "program.ts", "--outfile=program.mjs"], app);
  expect(sh(["node", "program.mjs"], app)).toBe("202 135 rejected\n");
  writeFileSync(
    join(app, "run.mjs"),
    'import { run } from "rowmill";\nawait run({}).catch((e) => console.log(e.message));\n',
  );
  expect(sh(["node", "run.mjs"], app)).toStartWith("run() needs Bun 1.4.5 or later, and this is Node ");
});

test.each([
  ["nodenext", { module: "nodenext" }],
  ["bundler", { module: "esnext", moduleResolution: "bundler" }],
  ["no settings", {}],
])("its types are right, and complete: %s", (_, settings) => {
  const compilerOptions = { ...settings, noEmit: true, strict: true, types: [] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, "check"], { cwd: app });
  expect({ exitCode, text: `${stdout.toString()}${stderr.toString()}` }).toEqual({
    exitCode: 0,
    text: expect.stringContaining("No type errors"),
  });
});
