/** What a run needs whose rows are folded: the stage, what comes behind it, and which columns that looks at. */
import { type Grouping, groupedColumns, readColumns } from "../../stages/grouping/grouping.ts";
import { loadZod } from "../../code/built-in-zod.ts";
import { isIdentity } from "../../code/identity.ts";
import type { Memory } from "../../formats/memory.ts";
import { fixedColumns } from "../load.ts";
import type { FoldCode } from "../plan/plan.ts";
import type { Proof } from "../../code/proof.ts";
import { validator } from "../../fields/schema/validator.ts";
import type { InputSetup, RunSetup } from "../wire.ts";
import { type Taken, type TakenOutput, TakenRows } from "../taken-rows.ts";
import { asOne } from "../../stages/registry.ts";
import { reduceStage } from "../../stages/reduce/reduce-stage.ts";
import type { ArrangingStage, FoldingStage, PickingStage, StepStage } from "../../stages/stage.ts";
import type { JoinKeysAsked } from "../join-keys.ts";
import type { AskedOfRows } from "../../stages/digest/digest-stage.ts";
import { proveStep } from "../../code/step-proof.ts";
import type { LoadedTransform } from "../transform.ts";

export interface Reducing {
  stage: FoldingStage;
  /** What takes its parts; undefined where the parent does. */
  taken: Taken | undefined;
  /** The transform whose results are folded. */
  transform: LoadedTransform;
  /** What is proven of rows that are folded as they are; undefined when a function of the transform comes before. */
  proof: Proof | undefined;
  /** How they are folded, for the plan. */
  fold: FoldCode;
}

/** What a run needs whose rows are folded; undefined for one whose rows are not. */
export async function reducingOf(
  transform: LoadedTransform,
  setup: RunSetup,
  steps: readonly StepStage[],
): Promise<Reducing | undefined> {
  if (setup.isProfiled) return await profiling(transform, setup);
  const { reduce, output } = transform;
  if (setup.output === undefined) return undefined;
  if (setup.grouping !== undefined) return await grouping(transform, setup, { wanted: setup.grouping, steps });
  if (reduce === undefined) return undefined;
  const stage = reduceStage(reduce);
  const columns = fixedColumns(transform);
  const proof = transform.isPassedOn ? proveStep(stepOf(reduce), setup.input.columns) : undefined;
  const check = output === undefined ? (row: unknown): unknown => row : validator(output, "output");
  return {
    stage,
    taken: await takenBehind(stage, steps, {
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

/** What takes the parts of a fold, with the steps behind it. */
async function takenBehind(
  stage: FoldingStage,
  steps: readonly StepStage[],
  output: Omit<TakenOutput, "picking">,
): Promise<Taken> {
  const { others, rewriting } = withoutRewriting(steps);
  if (rewriting === undefined) return new TakenRows(stage, { ...output, picking: await asOne(others) });
  const { takenFolded } = await import("../rewriting/rewritten-rows.ts");
  return await takenFolded(stage, { ...output, steps });
}

function withoutRewriting(steps: readonly StepStage[]): {
  others: (PickingStage | ArrangingStage)[];
  rewriting: StepStage | undefined;
} {
  const others = steps.filter((step) => step.kind !== "rewriting");
  return { others, rewriting: steps.find(({ kind }) => kind === "rewriting") };
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
  { wanted, steps }: { wanted: Grouping; steps: readonly StepStage[] },
): Promise<Reducing> {
  const { input, output } = setup;
  if (output === undefined) throw new Error("groups without an output");
  const { groupStage } = await import("../../stages/grouping/group-stage.ts");
  const passesOn = passesOnToGroups(setup);
  const hasHeader = input.columns !== undefined;
  const sketches = wanted.isApprox ? (await import("../../stages/grouping/approx/sketches.ts")).sketches : undefined;
  const stage = groupStage(wanted, {
    output,
    columns: passesOn && hasHeader ? "known" : "unknown",
    sketches,
    mostBytes: setup.mostBytes,
  });
  const proof = passesOn ? lookingAt(readColumns(wanted)) : undefined;
  return {
    stage,
    taken: await takenBehind(stage, steps, {
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
      functions: stage,
      isAtomic: true,
      proof,
      grouping: wanted,
    },
  };
}

/** Rows are looked at, and none comes out: the parent takes the parts. */
async function profiling(transform: LoadedTransform, { input, asked }: RunSetup): Promise<Reducing> {
  if (asked !== undefined && asked.kind !== "survey") return await asking(transform, asked, input);
  const { profileStage } = await import("../../stages/profile/profile-stage.ts");
  const { shapeTests } = await import("../../stages/profile/text-shapes.ts");
  const tests = shapeTests(await loadZod());
  const hasColumns = input.columns !== undefined;
  const stage =
    asked === undefined
      ? profileStage(tests, hasColumns)
      : (await import("../../stages/survey/survey-stage.ts")).surveyStage(asked, { tests, hasColumns });
  const fold = asked === undefined ? undefined : await import("../survey/survey-fold.ts");
  const { quote, emptyIsNull } = input.dialect;
  return {
    stage,
    taken: undefined,
    transform,
    proof: undefined,
    fold: {
      rowsReason: "rows are looked at as a whole",
      functions: stage,
      isAtomic: stage.isAtomic,
      proof: undefined,
      grouping: undefined,
      // Fields of a type of their own are no texts to rows.
      ...(fold !== undefined &&
        Object.keys(input.types).length === 0 && {
          ofFields: (memory: Memory, file: readonly string[]) =>
            new fold.SurveyFold(memory, { file, quote, emptyIsNull }),
        }),
    },
  };
}

/** The same where something else is asked of rows. */
async function asking(
  transform: LoadedTransform,
  asked: AskedOfRows | JoinKeysAsked,
  { dialect }: InputSetup,
): Promise<Reducing> {
  if (asked.kind === "join keys") return await askingKeys(transform, asked);
  const { askedStage } = await import("../../stages/digest/digest-stage.ts");
  const { askedFold } = await import("../digest/asked-folds.ts");
  const stage = askedStage(asked);
  return {
    stage,
    taken: undefined,
    transform,
    proof: undefined,
    fold: {
      rowsReason: undefined,
      functions: stage,
      isAtomic: stage.isAtomic,
      proof: undefined,
      grouping: undefined,
      ...(asked.kind !== "keys" && {
        ofFields: (memory: Memory, file: readonly string[]) => askedFold(memory, asked, { file, quote: dialect.quote }),
      }),
    },
  };
}

/** The same where it is the keys of joins, for which little of a row is looked at. */
async function askingKeys(transform: LoadedTransform, asked: JoinKeysAsked): Promise<Reducing> {
  const { joinKeysStage } = await import("../join-keys.ts");
  const stage = joinKeysStage(asked);
  const proof = lookingAt(asked.joins.flat());
  const fold = { rowsReason: undefined, functions: stage, isAtomic: stage.isAtomic, proof, grouping: undefined };
  return { stage, taken: undefined, transform, proof, fold };
}

function lookingAt(columns: readonly string[]): Proof {
  return { looksAt: new Set(columns), asNumbers: new Set(), missingAsNaN: new Set(), result: undefined };
}

type AnyFunction = (...args: never[]) => unknown;

/** The function itself: its text is looked at, and it is not called. */
export function stepOf({ step }: { step: AnyFunction }): AnyFunction {
  return step;
}

/** The same of what makes an accumulator. */
export function initOf({ init }: { init: AnyFunction }): AnyFunction {
  return init;
}
