/**
 * The plan of a run's rows: which way they take, and why no quicker one. This is the one place that decides it, from the
 * options of the run and what is proven of its code. A way that cannot be taken has a reason.
 */
import { RowmillError } from "../../errors.ts";
import type { Memory } from "../../formats/memory.ts";
import { writerOf } from "../../formats/registry.ts";
import type { Grouping } from "../../stages/grouping/grouping.ts";
import { holdsAnyText } from "../../stages/grouping/written-groups.ts";
import { recordReader } from "../../fields/record-type/record-rows.ts";
import { isKey } from "../../code/expression.ts";
import type { HandedOn } from "../../code/handed-on.ts";
import { MAX_INDEXED_KEYS } from "../../formats/indexed/object-code.ts";
import { MAX_LOOKED_AT, type ReadingWay, lookingOf } from "../looked-at.ts";
import { type Reads, proofReads, unionOfReads } from "../reads.ts";
import { FieldReading, ObjectReading, type ReadingMaker } from "../readings.ts";
import type { FieldSource, Proof, ProvenResult } from "../../code/proof.ts";
import { literalKeys } from "../../code/literal-keys.ts";
import { resultEncoder } from "../../formats/encoder.ts";
import { treeOf } from "../what-lasts.ts";
import { FirstFold, type ShortFold, StepFold, type StepFoldSetup } from "../reduce/short-fold.ts";
import { RefilledObject } from "../../code/refilled.ts";
import type { StandardSchema } from "../../fields/standard-schema.ts";
import type { Typing } from "../../fields/typing.ts";
import type { ProvenCode } from "../proven-code.ts";
import type { AnyWeaving, Weaving } from "../weaving.ts";
import { type ObjectWeaving, kindsOfRecord } from "../object-weaving.ts";
import type { RunSetup } from "../wire.ts";
import {
  type Reason,
  bytesReason,
  callsReason,
  encodingReason,
  fieldsReason,
  firstReason,
  objectsReason,
  valuesReason,
} from "./conditions.ts";
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
}

/** What is known of the rows of a run. */
interface KnownOfRows {
  /** What of them is in results. */
  handedOn: HandedOn | undefined;
  /** What the run decodes of them, where it does not copy them. */
  reads: Reads;
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
  { fold, handedOn, reads }: { fold: FoldCode | undefined } & KnownOfRows,
): Promise<RowsPlan> {
  const { way: asked } = setup;
  const mapped = firstReason(
    fold && "rows are folded",
    setup.steps[0] && `--${setup.steps[0].stage} looks at each row that comes out`,
    code.transform.batch && "the export batch takes many rows at once",
  );
  const copied = mapped ?? copyReason(code, setup);
  const isOneCall = callsReason(setup);
  const fits = {
    woven: mapped === undefined ? woven(code, setup, { handedOn, reads }) : { because: mapped },
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
    return grouping === undefined ? ["batch", "steps", "rows"] : ["batch", "groups", "steps", "rows"];
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

/** Fields, or values of JSON lines, go from input to output as bytes, where that gives the same ones. */
function woven(code: ProvenCode, setup: RunSetup, known: KnownOfRows): Fit<AnyWeaving> {
  return setup.input.traits.columns === "keys" ? wovenObjects(code, setup, known) : wovenFields(code, setup);
}

function wovenFields(code: ProvenCode, setup: RunSetup): Fit<Weaving> {
  const { transform, fields, proof, filter, typing } = code;
  const { schema, output, zod } = transform;
  const { input, output: written } = setup;
  const isObjects = written !== undefined && writerOf(written.format).traits.columns === "keys";
  const because = firstReason(
    fieldsReason(input),
    isObjects ? jsonReason(code, setup) : bytesReason(setup),
    callsReason(setup),
    schema !== undefined && fields === undefined
      ? "the export schema has more than plain texts and numbers"
      : undefined,
    output === undefined ? undefined : "the export output checks results",
  );
  if (because !== undefined || written === undefined) return { because: because ?? "no row comes out" };
  if (proof === undefined) return { because: NOT_PROVEN };
  const isPlain = schema === undefined && typing.size === 0;
  const refilled = proof.result === undefined && isPlain && !isObjects ? proof.refilled : undefined;
  const result = refilled === undefined ? proof.result : ({ kind: "object", fields: refilled.fields } as const);
  if (result === undefined) return { because: UNKNOWN_RESULT };
  const looks = refilled === undefined ? proof : { ...refilled, result, forgetsRow: proof.forgetsRow === true };
  const looking = lookingOf(setup, filter === undefined ? [looks] : [looks, filter.proof], { fields, typing });
  if ("because" in looking) return looking;
  const mixed = mixedColumn(result, typing);
  if (mixed !== undefined) return { because: `some results hand on ${mixed}, and others compute it` };
  const objects = isObjects ? objectsOf(result, code, setup) : { fits: undefined };
  if ("because" in objects) return objects;
  const checks = new Map<string, StandardSchema>();
  for (const [name, { check }] of fields ?? []) if (check !== undefined) checks.set(name, check);
  if (computedFields(result).length > MAX_LOOKED_AT)
    return { because: `the code computes more than ${MAX_LOOKED_AT} columns` };
  return {
    fits: {
      from: "fields",
      ...looking.fits,
      result,
      objects: objects.fits,
      refilled: refilled && new RefilledObject(refilled.fields.keys()),
      output: written.dialect,
      call: transform.call,
      filter: filter?.call,
      required: fields && [...fields.keys()],
      checks,
      zod,
    },
  };
}

function wovenObjects(code: ProvenCode, setup: RunSetup, { handedOn, reads }: KnownOfRows): Fit<ObjectWeaving> {
  const { transform, proof, filter } = code;
  const { input, output, source } = setup;
  if (output === undefined) return { because: "no row comes out" };
  const isObjects = writerOf(output.format).traits.columns === "keys";
  const because = firstReason(
    objectsReason(input),
    isObjects ? encodingReason(output) : valuesReason(output),
    callsReason(setup),
    transform.output === undefined ? undefined : "the export output checks results",
    transform.schema === undefined ? undefined : "the export schema makes rows anew",
  );
  if (because !== undefined) return { because };
  const { record } = transform;
  const kinds = record?.kind === "used" ? kindsOfRecord(record.type) : new Map<string, number[]>();
  if (kinds === undefined) return { because: "the type of the row has more than texts, numbers and booleans" };
  if (proof === undefined || (filter !== undefined && filter.proof === undefined)) return { because: NOT_PROVEN };
  if (proof.result === undefined) return { because: UNKNOWN_RESULT };
  if (proof.result.kind === "row") return { because: "rows have keys of their own" };
  if (reads === undefined) return { because: "the filter looks at the whole row" };
  if (reads.size > MAX_INDEXED_KEYS) return { because: `the code reads more than ${MAX_INDEXED_KEYS} columns` };
  // A name that is something else where a row has no such key.
  const isOther = (name: string): boolean => source.kind === "expression" && !isKey(name);
  const others = carriedColumns(proof.result).filter(isOther);
  const result = withComputed(proof.result, isOther);
  const objects = isObjects ? objectsOf(result, code, setup) : undefined;
  if (objects !== undefined && "because" in objects) return objects;
  const computed = computedFields(result).length;
  if (computed > MAX_LOOKED_AT) return { because: `the code computes more than ${MAX_LOOKED_AT} columns` };
  return {
    fits: {
      from: "objects",
      result,
      looksAt: new Set([...proof.looksAt, ...others, ...(filter?.proof?.looksAt ?? [])]),
      forgetsRow: proof.forgetsRow === true && (filter === undefined || filter.proof?.forgetsRow === true),
      kinds,
      keys: objects?.fits.keys,
      output: output.dialect,
      copiesSpelled: computed === 0 && keepsSpelling(result, handedOn),
      call: transform.call,
      filter: filter?.call,
    },
  };
}

/** Whether the code says of all that results hand on where in the row it stands: as that is spelled, so it is written. */
function keepsSpelling({ fields }: Extract<ProvenResult, { kind: "object" }>, handedOn: HandedOn | undefined): boolean {
  const columns = [...fields].flatMap(([name, source]) => (source.kind === "carried" ? [{ name, ...source }] : []));
  const parts = new Map(
    columns.map(({ column }, at) => [column, { kind: "number", value: at, text: `${at}` } as const]),
  );
  const spelled = handedOn?.spelling?.({ kind: "object", keys: undefined, parts }, {});
  return spelled !== undefined && columns.every(({ name, column }) => spelled.parts.get(name) === parts.get(column));
}

/** Why a result of rows of fields is not written as an object of JSON by its fields alone. */
function jsonReason({ transform }: ProvenCode, { input, output }: RunSetup): Reason {
  const because = output && encodingReason(output);
  if (because !== undefined) return because;
  if (input.dialect.quote !== '"') return 'fields are quoted by something else than "';
  return transform.schema === undefined ? undefined : "the export schema makes rows first";
}

/** An object has keys that are whole numbers before all others; one with these is written by what they give. */
const ODD_KEY = /^(?:\d+|__proto__|toJSON|then)$/;

/** The keys of objects that are written for results, in order. */
function objectsOf(result: ProvenResult, code: ProvenCode, setup: RunSetup): Fit<NonNullable<Weaving["objects"]>> {
  const { input, output } = setup;
  const columns = input.columns ?? [];
  const tree = treeOf(code, setup);
  const keys = result.kind === "row" ? columns : tree && literalKeys(tree, columns);
  if (output === undefined || keys === undefined)
    return { because: "the keys of results are not known in their order" };
  if (result.kind === "object" && (keys.length !== result.fields.size || !keys.every((key) => result.fields.has(key))))
    return { because: "the keys of results are not known in their order" };
  const odd = keys.find((key) => ODD_KEY.test(key) || !key.isWellFormed());
  if (odd !== undefined) return { because: `results have a key ${JSON.stringify(odd)}` };
  if (keys.length === 0) return { because: "results are empty" };
  const carried = result.kind === "row" ? columns : carriedColumns(result);
  const typed = carried.map((name) => code.typing.get(name)).find((one) => one !== undefined && one.kernel !== "data");
  if (typed !== undefined) return { because: `the column ${typed.name}, of the type ${typed.type}, is handed on` };
  return { fits: { keys, tail: resultEncoder(output, keys).copyEnd } };
}

/** A result in which some columns are not handed on, but computed. */
function withComputed(
  { fields }: Extract<ProvenResult, { kind: "object" }>,
  isComputed: (column: string) => boolean,
): Extract<ProvenResult, { kind: "object" }> {
  const computed = ([name, source]: [string, FieldSource]): [string, FieldSource] =>
    source.kind === "carried" && isComputed(source.column) ? [name, { kind: "computed", perhaps: [] }] : [name, source];
  return { kind: "object", fields: new Map([...fields].map(computed)) };
}

function carriedColumns({ fields }: Extract<ProvenResult, { kind: "object" }>): string[] {
  return [...fields.values()].flatMap((source) => (source.kind === "carried" ? [source.column] : []));
}

/** What these say more exactly is found out only where somebody reads it (see explain.ts). */
export const NOT_PROVEN = "what the code does with its row is not proven";
export const UNKNOWN_RESULT = "results are not proven to be the row, or objects with the same keys";

/** What fields of results are that are no rows. */
export function fieldsOf(result: ProvenResult): FieldSource[] {
  return result.kind === "row" ? [] : [...result.fields.values()];
}

export function computedFields(result: ProvenResult): FieldSource[] {
  return fieldsOf(result).filter(({ kind }) => kind === "computed");
}

/**
 * A typed field that some results hand on, while others compute one of the same name: which of both it is, only its value
 * tells.
 */
function mixedColumn(result: ProvenResult, typing: Typing): string | undefined {
  if (result.kind === "row") return undefined;
  for (const source of result.fields.values()) {
    const mixed = source.kind === "computed" ? source.perhaps.find((column) => typing.has(column)) : undefined;
    if (mixed !== undefined) return mixed;
  }
  return undefined;
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
  const { quote } = setup.input.dialect;
  return { fits: (memory, file) => new GroupFold(memory, wanted, { file, quote }) };
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
  // Groups are made of texts: a column that the filter takes for something else would be given once for both.
  const shared = grouping?.by.find((name) => typing.has(name));
  const because = firstReason(
    shared === undefined ? undefined : `groups are made by ${shared}, which the filter looks at as another type`,
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
