/** Where the table of a sheet is: below which row, in which columns, and what is in them. */
import { RowmillError } from "../../errors.ts";
import { MAX_COLUMNS, type SheetRows } from "./sheet-rows.ts";

/** A sheet that is being read. */
export interface OpenSheet {
  rows: SheetRows;
  /** Brings more bytes. */
  more(): Promise<void>;
  close(): void;
}

/** What was said of the table. */
export interface TableSetup {
  /** It is below so many lines. */
  skipLines: number;
  /** Its first row has the names of its columns. */
  hasHeader: boolean;
  /** Columns get other names. */
  isNamed: boolean;
}

/** A column of a table. */
export interface TableColumn {
  name: string;
  /** Its number in the sheet, from 0. */
  column: number;
  /** What its first cells hold, as bits. */
  what: number;
}

/** So many rows say what columns hold, and which there are beside those with a name. */
const SAMPLE_ROWS = 1000;

/** Goes to the next row of the table; undefined behind the last one. */
async function nextRow(sheet: OpenSheet): Promise<SheetRows | undefined> {
  const { rows } = sheet;
  for (;;) {
    const found = rows.next();
    if (found === "row") return rows;
    if (found === "end") return undefined;
    await sheet.more();
  }
}

/** Goes to the header, or to the first row where there is none. */
export async function firstRow(sheet: OpenSheet, { skipLines }: TableSetup): Promise<SheetRows | undefined> {
  for (;;) {
    const row = await nextRow(sheet);
    if (row === undefined || row.line > skipLines) return row;
  }
}

/**
 * The columns of a sheet: those with a name, and those with none that hold something in the first rows; and the line of its
 * header, or of its first row.
 *
 * @throws {RowmillError} `input`, when what stands above the rows looks like a title.
 */
export async function tableColumns(
  sheet: OpenSheet,
  { file, name, setup }: { file: string; name: string; setup: TableSetup },
): Promise<{ columns: TableColumn[]; header: number }> {
  const first = await firstRow(sheet, setup);
  const names = new Map<number, string>();
  const what = new Uint8Array(MAX_COLUMNS);
  let width = 0;
  const look = (row: SheetRows): void => {
    for (let column = 0; column <= row.lastColumn; column++)
      if (row.has(column)) what[column] = (what[column] ?? 0) | (row.what[column] ?? 0);
    width = Math.max(width, row.lastColumn + 1);
  };
  const headerLine = first?.line ?? 0;
  /** The first of the rows with the most cells: below a title that may be the header. */
  let likely = { line: 0, cells: 1 };
  if (first !== undefined && setup.hasHeader) {
    for (let column = 0; column <= first.lastColumn; column++) {
      const text = first.textOf(column);
      if (text !== "") names.set(column, text);
    }
    width = first.lastColumn + 1;
  } else if (first !== undefined) look(first);
  for (let count = 0; count < SAMPLE_ROWS; count++) {
    const row = await nextRow(sheet);
    if (row === undefined) break;
    look(row);
    if (row.cells > likely.cells) likely = { line: row.line, cells: row.cells };
  }
  if (names.size === 1 && likely.line > 0 && !setup.isNamed) {
    const [title = ""] = names.values();
    throw new RowmillError("input", `there is one name above several columns: ${JSON.stringify(title)}`, {
      place: { file, line: headerLine, words: `sheet ${name}, line ${headerLine}` },
      hint: `--skip-lines ${likely.line - 1} passes over a title; -n if there is no header; --columns a,b,… gives names`,
    });
  }
  const taken = new Set(names.values());
  const columns: TableColumn[] = [];
  for (let column = 0; column < width; column++) {
    const held = what[column] ?? 0;
    const given = names.get(column);
    if (given === undefined && held === 0) continue;
    columns.push({ name: given ?? madeUp(column, taken), column, what: held });
  }
  return { columns, header: headerLine };
}

/** A name for a column that has none: by its place in the sheet. */
function madeUp(column: number, taken: ReadonlySet<string>): string {
  let name = `c${column + 1}`;
  while (taken.has(name)) name += "_";
  return name;
}
