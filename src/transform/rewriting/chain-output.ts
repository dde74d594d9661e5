/** Steps, and what writes the rows that come out of them. */
import type { Encoded, Encoder, OutputSetup } from "../../formats/format.ts";
import { resultEncoder, sharesColumns } from "../../formats/encoder.ts";
import { KEY_ORDER } from "../../formats/union-encoder.ts";
import { hasColumns } from "../../formats/registry.ts";
import { encodeError } from "../../formats/encode-error.ts";
import { JsonText } from "../../formats/values/json-text.ts";
import type { TableRow } from "../../stages/stage.ts";
import { bytesOf } from "../taken-rows.ts";
import type { LateCut, LateRows } from "../wire.ts";
import type { LateFailures } from "./late-failures.ts";
import type { RowChain } from "./row-chain.ts";
import { carriedWriter } from "./carried-rows.ts";
import { numberOf, placeIn } from "./row-places.ts";
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
  readonly #late: LateFailures | undefined;

  constructor(
    chain: RowChain,
    { setup, limit, late }: { setup: OutputSetup; limit: number | undefined; late: LateFailures | undefined },
  ) {
    this.#chain = chain;
    this.#late = late;
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
    return this.#missing <= 0 || this.#late?.isFull === true;
  }

  /**
   * Takes the rows behind all others so far; gives those that come out, as they are written.
   *
   * @param marks Numbers of rows of the input before which what comes out may have to be cut.
   */
  take(rows: readonly TableRow[], marks: readonly number[] = []): LateRows {
    if (this.#late !== undefined) return this.#takeOneByOne(rows, marks, this.#late);
    return this.#told(this.isFull ? [] : this.#written(this.#chain.take(rows)), "more");
  }

  /** Each row goes through all steps before the next: when one fails, it is known which had come, and what had come out. */
  #takeOneByOne(rows: readonly TableRow[], marks: readonly number[], late: LateFailures): LateRows {
    const written = new WrittenSoFar();
    const cuts: LateCut[] = [];
    for (const row of rows) {
      if (this.isFull) break;
      const number = numberOf(placeIn(row) ?? "");
      while ((marks[cuts.length] ?? Number.POSITIVE_INFINITY) <= number) cuts.push(written.cut);
      late.arrive(number, () => written.cut);
      written.add(this.#written(this.#chain.take([row])));
    }
    while (cuts.length < marks.length) cuts.push(written.cut);
    return { ...this.#told(written.rows, "more"), late: { failures: late.take(), cuts } };
  }

  /** No more rows are taken: the next of those that come out. */
  next(): LateRows {
    this.#last ??= this.#chain.end();
    const late = this.#late;
    const written = new WrittenSoFar();
    late?.arrive(Number.POSITIVE_INFINITY, () => written.cut);
    const told = (place: "more" | "last"): LateRows => ({
      ...this.#told(written.rows, place),
      ...(late !== undefined && { late: { failures: late.take(), cuts: [] } }),
    });
    while (written.length < ROWS_CHARS && !this.isFull) {
      const next = this.#last.next();
      if (next.done === true) return told("last");
      written.add(this.#written(next.value));
    }
    return told(this.isFull ? "last" : "more");
  }

  #written(rows: readonly TableRow[]): Encoded[] {
    const wanted = rows.length > this.#missing ? rows.slice(0, this.#missing) : rows;
    this.#missing -= wanted.length;
    return wanted.map((row) => this.#encode(row));
  }

  #encode(row: TableRow): Encoded {
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

  #told(rows: readonly Encoded[], place: "more" | "last"): LateRows {
    if (place === "last") this.#chain.close();
    return { output: bytesOf(rows), rowsOut: rows.length, columns: this.#columns, isLast: place === "last" };
  }
}

/** Rows that have come out. */
class WrittenSoFar {
  readonly rows: Encoded[] = [];
  length = 0;
  /** Of so many of them it is known how many bytes they are. */
  #counted: LateCut = { rowsOut: 0, bytes: 0 };

  add(rows: readonly Encoded[]): void {
    for (const row of rows) {
      this.rows.push(row);
      this.length += row.length;
    }
  }

  get cut(): LateCut {
    let { rowsOut, bytes } = this.#counted;
    for (; rowsOut < this.rows.length; rowsOut++) {
      const row = this.rows[rowsOut] ?? "";
      bytes += typeof row === "string" ? Buffer.byteLength(row) : row.length;
    }
    this.#counted = { rowsOut, bytes };
    return this.#counted;
  }
}
