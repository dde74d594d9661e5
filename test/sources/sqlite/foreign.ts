/**
 * Databases of SQLite that nobody here has made, from packages of Debian, field by field against a second reader, the
 * `sqlite3` of Python:
 *
 *     bun test/sources/sqlite/foreign.ts [FILE …]
 *
 * Fetches the packages into a folder for the moment and unpacks them there; compares all their tables and views, and further
 * files that are named. Ends with exit code 1 where a field differs.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { $, Glob } from "bun";
import { openSqlite } from "../../../src/sources/sqlite/open.ts";
import { type Fields, fieldsOfSource } from "./read-all.ts";

/** Tables of input methods, systems of coordinates, help books, stars and cities. */
const PACKAGES = [
  "ibus-table-latex",
  "ibus-table-emoji",
  "ibus-table-compose",
  "ibus-table-translit",
  "ibus-table-thai",
  "ibus-table-yawerty",
  "ibus-table-stroke5",
  "ibus-table-cangjie3",
  "libkf5attica-doc",
  "libkf5archive-doc",
  "kstars-data",
  "proj-data",
];

/** Prints the tables of a file, or the rows of one as JSON: `null`, or a text with a character for each byte. */
const SECOND_READER = `
import base64, json, sqlite3, sys
db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
db.text_factory = lambda text: text.decode("latin1")
def field(value):
    if value is None or isinstance(value, str): return value
    if isinstance(value, bytes): return base64.b64encode(value).decode()
    return repr(value)
if len(sys.argv) == 2:
    kinds = "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'"
    print(json.dumps([[name.encode("latin1").decode(), kind, "WITHOUT ROWID" in (sql or "").upper()] for name, kind, sql in db.execute(kinds)]))
else:
    for row in db.execute(sys.argv[2]): print(json.dumps([field(value) for value in row]))
`;

const folder = mkdtempSync(join(tmpdir(), "rowmill-foreign-"));
let [files, differences] = [0, 0];
try {
  for (const name of PACKAGES) {
    await $`apt-get -qq download ${name} && dpkg-deb -x ${name}_*.deb ${name}`.cwd(folder).quiet();
  }
  const found = [...new Glob("**").scanSync({ cwd: folder, dot: true })].map((path) => join(folder, path));
  for (const path of [...found.filter(isDatabase), ...process.argv.slice(2)].toSorted()) {
    files++;
    differences += await compare(path);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${files} files, ${differences} fields that differ`);
process.exitCode = differences > 0 ? 1 : 0;

function isDatabase(path: string): boolean {
  const head = Buffer.alloc(16);
  const file = openSync(path, "r");
  readSync(file, head);
  closeSync(file);
  return head.toString("latin1") === "SQLite format 3\0";
}

/** How many fields of a file are read otherwise. */
async function compare(path: string): Promise<number> {
  const tables = JSON.parse(await $`python3 -c ${SECOND_READER} ${path}`.text()) as [string, string, boolean][];
  let wrong = 0;
  for (const [table, kind, hasNoRowids] of tables) {
    const order = kind === "table" && !hasNoRowids ? " ORDER BY rowid" : "";
    const sql = `SELECT * FROM "${table.replaceAll('"', '""')}"${order}`;
    const theirs = await $`python3 -c ${SECOND_READER} ${path} ${sql}`.text();
    const wanted = theirs
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Fields);
    const name = `${relative(folder, path)}#${table}`;
    const ours = await fieldsOfSource(
      openSqlite({ kind: "sqlite", input: { name, path, member: table }, settings: {} }),
    );
    const before = wrong;
    if (ours.length !== wanted.length) {
      wrong++;
      console.log(`${name}: ${ours.length} rows, wanted ${wanted.length}`);
    }
    for (const [at, row] of wanted.entries()) {
      const own = ours[at] ?? [];
      const different = row.findIndex((field, column) => !isSame(own[column], field));
      if (different < 0 && own.length === row.length) continue;
      if (wrong++ < before + 3)
        console.log(
          `${name}, row ${at + 1}: ${JSON.stringify(own[different])}, wanted ${JSON.stringify(row[different])}`,
        );
    }
    console.log(`${name}: ${wanted.length} rows, ${wanted[0]?.length ?? 0} columns`);
  }
  return wrong;
}

/** A double may be written in several ways. */
function isSame(own: string | null | undefined, wanted: string | null | undefined): boolean {
  if (own === wanted) return true;
  const isNumber = own !== null && wanted !== null && /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(wanted ?? "");
  return isNumber && own !== undefined && own !== "" && !/^-?\d+$/.test(wanted ?? "") && Number(own) === Number(wanted);
}
