/** What stands around the rows of an output: the header of CSV, the brackets of a JSON array, the frame of a table. */
import { RowmillError } from "../errors.ts";
import { quotedColumn } from "../formats/columns.ts";
import { LONE_SURROGATE } from "../formats/text/field-encoder.ts";
import { csvHeader } from "../formats/csv/encoder.ts";
import { JSON_SEPARATOR } from "../formats/encoder.ts";
import type { DrawnRows } from "../formats/table/drawn-rows.ts";
import type { OutputPlan } from "./options.ts";

/** Turns the outputs of batches, in the order in which they are written, into the bytes of the whole. */
export interface Framing {
  /** What stands before the first row has been given out. */
  readonly hasBegun: boolean;
  /** Lines are held back until the header is known. */
  readonly isHolding?: boolean;
  /** Bytes to write for a batch with rows. */
  batch(output: Uint8Array, columns: readonly string[] | undefined): Promise<Uint8Array> | Uint8Array;
  /** Bytes to write at the end. `columns` as far as they are known then. */
  end(columns: readonly string[] | undefined): Promise<Uint8Array> | Uint8Array;
  /** What whoever looks at the output should know of it, at its end. */
  readonly notices?: readonly string[];
}

const BYTE_ORDER_MARK = "\uFEFF";

/** @throws {RowmillError} `output`, when a column has a name that no text in UTF-8 can hold. */
function checkNames(columns: readonly string[]): void {
  const name = columns.find((column) => !column.isWellFormed());
  if (name === undefined) return;
  throw new RowmillError("output", `the column ${quotedColumn(name)} cannot be written: ${LONE_SURROGATE}`, {
    hint: "give it another name",
  });
}

/** The framing of an output; with `hasBegun` an earlier run has written its start. */
export function outputFraming(plan: OutputPlan, hasBegun: boolean): Framing {
  switch (plan.format) {
    case "csv":
    case "tsv":
    case "tsv-escaped":
      return csvFraming(plan, hasBegun);
    case "jsonl":
      return jsonlFraming(plan, hasBegun);
    case "json":
      return jsonFraming(plan, hasBegun);
    case "table":
      return drawnFraming(tableWriter(plan));
    case "md":
      return drawnFraming(markdownWriter());
  }
}

function csvFraming(plan: OutputPlan, hasBegun: boolean): Framing {
  let isBegun = hasBegun;
  let held: Uint8Array[] = [];
  const begin = (columns: readonly string[] | undefined): Uint8Array => {
    if (isBegun) return NO_BYTES;
    isBegun = true;
    const header = plan.hasHeader && columns !== undefined ? headerOf(columns, plan) : "";
    const begun = Buffer.concat([beforeHeader(plan), Buffer.from(header), ...held]);
    held = [];
    return begun;
  };
  return {
    get hasBegun() {
      return isBegun;
    },
    get isHolding() {
      return held.length > 0;
    },
    batch(output, columns) {
      if (isBegun) return output;
      // Comments may come before the first row that is written, which tells the header.
      if (columns === undefined) {
        held.push(output);
        return NO_BYTES;
      }
      return Buffer.concat([begin(columns), output]);
    },
    end: begin,
  };
}

const NO_BYTES = new Uint8Array(0);

/** All that stands before the header, or the first row. */
function beforeHeader({ hasBom, sepLine = "", head }: OutputPlan): Buffer {
  const mark = Buffer.from(hasBom ? BYTE_ORDER_MARK : "");
  return Buffer.concat([mark, ...(head === undefined ? [] : [head.skipped, Buffer.from(sepLine), head.comments])]);
}

function jsonlFraming(plan: OutputPlan, hasBegun: boolean): Framing {
  const before = beforeHeader(plan);
  let isBegun = hasBegun || before.length === 0;
  const begin = (): Uint8Array => {
    if (isBegun) return NO_BYTES;
    isBegun = true;
    return before;
  };
  return {
    get hasBegun() {
      return isBegun;
    },
    batch: (output) => (isBegun ? output : Buffer.concat([begin(), output])),
    end: begin,
  };
}

function headerOf(columns: readonly string[], { dialect }: OutputPlan): string {
  checkNames(columns);
  return csvHeader(columns, dialect);
}

function jsonFraming(plan: OutputPlan, hasBegun: boolean): Framing {
  let isBegun = hasBegun;
  return {
    get hasBegun() {
      return isBegun;
    },
    batch(output) {
      // Every row comes with a separator behind it; the last one's is not known to be needed before a next row comes.
      const rows = output.subarray(0, output.length - JSON_SEPARATOR.length);
      const before = isBegun ? Buffer.from(JSON_SEPARATOR) : Buffer.concat([beforeHeader(plan), Buffer.from("[\n")]);
      isBegun = true;
      return Buffer.concat([before, rows]);
    },
    end: () => (isBegun ? Buffer.from("\n]\n") : Buffer.concat([beforeHeader(plan), Buffer.from("[]\n")])),
  };
}

/** Where a terminal does not say how wide it is. */
const DEFAULT_WIDTH = 80;

// Few runs draw a table: what draws it is loaded for those.
async function tableWriter({ isStdout }: OutputPlan): Promise<DrawnRows> {
  const { TableWriter } = await import("../formats/table/table.ts");
  const { stdout } = process;
  return new TableWriter(isStdout && stdout.isTTY ? stdout.columns || DEFAULT_WIDTH : undefined);
}

async function markdownWriter(): Promise<DrawnRows> {
  const { MarkdownWriter } = await import("../formats/table/markdown.ts");
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
