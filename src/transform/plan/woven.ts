/** When rows can be woven: fields of CSV, or values of JSON lines, go from input to output as bytes. */
import { isKey } from "../../code/expression.ts";
import type { HandedOn } from "../../code/handed-on.ts";
import { literalKeys } from "../../code/literal-keys.ts";
import type { FieldSource, ProvenResult } from "../../code/proof.ts";
import { RefilledObject } from "../../code/refilled.ts";
import type { StandardSchema } from "../../fields/standard-schema.ts";
import type { TypedColumn, Typing } from "../../fields/typing.ts";
import { resultEncoder } from "../../formats/encoder.ts";
import { MAX_INDEXED_KEYS } from "../../formats/indexed/object-code.ts";
import { hasColumns, writerOf } from "../../formats/registry.ts";
import { type AskedStep, tellsByFields } from "../../stages/registry.ts";
import { sortKey } from "../../stages/sort/sort-keys.ts";
import { MAX_LOOKED_AT, lookingOf } from "../looked-at.ts";
import { type ObjectWeaving, kindsOfRecord } from "../object-weaving.ts";
import type { ProvenCode } from "../proven-code.ts";
import type { JoinWeaving } from "../woven-joins.ts";
import type { Reads } from "../reads.ts";
import type { AnyWeaving, Weaving } from "../weaving.ts";
import { treeOf } from "../what-lasts.ts";
import type { RunSetup } from "../wire.ts";
import {
  type Reason,
  bytesReason,
  callsReason,
  encodingReason,
  MAKES_OBJECTS,
  fieldsReason,
  firstReason,
  objectsReason,
  plainFieldsReason,
  stepsReason,
  typedReason,
  valuesReason,
} from "./conditions.ts";
import type { Fit } from "./ways.ts";

/** What is known of the rows of a run. */
export interface KnownOfRows {
  /** What of them is in results. */
  handedOn: HandedOn | undefined;
  /** What the run decodes of them, where it does not copy them. */
  reads: Reads;
  /** Steps make other rows of them. */
  areRewritten: boolean;
}

/** Fields, or values of JSON lines, go from input to output as bytes, where that gives the same ones. */
export function woven(code: ProvenCode, setup: RunSetup, known: KnownOfRows): Fit<AnyWeaving> {
  if (setup.joins.length > 0) return wovenJoin(code, setup);
  return setup.input.traits.columns === "keys" ? wovenObjects(code, setup, known) : wovenFields(code, setup);
}

/** Rows with what a table has for them, where nobody looks at them. */
function wovenJoin({ transform, proof, filter }: ProvenCode, setup: RunSetup): Fit<JoinWeaving> {
  const { input, output, joins, limit } = setup;
  const [join, ...others] = joins;
  const [typed] = Object.keys(input.types);
  const isPassedOn = proof?.result?.kind === "row" && proof.looksAt.size === 0 && filter === undefined;
  const isLooked = !isPassedOn || transform.schema !== undefined || transform.output !== undefined;
  const because = firstReason(
    others.length > 0 ? "there are several joins" : undefined,
    (join?.on.length ?? 0) > 1 ? "a key is several columns" : undefined,
    fieldsReason(input),
    bytesReason(setup),
    callsReason(setup),
    stepsReason(setup),
    isLooked || transform.record?.kind === "used" ? "joined rows are looked at" : undefined,
    typed && `--types says what ${typed} is`,
    // Behind which row of several it ends, bytes do not tell.
    limit !== undefined && (join?.table.keys.next.length ?? 0) > 0
      ? "--limit may end within the rows of one"
      : undefined,
    output?.dialect.delimiter === join?.table.delimiter ? undefined : "the table is packed for another delimiter",
  );
  if (because !== undefined || output === undefined) return { because: because ?? "no row comes out" };
  const added = new Set(joins.flatMap(({ names }) => names));
  return {
    fits: {
      from: "joined",
      columns: (input.columns ?? []).filter((name) => !added.has(name)),
      added: added.size,
      quote: input.dialect.quote,
      output: output.dialect,
      result: { kind: "row" },
      looksAt: new Set(),
    },
  };
}

function wovenFields(code: ProvenCode, setup: RunSetup): Fit<Weaving> {
  const { transform, fields, proof, filter } = code;
  const typing = withObjectFields(code);
  const { schema, output, zod } = transform;
  const { input, output: written } = setup;
  const isObjects = written !== undefined && writerOf(written.format).traits.columns === "keys";
  const isTyped = written?.dialect.isTyped === true;
  const because = firstReason(
    plainFieldsReason(input),
    input.settings["objects"] === true ? objectFieldsReason(code, setup) : undefined,
    isObjects ? jsonReason(code, setup) : isTyped ? typedReason(setup) : bytesReason(setup),
    isTyped && schema !== undefined ? "the export schema makes rows first" : undefined,
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
  const other = isTyped
    ? otherTyped(result, code, setup, (column) => column.type === "boolean" && !column.isGiven)
    : undefined;
  if (other !== undefined) return { because: other };
  const noted = notedColumns(code, setup, refilled === undefined ? result : undefined);
  if ("because" in noted) return noted;
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
      lostWords: code.lostWords,
      ...noted.fits,
    },
  };
}

/** Why fields that are objects cannot be made of their text alone where the code looks at them, or are not handed on as that. */
function objectFieldsReason({ transform, objects, proof, filter }: ProvenCode, { output, steps }: RunSetup): Reason {
  if (objects === undefined || output === undefined || transform.schema !== undefined) return MAKES_OBJECTS;
  if (transform.record?.kind === "used" || steps.length > 0 || output.dialect.isTyped) return MAKES_OBJECTS;
  const looksAt = [proof, ...(filter === undefined ? [] : [filter.proof])].map((one) => one?.looksAt);
  const isOfRow = (name: string): boolean => objects.get(name) === undefined;
  if ([...objects.keys()].some((name) => isOfRow(name) && looksAt.some((looked) => looked?.has(name) ?? true)))
    return "what an object of --objects is hangs on its row";
  if (!hasColumns(output.format)) {
    const result = proof?.result;
    if (result === undefined || result.kind === "row") return MAKES_OBJECTS;
    return carriedColumns(result).some((name) => objects.has(name)) ? MAKES_OBJECTS : undefined;
  }
  return undefined;
}

/** What is more than text to the code, and the fields that are objects. */
function withObjectFields({ typing, objects }: ProvenCode): Typing {
  if (objects === undefined) return typing;
  const made = [...objects].flatMap(([name, read]) =>
    read === undefined ? [] : [[name, { ...OBJECT_FIELD, name, read }] as const],
  );
  return new Map([...typing, ...made]);
}

/** Handed on it is the text that it is. */
const OBJECT_FIELD: Omit<TypedColumn, "name" | "read"> = {
  type: "string",
  kernel: undefined,
  empty: "refused",
  keepsText: true,
  isGiven: false,
  isNullable: false,
};

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
    stepsReason(setup),
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

/**
 * The columns of results that steps have to know, as long as what they see is what they would see of the row itself. A field
 * that is read as something else is compared as what it was read as, but told apart by its text.
 */
function notedColumns(
  { transform, typing }: ProvenCode,
  setup: RunSetup,
  result: ProvenResult | undefined,
): Fit<Pick<Weaving, "noted" | "areTold">> {
  const { steps, input } = setup;
  const [first, ...others] = steps;
  if (first === undefined) return { fits: { noted: undefined, areTold: false } };
  const because = stepsReason(setup);
  if (result === undefined || transform.schema !== undefined) return { because: because ?? NOT_PROVEN };
  const sources: ReadonlyMap<string, FieldSource> =
    result.kind === "row"
      ? new Map((input.columns ?? []).map((column) => [column, { kind: "carried", column }]))
      : result.fields;
  const noted = new Map<string, string | undefined>();
  let read: { step: AskedStep; name: string } | undefined;
  for (const step of steps) {
    for (const name of step.isOfWholeRows ? sources.keys() : step.columns) {
      const source = sources.get(name);
      if (source === undefined) return { because: because ?? NOT_PROVEN };
      const column = source.kind === "carried" ? source.column : undefined;
      const isRead = column !== undefined && typing.has(column);
      if (isRead && (!step.isSorted || isReadByKey(name, step.asked))) read ??= { step, name };
      noted.set(name, column);
    }
  }
  const columns = [...noted].map(([name, column]) => ({ name, column }));
  if (others.length === 0 && tellsByFields(first) && columns.every(({ column }) => column !== undefined))
    return { fits: { noted: columns, areTold: true } };
  if (read !== undefined)
    return { because: `--${read.step.stage} looks at the text of ${read.name}, which is read as something else` };
  if (noted.size > MAX_LOOKED_AT) return { because: `--${first.stage} looks at more than ${MAX_LOOKED_AT} columns` };
  return { fits: { noted: columns, areTold: false } };
}

/** Whether a key of an order says how the values of a column are read. */
function isReadByKey(name: string, asked: readonly string[]): boolean {
  return asked.some((key) => {
    const { column, as } = sortKey(key);
    return column === name && as !== undefined;
  });
}

/** Why a result of rows of fields is not written as an object of JSON by its fields alone. */
function jsonReason({ transform }: ProvenCode, { input, output }: RunSetup): Reason {
  const because = output && encodingReason(output);
  if (because !== undefined) return because;
  if (input.dialect.quote !== '"') return 'fields are quoted by something else than "';
  if (input.dialect.emptyIsNull === true) return "an empty field is null";
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
  const other = otherTyped(result, code, setup);
  if (other !== undefined) return { because: other };
  return { fits: { keys, tail: resultEncoder(output, keys).copyEnd } };
}

/** Why a column that is handed on is written as what it is, where the kernel does not read that. */
function otherTyped(
  result: ProvenResult,
  { typing }: ProvenCode,
  { input }: RunSetup,
  isRead: (column: TypedColumn) => boolean = () => false,
): Reason {
  const carried = result.kind === "row" ? (input.columns ?? []) : carriedColumns(result);
  const typed = carried
    .map((name) => typing.get(name))
    .find((one) => one !== undefined && one.kernel !== "data" && !isRead(one));
  return typed && `the column ${typed.name}, of the type ${typed.type}, is handed on`;
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
