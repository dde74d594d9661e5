/**
 * Workbooks between Rowmill and LibreOffice, both ways: what the one writes the other reads.
 *
 *     bun test/targets/libreoffice.ts [--seed N]
 *
 * Runs the compiled binary and `soffice`, which Debian has in libreoffice-calc-nogui. Ends with exit code 1 where rows differ.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "bun";
import { parse } from "csv-parse/sync";
import { Random } from "../faults/random.ts";

const ROWMILL = resolve(import.meta.dir, "../../dist/rowmill");
/** Comma, quotes, UTF-8, values as they are and not as cells show them, all sheets. */
const AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1";
const ROWS = 2000;

const { values } = parseArgs({ options: { seed: { type: "string", default: String(Date.now() % 2 ** 31) } } });
console.log(`seed ${values.seed}`);
const random = new Random(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), "rowmill-libreoffice-"));

interface Row {
  id: number;
  city: string;
  amount: number | null;
  day: string;
  flag: boolean;
  note: string | null;
}

const NOTES = [
  "plain",
  'quoted "a", b',
  "two\nlines",
  "a < b & c",
  " edges ",
  "=1+1",
  "007",
  "1e5",
  "東京 😀",
  "_x000D_",
];

function someRow(id: number): Row {
  const day = new Date(Date.UTC(1900, 2, 1) + random.below(365 * 200) * 86_400_000).toISOString().slice(0, 10);
  return {
    id,
    city: random.pick(["Oslo", "Bergen", "Malmö & Lund"]),
    amount: random.chance(0.1) ? null : random.between(-1e6, 1e6) / 100,
    day,
    flag: random.chance(0.5),
    note: random.chance(0.1) ? null : random.pick(NOTES),
  };
}

/** What LibreOffice writes of a row. */
function ofRow({ id, city, amount, day, flag, note }: Row): string[] {
  return [String(id), city, amount === null ? "" : String(amount), day, flag ? "TRUE" : "FALSE", note ?? ""];
}

function compare(what: string, found: readonly (readonly string[])[], wanted: readonly (readonly string[])[]): void {
  for (const [at, row] of wanted.entries()) {
    if (JSON.stringify(found[at]) === JSON.stringify(row)) continue;
    console.error(`${what}, row ${at}: ${JSON.stringify(found[at])}, wanted ${JSON.stringify(row)}`);
    process.exitCode = 1;
    return;
  }
  if (found.length !== wanted.length) {
    console.error(`${what}: ${found.length} rows, wanted ${wanted.length}`);
    process.exitCode = 1;
  } else console.log(`${what}: ${found.length} rows`);
}

function rowsOf(path: string): string[][] {
  const rows: string[][] = parse(readFileSync(join(folder, path)));
  return rows.slice(1);
}

try {
  const rows = Array.from({ length: ROWS }, (_, id) => someRow(id));
  writeFileSync(join(folder, "in.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const make = `({ ...row, day: new Date(row.day) })`;
  await $`${ROWMILL} -e ${make} in.jsonl -o one.xlsx`.cwd(folder);
  await $`${ROWMILL} -e ${make} in.jsonl --split-by city -o ${"many.xlsx#{city}"}`.cwd(folder);
  await $`soffice --headless --convert-to ${AS_CSV} --outdir csv one.xlsx many.xlsx`.cwd(folder).quiet();
  compare("LibreOffice reads one sheet", rowsOf("csv/one-Sheet1.csv"), rows.map(ofRow));
  for (const city of new Set(rows.map((row) => row.city))) {
    const own = rows.filter((row) => row.city === city).map(ofRow);
    compare(`LibreOffice reads sheet ${city}`, rowsOf(`csv/many-${city}.csv`), own);
  }
  await $`soffice --headless --convert-to xlsx --outdir theirs one.xlsx`.cwd(folder).quiet();
  await $`${ROWMILL} -e row theirs/one.xlsx -o back.csv`.cwd(folder);
  await $`${ROWMILL} -e row one.xlsx -o ours.csv`.cwd(folder);
  compare("what LibreOffice writes of it", rowsOf("back.csv"), rowsOf("ours.csv"));
} finally {
  rmSync(folder, { recursive: true });
}
