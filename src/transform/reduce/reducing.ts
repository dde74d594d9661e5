/** What a run needs that reduces: who folds its rows, who merges, and which columns that looks at. */
import { type Grouping, groupedColumns, readColumns } from "../../stages/grouping/grouping.ts";
import { isIdentity } from "../../code/identity.ts";
import { fixedColumns } from "../load.ts";
import type { FoldCode } from "../plan/plan.ts";
import type { Proof } from "../../code/proof.ts";
import { validator } from "../../fields/schema/validator.ts";
import type { RunSetup } from "../wire.ts";
import { Merging } from "./merging.ts";
import { type Reducer, userReducer } from "../../stages/reduce/reducer.ts";
import { proveStep } from "../../code/step-proof.ts";
import type { LoadedTransform } from "../transform.ts";

export interface Reducing {
  reducer: Reducer;
  merging: Merging;
  /** The transform whose results are folded. */
  transform: LoadedTransform;
  /** What is proven of rows that are folded as they are; undefined when a function of the transform comes before. */
  proof: Proof | undefined;
  /** How they are folded, for the plan. */
  fold: FoldCode;
}

/** What a run needs whose rows are folded; undefined for one whose rows are not. */
export async function reducingOf(transform: LoadedTransform, setup: RunSetup): Promise<Reducing | undefined> {
  if (setup.grouping !== undefined) return await grouping(transform, setup, setup.grouping);
  const { reduce, output } = transform;
  if (reduce === undefined) return undefined;
  const reducer = userReducer(reduce);
  const columns = fixedColumns(transform);
  const proof = transform.isPassedOn ? proveStep(stepOf(reduce), setup.input.columns) : undefined;
  const check = output === undefined ? (row: unknown): unknown => row : validator(output, "output");
  return {
    reducer,
    merging: new Merging(reducer, {
      setup: setup.output,
      columns,
      inputColumns: setup.input.columns,
      limit: setup.limit,
      check,
    }),
    // It is the rows of `finish` that are the output.
    transform: { ...transform, output: undefined, columns: undefined },
    proof,
    fold: {
      rowsReason: transform.isPassedOn
        ? transform.schema && "the export schema makes rows first"
        : "a function makes rows first",
      functions: reduce,
      isAtomic: false,
      proof,
      grouping: undefined,
    },
  };
}

/** Whether groups are made of the rows of the input as they are. */
export function passesOnToGroups({ source, input }: RunSetup): boolean {
  return (
    source.kind === "expression" && (source.expression === undefined || isIdentity(source.expression, input.columns))
  );
}

async function grouping(transform: LoadedTransform, setup: RunSetup, wanted: Grouping): Promise<Reducing> {
  const { input, output } = setup;
  const { groupReducer } = await import("../../stages/grouping/group-reducer.ts");
  const passesOn = passesOnToGroups(setup);
  const hasHeader = input.columns !== undefined;
  const reducer = groupReducer(wanted, { output, columns: passesOn && hasHeader ? "known" : "unknown" });
  const proof = passesOn ? lookingAt(readColumns(wanted)) : undefined;
  return {
    reducer,
    merging: new Merging(reducer, {
      setup: output,
      columns: groupedColumns(wanted),
      inputColumns: input.columns,
      limit: setup.limit,
      check: (row) => row,
    }),
    transform,
    proof,
    fold: {
      rowsReason: passesOn ? undefined : "a function makes rows first",
      functions: reducer,
      isAtomic: true,
      proof,
      grouping: wanted,
    },
  };
}

function lookingAt(columns: readonly string[]): Proof {
  return { looksAt: new Set(columns), asNumbers: new Set(), missingAsNaN: new Set(), result: undefined };
}

/** The function itself: its text is looked at, and it is not called. */
export function stepOf({ step }: { step: (...args: never[]) => unknown }): (...args: never[]) => unknown {
  return step;
}
