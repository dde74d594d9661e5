/** What stands around the rows of CSV: its header, and what comes before that. */
import { checkNames } from "../column-names.ts";
import type { Framing, FramingSetup } from "../format.ts";
import type { OutputDialect } from "../text/output-dialect.ts";
import { csvHeader } from "./encoder.ts";

export function csvFraming({ dialect, hasHeader, before, hasBegun }: FramingSetup): Framing {
  let isBegun = hasBegun;
  let held: Uint8Array[] = [];
  const begin = (columns: readonly string[] | undefined): Uint8Array => {
    if (isBegun) return NO_BYTES;
    isBegun = true;
    const header = hasHeader && columns !== undefined ? headerOf(columns, dialect) : "";
    const begun = Buffer.concat([before(), Buffer.from(header), ...held]);
    held = [];
    return begun;
  };
  return {
    get hasBegun() {
      return isBegun;
    },
    get addsNothing() {
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

function headerOf(columns: readonly string[], dialect: OutputDialect): string {
  checkNames(columns);
  return csvHeader(columns, dialect);
}
