/** The stages that pick rows, by the names by which options ask for them: the only place that names them. */
import type { MakePicking, PickingFacts, PickingStage } from "./stage.ts";

const STAGES: Readonly<Record<string, () => Promise<MakePicking>>> = {
  "head-by": async () => (await import("./head-by/head-by.ts")).headBy,
};

/** A stage that was asked for. */
export interface AskedPicking extends PickingFacts {
  /** Its name. */
  stage: string;
  columns: readonly string[];
}

/** Loads and makes it. */
export async function pickingStage({ stage, columns, areKnown }: AskedPicking): Promise<PickingStage> {
  const load = STAGES[stage];
  if (load === undefined) throw new Error(`there is no stage ${stage}`);
  const make = await load();
  return make(columns, { areKnown });
}
