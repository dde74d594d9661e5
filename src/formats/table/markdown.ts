/**
 * Writes rows as a table of GitHub's Markdown. What stands in a cell is shown as the text that it is, whatever it means
 * in Markdown or HTML; nothing is cut. markdown-table draws.
 */
import { type Options, markdownTable } from "markdown-table";
import { type CellRow, DrawnRows, type FirstRows, holdsNumbers } from "../drawing/drawn-rows.ts";

/** Columns are filled up with spaces to at most this width; longer cells make their own row longer. */
const MAX_FILLED = 60;
/** Some programs need this many dashes below a name. */
const MIN_FILLED = 3;

export class MarkdownWriter extends DrawnRows {
  #widths: number[] = [];
  #options: Options = {};

  protected override head({ columns, sample }: FirstRows): string {
    const names = columns.map(escaped);
    this.#widths = names.map((name, column) => {
      let widest = Math.max(Bun.stringWidth(name), MIN_FILLED);
      for (const row of sample) widest = Math.max(widest, Bun.stringWidth(escaped(row[column])));
      return Math.min(widest, MAX_FILLED);
    });
    this.#options = {
      align: columns.map((_, column) => (holdsNumbers(sample, column) ? "right" : "left")),
      stringLength: (text) => Bun.stringWidth(text),
    };
    const [, , name = ""] = this.#lines([names]);
    const [, rule = ""] = this.#lines([]);
    return `${name}\n${rule}\n`;
  }

  protected override body(rows: readonly CellRow[]): string {
    let text = "";
    let fitting: string[][] = [];
    const draw = (drawn: string[][]): void => {
      if (drawn.length > 0) text += `${this.#lines(drawn).slice(2).join("\n")}\n`;
    };
    for (const row of rows) {
      const cells = this.#widths.map((_, column) => escaped(row[column]));
      if (cells.every((cell, column) => Bun.stringWidth(cell) <= (this.#widths[column] ?? 0))) {
        fitting.push(cells);
        continue;
      }
      // A table widens to its longest cell: this row is drawn alone, so that no other one does.
      draw(fitting);
      fitting = [];
      draw([cells]);
    }
    draw(fitting);
    return text;
  }

  protected override foot(): string {
    return "";
  }

  /** Rows in the widths of the layout, below a row of spaces and the line that belongs to it. */
  #lines(rows: string[][]): string[] {
    const widest = this.#widths.map((width) => " ".repeat(width));
    return markdownTable([widest, ...rows], this.#options).split("\n");
  }
}

/** What has a meaning within a line of Markdown: backslashes, code, emphasis, links, HTML, entities, ends of cells. */
const ACTIVE = /[\\`*[\]<>|~]|&(?=[#\w])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** A quick test for cells that hold none of these, as most do. */
const MAY_BE_ACTIVE = /[\\`*[\]<>|~&_\r\n]/;

/** A cell as Markdown that shows it. */
function escaped(value: CellRow[number] | undefined): string {
  const text = String(value ?? "");
  if (!MAY_BE_ACTIVE.test(text)) return text;
  return text.replace(ACTIVE, "\\$&").replace(/\r\n|\r|\n/g, "<br>");
}
