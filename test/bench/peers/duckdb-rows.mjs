// Runs SQL in DuckDB, query by query: `node duckdb-rows.mjs FOLDER`, one JSON string a line on standard input; the rows of
// each come back as a line of JSON. FOLDER is one whose node_modules holds @duckdb/node-api.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

const [folder] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(join(folder, "package.json"))("@duckdb/node-api");
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const reader = await connection.runAndReadAll(JSON.parse(line));
    console.log(JSON.stringify({ rows: reader.getRowsJson() }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
