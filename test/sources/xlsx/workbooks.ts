/** Workbooks for tests, put together from XML, and what is read of them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openXlsx } from "../../../src/sources/xlsx/open.ts";
import type { SourceColumn } from "../../../src/sources/source.ts";
import { zipOf } from "../../io/zip-writer.ts";

const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships";
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

interface MadeSheet {
  name: string;
  /** What stands in its `sheetData`. */
  rows: string;
  /** What stands behind that. */
  behind?: string;
  state?: "hidden" | "veryHidden";
}

export interface MadeWorkbook {
  sheets: readonly MadeSheet[];
  /** The inside of each shared text. */
  shared?: readonly string[];
  /** Codes of formats: the style of a cell is the number of its code here, from 1. A number is a format that is built in. */
  formats?: readonly (string | number)[];
  is1904?: boolean;
  /** Parts in the place of those that are made. */
  parts?: Readonly<Record<string, string | Buffer>>;
}

function relationship(id: string, kind: string, target: string): string {
  return `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;
}

function relationships(all: readonly string[]): string {
  return `${HEAD}<Relationships xmlns="${PACKAGE}">${all.join("")}</Relationships>`;
}

function sheetXml({ rows, behind = "" }: Pick<MadeSheet, "rows" | "behind">): string {
  return `${HEAD}<worksheet xmlns="${MAIN}"><dimension ref="A1"/><sheetData>${rows}</sheetData>${behind}</worksheet>`;
}

function stylesXml(formats: readonly (string | number)[]): string {
  const codes = formats.flatMap((code, at) =>
    typeof code === "string" ? [`<numFmt numFmtId="${164 + at}" formatCode="${code.replaceAll('"', "&quot;")}"/>`] : [],
  );
  const xfs = formats.map((code, at) => `<xf numFmtId="${typeof code === "string" ? 164 + at : code}"/>`);
  return `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="${codes.length}">${codes.join("")}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${xfs.join("")}</cellXfs></styleSheet>`;
}

export function workbook(made: MadeWorkbook): Buffer {
  return zipOf(Object.entries(workbookParts(made)).map(([name, data]) => ({ name, data: Buffer.from(data) })));
}

/** The parts of a workbook by their names. */
export function workbookParts({
  sheets,
  shared = [],
  formats = [],
  is1904 = false,
  parts = {},
}: MadeWorkbook): Record<string, string | Buffer> {
  return {
    "[Content_Types].xml": `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    "_rels/.rels": relationships([relationship("rId1", "officeDocument", "xl/workbook.xml")]),
    "xl/workbook.xml": `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr${is1904 ? ' date1904="1"' : ""}/><sheets>${sheets
      .map(
        ({ name, state }, at) =>
          `<sheet name="${name}" sheetId="${at + 1}"${state ? ` state="${state}"` : ""} r:id="s${at}"/>`,
      )
      .join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": relationships([
      ...sheets.map((_, at) => relationship(`s${at}`, "worksheet", `worksheets/sheet${at + 1}.xml`)),
      relationship("strings", "sharedStrings", "sharedStrings.xml"),
      relationship("styles", "styles", "/xl/styles.xml"),
    ]),
    "xl/sharedStrings.xml": `${HEAD}<sst xmlns="${MAIN}">${shared.map((inside) => `<si>${inside}</si>`).join("")}</sst>`,
    "xl/styles.xml": stylesXml(formats),
    ...Object.fromEntries(sheets.map((sheet, at) => [`xl/worksheets/sheet${at + 1}.xml`, sheetXml(sheet)])),
    ...parts,
  };
}

/** What is read of a workbook. */
export interface ReadBook {
  columns: readonly SourceColumn[];
  text: string;
  /** The line of each row. */
  lines: number[];
  notices: string[];
}

/** Reads a workbook as a source does, a part after the other. */
export async function readBook(bytes: Uint8Array, settings: Readonly<Record<string, unknown>> = {}): Promise<ReadBook> {
  const folder = mkdtempSync(join(tmpdir(), "rowmill-xlsx-"));
  try {
    const path = join(folder, "book.xlsx");
    writeFileSync(path, bytes);
    const source = await openXlsx({ kind: "xlsx", input: { name: path, path }, settings });
    const { table } = source;
    let text = "";
    const lines: number[] = [];
    for (let part = 0; part < table.parts; part++) {
      const marks = new Map<number, number>();
      let [count, line] = [0, 1];
      for await (const rows of source.rows(part)) {
        text += Buffer.from(rows.bytes).toString();
        for (const mark of rows.lines ?? []) marks.set(mark.row, mark.line);
        for (let end = count + (rows.rows ?? 0); count < end; count++) {
          line = marks.get(count) ?? line;
          lines.push(line++);
        }
      }
    }
    const notices = [...(table.notices ?? []), ...(source.found?.() ?? [])];
    return { columns: table.columns, text, lines, notices: notices.map((one) => one.replaceAll(path, "book.xlsx")) };
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(`${folder}/`, "");
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
