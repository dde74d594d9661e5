/**
 * Workbooks that nobody here has made, from packages of npm and Debian, cell by cell against a second reader:
 *
 *     bun test/sources/xlsx/foreign.ts [FILE.xlsx …]
 *
 * Installs the packages into a folder for the moment, with the second reader among them, and compares further files that are
 * named. LibreOffice, where it is installed, makes workbooks of those that are older. Ends with exit code 1 where a cell
 * differs. Needs apt-get and dpkg-deb.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { parse } from "csv-parse/sync";
import { openXlsx } from "../../../src/sources/xlsx/open.ts";
import { Packages } from "../../foreign/packages.ts";

/** The reader, and packages with workbooks of Excel for Windows and Mac, Google Sheets, LibreOffice and libraries. */
const PACKAGES = {
  xlsx: "0.18.5",
  "xlsx-stream-reader": "1.1.1",
  "convert-excel-to-json": "1.7.0",
  "excel-stream": "1.1.1",
  "xlsx-populate": "1.21.0",
  "xlsx-to-json-lc": "0.5.0",
  excel: "0.1.7",
};

/** Packages of R that read workbooks and write them. */
const DEBIAN = ["r-cran-readxl", "r-cran-openxlsx"];

/** What is used of the second reader. */
interface SecondReader {
  read(
    bytes: Uint8Array,
    options: object,
  ): {
    SheetNames: string[];
    Sheets: Record<string, Record<string, Cell>>;
    Workbook?: { WBProps?: { date1904?: boolean } };
  };
  utils: { encode_cell(place: { r: number; c: number }): string };
  SSF: {
    is_date(format: string): boolean;
    parse_date_code(value: number, options: object): Record<"y" | "m" | "d" | "H" | "M" | "S", number> | null;
  };
}

interface Cell {
  t: string;
  v?: string | number | boolean;
  w?: string;
  z?: string;
}

const packages = new Packages();
let differences = 0;
try {
  await Promise.all([packages.debian(DEBIAN), packages.npm(PACKAGES)]);
  await convert(packages.files(/\.xls$/));
  const reader = (await packages.module("xlsx/xlsx.mjs")) as SecondReader;
  for (const path of [...packages.files(/\.xlsx$/), ...process.argv.slice(2)])
    differences += await compare(path, reader);
} finally {
  packages.remove();
}
console.log(differences === 0 ? "all is the same" : `${differences} cells differ`);
process.exitCode = differences > 0 ? 1 : 0;

/** Has LibreOffice write them as workbooks of today. */
async function convert(paths: string[]): Promise<void> {
  if (Bun.which("soffice") === null) {
    console.log("LibreOffice is not installed");
    return;
  }
  const to = join(packages.folder, "libreoffice");
  mkdirSync(to, { recursive: true });
  // A profile of its own: another office may be open.
  const profile = `-env:UserInstallation=file://${join(packages.folder, "profile")}`;
  await $`soffice ${profile} --headless --convert-to xlsx --outdir ${to} ${paths}`.quiet();
}

/** How many cells of a workbook are read otherwise. */
async function compare(path: string, reader: SecondReader): Promise<number> {
  const name = packages.shown(path);
  const bytes = await Bun.file(path).bytes();
  // What is encrypted is neither's.
  if (bytes[0] !== 0x50) return 0;
  const book = reader.read(bytes, { cellNF: true });
  const is1904 = book.Workbook?.WBProps?.date1904 === true;
  let wrong = 0;
  for (const sheet of book.SheetNames) {
    const cells = book.Sheets[sheet] ?? {};
    const ours = await cellsOf(path, sheet, reader);
    let count = 0;
    for (const [address, cell] of Object.entries(cells)) {
      if (address.startsWith("!")) continue;
      const own = ours.get(address);
      ours.delete(address);
      if (cell.v === undefined || cell.v === "") continue;
      count++;
      const wanted = textsOf(cell, { reader, is1904 });
      if (own !== undefined && (wanted.includes(own) || (cell.t === "n" && Number(own) === cell.v))) continue;
      if (wrong++ < 5)
        console.log(`${name}, ${sheet}!${address}: ${JSON.stringify(own)}, wanted ${JSON.stringify(wanted)}`);
    }
    for (const [address, own] of ours)
      if (wrong++ < 5) console.log(`${name}, ${sheet}!${address}: ${JSON.stringify(own)}, and nobody else reads it`);
    console.log(`${name}, ${sheet}: ${count} cells`);
  }
  return wrong;
}

/** The cells of a sheet as a source gives them, by their addresses. */
async function cellsOf(path: string, member: string, { utils }: SecondReader): Promise<Map<string, string>> {
  const input = { name: `${path}#${member}`, path, member };
  const source = await openXlsx({ kind: "xlsx", input, settings: { noHeaders: true } });
  const { table } = source;
  const columns = table.columns.map(({ name }) => Number(name.slice(1)) - 1);
  const cells = new Map<string, string>();
  if (table.parts === 0) return cells;
  let text = "";
  const lines = new Map<number, number>();
  for await (const piece of source.rows(0)) {
    text += Buffer.from(piece.bytes).toString();
    for (const { row, line } of piece.lines ?? []) lines.set(row, line);
  }
  let line = 1;
  const records: string[][] = parse(text, { relax_column_count: true });
  for (const [row, fields] of records.entries()) {
    line = lines.get(row) ?? line;
    for (const [at, field] of fields.entries())
      if (field !== "")
        cells.set(utils.encode_cell({ r: line - 1, c: columns[at] ?? -1 }), field.replaceAll("\r\n", "\n"));
    line++;
  }
  return cells;
}

/** What may be written of a cell of the second reader: of a date the day, the time, or both. */
function textsOf(
  { t, v, w, z }: Cell,
  { reader: { SSF }, is1904 }: { reader: SecondReader; is1904: boolean },
): string[] {
  if (t === "e") return [w ?? ""];
  if (t !== "n" || z === undefined || !SSF.is_date(z)) return [String(v).replaceAll("\r\n", "\n")];
  const date = SSF.parse_date_code(Number(v), { date1904: is1904 });
  if (date === null) return [String(v)];
  const day = `${date.y}-${two(date.m)}-${two(date.d)}`;
  const time = `${two(date.H)}:${two(date.M)}:${two(date.S)}`;
  return [day, time, `${day}T${time}`];
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
