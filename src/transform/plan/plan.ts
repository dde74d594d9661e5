/**
 * The plan of a run's rows: which way they take, and why no quicker one. This is the one place that decides it, from the
 * options of the run and what is proven of its code. A way that cannot be taken has a reason.
 */
import { RowmillError } from "../../errors.ts";
import type { Memory } from "../../formats/memory.ts";
import { writerOf } from "../../formats/registry.ts";
import { type Grouping, shownColumns } from "../../stages/grouping/grouping.ts";
import { holdsAnyText } from "../../stages/grouping/written-groups.ts";
import { recordReader } from "../../fields/record-type/record-rows.ts";
import { MAX_INDEXED_KEYS } from "../../formats/indexed/object-code.ts";
import { type ReadingWay, lookingOf } from "../looked-at.ts";
import { proofReads, unionOfReads } from "../reads.ts";
import { FieldReading, ObjectReading, type ReadingMaker } from "../readings.ts";
import type { Proof } from "../../code/proof.ts";
import { FirstFold, type ShortFold, StepFold, type StepFoldSetup } from "../reduce/short-fold.ts";
import type { ProvenCode } from "../proven-code.ts";
import type { AnyWeaving } from "../weaving.ts";
import type { RunSetup } from "../wire.ts";
import { type Reason, callsReason, fieldsReason, firstReason, objectsReason, stepsReason } from "./conditions.ts";
import { type KnownOfRows, NOT_PROVEN, woven } from "./woven.ts";
import { type Fit, WAYS, type Way, type WayKind, fitOf, isAsked, kindOf, waysNamed } from "./ways.ts";

/** The numbers of so many strings, put together, are a whole number below 2^53. */
const MAX_FIELDS_OF_KEY = 4;

/** How the rows of a run are folded, where they are. */
export interface FoldCode {
  /** Why rows do not go to it as they are. */
  rowsReason: Reason;
  functions: StepFoldSetup["functions"];
  /** A step of it that throws leaves the accumulator as it was. */
  isAtomic: boolean;
  /** What is proven of it. */
  proof: Proof | undefined;
  /** It is figures of groups. */
  grouping: Grouping | undefined;
  /** Takes fields of CSV as they lie there, where it has a way of its own. */
  ofFields?: FoldMaker;
}

/** Makes the fold of a file with these columns. */
export type FoldMaker = (memory: Memory, file: readonly string[]) => ShortFold;

/** What each way needs, or what is in its way; of those that can be taken, the quickest is. */
export interface RowsPlan {
  kind: WayKind;
  /** Rows leave as they came or not at all, whatever copies them. */
  copiesRows: boolean;
  isCopied: boolean;
  weaving: AnyWeaving | undefined;
  fold: FoldMaker | undefined;
  /** The quicker ones, the quickest first. */
  unfit: { kind: WayKind; because: string }[];
}

/**
 * Decides which way the rows of a run take.
 *
 * @throws {RowmillError} `transform`, when the run is asked to take one (`ROWMILL_WAY`) that it cannot take.
 */
export async function planRows(
  code: ProvenCode,
  setup: RunSetup,
  { fold: own, ...known }: { fold: FoldCode | undefined } & KnownOfRows,
): Promise<RowsPlan> {
  const { way: asked } = setup;
  const joined = setup.joins[0] && "--join makes rows of several, one by one";
  const fold = own && { ...own, rowsReason: joined ?? own.rowsReason };
  const mapped = firstReason(
    fold && "rows are folded",
    known.areRewritten ? stepsReason(setup) : undefined,
    setup.cache && "--cache looks results up row by row",
    code.transform.batch && "the export batch takes many rows at once",
    setup.output?.union && "--union writes rows when the columns of all are known",
  );
  const copied = joined ?? mapped ?? stepsReason(setup) ?? copyReason(code, setup);
  const isOneCall = callsReason(setup);
  const fits = {
    woven: mapped === undefined ? woven(code, setup, known) : { because: mapped },
    copied: fitOr({ isCopied: true }, copied ?? isOneCall),
    groups: await groups(code, setup, fold),
    steps: steps(code, setup, fold),
    batch: fitOr({}, code.transform.batch === undefined ? "the transform has no export batch" : undefined),
    rows: { fits: {} },
  } satisfies Record<WayKind, Fit<object>>;
  const kinds = inOrderOfSpeed(setup, fold);
  const kind = asked === undefined ? kinds.find((one) => "fits" in fits[one]) : askedKind(asked, fits);
  return {
    kind: kind ?? "rows",
    copiesRows: copied === undefined,
    isCopied: kind === "copied",
    weaving: kind === "woven" ? fitOf(fits.woven) : undefined,
    fold: kind === "groups" ? fitOf(fits.groups) : kind === "steps" ? fitOf(fits.steps) : undefined,
    unfit: kinds.slice(0, kinds.indexOf(kind ?? "rows")).flatMap((one) => {
      const fit: Fit<object> = fits[one];
      return "because" in fit ? [{ kind: one, because: fit.because }] : [];
    }),
  };
}

/** The ways that a run of this kind might take, the quickest first. */
function inOrderOfSpeed({ input, grouping }: RunSetup, fold: FoldCode | undefined): WayKind[] {
  // What takes many rows at once is asked for: it is no matter of speed.
  if (fold !== undefined)
    return grouping === undefined && fold.ofFields === undefined
      ? ["batch", "steps", "rows"]
      : ["batch", "groups", "steps", "rows"];
  return input.traits.columns === "keys" ? ["batch", "copied", "woven", "rows"] : ["batch", "woven", "rows"];
}

/** The kind of way that a test asks for. */
function askedKind(asked: string, fits: Record<WayKind, Fit<object>>): WayKind {
  const [named] = waysNamed(asked);
  if (named === undefined) {
    const names = [...new Set(WAYS.flatMap((way) => [kindOf(way), way]))].join(", ");
    throw new RowmillError("transform", `ROWMILL_WAY=${asked} names no way`, { hint: `the ways are: ${names}` });
  }
  const kind = kindOf(named);
  const fit = fits[kind];
  if ("fits" in fit) return kind;
  throw new RowmillError("transform", `ROWMILL_WAY=${asked} cannot be taken: ${fit.because}`);
}

function fitOr<T>(fits: T, because: Reason): Fit<T> {
  return because === undefined ? { fits } : { because };
}

/**
 * Why rows do not leave as they came or not at all, in a format whose rows can be copied. Nobody can change what is not
 * looked at; the decoder sees to it that what is looked at are values that do not change.
 */
function copyReason({ transform, proof, filter }: ProvenCode, { input, output }: RunSetup): Reason {
  if (output === undefined) return "no row comes out";
  if (input.traits.copies !== "objects") return `the input is ${input.format}`;
  if (writerOf(output.format).traits.copies !== "objects") return `the output is ${output.format}`;
  if (input.nullTexts !== undefined) return "--null changes fields";
  const [typed] = Object.keys(input.types);
  if (typed !== undefined) return `--types says what ${typed} is`;
  if (transform.schema !== undefined) return "the export schema makes rows anew";
  if (transform.output !== undefined) return "the export output checks results";
  if (proof === undefined) return NOT_PROVEN;
  if (proof.result?.kind !== "row") return "results are not the rows as they are";
  if (transform.record?.kind === "used") return "the type of the row says what its fields are";
  return filter !== undefined && filter.proof === undefined
    ? "what the filter does with its row is not proven"
    : undefined;
}

/** Fields go into the table of groups; blocks of JSON lines whose values do not are folded step by step. */
async function groups(code: ProvenCode, setup: RunSetup, fold: FoldCode | undefined): Promise<Fit<FoldMaker>> {
  if (fold?.ofFields !== undefined) {
    const because = firstReason(fieldsReason(setup.input), callsReason(setup));
    return because === undefined ? { fits: fold.ofFields } : { because };
  }
  const wanted = fold?.grouping;
  if (fold === undefined || wanted === undefined) return { because: "there are no groups to make" };
  const isObjects = setup.input.columns === undefined;
  const because = firstReason(
    fold.rowsReason,
    code.filter && "--filter looks at rows",
    isObjects ? objectsReason(setup.input) : fieldsReason(setup.input),
    callsReason(setup),
    setup.output === undefined || holdsAnyText(setup.output) ? undefined : "some texts cannot be written to the output",
  );
  if (because !== undefined) return { because };
  if (wanted.by.length > MAX_FIELDS_OF_KEY)
    return { because: `groups are made by more than ${MAX_FIELDS_OF_KEY} columns` };
  if (isObjects) {
    const { ObjectGroupFold } = await import("../grouping/object-group-fold.ts");
    const others = fitOf(steps(code, setup, fold));
    if (others === undefined) return { because: `groups are made of more than ${MAX_INDEXED_KEYS} columns` };
    return {
      fits: (memory, keys) => new FirstFold([new ObjectGroupFold(memory, wanted, keys), others(memory, keys)]),
    };
  }
  const { GroupFold } = await import("../grouping/group-fold.ts");
  const { quote, emptyIsNull } = setup.input.dialect;
  return { fits: (memory, file) => new GroupFold(memory, wanted, { file, quote, emptyIsNull }) };
}

/** Rows are made of what is looked at, and folded at once. */
function steps(code: ProvenCode, setup: RunSetup, fold: FoldCode | undefined): Fit<FoldMaker> {
  if (fold === undefined) return { because: "no rows are folded" };
  const because = firstReason(fold.rowsReason, callsReason(setup));
  if (because !== undefined) return { because };
  const { functions, isAtomic } = fold;
  const readings =
    setup.input.columns === undefined ? objectReadings(code, setup, fold) : fieldReadings(code, setup, fold);
  if ("because" in readings) return readings;
  const { record } = code.transform;
  // Values of JSON are held against the type of the row as they are; fields of texts are read by it.
  const prepare = setup.input.columns === undefined && record?.kind === "used" ? recordReader(record.type) : undefined;
  const filter = code.filter?.call;
  return {
    fits: (memory, file) =>
      new StepFold({ readings: readings.fits(memory, file), functions, isAtomic, prepare, filter }),
  };
}

/** Ways to read the rows of a file. */
type ReadingsMaker = (memory: Memory, file: readonly string[]) => ReadingMaker[];

/** From the quickest to the one that reads all fields. */
const FIELD_READINGS: readonly { name: Way; how: ReadingWay }[] = [
  { name: "steps-interned", how: { numbers: "read", texts: "interned" } },
  { name: "steps-numbers", how: { numbers: "read", texts: "one by one" } },
  { name: "steps-texts", how: { numbers: "as texts", texts: "one by one" } },
];

function fieldReadings({ filter, typing }: ProvenCode, setup: RunSetup, fold: FoldCode): Fit<ReadingsMaker> {
  const { proof, grouping } = fold;
  // Groups, and the values of figures, are texts: a column that the filter takes for something else would be given once for both.
  const shared = grouping && shownColumns(grouping).find((name) => typing.has(name));
  const because = firstReason(
    shared === undefined ? undefined : `${shared} is shown as it is written, and read as another type`,
    fieldsReason(setup.input),
  );
  if (because !== undefined) return { because };
  const looking = lookingOf(setup, filter === undefined ? [proof] : [proof, filter.proof], { typing });
  if ("because" in looking) return looking;
  const taken = FIELD_READINGS.filter(({ name }) => isAsked(setup.way, name));
  return {
    fits: (memory, file) =>
      taken.map(({ name, how }) => ({
        name,
        make: () => new FieldReading(memory, name, { looking: looking.fits, file, how }),
      })),
  };
}

function objectReadings({ filter }: ProvenCode, setup: RunSetup, { proof }: FoldCode): Fit<ReadingsMaker> {
  const because = objectsReason(setup.input);
  if (because !== undefined) return { because };
  const reads = unionOfReads([proofReads(proof), filter === undefined ? new Set() : proofReads(filter.proof)]);
  if (reads === undefined) return { because: NOT_PROVEN };
  if (reads.size > MAX_INDEXED_KEYS) return { because: `the code looks at more than ${MAX_INDEXED_KEYS} columns` };
  const name = "steps-objects";
  return {
    fits: (memory, keys) => [{ name, make: () => new ObjectReading(memory, name, keys, { internsTexts: true }) }],
  };
}
