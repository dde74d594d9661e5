/** Rows that were emitted, on their way with the outcome of the row that has emitted them. */
import type { Encoded } from "../formats/format.ts";
import type { Outcome } from "./outcome.ts";
import type { EmittedRows } from "./wire.ts";

/** A row that was emitted. */
export interface EmittedRow {
  /** The number of its output. */
  emit: number;
  /** Those that it was written with, where the output has columns. */
  columns: readonly string[] | undefined;
  text: Encoded;
}

/** The outcome of a row that has emitted others. */
export class Emitting {
  readonly outcome: Outcome;
  readonly rows: readonly EmittedRow[];
  constructor(outcome: Outcome, rows: readonly EmittedRow[]) {
    this.outcome = outcome;
    this.rows = rows;
  }
}

/** Collects what the rows of a batch emit, in their order. */
export class EmittedBatch {
  readonly #stretches: EmittedRows["stretches"] = [];
  /** The list of columns that the rows of the last stretch came with; the stretch itself has a copy. */
  #lastColumns: readonly string[] | undefined;
  readonly #texts: Uint8Array[] = [];
  #end = 0;

  /** @param from Their row: its number in the batch, and where it stands. */
  add(rows: readonly EmittedRow[], from: { number: number; file: string; line: () => number }): void {
    for (const { emit, columns, text } of rows) {
      const last = this.#stretches.at(-1);
      const goesOn = last !== undefined && last.emit === emit && this.#lastColumns === columns;
      const stretch = goesOn
        ? last
        : {
            emit,
            columns: columns && [...columns],
            rows: [],
            file: from.file,
            line: from.line(),
            ends: [],
          };
      if (!goesOn) this.#stretches.push(stretch);
      this.#lastColumns = columns;
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      this.#texts.push(bytes);
      this.#end += bytes.length;
      stretch.rows.push(from.number);
      stretch.ends.push(this.#end);
    }
  }

  /** Undefined where nothing was emitted. */
  take(): EmittedRows | undefined {
    if (this.#stretches.length === 0) return undefined;
    const bytes = new Uint8Array(this.#end);
    let at = 0;
    for (const text of this.#texts) {
      bytes.set(text, at);
      at += text.length;
    }
    return { bytes, stretches: this.#stretches };
  }
}
