/**
 * Draws rows as a table for people. Columns are as wide as the first rows need; what is wider later is cut, so that the
 * lines stay straight. The runtime knows how wide a text is on a terminal, and cuts it between characters.
 */
import { type CellRow, DrawnRows, type FirstRows, SAMPLE_ROWS, holdsNumbers } from "./drawn-rows.ts";
import { fitColumns } from "./column-widths.ts";

/** The widest cell, where no terminal sets the limit. */
const MAX_WIDTH = 80;
/** Where more rows follow than the first ones, columns get this much more room: numbers grow. */
const SPARE_WIDTH = 4;
/** How many left-out columns are named one by one. */
const MAX_NAMED = 5;
const ELLIPSIS = "…";

interface TableColumn {
  width: number;
  isRight: boolean;
}

export class TableWriter extends DrawnRows {
  readonly #terminalWidth: number | undefined;
  #columns: TableColumn[] = [];
  #hasRest = false;
  #rows = 0;
  #left: readonly string[] = [];

  /** @param terminalWidth Characters in a line of the terminal, where there is one: the table is made to fit. */
  constructor(terminalWidth: number | undefined) {
    super();
    this.#terminalWidth = terminalWidth;
  }

  override get notices(): string[] {
    const notices: string[] = [];
    if (this.#left.length > 0) {
      const names = this.#left.slice(0, MAX_NAMED).map(oneLine).join(", ");
      const more = this.#left.length > MAX_NAMED ? ", …" : "";
      notices.push(
        `${this.#left.length} of ${this.#left.length + this.#columns.length} columns do not fit: ${names}${more}; ` +
          `-e '{ a, b }' chooses, a pipe into less -S shows all`,
      );
    }
    if (this.#terminalWidth !== undefined && this.#rows > SAMPLE_ROWS) {
      notices.push(`${this.#rows} rows: --limit 20 shows the first ones, a pipe into less -S pages through them`);
    }
    return notices;
  }

  protected override head({ columns, sample, isWhole }: FirstRows): string {
    const most = this.#terminalWidth ?? MAX_WIDTH;
    const natural = columns.map((name, column) => {
      let widest = width(oneLine(name));
      for (const row of sample) widest = Math.max(widest, width(oneLine(row[column])));
      return Math.min(isWhole ? widest : widest + SPARE_WIDTH, most);
    });
    const { widths, hasRest } =
      this.#terminalWidth === undefined
        ? { widths: natural, hasRest: false }
        : fitColumns(natural, this.#terminalWidth);
    this.#columns = widths.map((cellWidth, column) => ({ width: cellWidth, isRight: holdsNumbers(sample, column) }));
    this.#hasRest = hasRest;
    this.#left = columns.slice(widths.length);
    const names = cutApart(columns.map(oneLine), this.#columns);
    return `${this.#rule("┌┬┐")}${this.#row(names)}${this.#rule("├┼┤")}`;
  }

  protected override body(rows: readonly CellRow[]): string {
    this.#rows += rows.length;
    let text = "";
    for (const row of rows) text += this.#row(this.#columns.map((column, at) => fitted(oneLine(row[at]), column)));
    return text;
  }

  protected override foot(): string {
    return this.#rule("└┴┘");
  }

  #row(cells: readonly string[]): string {
    return `│ ${cells.join(" │ ")}${this.#hasRest ? ` │ ${ELLIPSIS}` : ""} │\n`;
  }

  #rule([left = "", middle = "", right = ""]: string): string {
    const lines = this.#columns.map((column) => "─".repeat(column.width + 2));
    return `${left}${[...lines, ...(this.#hasRest ? ["───"] : [])].join(middle)}${right}\n`;
  }
}

/** A text in the width of its column. */
function fitted(text: string, column: TableColumn): string {
  const own = width(text);
  if (own > column.width) return fitted(cutTo(text, column.width), column);
  const space = " ".repeat(column.width - own);
  return column.isRight ? space + text : text + space;
}

/** Names in the width of their columns. Of those that begin alike, what is cut out is their middle: ends tell them apart. */
function cutApart(names: readonly string[], columns: readonly TableColumn[]): string[] {
  return columns.map((column, at) => {
    const name = names[at] ?? "";
    if (width(name) <= column.width || !PLAIN.test(name)) return fitted(name, column);
    const start = name.slice(0, column.width - 1);
    if (!names.some((other, place) => place !== at && other.startsWith(start))) return fitted(name, column);
    const end = Math.floor((column.width - 1) / 2);
    return start.slice(0, column.width - 1 - end) + ELLIPSIS + name.slice(name.length - end);
  });
}

/** The start of a text that is too long, with a sign that it goes on. */
function cutTo(text: string, most: number): string {
  let kept = most - 1;
  let start = Bun.sliceAnsi(text, 0, kept);
  // Bun 1.4.5 takes a wide character of which only one half is within.
  while (width(start) > most - 1) start = Bun.sliceAnsi(text, 0, --kept);
  return start + ELLIPSIS;
}

// oxlint-disable-next-line no-control-regex -- these are what it is about
const PLAIN = /^[\u0020-\u007e]*$/;

/** How many columns of a terminal a text takes. */
function width(text: string): number {
  return PLAIN.test(text) ? text.length : Bun.stringWidth(text);
}

/** A cell takes one line: line breaks and other control characters are shown as what they are. */
function oneLine(value: CellRow[number] | undefined): string {
  const text = String(value ?? "");
  if (PLAIN.test(text)) return text;
  return text.replace(/\r\n|[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (control) =>
    control === "\n" || control === "\r\n" ? "⏎" : control === "\t" ? " " : "·",
  );
}
