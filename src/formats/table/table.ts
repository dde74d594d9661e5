/**
 * Draws rows as a table for people. The widths come from the first rows; later rows are cut to them, so that a table of
 * any length streams. cli-table3 draws; it knows how wide characters are on a terminal.
 */
import Table from "cli-table3";
import { RowmillError } from "../../errors.ts";

/** Rows that the widths are taken from. */
const SAMPLE_ROWS = 1000;
/** A column is at most so wide, however long its texts are. */
const MAX_WIDTH = 60;
/** A wider table is of no use to anybody, and takes minutes to lay out. */
const MAX_COLUMNS = 1000;
/** White space on both sides of a cell. */
const PADDING = 2;

type Cell = string | number;

export class TableWriter {
  readonly #terminalWidth: number | undefined;
  #waiting: Cell[][] = [];
  #widths: number[] | undefined;
  #isRight: boolean[] = [];

  /** @param terminalWidth Characters in a line of the terminal, where there is one: the table is made to fit. */
  constructor(terminalWidth: number | undefined) {
    this.#terminalWidth = terminalWidth;
  }

  /** Takes rows, each a JSON array in a line; gives the text that can be written. */
  rows(lines: Uint8Array, columns: readonly string[]): Uint8Array {
    const text = new TextDecoder().decode(lines);
    for (const line of text.split("\n")) if (line !== "") this.#waiting.push(JSON.parse(line) as Cell[]);
    return this.#waiting.length < SAMPLE_ROWS && this.#widths === undefined ? new Uint8Array(0) : this.#draw(columns);
  }

  /** The rest of the table. */
  end(columns: readonly string[]): Uint8Array {
    if (columns.length === 0) return new Uint8Array(0);
    return Buffer.concat([this.#draw(columns), Buffer.from(`${this.#line("└", "┴", "┘")}\n`)]);
  }

  #draw(columns: readonly string[]): Uint8Array {
    let head = "";
    if (this.#widths === undefined) {
      this.#measure(columns);
      head = `${this.#line("┌", "┬", "┐")}\n${this.#body([[...columns]])}${this.#line("├", "┼", "┤")}\n`;
    }
    const rows = this.#waiting;
    this.#waiting = [];
    return Buffer.from(head + (rows.length === 0 ? "" : this.#body(rows)));
  }

  #measure(columns: readonly string[]): void {
    if (columns.length > MAX_COLUMNS) {
      throw new RowmillError("output", `cannot draw a table of ${columns.length} columns, at most ${MAX_COLUMNS}`, {
        hint: "choose columns with -e '{ a, b }', or another format with --to",
      });
    }
    const sample = this.#waiting.slice(0, SAMPLE_ROWS);
    const widths = columns.map((name, column) => {
      const widest = Math.max(
        Bun.stringWidth(oneLine(name)),
        ...sample.map((row) => Bun.stringWidth(oneLine(row[column]))),
      );
      return Math.min(widest, MAX_WIDTH) + PADDING;
    });
    this.#widths = this.#terminalWidth === undefined ? widths : fit(widths, this.#terminalWidth);
    this.#isRight = columns.map((_, column) => {
      const values = sample.map((row) => row[column]).filter((value) => value !== "");
      return values.length > 0 && values.every((value) => typeof value === "number" || isNumeric(value));
    });
  }

  #body(rows: Cell[][]): string {
    const bars = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" };
    const corners = { "bottom-left": "", "bottom-right": "", mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };
    const table = new Table({
      chars: { ...bars, ...corners },
      style: { head: [], border: [] },
      colWidths: this.#widths ?? [],
      colAligns: this.#isRight.map((isRight) => (isRight ? "right" : "left")),
    });
    for (const row of rows) table.push(row.map((cell) => oneLine(cell)));
    return `${table.toString()}\n`;
  }

  #line(left: string, middle: string, right: string): string {
    return left + (this.#widths ?? []).map((width) => "─".repeat(width)).join(middle) + right;
  }
}

/** A cell takes one line: line breaks and other control characters are shown as what they are. */
function oneLine(value: Cell | undefined): string {
  const text = String(value ?? "");
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (control) =>
    control === "\n" ? "⏎" : control === "\t" ? " " : "·",
  );
}

function isNumeric(value: Cell | undefined): boolean {
  return typeof value === "string" && /^[+-]?\d+(\.\d+)?$/.test(value);
}

/** Narrows the widest columns until the table fits. */
function fit(widths: number[], terminalWidth: number): number[] {
  const fitted = [...widths];
  const excess = (): number => fitted.reduce((sum, width) => sum + width + 1, 1) - terminalWidth;
  for (let over = excess(); over > 0; over = excess()) {
    const widest = Math.max(...fitted);
    if (widest <= PADDING + 3) break;
    fitted[fitted.indexOf(widest)] = widest - 1;
  }
  return fitted;
}
