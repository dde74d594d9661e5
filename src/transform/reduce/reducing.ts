/** What a run needs that reduces: who folds its rows, who merges, and which columns that looks at. */
import { groupedColumns, readColumns } from "../grouping/grouping.ts";
import { isIdentity } from "../identity.ts";
import { type LoadedTransform, fixedColumns } from "../load.ts";
import type { Proof } from "../proof.ts";
import { validator } from "../standard-schema.ts";
import type { RunSetup } from "../wire.ts";
import { Merging } from "./merging.ts";
import { type Reducer, userReducer } from "./reducer.ts";
import { proveStep } from "./step-proof.ts";

export interface Reducing {
  reducer: Reducer;
  merging: Merging;
  /** The transform whose results are folded. */
  transform: LoadedTransform;
  /** What is proven of rows that are folded as they are; undefined when a function of the transform comes before. */
  proof: Proof | undefined;
}

/** What a run needs whose rows are folded; undefined for one whose rows are not. */
export async function reducingOf(transform: LoadedTransform, setup: RunSetup): Promise<Reducing | undefined> {
  if (setup.grouping !== undefined) return await grouping(transform, setup, setup.grouping);
  const { reduce, output } = transform;
  if (reduce === undefined) return undefined;
  const reducer = userReducer(reduce);
  const columns = fixedColumns(transform);
  const check = output === undefined ? (row: unknown): unknown => row : validator(output, "output");
  return {
    reducer,
    merging: new Merging(reducer, { setup: setup.output, columns, inputColumns: setup.input.columns, check }),
    // It is the rows of `finish` that are the output.
    transform: { ...transform, output: undefined, columns: undefined },
    proof: transform.isPassedOn ? proveStep(stepOf(reduce), setup.input.columns ?? []) : undefined,
  };
}

async function grouping(
  transform: LoadedTransform,
  { source, input, output }: RunSetup,
  wanted: NonNullable<RunSetup["grouping"]>,
): Promise<Reducing> {
  const { groupReducer } = await import("../grouping/group-reducer.ts");
  const passesOn = source.kind === "expression" && (source.expression === undefined || isIdentity(source.expression));
  const reducer = groupReducer(wanted, passesOn && input.columns !== undefined ? "known" : "unknown");
  return {
    reducer,
    merging: new Merging(reducer, {
      setup: output,
      columns: groupedColumns(wanted),
      inputColumns: input.columns,
      check: (row) => row,
    }),
    transform,
    proof: passesOn ? lookingAt(readColumns(wanted)) : undefined,
  };
}

function lookingAt(columns: readonly string[]): Proof {
  return { looksAt: new Set(columns), asNumbers: new Set(), result: undefined };
}

/** The function itself: its text is looked at, and it is not called. */
function stepOf({ step }: { step: (...args: never[]) => unknown }): (...args: never[]) => unknown {
  return step;
}
