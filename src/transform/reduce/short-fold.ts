/**
 * The short way of a batch whose rows are folded: no row is made but of the fields that the step looks at. A batch with
 * anything unusual in it takes the long way, from its start.
 */
import { NO_TEXT } from "../../formats/csv/interner.ts";
import { FieldReader, type FieldValues } from "../../formats/csv/field-reader.ts";
import type { Kernel } from "../../formats/kernel/host.ts";
import type { Progress } from "../../scheduler/serve-tasks.ts";
import type { BatchRows, PlacedBlock } from "../block-mapper.ts";
import { RowContext } from "../context.ts";
import { type Looking, type ReadingWay, givenRow, givenScope, mayBePromise, wantedFields } from "../looked-at.ts";
import type { Predicate } from "../outcome.ts";
import type { Way } from "../plan/ways.ts";

/** Folds the blocks of one batch after another. */
export interface ShortFold {
  /** The way that the last block took. */
  readonly way: Way;
  begin(): void;
  /** Folds a block in. How many rows it had for the fold; undefined when the batch must take the long way. */
  take(rows: BatchRows, placed: PlacedBlock): number | undefined;
  /** The accumulator of the batch. */
  end(): unknown;
}

/** A fold whose step is called for each row. */
export interface StepFoldSetup {
  looking: Looking;
  /** Columns of the file. */
  file: readonly string[];
  functions: { init(): unknown; step(accumulator: unknown, row: unknown, ctx: RowContext): unknown };
  filter: Predicate | undefined;
  /** Whether a way may be taken. */
  takes: (way: Way) => boolean;
}

/** Where a loop over rows stands. */
interface LoopState {
  accumulator: unknown;
  rows: number;
  rowInBatch: number;
  firstRow: number;
  strings: readonly string[];
}

type FoldRows = (state: LoopState, values: FieldValues, ctx: RowContext, progress: Progress) => number;

/** What the loop gives in place of a number of rows where something answers with a promise, or all is to stop. */
const IS_ASYNC = -1;

/** From the quickest to the one that reads all fields. */
const READINGS: readonly { name: Way; reading: ReadingWay }[] = [
  { name: "steps-interned", reading: { numbers: "read", texts: "interned" } },
  { name: "steps-numbers", reading: { numbers: "read", texts: "one by one" } },
  { name: "steps-texts", reading: { numbers: "as texts", texts: "one by one" } },
];
/** After so many blocks that a way could not read, it is not tried any more. */
const MAX_MISSES = 8;

interface OpenReading {
  reader: FieldReader;
  foldRows: FoldRows;
  misses: number;
}

export class StepFold implements ShortFold {
  readonly #kernel: Kernel;
  readonly #setup: StepFoldSetup;
  readonly #readings: typeof READINGS;
  readonly #opened: (OpenReading | undefined)[] = [];
  way: Way = "steps-interned";
  #accumulator: unknown;

  constructor(kernel: Kernel, setup: StepFoldSetup) {
    this.#kernel = kernel;
    this.#setup = setup;
    this.#readings = READINGS.filter(({ name }) => setup.takes(name));
  }

  begin(): void {
    this.#accumulator = this.#setup.functions.init();
  }

  take(
    { context, file, progress }: BatchRows,
    { block, rowInBatch, firstRow, lineOf }: PlacedBlock,
  ): number | undefined {
    const { fields } = block;
    if (fields === undefined) return undefined;
    for (const [number, { name, reading }] of this.#readings.entries()) {
      const way = this.#open(number, reading);
      if (way.misses >= MAX_MISSES) continue;
      const values = way.reader.read(fields, this.#kernel.scratch(way.reader.bytesFor(fields)));
      if (values === undefined || values.ids.includes(NO_TEXT)) {
        way.misses++;
        continue;
      }
      const ctx = new RowContext(context, file, firstRow, (index) => lineOf(index - firstRow));
      const { strings } = way.reader;
      const state = { accumulator: this.#accumulator, rows: fields.rows, rowInBatch, firstRow, strings };
      const folded = way.foldRows(state, values, ctx, progress);
      progress.close();
      this.way = name;
      this.#accumulator = state.accumulator;
      return folded === IS_ASYNC ? undefined : folded;
    }
    return undefined;
  }

  end(): unknown {
    return this.#accumulator;
  }

  #open(number: number, reading: ReadingWay): OpenReading {
    const known = this.#opened[number];
    if (known !== undefined) return known;
    const { looking, file } = this.#setup;
    const { wanted, looksAt } = wantedFields(looking, file, reading);
    const opened = {
      reader: new FieldReader(this.#kernel, wanted),
      foldRows: compileFoldRows({ given: givenRow(looksAt, wanted), scope: givenScope(looksAt) }, this.#setup),
      misses: 0,
    };
    this.#opened[number] = opened;
    return opened;
  }
}

function compileFoldRows(
  { given, scope }: { given: string; scope: Record<string, unknown> },
  { functions, filter }: StepFoldSetup,
): FoldRows {
  const keep =
    filter === undefined
      ? ""
      : "const keeps = filter(given, ctx); if (mayBePromise(keeps)) return IS_ASYNC; if (!keeps) continue;";
  const source = `return function foldRows(state, { text, bounds, numbers, ids }, ctx, progress) {
    const { rows, rowInBatch, firstRow, strings } = state;
    let accumulator = state.accumulator, folded = 0;
    for (let row = 0; row < rows; row++) {
      if (progress.isStopped) return IS_ASYNC;
      const given = ${given};
      progress.open(rowInBatch + row);
      ctx.index = firstRow + row;
      ${keep}
      const next = functions.step(accumulator, given, ctx);
      if (next !== accumulator && next !== undefined) {
        if (mayBePromise(next)) return IS_ASYNC;
        accumulator = next;
      }
      folded++;
    }
    state.accumulator = accumulator;
    return folded;
  }`;
  const all = { functions, filter, mayBePromise, IS_ASYNC, ...scope };
  // oxlint-disable-next-line no-implied-eval -- the source holds JSON string literals and numbers only
  return new Function(...Object.keys(all), source)(...Object.values(all)) as FoldRows;
}
