// Runs SQL in DuckDB: `node duckdb.mjs FOLDER THREADS SQL`. FOLDER is one whose node_modules holds @duckdb/node-api.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";

const [folder, threads, sql] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(join(folder, "package.json"))("@duckdb/node-api");
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
await connection.run(sql);
