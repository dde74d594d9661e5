/** What comes behind rows that steps rewrite: packed rows, or those of a fold, through the steps and out, as they come. */
import { columnsOfFirstRow, inputOrder } from "../../formats/columns.ts";
import type { OutputSetup, Row } from "../../formats/format.ts";
import { sharesColumns } from "../../formats/encoder.ts";
import { orderSpelling } from "../../formats/values/spelling.ts";
import { reduceFailure } from "../../stages/reduce/reduce-error.ts";
import { needRow } from "../../formats/result-row.ts";
import type { FoldingStage, PartTaker, StepStage, TableRow } from "../../stages/stage.ts";
import { SharedNames } from "../../stages/rewriting/shared-names.ts";
import type { AskedStep } from "../../stages/registry.ts";
import { checkSeen } from "../../stages/unseen-column.ts";
import { type Taken, rowsOf } from "../taken-rows.ts";
import type { LateRows } from "../wire.ts";
import { carriedNames } from "./carried-rows.ts";
import { ChainOutput } from "./chain-output.ts";
import type { LateFailures } from "./late-failures.ts";
import { RowUnpacker } from "./packed-rows.ts";
import { PLACE } from "./row-places.ts";
import { RowChain } from "./row-chain.ts";
import { fixedValue, valuesBy } from "./table-rows.ts";

interface Rewriting {
  setup: OutputSetup;
  steps: readonly StepStage[];
  limit: number | undefined;
  /** Hears of rows that fail in a window in code, where these know where they come from. */
  late?: LateFailures | undefined;
}

/** How rows are carried as lines. */
interface Carrying {
  /** Columns that steps look at. */
  looksAt: readonly string[];
  /** The steps, as they were asked for. */
  asked: readonly AskedStep[];
}

/** Takes packed rows, part by part. */
export async function takenPacked(
  { setup, steps, limit, late }: Rewriting,
  carrying: Carrying | undefined,
): Promise<Taken> {
  const chain = await RowChain.of(steps);
  const out = new ChainOutput(chain, { setup, limit, late });
  const unpacker = new RowUnpacker(late === undefined ? [] : [PLACE]);
  let columns: readonly string[] = [];
  let isSettled = carrying === undefined;
  const rowsIn = (bytes: Uint8Array): TableRow[] => {
    if (!isSettled && carrying !== undefined) {
      const all = columnsBehindSteps(steps, carrying.asked, columns);
      const added = all.slice(columns.length);
      out.writeCarried({ columns: all, carried: carriedNames(columns, carrying.looksAt).length, added });
      isSettled = true;
    }
    return unpacker.rows(bytes);
  };
  return {
    settle: (names) => {
      columns = names;
      unpacker.settle(carrying === undefined ? names : carriedNames(names, carrying.looksAt));
    },
    take: (bytes, marks) => (out.isFull ? out.take([], marks) : out.take(rowsIn(bytes), marks)),
    nextRows: () => Promise.resolve(out.next()),
  };
}

/**
 * The columns of all rows behind steps that add some.
 *
 * @throws {RowmillError} `input`, where one is there already, or one that a step looks at is not.
 */
function columnsBehindSteps(
  steps: readonly StepStage[],
  asked: readonly AskedStep[],
  columns: readonly string[],
): readonly string[] {
  let names = columns;
  for (const [at, step] of steps.entries()) {
    const column = asked[at]?.columns.find((name) => !names.includes(name));
    if (column !== undefined) checkSeen({ column, names });
    if (step.kind === "rewriting") names = step.columns(names) ?? names;
  }
  return names;
}

/** Rows of a fold go through the steps together. */
const CHUNK_ROWS = 1024;

/** What is known of the rows that come out of a fold. */
interface FoldedOutput extends Rewriting {
  columns: readonly string[] | undefined;
  inputColumns: readonly string[] | undefined;
  check: (row: unknown) => unknown;
}

/** Takes the parts of rows that are folded, and has the rows that come of them go through the steps. */
export async function takenFolded(stage: FoldingStage, output: FoldedOutput): Promise<Taken> {
  const chain = await RowChain.of(output.steps);
  return new FoldedRows(
    stage,
    output,
    new ChainOutput(chain, { setup: output.setup, limit: output.limit, late: undefined }),
  );
}

class FoldedRows implements Taken {
  readonly #stage: FoldingStage;
  readonly #taker: PartTaker;
  readonly #output: FoldedOutput;
  readonly #out: ChainOutput;
  readonly #rowOf: (row: unknown) => TableRow;
  #rows: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  #isAtEnd = false;

  constructor(stage: FoldingStage, output: FoldedOutput, out: ChainOutput) {
    this.#stage = stage;
    this.#taker = stage.taker();
    this.#output = output;
    this.#out = out;
    this.#rowOf = sharesColumns(output.setup) ? rowByColumns(output) : rowByKeys(output);
  }

  settle(): void {
    // Its columns are those of what it gives.
  }

  take(bytes: Uint8Array): undefined {
    this.#taker.take(this.#stage.unpack(bytes));
  }

  async nextRows(): Promise<LateRows> {
    if (this.#isAtEnd || this.#out.isFull) return this.#out.next();
    const rows = await this.#chunk();
    return rows.length === 0 ? this.#out.next() : this.#out.take(rows);
  }

  /** The next rows that come of the fold. */
  async #chunk(): Promise<TableRow[]> {
    try {
      this.#rows ??= rowsOf(await this.#taker.end());
      const rows: TableRow[] = [];
      while (rows.length < CHUNK_ROWS) {
        const answer = this.#rows.next();
        const next = answer instanceof Promise ? await answer : answer;
        if (next.done === true) {
          this.#isAtEnd = true;
          break;
        }
        if (next.value === null || next.value === undefined) continue;
        const checked = this.#output.check(next.value);
        rows.push(this.#rowOf(checked instanceof Promise ? await checked : checked));
      }
      return rows;
    } catch (error) {
      throw reduceFailure("finish", error);
    }
  }
}

/** Rows that all have the columns of the first. */
function rowByColumns({ columns: given, inputColumns }: FoldedOutput): (row: unknown) => TableRow {
  let names = given;
  let known = new Set(given);
  return (value) => {
    const row = objectOf(value);
    if (names === undefined) {
      names = columnsOfFirstRow(row, inputColumns);
      known = new Set(names);
    }
    return { names, values: valuesBy(names, known, row).map(fixedValue) };
  };
}

/** Rows with keys of their own. */
function rowByKeys({ columns, inputColumns }: FoldedOutput): (row: unknown) => TableRow {
  const order = orderSpelling(columns ?? inputColumns)?.keys;
  const shared = new SharedNames();
  return (value) => {
    const row = objectOf(value);
    const names = shared.of(order === undefined ? Object.keys(row) : inputOrder(Object.keys(row), order));
    return { names, values: names.map((name) => fixedValue(row[name])) };
  };
}

function objectOf(value: unknown): Row {
  let row: Row = {};
  needRow((one) => {
    row = one;
    return "";
  })(value);
  return row;
}
