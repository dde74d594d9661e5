/**
 * The loop of a short way over the rows of a block. It is generated, so that function, row and result can be inlined;
 * names of columns enter it as JSON string literals only.
 */
import type { Progress } from "../scheduler/serve-tasks.ts";
import type { RowContext } from "../code/context.ts";
import { mayBePromise } from "./looked-at.ts";
import type { Predicate } from "./outcome.ts";

/** Where a loop over rows stands. */
export interface LoopState {
  row: number;
  rows: number;
  rowInBatch: number;
  firstRow: number;
  /** Text of computed fields, a line each. */
  beside: string;
  /** Rows that are kept. */
  kept: number;
}

/**
 * Calls the function for row after row; throws what a row throws, and {@linkcode IS_ASYNC}. It ends before a row when the
 * parent wants what is done.
 */
export type RowLoop<Block> = (state: LoopState, block: Block, ctx: RowContext, progress: Progress) => void;

/** What a filter throws to say that it answers with promises. */
export const IS_ASYNC: unique symbol = Symbol("asynchronous");

/** The code that makes a loop one of its kind. */
export interface LoopCode {
  filter: Predicate | undefined;
  call: Predicate;
  /** Parts of the block that the code names, `kept` among them: a byte for each row. */
  parts: readonly string[];
  /** Statements that declare `given`, the row `row` of `rows`. */
  given: string;
  /** Statements that take the `result` of a row that is kept. */
  take: string;
  /** What else the code names. */
  scope: Record<string, unknown>;
}

export function compileRowLoop<Block extends { kept: Uint8Array }>({
  filter,
  call,
  parts,
  given,
  take,
  scope,
}: LoopCode): RowLoop<Block> {
  const source = `return function mapRows(state, { ${parts.join(", ")} }, ctx, progress) {
    const { rows, rowInBatch, firstRow } = state;
    for (let row = state.row; row < rows; row++) {
      state.row = row;
      if (progress.isWanted) return;
      ${given}
      progress.open(rowInBatch + row);
      ctx.index = firstRow + row;
      ${filter === undefined ? "" : "const keeps = filter(given, ctx); if (mayBePromise(keeps)) throw IS_ASYNC; if (!keeps) continue;"}
      const result = call(given, ctx);
      if (result === undefined || result === null) continue;
      ${take}
      kept[row] = 1;
      state.kept++;
    }
    state.row = rows;
  }`;
  const all = { filter, call, mayBePromise, IS_ASYNC, ...scope };
  // oxlint-disable-next-line no-implied-eval -- the source holds JSON string literals and numbers only
  return new Function(...Object.keys(all), source)(...Object.values(all)) as RowLoop<Block>;
}
