/** Runs the examples in the docstrings of `Pool`, each as the file that a reader would make of it. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const folder = mkdtempSync(path.join(tmpdir(), "rowmill-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

const url = new URL("../../src/pool/pool.ts", import.meta.url);
const source = await Bun.file(url).text();
const examples = [...source.matchAll(/@example.*\n\s*\* ```ts\n([^]*?)\* ```/g)].map(([, body = ""]) =>
  body.replaceAll(/^\s*\* ?/gm, "").replace('from "rowmill"', `from ${JSON.stringify(url.pathname)}`),
);

test("every method has an example", () => {
  expect(examples).toHaveLength(9);
});

test.each(examples.map((text, index) => ({ index, text })))("example $index of Pool holds", async ({ index, text }) => {
  const file = path.join(folder, `example-${index}.ts`);
  await Bun.write(file, text);
  const run = Bun.spawnSync([process.execPath, file]);
  expect(run.stderr.toString()).toBe("");
  expect(run.exitCode).toBe(0);
});
