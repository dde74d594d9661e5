/** When the rows of a run can be woven (see woven-rows.ts), and of what. */
import type { OutputDialect } from "../formats/text/output-dialect.ts";
import type { Member, Pattern, Thread } from "../formats/indexed/weaver.ts";
import { compiledZod } from "../fields/compiled-zod.ts";
import type { LostWords } from "../fields/missing-results.ts";
import { type LookedAt, type Looking, MAX_LOOKED_AT, type ReadingWay, wantedFields } from "./looked-at.ts";
import type { WantedFields } from "../formats/indexed/field-reader.ts";
import type { FieldSource, ProvenResult } from "../code/proof.ts";
import type { ObjectWeaving } from "./object-weaving.ts";
import type { JoinWeaving } from "./woven-joins.ts";
import type { Predicate } from "./outcome.ts";
import type { RefilledObject } from "../code/refilled.ts";
import { type StandardSchema, standardAccepts } from "../fields/standard-schema.ts";

/** A run whose rows can be woven, as far as one knows before its output columns are settled. */
export interface Weaving extends Looking {
  /** Of CSV. */
  from: "fields";
  result: ProvenResult;
  /** Rows are objects of JSON: their keys, in order, and what stands behind an object; undefined where they are CSV. */
  objects: { keys: readonly string[]; tail: string } | undefined;
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
  /** The words by which a missing field shows in texts that the code makes. */
  lostWords: LostWords;
  /** The columns of results that a stage has to know; undefined where there is none. */
  noted: readonly NotedColumn[] | undefined;
  /** That stage knows rows by their fields alone, all of which are handed on: nobody has to read these. */
  areTold: boolean;
}

/** A column of results, and the one of the input that it is, where it is one. */
interface NotedColumn {
  name: string;
  column: string | undefined;
}

/** The same, whatever the rows are made of. */
export type AnyWeaving = Weaving | ObjectWeaving | JoinWeaving;

/** How a run's rows are woven. */
export interface WovenSetup {
  pattern: Pattern;
  /** Names of the columns that the code looks at, in the order of the row's properties. */
  looksAt: readonly LookedAt[];
  /** The code may be given one object for all rows. */
  forgetsRow: boolean;
  /** The computed columns: of the result, or a number that was read. */
  computed: readonly { name: string; read: LookedAt | undefined }[];
  /** Fields whose values must pass before the code sees any row. */
  checks: readonly Check[];
  /** The words by which a missing field shows in texts that the code makes. */
  lostWords: LostWords;
  call: Predicate;
  filter: Predicate | undefined;
  /** The object that all results are, where it is one. */
  refilled: RefilledObject | undefined;
  /** Columns of results that a stage has to know: fields that are read, or computed ones by number. */
  noted: readonly { name: string; from: LookedAt | number }[] | undefined;
  /** Columns of results by whose fields a stage knows rows, and the columns of the file that they are. */
  told: readonly { name: string; column: string }[] | undefined;
}

/** A field whose values must pass. */
interface Check {
  field: LookedAt;
  accepts: (value: string | number) => boolean;
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
  if (weaving.objects !== undefined) return wovenObjects(weaving, weaving.objects, { input, readsNumbers });
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
  const { isTyped } = weaving.output;
  /** Numbers that are written as such are read, whether anybody looks at them or not. */
  const carriedNumbers: string[] = [];
  /** Columns of which it must be certain that they are `true`, `false` or nothing. */
  const truths: number[] = [];
  for (const name of output) {
    const source = sources.get(name);
    const carried = source?.kind === "carried" ? source.column : undefined;
    const column = carried === undefined ? undefined : numberOf.get(carried);
    if (source?.kind === "computed" || (carried !== undefined && isNumber(carried))) {
      threads.push({ kind: "computed", index: computed.length });
      computed.push({ name, carried });
    } else if (column === undefined) threads.push({ kind: "empty" });
    else if (isTyped && carried !== undefined && weaving.typing.has(carried)) {
      if (weaving.typing.get(carried)?.type === "boolean") truths.push(column);
      else carriedNumbers.push(carried);
      // What stands between two of them may be another character.
      threads.push({ kind: "carried", first: column, last: column });
    } else addCarried(threads, column, isTyped ? (weaving.emptyIsNull ? "textsOrNull" : "texts") : "carried");
  }
  // A number of the schema must be one, whether anybody looks at it or not.
  const schemaNumbers = [...weaving.numbers.keys()].filter(isNumber);
  const needed = new Set([
    ...weaving.looksAt,
    ...weaving.checks.keys(),
    ...schemaNumbers,
    ...carriedNumbers,
    ...readForNotes(weaving),
  ]);
  if (needed.size > MAX_LOOKED_AT || computed.length > MAX_LOOKED_AT) return undefined;
  if (carriedNumbers.length > 0 && !readsNumbers) return undefined;
  const way: ReadingWay = { numbers: readsNumbers ? "read" : "as texts", texts: "one by one" };
  const { wanted: wantedOnce, looksAt: read } = wantedFields({ ...weaving, looksAt: needed }, input, way);
  const told = weaving.areTold ? toldColumns(weaving.noted) : undefined;
  const { wanted: wantedToo, noted } = notedFields(weaving, { input, wanted: wantedOnce, read, computed });
  const ofTruths = truths.map((column) => ({ column, kind: "truth" }) as const);
  const wanted = { ...wantedToo, numbers: [...wantedToo.numbers, ...ofTruths] };
  const readOf = new Map(read.map((field) => [field.name, field]));
  const pattern: Pattern = {
    wanted,
    output: weaving.output,
    threads,
    outputColumns: output.length,
    computed: computed.length,
    tellsEnds: weaving.noted !== undefined,
  };
  return {
    pattern,
    looksAt: read.filter(({ name }) => weaving.looksAt.has(name)),
    forgetsRow: weaving.forgetsRow,
    computed: computed.map(({ name, carried }) => ({
      name,
      read: carried === undefined ? undefined : readOf.get(carried),
    })),
    lostWords: weaving.lostWords,
    checks: read.flatMap((field) => {
      const check = weaving.checks.get(field.name);
      if (check === undefined) return [];
      const compiled = compiledZod(check, weaving.zod);
      return [{ field, accepts: (value) => standardAccepts(compiled, value) === true }];
    }),
    call,
    filter,
    refilled: weaving.refilled,
    noted,
    told,
  };
}

/** The same for rows that are objects of JSON. */
function wovenObjects(
  weaving: Weaving,
  objects: NonNullable<Weaving["objects"]>,
  { input, readsNumbers }: Omit<WovenColumns, "output">,
): WovenSetup | undefined {
  const { result, columns, typing, looksAt, call, filter } = weaving;
  const numberOf = new Map(input.map((name, index) => [name, index]));
  // What a file has or lacks that others have not would show in each of its rows.
  if (input.length !== columns.length || !columns.every((name) => numberOf.has(name))) return undefined;
  const sources = result.kind === "row" ? carryAll(columns) : result.fields;
  const computed: { name: string; read: undefined }[] = [];
  const numbers = new Set<string>();
  const members = objects.keys.map((key): Member => {
    const source = sources.get(key);
    if (source?.kind !== "carried") {
      computed.push({ name: key, read: undefined });
      return { key, kind: "computed", index: computed.length - 1 };
    }
    const column = numberOf.get(source.column) ?? 0;
    if (!typing.has(source.column)) return { key, kind: "text", column };
    numbers.add(source.column);
    return { key, kind: "number", column };
  });
  const needed = new Set([...looksAt, ...numbers, ...readForNotes(weaving)]);
  if (needed.size > MAX_LOOKED_AT || (numbers.size > 0 && !readsNumbers)) return undefined;
  const way: ReadingWay = { numbers: readsNumbers ? "read" : "as texts", texts: "one by one" };
  const { wanted: wantedOnce, looksAt: read } = wantedFields({ ...weaving, looksAt: needed }, input, way);
  const { wanted, noted } = notedFields(weaving, { input, wanted: wantedOnce, read, computed });
  return {
    pattern: {
      wanted,
      output: weaving.output,
      objects: { members, tail: objects.tail },
      threads: [],
      outputColumns: members.length,
      computed: computed.length,
      tellsEnds: noted !== undefined,
    },
    looksAt: read.filter(({ name }) => looksAt.has(name)),
    forgetsRow: weaving.forgetsRow,
    computed,
    lostWords: weaving.lostWords,
    checks: [],
    call,
    filter,
    refilled: undefined,
    noted,
    told: undefined,
  };
}

/** The columns that are read for a stage. */
function readForNotes({ noted, areTold }: Weaving): string[] {
  return areTold ? [] : (noted ?? []).flatMap(({ column = [] }) => column);
}

/**
 * Where the values are found that a stage has to know. A text that the code looks at as a number only is read a second time,
 * as the text that it is.
 */
function notedFields(
  { noted, typing, areTold }: Weaving,
  {
    input,
    wanted,
    read,
    computed,
  }: {
    input: readonly string[];
    wanted: WantedFields;
    read: readonly LookedAt[];
    computed: readonly { name: string }[];
  },
): { wanted: WantedFields; noted: WovenSetup["noted"] } {
  if (areTold) return { wanted, noted: undefined };
  const texts = [...wanted.texts];
  const fields = noted?.map(({ name, column }) => {
    if (column === undefined) return { name, from: computed.findIndex((one) => one.name === name) };
    const found = read.find((field) => field.name === column);
    if (found !== undefined && (found.as !== "number" || typing.has(column))) return { name, from: found };
    texts.push(input.indexOf(column));
    const from: LookedAt = {
      name: column,
      as: "text",
      index: texts.length - 1,
      typed: undefined,
      isOptional: false,
    };
    return { name, from };
  });
  return { wanted: { ...wanted, texts }, noted: fields };
}

/** Columns of results that are columns of the file, with these. */
function toldColumns(noted: Weaving["noted"]): WovenSetup["told"] {
  return noted?.flatMap(({ name, column }) => (column === undefined ? [] : { name, column }));
}

function carryAll(columns: readonly string[]): ReadonlyMap<string, FieldSource> {
  return new Map(columns.map((column) => [column, { kind: "carried", column }]));
}

/** Fields that lie side by side in the input as in the output are copied at once. */
function addCarried(threads: Thread[], column: number, kind: "carried" | "texts" | "textsOrNull"): void {
  const last = threads.at(-1);
  if (last?.kind === kind && last.last + 1 === column) last.last = column;
  else threads.push({ kind, first: column, last: column });
}
