/** The stages that pick, arrange or rewrite rows, by the names by which options ask for them: the only place that names them. */
import { CODE_WINDOW } from "./rewriting/asked.ts";
import type { ArrangingStage, MakeStage, PickingStage, RewritingStage, StepFacts, StepStage } from "./stage.ts";

const STAGES: Readonly<Record<string, () => Promise<MakeStage>>> = {
  "head-by": async () => (await import("./head-by/head-by.ts")).headBy,
  distinct: async () => (await import("./head-by/head-by.ts")).distinct,
  tail: async () => (await import("./tail/tail.ts")).tail,
  "sort-by": async () => (await import("./sort/sort.ts")).sort,
  top: async () => (await import("./top/top.ts")).top,
  sample: async () => (await import("./sample/sample.ts")).sample,
  shuffle: async () => (await import("./sample/sample.ts")).shuffle,
  lag: async () => (await import("./rewriting/windows/running.ts")).lag,
  cumsum: async () => (await import("./rewriting/windows/running.ts")).cumsum,
  cummin: async () => (await import("./rewriting/windows/running.ts")).cummin,
  cummax: async () => (await import("./rewriting/windows/running.ts")).cummax,
  cummean: async () => (await import("./rewriting/windows/running.ts")).cummean,
  cumcount: async () => (await import("./rewriting/windows/running.ts")).cumcount,
  "moving-mean": async () => (await import("./rewriting/windows/running.ts")).movingMean,
  lead: async () => (await import("./rewriting/windows/lead.ts")).lead,
  rank: async () => (await import("./rewriting/windows/held.ts")).rank,
  share: async () => (await import("./rewriting/windows/held.ts")).share,
  unpivot: async () => (await import("./rewriting/unpivot.ts")).unpivot,
  pivot: async () => (await import("./rewriting/pivot.ts")).pivot,
  flatten: async () => (await import("./rewriting/flatten.ts")).flatten,
  unflatten: async () => (await import("./rewriting/flatten.ts")).unflatten,
  [CODE_WINDOW]: async () => (await import("./rewriting/windows/code-window.ts")).codeWindow,
  "fill-down": async () => (await import("./rewriting/windows/fill-down.ts")).fillDown,
};

/** A step that was asked for. */
export interface AskedStep extends StepFacts {
  /** Its name. */
  stage: string;
  /** The flag behind which its columns are named: `by`. */
  namedBy: string;
  columns: readonly string[];
  /** What was asked of it: columns, or what they are sorted by. */
  asked: readonly string[];
  /** It tells rows apart by all of their columns. */
  isOfWholeRows: boolean;
  /** It puts rows in the order of these. */
  isSorted: boolean;
  /** Its rows come out when all are there. */
  isLate: boolean;
}

/** Whether the stage of a step can know rows by their fields alone ({@linkcode PickingStage.byFields}). */
export function tellsByFields({ stage, emptyIsNothing }: AskedStep): boolean {
  return emptyIsNothing && (stage === "distinct" || stage === "head-by");
}

/** Loads and makes the stages of steps, in their order. @param ofCode What the code of the run gives them, where it is loaded. */
export async function stagesOf(
  steps: readonly AskedStep[],
  ofCode: Pick<StepFacts, "codeWindow"> = {},
): Promise<StepStage[]> {
  return await Promise.all(
    steps.map(async ({ stage, asked, ...facts }) => {
      const load = STAGES[stage];
      if (load === undefined) throw new Error(`there is no stage ${stage}`);
      const make = await load();
      return make(asked, { ...facts, ...ofCode });
    }),
  );
}

/** All of them as one; undefined where there is none. */
export async function asOne(
  stages: readonly (PickingStage | ArrangingStage)[],
): Promise<PickingStage | ArrangingStage | undefined> {
  if (stages.length < 2) return stages[0];
  const { chained } = await import("./chain.ts");
  return chained(stages);
}

/** The steps of a run by where they run. */
export interface PlacedSteps {
  /** Where the function runs, for each row by itself. */
  local: RewritingStage[];
  /** Rows are told of by the workers that encode them. */
  before: (PickingStage | ArrangingStage)[];
  /** At the one place where rows are taken as values. */
  behind: StepStage[];
}

/** Where steps run that come behind a function: from the first that rewrites rows on, all run at one place. */
export function placedSteps(stages: readonly StepStage[]): PlacedSteps {
  const firstOther = stages.findIndex((stage) => stage.kind !== "rewriting" || stage.each === undefined);
  const local = stages.slice(0, firstOther < 0 ? stages.length : firstOther);
  const others = stages.slice(local.length);
  const firstRewriting = others.findIndex(({ kind }) => kind === "rewriting");
  const before = others.slice(0, firstRewriting < 0 ? others.length : firstRewriting);
  return {
    local: local.filter((stage) => stage.kind === "rewriting"),
    before: before.filter((stage) => stage.kind !== "rewriting"),
    behind: others.slice(before.length),
  };
}
