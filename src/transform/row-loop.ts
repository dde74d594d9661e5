/**
 * The loop of a short way over the rows of a block. It is generated, so that function, row and result can be
 * inlined.
 */
import { generate } from "../generated-code.ts";
import type { Progress } from "../scheduler/serve-tasks.ts";
import type { RowContext } from "../code/context.ts";
import { mayBePromise } from "./looked-at.ts";
import type { Predicate } from "./outcome.ts";
import type { PrepareRow, RowCode } from "./readings.ts";

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
  name: string;
  /** What of the progress ends the loop before a row. */
  stopsWhen: "isWanted" | "isStopped";
  /** How rows are read; its parts are those that the whole code names. */
  code: RowCode;
  /** Called for a row first. */
  prepare?: PrepareRow | undefined;
  filter: Predicate | undefined;
  /** Statements for a row before it is read, which may go on to the next one. */
  aside?: string;
  /** Statements around the loop, which ends by a return or a throw as well. */
  around?: { before: string; after: string };
  /** Statements for a row that the filter keeps. */
  body: string;
  /** What else the code names. */
  scope: Record<string, unknown>;
}

const NOTHING_AROUND = { before: "", after: "" };

/** Generates a loop over the rows of a block. It throws what a row throws, the state being that of the row. */
export function compileLoop(loop: LoopCode): (...args: never[]) => void {
  const { name, stopsWhen, code, prepare, filter, aside = "", around = NOTHING_AROUND, body, scope } = loop;
  const source = `return function ${name}(state, { ${code.parts.join(", ")} }, ctx, progress) {
    const { rows, rowInBatch, firstRow } = state;
    ${code.before}
    ${around.before}
    ${around.after === "" ? "" : "try {"}
    for (let row = state.row; row < rows; row++) {
      state.row = row;
      if (progress.${stopsWhen}) return;
      progress.open(rowInBatch + row);
      ctx.index = firstRow + row;
      ${aside}
      ${code.given}
      ${prepare === undefined ? "" : "prepare(given);"}
      ${filter === undefined ? "" : "const keeps = filter(given, ctx); if (mayBePromise(keeps)) throw IS_ASYNC; if (!keeps) continue;"}
      ${body}
    }
    state.row = rows;
    ${around.after === "" ? "" : `} finally { ${around.after} }`}
  }`;
  const twice = Object.keys(scope).find((key) => Object.hasOwn(code.scope, key));
  if (twice !== undefined) throw new Error(`two things of generated code are called ${twice}`);
  const all = { filter, prepare, mayBePromise, IS_ASYNC, ...code.scope, ...scope };
  return generate(name, source, all) as (...args: never[]) => void;
}

/** The loop of rows that are mapped. @param take Statements that take the `result` of a row that is kept. */
export function compileRowLoop<Block extends { kept: Uint8Array }>({
  call,
  take,
  scope,
  ...loop
}: Pick<LoopCode, "code" | "filter" | "aside" | "scope"> & { call: Predicate; take: string }): RowLoop<Block> {
  return compileLoop({
    ...loop,
    name: "mapRows",
    stopsWhen: "isWanted",
    body: `const result = call(given, ctx);
      if (result === undefined || result === null) continue;
      ${take}
      kept[row] = 1;
      state.kept++;`,
    scope: { call, ...scope },
  }) as RowLoop<Block>;
}
