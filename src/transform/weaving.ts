/** When the rows of a run can be woven (see woven-rows.ts), and of what. */
import { type OutputDialect, canHoldNumbers } from "../formats/csv/encoder.ts";
import type { Pattern, Thread } from "../formats/csv/weaver.ts";
import { compiledZod } from "./compiled-zod.ts";
import type { LoadedTransform } from "./load.ts";
import { type Looking, MAX_LOOKED_AT, type ReadingWay, hasPlainFields, lookingOf, wantedFields } from "./looked-at.ts";
import type { FieldSource, Proof, ProvenResult } from "./proof.ts";
import type { Predicate } from "./outcome.ts";
import { RefilledObject } from "./refilled.ts";
import type { PlainField } from "./schema/plain-fields.ts";
import { type StandardSchema, standardAccepts } from "./standard-schema.ts";
import type { Typing } from "./typing.ts";
import type { RunSetup } from "./wire.ts";
import type { WovenSetup } from "./woven-rows.ts";

/** A run whose rows can be woven, as far as one knows before its output columns are settled. */
export interface Weaving extends Looking {
  result: ProvenResult;
  /** It is one object, which the function fills anew for each row. */
  refilled: RefilledObject | undefined;
  output: OutputDialect;
  call: Predicate;
  filter: Predicate | undefined;
  /** The columns of a schema, all of which a file must have; undefined without one. */
  required: readonly string[] | undefined;
  /** Columns of it whose values must pass, and the module of zod that compiles what says so. */
  checks: ReadonlyMap<string, StandardSchema>;
  zod: object;
}

/** The code of a run: its function and filter, and what is proven of both. */
export interface ProvenCode {
  transform: LoadedTransform;
  /** The fields of its schema, where these are plain. */
  fields: ReadonlyMap<string, PlainField> | undefined;
  proof: Proof | undefined;
  /** `unwatched`: without a look at its calls (see watched-calls.ts). */
  filter: { call: Predicate; unwatched: Predicate; proof: Proof | undefined } | undefined;
  /** The columns that are more than text to the code. */
  typing: Typing;
}

/** What is needed to weave the rows of a run; undefined when that would not give the same bytes, or take longer. */
export function weavingOf(
  { transform, fields, proof, filter, typing }: ProvenCode,
  setup: RunSetup,
): Weaving | undefined {
  if (proof === undefined || setup.input.columns === undefined) return undefined;
  const { schema, output, zod } = transform;
  const isPlain = schema === undefined && typing.size === 0;
  const refilled = proof.result === undefined && isPlain ? proof.refilled : undefined;
  const result = refilled === undefined ? proof.result : ({ kind: "object", fields: refilled.fields } as const);
  if (result === undefined) return undefined;
  const looks = refilled === undefined ? proof : { ...refilled, result };
  if ((schema !== undefined && fields === undefined) || output !== undefined) return undefined;
  if (!isCopied(setup) || !isSimple(setup)) return undefined;
  const looking = lookingOf(setup, filter === undefined ? [looks] : [looks, filter.proof], { fields, typing });
  if (looking === undefined || isPartlyHandedOn(result, typing)) return undefined;
  const checks = new Map<string, StandardSchema>();
  for (const [name, { check }] of fields ?? []) if (check !== undefined) checks.set(name, check);
  return {
    ...looking,
    result,
    refilled: refilled && new RefilledObject(refilled.fields.keys()),
    output: setup.output.dialect,
    call: transform.call,
    filter: filter?.call,
    required: fields && [...fields.keys()],
    checks,
    zod,
  };
}

/**
 * Whether some results hand on a typed field, and others compute one of the same name: which of both it is, only its
 * value tells.
 */
function isPartlyHandedOn(result: ProvenResult, typing: Typing): boolean {
  if (result.kind === "row") return false;
  return [...result.fields.values()].some(
    (source) => source.kind === "computed" && source.perhaps.some((column) => typing.has(column)),
  );
}

/** Whether the bytes of a field, its quotes aside, are what is written for it. */
function isCopied({ input, output }: RunSetup): boolean {
  const { dialect } = output;
  return (
    hasPlainFields(input) &&
    (output.format === "csv" || output.format === "tsv") &&
    input.dialect.quote === '"' &&
    dialect.quote === '"' &&
    dialect.escape === '"' &&
    input.dialect.delimiter === dialect.delimiter &&
    canHoldNumbers(dialect.delimiter) &&
    !dialect.quoteAll &&
    !dialect.escapeFormulas &&
    output.encoding === undefined &&
    dialect.comments.length === 0 &&
    !dialect.keepsSpace &&
    dialect.nullText === ""
  );
}

/** Whether each row is one call, and nothing is asked of it but its result. */
export function isSimple({ policy }: RunSetup): boolean {
  return policy.retries === 0 && policy.rate === undefined && policy.marks === "none";
}

/** Where the columns of a file are, and those of the output. */
interface WovenColumns {
  input: readonly string[];
  output: readonly string[];
  /** Fields that are looked at as numbers only are read by the kernel. */
  readsNumbers: boolean;
}

/**
 * How the rows of a file are woven; undefined when a result has a column that the output has not, or the file lacks one
 * that a schema names.
 */
export function wovenSetup(weaving: Weaving, { input, output, readsNumbers }: WovenColumns): WovenSetup | undefined {
  const { result, columns, required, call, filter } = weaving;
  const numberOf = new Map(input.map((name, index) => [name, index]));
  const sources = result.kind === "row" ? carryAll(columns) : result.fields;
  const known = new Set(output);
  if (output.length === 0 || ![...sources.keys()].every((name) => known.has(name))) return undefined;
  if (required?.every((name) => numberOf.has(name)) === false) return undefined;
  // Where a schema makes a number of a text, what is written is the number. Coerced ones are texts beside the code.
  const isNumber = (column: string): boolean =>
    !weaving.typing.has(column) && !["coerced", undefined].includes(weaving.numbers.get(column));
  const computed: { name: string; carried: string | undefined }[] = [];
  const threads: Thread[] = [];
  for (const name of output) {
    const source = sources.get(name);
    const carried = source?.kind === "carried" ? source.column : undefined;
    const column = carried === undefined ? undefined : numberOf.get(carried);
    if (source?.kind === "computed" || (carried !== undefined && isNumber(carried))) {
      threads.push({ kind: "computed", index: computed.length });
      computed.push({ name, carried });
    } else if (column === undefined) threads.push({ kind: "empty" });
    else addCarried(threads, column);
  }
  // A number of the schema must be one, whether anybody looks at it or not.
  const schemaNumbers = [...weaving.numbers.keys()].filter(isNumber);
  const needed = new Set([...weaving.looksAt, ...weaving.checks.keys(), ...schemaNumbers]);
  if (needed.size > MAX_LOOKED_AT || computed.length > MAX_LOOKED_AT) return undefined;
  const way: ReadingWay = { numbers: readsNumbers ? "read" : "as texts", texts: "one by one" };
  const { wanted, looksAt: read } = wantedFields({ ...weaving, looksAt: needed }, input, way);
  const readOf = new Map(read.map((field) => [field.name, field]));
  const pattern: Pattern = {
    wanted,
    output: weaving.output,
    threads,
    outputColumns: output.length,
    computed: computed.length,
  };
  return {
    pattern,
    looksAt: read.filter(({ name }) => weaving.looksAt.has(name)),
    computed: computed.map(({ name, carried }) => ({
      name,
      read: carried === undefined ? undefined : readOf.get(carried),
    })),
    checks: read.flatMap((field) => {
      const check = weaving.checks.get(field.name);
      if (check === undefined) return [];
      const compiled = compiledZod(check, weaving.zod);
      return [{ field, accepts: (value) => standardAccepts(compiled, value) === true }];
    }),
    call,
    filter,
    refilled: weaving.refilled,
  };
}

function carryAll(columns: readonly string[]): ReadonlyMap<string, FieldSource> {
  return new Map(columns.map((column) => [column, { kind: "carried", column }]));
}

/** Fields that lie side by side in the input as in the output are copied at once. */
function addCarried(threads: Thread[], column: number): void {
  const last = threads.at(-1);
  if (last?.kind === "carried" && last.last + 1 === column) last.last = column;
  else threads.push({ kind: "carried", first: column, last: column });
}
