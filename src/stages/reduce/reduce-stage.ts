/** The stage of a transform's `reduce`, whose functions are checked here each time they answer. */
import type { RowContext } from "../../code/context.ts";
import { mergingTaker } from "../merging-taker.ts";
import type { FoldingStage } from "../stage.ts";
import { accumulatorPacker, unpackAccumulator } from "./accumulator.ts";
import { ReduceError, reduceFailure } from "./reduce-error.ts";

/** What a transform exports as `reduce`. */
export interface ReduceFunctions {
  init(): unknown;
  step(accumulator: unknown, row: unknown, ctx: RowContext): unknown;
  merge(before: unknown, behind: unknown): unknown;
  finish(accumulator: unknown): unknown;
}

export const REDUCE_FUNCTIONS = ["init", "step", "merge", "finish"] as const;

/** The stage of a transform's functions; an accumulator is its part. */
export function reduceStage(functions: ReduceFunctions): FoldingStage {
  const init = (): unknown =>
    atOnce(
      "init",
      calling("init", () => functions.init()),
    );
  const merge = (before: unknown, behind: unknown): unknown =>
    kept(
      before,
      atOnce(
        "merge",
        calling("merge", () => functions.merge(before, behind)),
      ),
    );
  const step: FoldingStage["step"] = (accumulator, row, ctx) =>
    stepped(accumulator, functions.step(accumulator, row, ctx));
  return {
    kind: "folding",
    name: "reduce",
    what: "the export reduce",
    isAtomic: false,
    init,
    step,
    steps: (accumulator, rows, ctx) => rows.reduce((next, row) => step(next, row, ctx), accumulator),
    pack: accumulatorPacker(),
    unpack: unpackAccumulator,
    taker: () => mergingTaker({ init, merge, finish: (all) => calling("finish", () => functions.finish(all)) }),
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
