/** A sheet as lines of CSV. */
import type { SourceRows } from "../source.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { type OpenSheet, type TableSetup, firstRow } from "./sheet-layout.ts";
import { MAX_COLUMNS, type SheetRows } from "./sheet-rows.ts";

const PIECE_BYTES = 256 * 1024;
const LF = 10;
const COMMA = 44;

/** The rows of a table. `columns` are those of the sheet, in the order in which they are written. */
export async function* sheetText(
  sheet: OpenSheet,
  setup: TableSetup,
  columns: readonly number[],
): AsyncGenerator<SourceRows> {
  const first = await firstRow(sheet, setup);
  if (first === undefined) return;
  const writer = new LineWriter(columns);
  if (!setup.hasHeader) writer.add(first);
  for (;;) {
    const found = sheet.rows.next();
    if (found === "row") {
      writer.add(sheet.rows);
      if (writer.isFull) yield writer.take();
    } else if (found === "end") break;
    else await sheet.more();
  }
  if (!writer.isEmpty) yield writer.take();
}

class LineWriter {
  readonly #columns: Int32Array;
  /** Columns of the sheet that are columns of the table. */
  readonly #isWanted = new Uint8Array(MAX_COLUMNS);
  readonly #bytes = new ByteBuffer();
  #rows = 0;
  #allRows = 0;
  /** The line that the next row has where it follows the last one. */
  #line = 1;
  #lines: { row: number; line: number }[] = [];

  constructor(columns: readonly number[]) {
    this.#columns = Int32Array.from(columns);
    for (const column of columns) this.#isWanted[column] = 1;
  }

  get isFull(): boolean {
    return this.#bytes.length >= PIECE_BYTES;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  add(row: SheetRows): void {
    if (row.line !== this.#line) this.#lines.push({ row: this.#allRows, line: row.line });
    this.#line = row.line + 1;
    this.#allRows++;
    this.#rows++;
    const columns = this.#columns;
    const bytes = this.#bytes;
    const { fields, from, to } = row;
    bytes.reserve(fields.length + columns.length + row.cells + 1);
    let cells = 0;
    for (let at = 0; at < columns.length; at++) {
      if (at > 0) bytes.put(COMMA);
      const column = columns[at] as number;
      if (!row.has(column)) continue;
      cells++;
      bytes.add(fields.bytes, from[column] as number, to[column] as number);
    }
    // What stands where the table has no column is too much for it: the row fails, or what is beyond goes as it is said.
    if (cells < row.cells) {
      for (let column = 0; column <= row.lastColumn; column++) {
        if (!row.has(column) || this.#isWanted[column] === 1) continue;
        bytes.put(COMMA);
        bytes.add(fields.bytes, from[column] as number, to[column] as number);
      }
    }
    bytes.put(LF);
  }

  take(): SourceRows {
    const taken = { bytes: this.#bytes.take(), rows: this.#rows, lines: this.#lines };
    this.#rows = 0;
    this.#lines = [];
    return taken;
  }
}
