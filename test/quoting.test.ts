/**
 * Examples as they are quoted in cmd and PowerShell (docs/windows-macos.md): taken apart as these do, they give what they
 * give in bash; and those of the README are there.
 */
import { afterAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "..");
const BINARY = join(ROOT, "dist/rowmill");
const folder = mkdtempSync(join(tmpdir(), "rowmill-quoting-"));
afterAll(() => rmSync(folder, { recursive: true }));
copyFileSync(join(ROOT, "test/fixtures/scientists.csv"), join(folder, "scientists.csv"));
writeFileSync(join(folder, "a.csv"), "name\nO'Neill\nAda\n");
writeFileSync(join(folder, "a.log"), "127.0.0.1 GET /\n::1 PUT /a b\n");
mkdirSync(join(folder, "data"));
for (const name of ["one", "two"]) writeFileSync(join(folder, `data/${name}.csv`), `a\n${name}\n`);

interface Example {
  bash: string;
  cmd: string;
  powershell: string;
}

const page = readFileSync(join(ROOT, "docs/windows-macos.md"), "utf8");
const examples = [...page.matchAll(/^\|(.*)\|$/gm)]
  .map(([, cells = ""]) => cells.split(" | ").map(codeOf))
  .filter(([bash]) => bash?.startsWith("rowmill ") === true)
  .map(([bash = "", cmd = "", powershell = ""]): Example => ({ bash, cmd, powershell }));

/** What stands in a cell, between backticks: two of them, where it holds one. */
function codeOf(cell: string): string {
  return /^(?<ticks>`+) ?(?<code>.*?) ?\k<ticks>$/.exec(cell.trim())?.groups?.["code"] ?? "";
}

/** Words of a command line, as programs of Windows take it apart: cmd hands it on as it is. */
function wordsOfCmd(line: string): string[] {
  const words = line.match(/(?:"(?:\\"|[^"])*"|[^\s"])+/g) ?? [];
  return words.map((word) => word.replaceAll(/"((?:\\"|[^"])*)"/g, (_, inner: string) => inner.replaceAll('\\"', '"')));
}

/** Words as PowerShell takes them apart, where nothing but single quotes is used. */
function wordsOfPowerShell(line: string): string[] {
  const words = line.match(/(?:'(?:''|[^'])*'|[^\s'])+/g) ?? [];
  return words.map((word) => word.replaceAll(/'((?:''|[^'])*)'/g, (_, inner: string) => inner.replaceAll("''", "'")));
}

function outcome(command: readonly string[]): { text: string; errors: string } {
  const env = { PATH: `${join(ROOT, "dist")}:${process.env["PATH"] ?? ""}` };
  const { stdout, stderr } = Bun.spawnSync([...command], { cwd: folder, env, stdin: "ignore", stderr: "pipe" });
  return { text: stdout.toString(), errors: stderr.toString() };
}

test.each(examples)("$bash", ({ bash, cmd, powershell }) => {
  const wanted = outcome(["bash", "-c", bash]);
  expect(wanted.errors).toBe("");
  expect(wanted.text).not.toBe("");
  // Double quotes within are lost in version 5.1; a percent sign and a variable are something else to the shells.
  expect(powershell.replaceAll(/'(?:''|[^'])*'/g, "")).not.toMatch(/["$@{}]/);
  expect(powershell).not.toContain('"');
  expect(cmd).not.toContain("%");
  expect(cmd.replaceAll(/"(?:\\"|[^"])*"/g, "")).not.toMatch(/['^&|<>]/);
  expect(outcome([BINARY, ...wordsOfCmd(cmd).slice(1)])).toEqual(wanted);
  expect(outcome([BINARY, ...wordsOfPowerShell(powershell).slice(1)])).toEqual(wanted);
});

test("every example of the README that needs quotes is there", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const quoted = [...readme.matchAll(/^\$ (rowmill .*'.*)$/gm)].map(([, line = ""]) => line);
  expect(quoted.length).toBeGreaterThan(3);
  expect(quoted.filter((line) => !examples.some(({ bash }) => bash === line))).toEqual([]);
});
