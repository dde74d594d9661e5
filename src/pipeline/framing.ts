/** What stands around the rows of an output: the header of CSV, the brackets of a JSON array, the frame of a table. */
import { csvHeader } from "../formats/csv/encoder.ts";
import { JSON_SEPARATOR } from "../formats/encoder.ts";
import type { OutputPlan } from "./options.ts";

/** Turns the outputs of batches, in the order in which they are written, into the bytes of the whole. */
export interface Framing {
  /** What stands before the first row has been given out. */
  readonly hasBegun: boolean;
  /** Bytes to write for a batch with rows. */
  batch(output: Uint8Array, columns: readonly string[] | undefined): Promise<Uint8Array> | Uint8Array;
  /** Bytes to write at the end. `columns` as far as they are known then. */
  end(columns: readonly string[] | undefined): Promise<Uint8Array> | Uint8Array;
}

const BYTE_ORDER_MARK = "\uFEFF";

/** The framing of an output; with `hasBegun` an earlier run has written its start. */
export function outputFraming(plan: OutputPlan, hasBegun: boolean): Framing {
  switch (plan.format) {
    case "csv":
    case "tsv":
      return csvFraming(plan, hasBegun);
    case "jsonl":
      return { hasBegun: true, batch: (output) => output, end: () => new Uint8Array(0) };
    case "json":
      return jsonFraming(hasBegun);
    case "table":
      return tableFraming();
  }
}

function csvFraming(plan: OutputPlan, hasBegun: boolean): Framing {
  let isBegun = hasBegun;
  const begin = (columns: readonly string[] | undefined): Uint8Array => {
    if (isBegun) return new Uint8Array(0);
    isBegun = true;
    const header = plan.hasHeader && columns !== undefined ? csvHeader(columns, plan.dialect) : "";
    return Buffer.from((plan.hasBom ? BYTE_ORDER_MARK : "") + header);
  };
  return {
    get hasBegun() {
      return isBegun;
    },
    batch(output, columns) {
      return isBegun ? output : Buffer.concat([begin(columns), output]);
    },
    end: begin,
  };
}

function jsonFraming(hasBegun: boolean): Framing {
  let isBegun = hasBegun;
  return {
    get hasBegun() {
      return isBegun;
    },
    batch(output) {
      // Every row comes with a separator behind it; the last one's is not known to be needed before a next row comes.
      const rows = output.subarray(0, output.length - JSON_SEPARATOR.length);
      const before = isBegun ? JSON_SEPARATOR : "[\n";
      isBegun = true;
      return Buffer.concat([Buffer.from(before), rows]);
    },
    end: () => Buffer.from(isBegun ? "\n]\n" : "[]\n"),
  };
}

function tableFraming(): Framing {
  // Few runs draw a table: what draws it is loaded for those.
  const table = import("../formats/table/table.ts").then(({ TableWriter }) => new TableWriter(process.stdout.columns));
  return {
    hasBegun: false,
    batch: async (output, columns) => (await table).rows(output, columns ?? []),
    end: async (columns) => (await table).end(columns ?? []),
  };
}
