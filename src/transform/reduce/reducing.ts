/** What a run needs that reduces: who folds its rows, who merges, and which columns that looks at. */
import type { Kernel } from "../../formats/kernel/host.ts";
import { type Grouping, groupedColumns, readColumns } from "../grouping/grouping.ts";
import { isIdentity } from "../identity.ts";
import { type LoadedTransform, fixedColumns } from "../load.ts";
import { hasPlainFields, lookingOf } from "../looked-at.ts";
import type { Proof } from "../proof.ts";
import type { Predicate } from "../outcome.ts";
import { validator } from "../schema/validator.ts";
import type { Typing } from "../typing.ts";
import { isSimple } from "../weaving.ts";
import type { RunSetup } from "../wire.ts";
import { Merging } from "./merging.ts";
import { type Reducer, userReducer } from "./reducer.ts";
import { type ShortFold, StepFold, type StepFoldSetup } from "./short-fold.ts";
import { proveStep } from "./step-proof.ts";

/** The numbers of so many strings, put together, are a whole number below 2^53. */
const MAX_FIELDS_OF_KEY = 4;

export interface Reducing {
  reducer: Reducer;
  merging: Merging;
  /** The transform whose results are folded. */
  transform: LoadedTransform;
  /** What is proven of rows that are folded as they are; undefined when a function of the transform comes before. */
  proof: Proof | undefined;
  /** Makes the short way for a file with these columns; undefined where the long one must be taken. */
  shortFold: ((kernel: Kernel, file: readonly string[]) => ShortFold) | undefined;
}

/** The filter of a run, and what is proven of it. */
type ProvenFilter = { call: Predicate; proof: Proof | undefined } | undefined;

/** What a run needs whose rows are folded; undefined for one whose rows are not. */
export async function reducingOf(
  transform: LoadedTransform,
  setup: RunSetup,
  { filter, typing }: { filter: ProvenFilter; typing: Typing },
): Promise<Reducing | undefined> {
  if (setup.grouping !== undefined) return await grouping(transform, setup, { wanted: setup.grouping, filter, typing });
  const { reduce, output } = transform;
  if (reduce === undefined) return undefined;
  const reducer = userReducer(reduce);
  const columns = fixedColumns(transform);
  const isAsItIs = transform.isPassedOn && transform.schema === undefined;
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
    shortFold: isAsItIs ? stepFold(setup, { proof, filter, typing, functions: reduce }) : undefined,
  };
}

/** Whether groups are made of the rows of the input as they are. */
export function passesOnToGroups({ source, input }: RunSetup): boolean {
  return (
    source.kind === "expression" && (source.expression === undefined || isIdentity(source.expression, input.columns))
  );
}

async function grouping(
  transform: LoadedTransform,
  setup: RunSetup,
  { wanted, filter, typing }: { wanted: Grouping; filter: ProvenFilter; typing: Typing },
): Promise<Reducing> {
  const { input, output } = setup;
  const { groupReducer } = await import("../grouping/group-reducer.ts");
  const { GroupFold } = await import("../grouping/group-fold.ts");
  const { holdsAnyText } = await import("../grouping/written-groups.ts");
  const passesOn = passesOnToGroups(setup);
  const hasHeader = input.columns !== undefined;
  const reducer = groupReducer(wanted, { output, columns: passesOn && hasHeader ? "known" : "unknown" });
  const proof = passesOn ? lookingAt(readColumns(wanted)) : undefined;
  const shortFold = (): Reducing["shortFold"] => {
    if (filter !== undefined) {
      // Groups are made of texts: a column that the filter takes for something else would be given once for both.
      const isShared = wanted.by.some((name) => typing.has(name));
      return isShared ? undefined : stepFold(setup, { proof, filter, typing, functions: reducer });
    }
    const isPlain = hasPlainFields(input) && isSimple(setup) && wanted.by.length <= MAX_FIELDS_OF_KEY;
    return isPlain && holdsAnyText(output)
      ? (kernel, file) => new GroupFold(kernel, wanted, { file, quote: input.dialect.quote })
      : undefined;
  };
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
    shortFold: passesOn ? shortFold() : undefined,
  };
}

/** The short way of rows that are folded by a step. */
function stepFold(
  setup: RunSetup,
  {
    proof,
    filter,
    typing,
    functions,
  }: { proof: Proof | undefined; filter: ProvenFilter; typing: Typing; functions: StepFoldSetup["functions"] },
): Reducing["shortFold"] {
  const looking = lookingOf(setup, filter === undefined ? [proof] : [proof, filter.proof], { typing });
  if (looking === undefined || !hasPlainFields(setup.input) || !isSimple(setup)) return undefined;
  return (kernel, file) => new StepFold(kernel, { looking, file, functions, filter: filter?.call });
}

function lookingAt(columns: readonly string[]): Proof {
  return { looksAt: new Set(columns), asNumbers: new Set(), missingAsNaN: new Set(), result: undefined };
}

/** The function itself: its text is looked at, and it is not called. */
export function stepOf({ step }: { step: (...args: never[]) => unknown }): (...args: never[]) => unknown {
  return step;
}
