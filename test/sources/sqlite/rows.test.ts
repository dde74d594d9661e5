/** Rows of databases of SQLite as CSV: what a plain reading of them gives, however they are put together. */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import type { Source } from "../../../src/sources/source.ts";
import { openSqlite } from "../../../src/sources/sqlite/open.ts";
import { fieldsOf } from "./read-all.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

type Value = string | number | bigint | Uint8Array | null;

/** A file with a table `t`. */
function databaseOf(
  rows: readonly (readonly Value[])[],
  { types, encoding }: { types: string[]; encoding: string },
): string {
  const path = join(folder, `${files++}.db`);
  const database = new Database(path, { safeIntegers: true });
  database.run(`PRAGMA encoding = '${encoding}'`);
  database.run(`CREATE TABLE t (${types.map((type, at) => `c${at} ${type}`).join(", ")})`);
  const insert = database.prepare(`INSERT INTO t VALUES (${types.map(() => "?").join(", ")})`);
  database.transaction(() => {
    for (const row of rows) insert.run(...row);
  })();
  database.close();
  return path;
}

/** Rows as texts, null for null, read one value after another. */
function plainRows(path: string, query: string): (string | null)[][] {
  const database = new Database(path, { readonly: true, safeIntegers: true });
  const rows = database.prepare(query).values() as Value[][];
  database.close();
  return rows.map((row) =>
    row.map((value) => {
      if (value === null || typeof value === "string") return value;
      return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
    }),
  );
}

function open(path: string, sql?: string): Source {
  return openSqlite({
    kind: "sqlite",
    input: { name: path, path, ...(sql !== undefined && { sql }) },
    settings: {},
  });
}

async function convertedRows(source: Source): Promise<(string | null)[][]> {
  const all: (string | null)[][] = [];
  for (let part = 0; part < source.table.parts; part++) {
    for await (const { bytes, rows: count } of source.rows(part)) {
      const found = fieldsOf(Buffer.from(bytes));
      expect(count).toBe(found.length);
      all.push(...found);
    }
  }
  source.close();
  return all;
}

const letter = fc.constantFrom("a", "é", "😀", "\uFFFD", '"', ",", "\n", "\r", "\0", "'", ".", "0", "e", "t", "\u007F");
const text = fc.array(letter, { maxLength: 6 }).map((letters) => letters.join(""));
/** With what stands between fields on the way. */
const strange = fc.array(fc.oneof(letter, fc.constantFrom("\u001C", "\u001D", "\u001E", "\u001F")), { maxLength: 4 });
const double = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(1, -0, 1e21, 1e-7, 0.1, Infinity, -Infinity, 5e-324),
);
const whole = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer().map(BigInt));
const value = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 3, arbitrary: double },
  { weight: 3, arbitrary: whole },
  { weight: 2, arbitrary: fc.constant(null) },
  fc.uint8Array({ maxLength: 4 }),
);
const anything = fc.oneof(
  { weight: 20, arbitrary: value },
  strange.map((letters) => letters.join("")),
);

const types = fc.array(fc.constantFrom("", "TEXT", "INTEGER", "REAL", "NUMERIC", "TEXT COLLATE RTRIM"), {
  minLength: 1,
  maxLength: 4,
});
const tables = fc
  .tuple(types, fc.constantFrom("UTF-8", "UTF-16le"), fc.boolean(), fc.nat(70))
  .chain(([some, encoding, isStrange, extra]) => {
    const all = [...some, ...(extra > 60 ? Array.from({ length: extra }, () => "") : [])];
    const row = fc.array(isStrange ? anything : value, { minLength: all.length, maxLength: all.length });
    return fc.record({
      types: fc.constant(all),
      encoding: fc.constant(encoding),
      rows: fc.array(row, { maxLength: 12 }),
    });
  });

describe("rows are those of a plain reading:", () => {
  test("a table", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ rows, ...table }) => {
        const path = databaseOf(rows, table);
        expect(await convertedRows(open(path))).toEqual(plainRows(path, "SELECT * FROM t ORDER BY rowid"));
        rmSync(path);
      }),
      { numRuns: 200 },
    );
  });

  test("what a query computes", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async ({ rows, ...table }) => {
        const path = databaseOf(rows, table);
        const sql =
          "SELECT c0, c0 AS c0, CASE typeof(c0) WHEN 'text' THEN c0 || '!' END AS \"\", 1.5 * length(c0) FROM t ORDER BY rowid DESC";
        expect(await convertedRows(open(path, `${sql} ; -- all of it`))).toEqual(plainRows(path, sql));
        rmSync(path);
      }),
      { numRuns: 100 },
    );
  });

  test("a large table, in parts", async () => {
    const rows = Array.from({ length: 60_000 }, (_, at): Value[] => [
      at % 7 === 0 ? `a "text", ${at}` : "x".repeat(at % 90),
      at / 7,
      at % 5 === 0 ? "" : null,
      at === 41_003 ? "\u001F" : `row ${at}`,
    ]);
    const path = databaseOf(rows, { types: ["", "REAL", "", ""], encoding: "UTF-8" });
    const database = new Database(path);
    database.run("DELETE FROM t WHERE rowid % 3 = 0 OR rowid BETWEEN 20000 AND 40000");
    database.run("UPDATE t SET rowid = -rowid WHERE rowid > 59000");
    database.close();
    const source = open(path);
    expect(source.table.parts).toBeGreaterThan(2);
    expect(await convertedRows(source)).toEqual(plainRows(path, "SELECT * FROM t ORDER BY rowid"));
  });

  test("texts that are no UTF-8 keep their bytes", async () => {
    const path = join(folder, "latin.db");
    const database = new Database(path);
    database.run("CREATE TABLE t (a, b)");
    database.run("INSERT INTO t VALUES ('é', 1), (CAST(x'e92c' AS TEXT), 0.5)");
    database.close();
    const pieces: Uint8Array[] = [];
    const source = open(path);
    for await (const { bytes } of source.rows(0)) pieces.push(bytes);
    source.close();
    expect(Buffer.concat(pieces).toString("latin1")).toBe(Buffer.from("é,1\n").toString("latin1") + '"é,",0.5\n');
  });
});

test("parts without rows can be handed on, however many there are", async () => {
  const path = join(folder, `${files++}.db`);
  using database = new Database(path);
  database.run("CREATE TABLE t (x TEXT)");
  // Between the numbers of rows there are gaps of whole parts.
  for (const number of [1, 1000, 2000])
    database.run("INSERT INTO t (rowid, x) VALUES (?, ?)", [number, "x".repeat(3 << 20)]);
  const source = open(path);
  let rows = 0;
  for (let part = 0; part < source.table.parts; part++) {
    for await (const piece of source.rows(part)) {
      rows += piece.rows ?? 0;
      structuredClone(piece.bytes, { transfer: [piece.bytes.buffer] });
    }
  }
  source.close();
  expect(source.table.parts).toBeGreaterThan(4);
  expect(rows).toBe(3);
});
