/** Joins parts from left to right, and makes rows of what they come to. */
import type { PartTaker } from "./stage.ts";

interface Merging {
  init: () => unknown;
  /** Joins the part of what comes behind to that of what comes before; may use up both. */
  merge: (before: unknown, behind: unknown) => unknown;
  /** The output rows, or a promise of them. */
  finish: (all: unknown) => unknown;
}

/** The taker of a stage whose parts are joined. Nothing is joined to what `init` alone has made. */
export function mergingTaker({ init, merge, finish }: Merging): PartTaker {
  let all: { part: unknown } | undefined;
  return {
    take: (part) => {
      all = { part: all === undefined ? part : merge(all.part, part) };
    },
    end: () => finish(all === undefined ? init() : all.part),
  };
}
