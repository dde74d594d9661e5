/**
 * Rows on their way from the workers that map them to the one that rewrites them. Where the output has columns, those are
 * settled as they are for rows that are written, and a line holds the values of a row by columns; else each names its own.
 */
import type { Encoder, OutputSetup, Row } from "../../formats/format.ts";
import { needRow } from "../../formats/result-row.ts";
import { FieldText } from "../../formats/values/field-text.ts";
import { MOST_KNOWN } from "../../stages/rewriting/shared-names.ts";
import { resultEncoder, sharesColumns } from "../../formats/encoder.ts";
import { rowLine, rowsIn } from "../../stages/rewriting/row-text.ts";
import type { TableRow } from "../../stages/stage.ts";
import { cellsObject, valuesBy } from "./table-rows.ts";

/** A row with names of its own, packed when it came. */
export class PackedRow {
  readonly line: string;

  constructor({ names, values }: TableRow) {
    this.line = rowLine(startOf(names), values);
  }
}

let last: { names: readonly string[]; start: string } | undefined;

function startOf(names: readonly string[]): string {
  if (last?.names !== names) last = { names, start: JSON.stringify(names) };
  return last.start;
}

/** Packs rows as if it encoded them. */
export function packingEncoder(output: OutputSetup, columns: readonly string[]): Encoder {
  const encode = sharesColumns(output) ? needRow(columnsPacker(output, columns)) : needRow(linePacker);
  return { encode, block: undefined, delimiter: "", copyEnd: "" };
}

function linePacker(row: Row | PackedRow): string {
  if (!(row instanceof PackedRow)) throw new TypeError("a row was not packed when it came");
  return row.line;
}

function columnsPacker(output: OutputSetup, columns: readonly string[]): (row: Row) => string {
  const known = new Set(columns);
  // What cannot be written where nothing is quoted, or in an encoding, is wrong with its row: later nobody knows which that was.
  const isTried = output.dialect.quote === "" || output.encoding !== undefined;
  let encoder: Encoder | undefined;
  return (row) => {
    const values = valuesBy(columns, known, row);
    if (isTried || !values.every(isInUtf8)) {
      encoder ??= resultEncoder(output, columns);
      encoder.encode(cellsObject({ names: columns, values }, output.dialect.rest));
    }
    return rowLine("", values);
  };
}

/** Whether a value has no half of a surrogate pair in it, which no output with columns can hold. */
function isInUtf8(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  return !(value instanceof FieldText) || value.text.isWellFormed();
}

/** Reads rows that were packed. */
export class RowUnpacker {
  readonly #known = new Map<string, readonly string[]>();
  /** Columns of all rows beside their own. */
  readonly #beside: readonly string[];

  constructor(beside: readonly string[]) {
    this.#beside = beside;
  }

  /** The columns of rows that name none of their own. */
  settle(columns: readonly string[]): void {
    this.#known.set("", [...columns, ...this.#beside]);
  }

  rows(bytes: Uint8Array): TableRow[] {
    return rowsIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(), (start) =>
      this.#namesOf(start),
    );
  }

  #namesOf(start: string): readonly string[] {
    const known = this.#known.get(start);
    if (known !== undefined) return known;
    const names = [...(JSON.parse(start) as string[]), ...this.#beside];
    if (this.#known.size < MOST_KNOWN) this.#known.set(start, names);
    return names;
  }
}
