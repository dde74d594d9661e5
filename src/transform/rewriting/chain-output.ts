/** Steps, and what writes the rows that come out of them. */
import type { Encoder, OutputSetup } from "../../formats/format.ts";
import { resultEncoder, sharesColumns } from "../../formats/encoder.ts";
import { KEY_ORDER } from "../../formats/union-encoder.ts";
import { hasColumns } from "../../formats/registry.ts";
import { encodeError } from "../../formats/encode-error.ts";
import { JsonText } from "../../formats/values/json-text.ts";
import type { TableRow } from "../../stages/stage.ts";
import { bytesOf } from "../taken-rows.ts";
import type { LateRows } from "../wire.ts";
import type { RowChain } from "./row-chain.ts";
import { carriedWriter } from "./carried-rows.ts";
import { cellsObject, rowJson } from "./table-rows.ts";

/** Rows go out when their text is so long: few messages, and little that waits. */
const ROWS_CHARS = 512 * 1024;

export class ChainOutput {
  readonly #chain: RowChain;
  readonly #setup: OutputSetup;
  #columns: string[] | undefined;
  #carried: ((row: TableRow) => string) | undefined;
  #encoder: Encoder | undefined;
  /** So many rows are still wanted. */
  #missing: number;
  #last: Iterator<readonly TableRow[]> | undefined;

  constructor(chain: RowChain, { setup, limit }: { setup: OutputSetup; limit: number | undefined }) {
    this.#chain = chain;
    this.#setup = setup;
    this.#missing = limit ?? Number.POSITIVE_INFINITY;
    if (!sharesColumns(setup)) this.#encoder = resultEncoder(setup, []);
  }

  /** Rows are lines that were written before, with values behind them: of those, so many are not added. */
  writeCarried({ columns, ...how }: { columns: readonly string[]; carried: number; added: readonly string[] }): void {
    this.#columns = [...columns];
    this.#carried = carriedWriter(this.#setup, how);
  }

  /** No further row is wanted. */
  get isFull(): boolean {
    return this.#missing <= 0;
  }

  /** Takes the rows behind all others so far; gives those that come out, as they are written. */
  take(rows: readonly TableRow[]): LateRows {
    return this.#told(this.isFull ? [] : this.#written(this.#chain.take(rows)), "more");
  }

  /** No more rows are taken: the next of those that come out. */
  next(): LateRows {
    this.#last ??= this.#chain.end();
    const rows: (string | Uint8Array)[] = [];
    let length = 0;
    while (length < ROWS_CHARS && !this.isFull) {
      const next = this.#last.next();
      if (next.done === true) return this.#told(rows, "last");
      for (const one of this.#written(next.value)) {
        rows.push(one);
        length += one.length;
      }
    }
    return this.#told(rows, this.isFull ? "last" : "more");
  }

  #written(rows: readonly TableRow[]): (string | Uint8Array)[] {
    const wanted = rows.length > this.#missing ? rows.slice(0, this.#missing) : rows;
    this.#missing -= wanted.length;
    return wanted.map((row) => this.#encode(row));
  }

  #encode(row: TableRow): string | Uint8Array {
    try {
      if (this.#carried !== undefined) return this.#carried(row);
      if (!hasColumns(this.#setup.format)) return this.#encoder?.encode(new JsonText(rowJson(row))) ?? "";
      const fields = cellsObject(row, this.#setup.dialect.rest);
      if (this.#setup.union !== undefined) Object.assign(fields, { [KEY_ORDER]: row.names });
      this.#encoder ??= this.#settle(row.names);
      return this.#encoder.encode(fields);
    } catch (thrown) {
      throw encodeError(thrown, undefined);
    }
  }

  /** The columns are those of the first row. */
  #settle(names: readonly string[]): Encoder {
    this.#columns = [...names];
    return resultEncoder(this.#setup, this.#columns);
  }

  #told(rows: readonly (string | Uint8Array)[], place: "more" | "last"): LateRows {
    if (place === "last") this.#chain.close();
    return { output: bytesOf(rows), rowsOut: rows.length, columns: this.#columns, isLast: place === "last" };
  }
}
