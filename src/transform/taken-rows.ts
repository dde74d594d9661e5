/**
 * What comes behind rows that are folded, in one worker: has their stage take parts as they come, and then writes the rows
 * that come out, some at a time. Stages behind it run here.
 */
import { columnsOfFirstRow } from "../formats/columns.ts";
import type { Encoded, Encoder, OutputSetup, Row } from "../formats/format.ts";
import { JsonText } from "../formats/values/json-text.ts";
import { hasColumns } from "../formats/registry.ts";
import { resultEncoder, sharesColumns } from "../formats/encoder.ts";
import { writtenForm } from "../formats/values/form.ts";
import { SpelledRow, orderSpelling } from "../formats/values/spelling.ts";
import type { LateRows } from "./wire.ts";
import { reduceFailure } from "../stages/reduce/reduce-error.ts";
import { type ArrangedRows, arrangedRows, keptRows } from "../stages/arranged.ts";
import { serialPicker } from "../stages/picked.ts";
import type { ArrangingStage, FoldingStage, NoteCollector, PartTaker, PickingStage } from "../stages/stage.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";

/** Rows go out when their text is so long: few messages, and little that waits. */
const ROWS_CHARS = 512 * 1024;

/** What takes parts in one worker, one behind the other, and gives the rows that come out. */
export interface Taken {
  /** The columns of rows that are packed by them are known. */
  settle(columns: readonly string[]): void;
  /** Takes the part of the rows behind all others so far; gives rows that come out already, where any may. */
  take(bytes: Uint8Array, marks?: readonly number[]): LateRows | undefined;
  /** The next of the output rows; no more parts come. */
  nextRows(): Promise<LateRows>;
}

/** How the rows are written. */
export interface TakenOutput {
  setup: OutputSetup;
  /** Their columns, where these are known before the first. */
  columns: string[] | undefined;
  /** Those of the input: rows that hold all of them have them in that order. */
  inputColumns: string[] | undefined;
  /** Which of the rows go on, or in which order. */
  picking: PickingStage | ArrangingStage | undefined;
  /** So many rows are wanted. */
  limit: number | undefined;
  /** What becomes of a row: what the transform's `output` schema makes of it. */
  check: (row: unknown) => unknown;
}

export class TakenRows implements Taken {
  readonly #stage: FoldingStage;
  readonly #taker: PartTaker;
  readonly #output: TakenOutput;
  readonly #picker: ReturnType<typeof serialPicker> | undefined;
  /** The order of the columns, where rows of JSON would have another one. */
  readonly #spelling: ObjectSpelling | undefined;
  /** The rows in their new order, where they are arranged. */
  #arranged: Iterator<ArrangedRows> | undefined;
  #rows: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  /** Hears of the rows, where they are arranged, and where each ends. */
  #notes: NoteCollector | undefined;
  #ends: number[] = [];
  #columns: string[] | undefined;
  #encoder: Encoder | undefined;
  /** So many rows are still wanted. */
  #missing: number;

  constructor(stage: FoldingStage, output: TakenOutput) {
    this.#stage = stage;
    this.#taker = stage.taker();
    this.#output = output;
    this.#picker = output.picking?.kind === "picking" ? serialPicker(output.picking) : undefined;
    this.#missing = output.limit ?? Number.POSITIVE_INFINITY;
    const { setup, columns, inputColumns } = output;
    this.#spelling = hasColumns(setup.format) ? undefined : orderSpelling(columns ?? inputColumns);
    if (output.columns !== undefined || !sharesColumns(output.setup)) this.#settle(output.columns ?? []);
  }

  settle(): void {
    // Its columns are those of what it gives.
  }

  /** Takes the part of the rows behind all others so far. */
  take(bytes: Uint8Array): undefined {
    this.#taker.take(this.#stage.unpack(bytes));
  }

  /** The next of the output rows; no more parts come. */
  async nextRows(): Promise<LateRows> {
    const { picking } = this.#output;
    if (picking?.kind !== "arranging") return await this.#nextRows();
    this.#arranged ??= await this.#arrange(picking);
    const next = this.#arranged.next();
    const rows = next.done === true ? { output: new Uint8Array(0), rowsOut: 0 } : next.value;
    return { ...rows, columns: this.#columns, isLast: next.done === true };
  }

  /** What the stage behind says of all rows, when they are there. */
  async #arrange(stage: ArrangingStage): Promise<Iterator<ArrangedRows>> {
    const arranger = stage.arranger();
    const wanted = this.#missing;
    this.#missing = Number.POSITIVE_INFINITY;
    try {
      for (let isLast = false; !isLast;) {
        this.#notes = stage.part();
        this.#ends = [];
        const rows = await this.#nextRows();
        const placed = { bytes: rows.output, ends: Uint32Array.from(this.#ends) };
        const kept = this.#notes.kept?.();
        arranger.take(this.#notes.pack(), kept === undefined ? placed : keptRows(placed, kept));
        ({ isLast } = rows);
      }
    } catch (error) {
      arranger.close?.();
      throw error;
    }
    return arrangedRows(arranger, wanted);
  }

  async #nextRows(): Promise<LateRows> {
    try {
      this.#rows ??= rowsOf(await this.#taker.end());
      const rows: Encoded[] = [];
      let length = 0;
      while (length < ROWS_CHARS) {
        if (this.#missing <= 0) {
          await this.#rows.return?.();
          return this.#reduced(rows, "last");
        }
        // Most rows are there at once: to wait for each would take longer than to write it.
        const answer = this.#rows.next();
        const next = answer instanceof Promise ? await answer : answer;
        if (next.done === true) {
          this.#picker?.end();
          return this.#reduced(rows, "last");
        }
        if (next.value === null || next.value === undefined) continue;
        const checked = this.#output.check(next.value);
        const result: unknown = checked instanceof Promise ? await checked : checked;
        if (this.#picker?.takes(result) === false) continue;
        const row = this.#encode(result);
        if (this.#notes !== undefined && this.#output.picking !== undefined) {
          // What is no object has no fields: its encoder has said so. Of several steps, the first may pick.
          if (!this.#notes.add(this.#output.picking.note(result as Row))) continue;
        }
        rows.push(row);
        length += row.length;
        if (this.#notes !== undefined) {
          this.#ends.push((this.#ends.at(-1) ?? 0) + (typeof row === "string" ? Buffer.byteLength(row) : row.length));
        }
        this.#missing--;
      }
      return this.#reduced(rows, "more");
    } catch (error) {
      throw reduceFailure("finish", error);
    }
  }

  #encode(result: unknown): Encoded {
    const form = writtenForm(result);
    const row = this.#spelling === undefined ? form : new JsonText(inOrder(form, this.#spelling));
    if (this.#encoder === undefined) {
      this.#settle(
        typeof row === "object" && row !== null ? columnsOfFirstRow(row as Row, this.#output.inputColumns) : [],
      );
    }
    return this.#encoder?.encode(row) ?? "";
  }

  #settle(columns: string[]): void {
    this.#columns = columns;
    this.#encoder = resultEncoder(this.#output.setup, columns);
  }

  #reduced(rows: readonly Encoded[], place: "more" | "last"): LateRows {
    return { output: bytesOf(rows), rowsOut: rows.length, columns: this.#columns, isLast: place === "last" };
  }
}

export function bytesOf(rows: readonly Encoded[]): Uint8Array<ArrayBuffer> {
  if (rows.every((row) => typeof row === "string")) return new TextEncoder().encode(rows.join(""));
  // What is sent is its buffer as a whole: none of the shared memory of small ones.
  return new Uint8Array(Buffer.concat(rows.map((row) => (typeof row === "string" ? Buffer.from(row) : row))));
}

/** The rows that `finish` gave: none, one, or many. */
export function rowsOf(result: unknown): Iterator<unknown> | AsyncIterator<unknown> {
  if (result === null || result === undefined) return [].values();
  if (typeof result === "object" && Symbol.iterator in result) {
    return (result as Iterable<unknown>)[Symbol.iterator]();
  }
  if (typeof result === "object" && Symbol.asyncIterator in result) {
    return (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  }
  return [result].values();
}

/** The JSON of a result whose keys have an order of their own. */
function inOrder(result: unknown, spelling: ObjectSpelling): string {
  return new SpelledRow({}, spelling).json(result, spelling);
}
