/** The stages that pick or arrange rows, by the names by which options ask for them: the only place that names them. */
import type { ArrangingStage, MakeStage, PickingFacts, PickingStage } from "./stage.ts";

const STAGES: Readonly<Record<string, () => Promise<MakeStage>>> = {
  "head-by": async () => (await import("./head-by/head-by.ts")).headBy,
  distinct: async () => (await import("./head-by/head-by.ts")).distinct,
  tail: async () => (await import("./tail/tail.ts")).tail,
  "sort-by": async () => (await import("./sort/sort.ts")).sort,
  top: async () => (await import("./top/top.ts")).top,
  sample: async () => (await import("./sample/sample.ts")).sample,
  shuffle: async () => (await import("./sample/sample.ts")).shuffle,
};

/** A step that was asked for. */
export interface AskedStep extends PickingFacts {
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

/** Loads and makes the stages of steps, in their order. */
export async function stagesOf(steps: readonly AskedStep[]): Promise<(PickingStage | ArrangingStage)[]> {
  return await Promise.all(
    steps.map(async ({ stage, asked, ...facts }) => {
      const load = STAGES[stage];
      if (load === undefined) throw new Error(`there is no stage ${stage}`);
      const make = await load();
      return make(asked, facts);
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
