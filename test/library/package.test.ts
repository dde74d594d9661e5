import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const CHECKOUT = resolve(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "rowmill-package-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
import { Pool, parse, run, stringify } from "rowmill";

interface Scientist { name: string; born: number }
const scientists: Scientist[] = [{ name: "Ada Lovelace", born: 1815 }, { name: "Emmy Noether", born: 1882 }];
await using pool = new Pool({ jobs: 2 });
const ages = await pool.map(({ name, born }: Scientist) => ({ name, age: 2017 - born }), scientists);
const summary = await run({ expression: "{ name, age: 2017 - born }", inputs: ["scientists.csv"], output: "ages.jsonl" });
const file = await Bun.file("ages.jsonl").text();
console.log(JSON.stringify({ ages, summary, lines: file.split("\\n").length - 1, csv: parse(stringify([["a", "b,c"]], { crlf: false })) }));
`;

function sh(command: string[], cwd: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd, stdout: "pipe", stderr: "pipe" });
  if (exitCode !== 0)
    throw new Error(`${command.join(" ")} ended with ${exitCode}:\n${stdout.toString()}\n${stderr.toString()}`);
  return stdout.toString();
}

test("the packed package installs into another project and works there", () => {
  // To pack builds the kernel, which other tests may be loading from the checkout at this moment.
  const copy = join(folder, "checkout");
  const { files } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as { files: string[] };
  for (const name of ["package.json", ...files]) cpSync(join(CHECKOUT, name), join(copy, name), { recursive: true });
  symlinkSync(join(CHECKOUT, "node_modules"), join(copy, "node_modules"));
  sh([process.execPath, "pm", "pack", "--destination", folder], copy);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  const app = join(folder, "app");
  cpSync(join(CHECKOUT, "test/fixtures/scientists.csv"), join(app, "scientists.csv"));
  writeFileSync(join(app, "package.json"), '{ "name": "app", "type": "module" }');
  sh([process.execPath, "add", join(folder, tarball ?? "no tarball")], app);
  writeFileSync(join(app, "program.ts"), PROGRAM);
  expect(JSON.parse(sh([process.execPath, "program.ts"], app))).toEqual({
    ages: [
      { name: "Ada Lovelace", age: 202 },
      { name: "Emmy Noether", age: 135 },
    ],
    summary: {
      rowsIn: 7,
      rowsMapped: 7,
      rowsDropped: 0,
      rowsFailed: 0,
      rowsOut: 7,
      blankLines: 0,
      isCutShort: false,
      isResumed: false,
      notices: [],
      ms: expect.any(Number),
      rowsPerSecond: expect.any(Number),
      bytesPerSecond: expect.any(Number),
      times: expect.any(Object),
      parentMs: expect.any(Number),
      stretches: { joined: 0, again: 0 },
      workers: [expect.objectContaining({ worker: 0, rows: 7 })],
    },
    lines: 7,
    csv: [["a", "b,c"]],
  });
});
