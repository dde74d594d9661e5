/**
 * Reads workbooks of Excel. Sheets are read as streams, and are the parts of what is read; what is kept of a workbook is
 * the texts that its cells share, and the kinds of their formats.
 */
import { RowmillError } from "../../errors.ts";
import type { Source, SourceColumn, SourcePlaces, SourceRows, SourceSetup } from "../source.ts";
import { Package } from "./package.ts";
import { readSharedStrings } from "./shared-strings.ts";
import { type OpenSheet, type TableColumn, type TableSetup, tableColumns } from "./sheet-layout.ts";
import { BOOLEAN, NUMBER, SheetRows } from "./sheet-rows.ts";
import { sheetText } from "./sheet-text.ts";
import { type Sheet, readWorkbook } from "./workbook.ts";

/** Stands for all sheets that are not hidden. */
const ALL = "*";

/** What is read of a sheet. */
interface ReadSheet {
  sheet: Sheet;
  /** The line of its header. */
  header: number;
  /** Its columns, in the order of those of the first one. */
  columns: readonly TableColumn[];
}

/** @throws {RowmillError} `input`, when there is no such file or sheet, or it is no workbook. */
export async function openXlsx({ input, settings }: SourceSetup): Promise<Source> {
  const { name, path, member } = input;
  if (path.includes("://"))
    throw new RowmillError("input", `cannot read ${name}: a workbook is not read from its start to its end`, {
      hint: "fetch it first: curl -O ADDRESS",
    });
  const file = member === undefined ? name : name.slice(0, -member.length - 1);
  const book = await Package.open(file);
  const workbook = await readWorkbook(book);
  const said = settings["sheet"] as string | undefined;
  if (said !== undefined && member !== undefined && said !== member)
    throw new RowmillError("input", `cannot read ${name}: --sheet ${said} says another sheet than the name`, {
      hint: "leave one of them out",
    });
  const { sheets, notices } = chosenSheets(workbook.sheets, member ?? said, file);
  const strings = await readSharedStrings(book, workbook.strings);
  const setup: TableSetup = {
    skipLines: Number(settings["skipLines"] ?? 0),
    hasHeader: settings["noHeaders"] !== true,
    isNamed: settings["columns"] !== undefined,
  };
  const open = async (sheet: Sheet): Promise<OpenSheet> => {
    if (sheet.part === undefined) throw book.damaged(`it has no part for sheet ${sheet.name}`);
    const part = await book.part(sheet.part);
    const { kinds, is1904 } = workbook;
    const rows = new SheetRows(part, { file, sheet: sheet.name, strings, kinds, is1904 });
    return { rows, more: () => part.more(), close: () => part.close() };
  };
  const read: ReadSheet[] = [];
  for (const sheet of sheets) {
    const opened = await open(sheet);
    try {
      const { columns, header } = await tableColumns(opened, { file, name: sheet.name, setup });
      // A sheet with nothing on it has no header that could be another one.
      if (columns.length === 0) continue;
      const found = { sheet, header, columns };
      read.push(read[0] === undefined ? found : { ...found, columns: inOrder(read[0], found, file) });
    } finally {
      opened.close();
    }
  }
  const later: string[] = [];
  return {
    table: {
      columns: typedColumns(read),
      places: { unit: "line", first: 1, parts: read.map(({ sheet }) => `sheet ${sheet.name}`), header: headerOf(read) },
      parts: read.length,
      notices,
    },
    async *rows(part): AsyncGenerator<SourceRows> {
      const { sheet, columns } = read[part] ?? { columns: [] };
      if (sheet === undefined) return;
      const opened = await open(sheet);
      try {
        yield* sheetText(
          opened,
          setup,
          columns.map(({ column }) => column),
        );
        later.push(...shown(opened.rows, `${file}, sheet ${sheet.name}`));
      } finally {
        opened.close();
      }
    },
    found: () => later.splice(0),
    close: () => {},
  };
}

/** The sheets that are meant: by name, by number, all; or the first one. */
function chosenSheets(
  all: readonly Sheet[],
  wanted: string | undefined,
  file: string,
): { sheets: Sheet[]; notices: string[] } {
  const shownSheets = all.filter(({ isHidden }) => !isHidden);
  const open = shownSheets.length > 0 ? shownSheets : all;
  const [first] = open;
  const names = all.map(({ name }) => name);
  if (first === undefined)
    throw new RowmillError("input", `cannot read ${file}: it has no sheet with cells`, { hint: "open it, and look" });
  if (wanted === undefined) {
    const others = open.slice(1).map(({ name }) => name);
    const notice = `${file}: its first sheet is read, ${first.name}; it also has ${listed(others)} (--sheet NAME reads another one, --sheet '*' all)`;
    return { sheets: [first], notices: others.length > 0 ? [notice] : [] };
  }
  const named = all.find(({ name }) => name === wanted);
  if (named !== undefined) return { sheets: [named], notices: [] };
  if (wanted === ALL) {
    const hidden = all.filter(({ isHidden }) => isHidden && open !== all).map(({ name }) => name);
    const notice = `${file}: what is hidden is not read: ${listed(hidden)} (--sheet NAME reads it)`;
    return { sheets: [...open], notices: hidden.length > 0 ? [notice] : [] };
  }
  const sameButCase = all.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  const numbered = /^[1-9]\d*$/.test(wanted) ? all[Number(wanted) - 1] : undefined;
  const found = sameButCase.length === 1 ? sameButCase[0] : numbered;
  if (found !== undefined) return { sheets: [found], notices: [] };
  throw new RowmillError("input", `${file} has no sheet ${wanted}`, { hint: `its sheets are ${listed(names)}` });
}

const LISTED = 10;

function listed(names: readonly string[]): string {
  const more = names.length - LISTED;
  return more > 0 ? `${names.slice(0, LISTED).join(", ")} and ${more} more` : names.join(", ");
}

/**
 * The columns of a later sheet in the order of those of the first.
 *
 * @throws {RowmillError} `input`, when they are others.
 */
function inOrder(first: ReadSheet, { sheet, header, columns }: ReadSheet, file: string): readonly TableColumn[] {
  const names = first.columns.map(({ name }) => name);
  const own = columns.map(({ name }) => name);
  if (names.length === own.length && names.every((name, at) => own[at] === name)) return columns;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const ordered = names.map((name) => byName.get(name)).filter((column) => column !== undefined);
  if (ordered.length === columns.length && byName.size === columns.length && new Set(names).size === names.length)
    return ordered;
  const missing = names.filter((name) => !byName.has(name));
  const extra = own.filter((name) => !names.includes(name));
  const parts = [
    missing.length > 0 ? `missing: ${listed(missing)}` : "",
    extra.length > 0 ? `not in the first: ${listed(extra)}` : "",
  ].filter((part) => part !== "");
  const others = parts.length > 0 ? ` (${parts.join("; ")})` : "";
  throw new RowmillError("input", `its columns are not those of sheet ${first.sheet.name}${others}`, {
    place: { file, line: header, words: `sheet ${sheet.name}, line ${header}` },
    hint: `--union takes sheets with different columns, each named: --union '${file}#${first.sheet.name}' '${file}#${sheet.name}'`,
  });
}

function headerOf([first]: readonly ReadSheet[]): SourcePlaces["header"] {
  return first && { line: first.header, words: `sheet ${first.sheet.name}, line ${first.header}` };
}

/** A column is of numbers, or of booleans, where the first rows of all sheets have nothing else in it. */
function typedColumns(read: readonly ReadSheet[]): SourceColumn[] {
  const [first] = read;
  return (first?.columns ?? []).map(({ name }, at) => {
    const what = read.reduce((all, { columns }) => all | (columns[at]?.what ?? 0), 0);
    return { name, type: TYPES.get(what) ?? "text" };
  });
}

const TYPES: ReadonlyMap<number, SourceColumn["type"]> = new Map([
  [NUMBER, "number"],
  [BOOLEAN, "boolean"],
]);

/** What was seen in a sheet that does not show in its rows. */
function shown({ lost, firstLost, merged }: SheetRows, sheet: string): string[] {
  const notices: string[] = [];
  if (lost > 0) {
    const formulas =
      lost === 1
        ? `the formula in ${firstLost} has no value: no program has calculated it`
        : `${lost} formulas have no value, the first in ${firstLost}: no program has calculated them`;
    notices.push(`${sheet}: ${formulas}; null stands there`);
  }
  const [range] = merged;
  if (range !== undefined) {
    const cells =
      merged.length === 1
        ? `cells are merged, ${range}`
        : `${merged.length} ranges of cells are merged, such as ${range}`;
    notices.push(`${sheet}: ${cells}; the value is in the first cell, and the others are empty`);
  }
  return notices;
}
