// Prints the rows of a query as JSON: node duckdb-query.mjs FOLDER SQL, where FOLDER has @duckdb/node-api.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder = "", sql = ""] = process.argv.slice(2);
const entry = createRequire(join(resolve(folder), "package.json")).resolve("@duckdb/node-api");
const { DuckDBInstance } = await import(pathToFileURL(entry).href);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const found = await connection.runAndReadAll(sql);
console.log(JSON.stringify(found.getRowsJson()));
