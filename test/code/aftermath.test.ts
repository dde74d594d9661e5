/** Which code may begin what goes on when it has returned. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mayGoOn, moduleMayGoOn } from "../../src/code/aftermath.ts";

describe("mayGoOn()", () => {
  test.each([
    "async (row) => row",
    "(row) => { Promise.reject(row); return row; }",
    "(row) => { setTimeout(() => { throw row; }); return row; }",
    "(row) => { queueMicrotask(() => { throw row; }); return row; }",
    "(row) => { fetch(row.url); return row; }",
    "(row) => { void Array.fromAsync(null); return row; }",
    'globalThis["set" + "Timeout"](() => {})',
    "new WebSocket(row.url)",
    "new EventSource(row.url)",
    "row.a.constructor",
    "row.p.then(f)",
    'import("node:fs")',
    "Bun.file(row.a)",
    "\\u0061wait",
  ])("%s may", (code) => {
    expect(mayGoOn(code)).toBe(true);
  });

  test.each([
    "{ name, age: 2017 - born }",
    "row.source === row.target && row.port > 80",
    "export default ({ name }) => ({ name: name.trim() })",
    "{ ...row, event: row.events.length }",
    "JSON.parse(row.json).map((x) => x.id)",
  ])("%s may not", (code) => {
    expect(mayGoOn(code)).toBe(false);
  });
});

test("a module may not whose imports are types and schemas", () => {
  const folder = mkdtempSync(join(tmpdir(), "rowmill-aftermath-"));
  const moduleOf = (text: string): string => {
    const path = join(folder, "t.ts");
    writeFileSync(path, text);
    return path;
  };
  const call = "export default (row: Row) => ({ ...row });\n";
  expect(moduleMayGoOn(moduleOf(`import { z } from "zod";\nimport type { Row } from "./row.ts";\n${call}`))).toBe(
    false,
  );
  expect(moduleMayGoOn(moduleOf(`import { z } from "zod";\nimport { f } from "./f.ts";\n${call}`))).toBe(true);
  expect(moduleMayGoOn(moduleOf(`import "./f.ts";\n${call}`))).toBe(true);
  expect(moduleMayGoOn(moduleOf(`export { default } from "./f.ts";\n`))).toBe(true);
  expect(moduleMayGoOn(join(folder, "missing.ts"))).toBe(true);
  rmSync(folder, { recursive: true });
});
