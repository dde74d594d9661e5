/** Tables of SQLite as they are written, whatever the pieces in which rows come: what is read back is what was given. */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { openSqliteTable } from "../../src/databases/sqlite/open.ts";
import type { AskedTable } from "../../src/databases/table.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-table-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function setUp(): AskedTable {
  const path = join(folder, `${files++}.db`);
  return { kind: "sqlite", name: "app.db#t", path, table: "t", replaces: false, onConflict: "fail", inputs: [] };
}

async function write(setup: AskedTable, lines: string): Promise<void> {
  const target = openSqliteTable(setup);
  try {
    await target.write(Buffer.from(lines));
    await target.commit();
  } catch (error) {
    await target.abandon();
    throw error;
  }
}

function inDatabase({ path }: AskedTable, ...statements: string[]): void {
  const database = new Database(path);
  for (const sql of statements) database.run(sql);
  database.close();
}

function rowsOf({ path }: AskedTable, sql = "SELECT * FROM t"): unknown[][] {
  const database = new Database(path, { readonly: true, safeIntegers: true });
  const rows = database.prepare(sql).values();
  database.close();
  return rows;
}

type Case = [field: string, value: unknown];

const text = fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "\n", "\0") });
const fraction = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n));
const field = fc.oneof(
  fc.constant<Case>(["", null]),
  text.map((one): Case => [`"${one.replaceAll('"', '""')}"`, one]),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n): Case => [String(n), n]),
  fraction.map((n): Case => [String(n), n]),
);

test("values are as they were given, however they come in pieces", async () => {
  const rows = fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(rows, fc.array(fc.nat(30), { maxLength: 4 }), async (given, cuts) => {
      const lines = ['"a","b","c"\n', ...given.map((row) => `${row.map(([one]) => one).join(",")}\n`)];
      const setup = setUp();
      const target = openSqliteTable(setup);
      let start = 0;
      for (const end of [...cuts.toSorted((a, b) => a - b), lines.length]) {
        await target.write(Buffer.from(lines.slice(start, end).join("")));
        start = Math.max(start, end);
      }
      await target.commit();
      // Where a column has fractions, its whole numbers are doubles, too.
      const found = rowsOf(setup).map((row) => row.map(String));
      expect(found).toEqual(given.map((row) => row.map(([, value]) => String(value))));
      rmSync(setup.path);
    }),
    { numRuns: 60 },
  );
});

describe("a table", () => {
  test("is made with types of the first thousand rows, and takes other values after them", async () => {
    const setup = setUp();
    const names = ["whole", "number", "flag", "text", "date", "json", "none", "one"];
    const header = `${names.map((name) => `"${name}"`).join(",")}\n`;
    const rows = Array.from(
      { length: 1000 },
      (_, at) => `${at},${at}.5,true,"x",2024-01-01T00:00:00.000Z,{"""a"":1}",,1\n`,
    );
    const last = '"w",1,"f",5,"d",7,9223372036854775807,"m"\n';
    await write(setup, header + rows.join("") + last);
    const [[sql] = []] = rowsOf(setup, "SELECT sql FROM sqlite_schema");
    expect(String(sql)).toBe(
      'CREATE TABLE "t" ("whole" INTEGER, "number" REAL, "flag" BOOLEAN, "text" TEXT, "date" TEXT, "json" TEXT, "none", "one" INTEGER)',
    );
    expect(rowsOf(setup, "SELECT * FROM t WHERE rowid = 1001")).toEqual([
      ["w", 1, "f", "5", "d", "7", 9223372036854775807n, "m"],
    ]);
  });

  test("gets rows by the names of its columns", async () => {
    const setup = setUp();
    inDatabase(
      setup,
      "CREATE TABLE T (id INTEGER PRIMARY KEY, name TEXT, n DEFAULT 7)",
      "INSERT INTO t VALUES (1, 'one', 1)",
    );
    await write(setup, '"NAME","id"\n"two",2\n');
    expect(rowsOf(setup)).toEqual([
      [1n, "one", 1n],
      [2n, "two", 7n],
    ]);
    await write({ ...setup, onConflict: "ignore" }, '"id","name"\n2,"zwei"\n3,"drei"\n');
    await write({ ...setup, onConflict: "replace" }, '"id","name"\n1,"eins"\n');
    expect(rowsOf(setup)).toEqual([
      [1n, "eins", 1n],
      [2n, "two", 7n],
      [3n, "drei", 7n],
    ]);
    await write({ ...setup, replaces: true }, '"id"\n9\n');
    expect(rowsOf(setup)).toEqual([[9n, null, 7n]]);
  });

  const FAILURES: [lines: string, message: string, given?: Partial<AskedTable>][] = [
    ['"id","name"\n2,"two"\n1,"again"\n', "row 2 of the output: UNIQUE constraint failed: t.id"],
    ['"id","name"\n2,"two"\n3,\n', "row 2 of the output: NOT NULL constraint failed: t.name"],
    ['"id","name"\n9223372036854775809,"x"\n', "has more digits than a value of INTEGER"],
    ['"id","other"\n2,"two"\n', "the table has no column other"],
    ['"a"\n1\n', "no key by which rows could be the same", { table: "plain", onConflict: "ignore" }],
    ['"a"\n1\n', "no key by which rows could be the same", { table: "new", onConflict: "replace" }],
    ['"a"\n9007199254740993\n', "has more digits than a value of DOUBLE", { table: "doubles" }],
    ['"a"\n1\n', "seen is a view", { table: "seen" }],
  ];
  for (const [lines, message, given] of FAILURES) {
    test(`stays as it is: ${message}`, async () => {
      const setup = setUp();
      inDatabase(
        setup,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "INSERT INTO t VALUES (1, 'one')",
        "CREATE TABLE plain (a)",
        "CREATE TABLE doubles (a DOUBLE)",
        "CREATE VIEW seen AS SELECT 1 AS a",
      );
      expect(write({ ...setup, ...given }, lines)).rejects.toThrow(message);
      expect(rowsOf(setup)).toEqual([[1n, "one"]]);
    });
  }

  test("stays as it is when all is abandoned", async () => {
    const setup = setUp();
    await write(setup, '"id"\n1\n');
    const target = openSqliteTable({ ...setup, replaces: true });
    await target.write(Buffer.from('"id"\n5\n'));
    await target.abandon();
    expect(rowsOf(setup)).toEqual([[1n]]);
  });

  test("whose file is new leaves none when it is abandoned, or has no columns", async () => {
    const setup = setUp();
    const target = openSqliteTable(setup);
    await target.write(Buffer.from('"a"\n1\n'));
    await target.abandon();
    expect(existsSync(setup.path)).toBe(false);
    const empty = openSqliteTable(setup);
    expect(await empty.commit()).toEqual([expect.stringContaining("no columns are known")]);
    expect(existsSync(setup.path)).toBe(false);
  });
});
