/**
 * What folds the rows of a run: the `reduce` of a transform, whose functions are checked here each time they answer, or
 * the built-in one of `--group-by` and its like.
 */
import type { RowContext } from "../../code/context.ts";
import { accumulatorPacker, unpackAccumulator } from "./accumulator.ts";
import { ReduceError, reduceFailure } from "./reduce-error.ts";

/** Folds rows into an accumulator, and joins accumulators from left to right. */
export interface Reducer {
  init(): unknown;
  /** Folds a row in. Returns the accumulator, which may be the same one. What it throws fails the row. */
  step(accumulator: unknown, row: unknown, ctx: RowContext): unknown;
  /** Folds all outputs of a row in. */
  steps(accumulator: unknown, rows: readonly unknown[], ctx: RowContext): unknown;
  /** Joins the accumulator of what comes behind to that of what comes before; may use up both. */
  merge(before: unknown, behind: unknown): unknown;
  /** The output rows, or a promise of them. */
  finish(accumulator: unknown): unknown;
  /** A step that throws leaves the accumulator as it was: it need not be folded again. */
  isAtomic: boolean;
  /** Bytes in which an accumulator goes to another thread. Throws a {@linkcode ReduceError} where something would be lost. */
  pack(accumulator: unknown): Uint8Array<ArrayBuffer>;
  unpack(bytes: Uint8Array): unknown;
}

/** What a transform exports as `reduce`. */
export interface ReduceFunctions {
  init(): unknown;
  step(accumulator: unknown, row: unknown, ctx: RowContext): unknown;
  merge(before: unknown, behind: unknown): unknown;
  finish(accumulator: unknown): unknown;
}

export const REDUCE_FUNCTIONS = ["init", "step", "merge", "finish"] as const;

/** The reducer of a transform. */
export function userReducer(functions: ReduceFunctions): Reducer {
  const step: Reducer["step"] = (accumulator, row, ctx) => stepped(accumulator, functions.step(accumulator, row, ctx));
  return {
    isAtomic: false,
    init: () =>
      atOnce(
        "init",
        calling("init", () => functions.init()),
      ),
    step,
    steps: (accumulator, rows, ctx) => rows.reduce((next, row) => step(next, row, ctx), accumulator),
    merge: (before, behind) =>
      kept(
        before,
        atOnce(
          "merge",
          calling("merge", () => functions.merge(before, behind)),
        ),
      ),
    finish: (accumulator) => calling("finish", () => functions.finish(accumulator)),
    pack: accumulatorPacker(),
    unpack: unpackAccumulator,
  };
}

/** The accumulator behind a step. Throws a {@linkcode ReduceError} for a promise of one. */
export function stepped(accumulator: unknown, returned: unknown): unknown {
  return kept(accumulator, atOnce("step", returned));
}

/** What is not returned is the accumulator that was given, changed in place. */
function kept(accumulator: unknown, returned: unknown): unknown {
  return returned === undefined ? accumulator : returned;
}

function atOnce(name: string, returned: unknown): unknown {
  if (typeof returned !== "object" || returned === null) return returned;
  if (!("then" in returned) || typeof returned.then !== "function") return returned;
  // Whatever becomes of it: it is not what fails.
  if (returned instanceof Promise) returned.catch(() => {});
  throw new ReduceError(`reduce.${name} returned a promise, wanted the accumulator itself`, {
    hint: "what takes time belongs into the default function, which may be async: step gets its results",
  });
}

function calling(name: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    throw reduceFailure(name, error);
  }
}
