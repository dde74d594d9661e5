/** When the rows of a run can be woven (see woven-rows.ts), and of what. */
import { type OutputDialect, canHoldNumbers } from "../formats/csv/encoder.ts";
import type { Pattern, Thread } from "../formats/csv/weaver.ts";
import type { LoadedTransform } from "./load.ts";
import { type Looking, MAX_LOOKED_AT, hasPlainFields, lookingOf, wantedFields } from "./looked-at.ts";
import type { FieldSource, Proof, ProvenResult } from "./proof.ts";
import type { Predicate } from "./row-function.ts";
import type { RunSetup } from "./wire.ts";
import type { WovenSetup } from "./woven-rows.ts";

/** A run whose rows can be woven, as far as one knows before its output columns are settled. */
export interface Weaving extends Looking {
  result: ProvenResult;
  output: OutputDialect;
  call: Predicate;
  filter: Predicate | undefined;
}

/** The code of a run: its function and filter, and what is proven of both. */
export interface ProvenCode {
  transform: LoadedTransform;
  proof: Proof | undefined;
  filter: { call: Predicate; proof: Proof | undefined } | undefined;
}

/** What is needed to weave the rows of a run; undefined when that would not give the same bytes, or take longer. */
export function weavingOf({ transform, proof, filter }: ProvenCode, setup: RunSetup): Weaving | undefined {
  const { columns } = setup.input;
  const result = proof?.result;
  if (proof === undefined || result === undefined || columns === undefined) return undefined;
  const { schema, output } = transform;
  if (schema !== undefined || output !== undefined || !isCopied(setup) || !isSimple(setup)) return undefined;
  const looking = lookingOf(setup, filter === undefined ? [proof] : [proof, filter.proof]);
  if (looking === undefined) return undefined;
  return {
    ...looking,
    result,
    output: setup.output.dialect,
    call: transform.call,
    filter: filter?.call,
  };
}

/** Whether the bytes of a field, its quotes aside, are what is written for it. */
function isCopied({ input, output }: RunSetup): boolean {
  const { dialect } = output;
  return (
    hasPlainFields(input) &&
    (output.format === "csv" || output.format === "tsv") &&
    input.dialect.quote === '"' &&
    input.dialect.delimiter === dialect.delimiter &&
    canHoldNumbers(dialect.delimiter) &&
    !dialect.quoteAll &&
    !dialect.escapeFormulas &&
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

/** How the rows of a file are woven; undefined when a result has a column that the output has not. */
export function wovenSetup(weaving: Weaving, { input, output, readsNumbers }: WovenColumns): WovenSetup | undefined {
  const { result, columns, call, filter } = weaving;
  const numberOf = new Map(input.map((name, index) => [name, index]));
  const sources = result.kind === "row" ? carryAll(columns) : result.fields;
  const known = new Set(output);
  if (output.length === 0 || ![...sources.keys()].every((name) => known.has(name))) return undefined;
  const computed = output.filter((name) => sources.get(name)?.kind === "computed");
  if (computed.length > MAX_LOOKED_AT) return undefined;
  const threads: Thread[] = [];
  for (const name of output) {
    const source = sources.get(name);
    const carried = source?.kind === "carried" ? numberOf.get(source.column) : undefined;
    if (carried !== undefined) addCarried(threads, carried);
    else if (source?.kind === "computed") threads.push({ kind: "computed", index: computed.indexOf(name) });
    else threads.push({ kind: "empty" });
  }
  const { wanted, looksAt } = wantedFields(weaving, input, {
    numbers: readsNumbers ? "read" : "as texts",
    texts: "one by one",
  });
  const pattern: Pattern = {
    wanted,
    output: weaving.output,
    threads,
    outputColumns: output.length,
    computed: computed.length,
  };
  return { pattern, looksAt, computed, call, filter };
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
