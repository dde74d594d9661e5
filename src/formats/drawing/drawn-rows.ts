/**
 * What is drawn for people, row by row: the layout comes from the first rows, and holds for all that follow, so that any
 * number of rows streams. Where the batches were cut does not show: the first rows are counted, in rows and characters.
 */

/** Rows that the layout is taken from. */
export const SAMPLE_ROWS = 1000;
/**
 * The layout is taken from fewer rows where they have this many characters together, since they are kept until then.
 */
const SAMPLE_CHARS = 16 * 1024 * 1024;

/** A number, or the text that CSV would have. */
type Cell = string | number;
export type CellRow = readonly Cell[];

/** What the layout is taken from. */
export interface FirstRows {
  columns: readonly string[];
  sample: readonly CellRow[];
  /** No rows follow. */
  isWhole: boolean;
}

/** Draws rows that come in any portions. */
export abstract class DrawnRows {
  #sample: CellRow[] = [];
  #sampleChars = 0;
  #isLaidOut = false;

  /** Takes rows, each a JSON array in a line; gives the text that can be written. */
  rows(lines: Uint8Array, columns: readonly string[]): Uint8Array {
    let drawn = "";
    const rows: CellRow[] = [];
    for (const line of new TextDecoder().decode(lines).split("\n")) {
      if (line === "") continue;
      const row = JSON.parse(line) as Cell[];
      if (!this.#isLaidOut && (this.#sample.length >= SAMPLE_ROWS || this.#sampleChars >= SAMPLE_CHARS)) {
        drawn = this.#begin({ columns, isWhole: false });
      }
      if (this.#isLaidOut) {
        rows.push(row);
      } else {
        this.#sample.push(row);
        this.#sampleChars += line.length;
      }
    }
    return Buffer.from(rows.length === 0 ? drawn : drawn + this.body(rows));
  }

  /** The rest. */
  end(columns: readonly string[]): Uint8Array {
    if (columns.length === 0) return new Uint8Array(0);
    return Buffer.from((this.#isLaidOut ? "" : this.#begin({ columns, isWhole: true })) + this.foot());
  }

  /** What whoever looks at it should know; complete at the end. */
  get notices(): string[] {
    return [];
  }

  #begin(known: Omit<FirstRows, "sample">): string {
    const sample = this.#sample;
    this.#sample = [];
    this.#isLaidOut = true;
    const head = this.head({ ...known, sample });
    return sample.length === 0 ? head : head + this.body(sample);
  }

  /** Lays out the columns by the first rows; gives what stands before these. */
  protected abstract head(first: FirstRows): string;
  /** Rows in the layout of the head. There is at least one. */
  protected abstract body(rows: readonly CellRow[]): string;
  /** What stands behind the last row. */
  protected abstract foot(): string;
}

/** Whether the cells of a column are numbers, the empty ones left aside: such a column is aligned to the right. */
export function holdsNumbers(rows: readonly CellRow[], column: number): boolean {
  let hasSome = false;
  for (const row of rows) {
    const cell = row[column];
    if (cell === undefined || cell === "") continue;
    if (typeof cell !== "number" && !NUMBER.test(cell)) return false;
    hasSome = true;
  }
  return hasSome;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
