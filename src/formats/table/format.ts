/** Tables for people: drawn in boxes for a terminal, or in Markdown. Workers send cells, the parent draws. */
import { checkNames } from "../column-names.ts";
import type { Framing, OutputOnly, OutputTraits, Writer } from "../format.ts";
import type { DrawnRows } from "../drawing/drawn-rows.ts";
import { drawnEncoder } from "./encoder.ts";

const traits: OutputTraits = {
  columns: "header",
  values: "typed",
  takesHead: false,
  copies: "nothing",
  notResumable: "a table is drawn as a whole",
};

const encoder: Writer["encoder"] = ({ dialect }, columns) => drawnEncoder(columns, dialect.nullText);

export const table: OutputOnly = {
  told: {},
  writer: { traits, encoder, framing: ({ terminalWidth }) => drawnFraming(tableWriter(terminalWidth())) },
};

export const md: OutputOnly = {
  told: { extensions: [".md", ".markdown"], aliases: ["markdown"] },
  writer: { traits, encoder, framing: () => drawnFraming(markdownWriter()) },
};

// Few runs draw a table: what draws it is loaded for those.
async function tableWriter(terminalWidth: number | undefined): Promise<DrawnRows> {
  const { TableWriter } = await import("../drawing/table.ts");
  return new TableWriter(terminalWidth);
}

async function markdownWriter(): Promise<DrawnRows> {
  const { MarkdownWriter } = await import("./markdown.ts");
  return new MarkdownWriter();
}

function drawnFraming(writer: Promise<DrawnRows>): Framing {
  let notices: readonly string[] = [];
  return {
    hasBegun: false,
    async batch(output, columns = []) {
      checkNames(columns);
      return (await writer).rows(output, columns);
    },
    async end(columns) {
      const drawn = await writer;
      const bytes = drawn.end(columns ?? []);
      notices = drawn.notices;
      return bytes;
    },
    get notices() {
      return notices;
    },
  };
}
