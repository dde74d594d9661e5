/** When the rows of a run can be woven (see woven-rows.ts), and of what. */
import { type OutputDialect, canHoldNumbers } from "../formats/csv/encoder.ts";
import { isKernelDialect } from "../formats/csv/dialect.ts";
import type { Thread } from "../formats/csv/weaver.ts";
import type { LoadedTransform } from "./load.ts";
import type { FieldSource, Proof, ProvenResult } from "./proof.ts";
import type { Predicate } from "./row-function.ts";
import type { RunSetup } from "./wire.ts";
import type { WovenSetup } from "./woven-rows.ts";

/** A run whose rows can be woven, as far as one knows before its output columns are settled. */
export interface Weaving {
  result: ProvenResult;
  looksAt: ReadonlySet<string>;
  /** Order of the columns that are looked at. */
  columns: readonly string[];
  quote: string;
  output: OutputDialect;
  call: Predicate;
  filter: Predicate | undefined;
}

/** Generated code for more fields would not be optimised any more. */
const MAX_FIELDS = 64;

/** The code of a run: its function and filter, and what is proven of both. */
export interface ProvenCode {
  transform: LoadedTransform;
  proof: Proof | undefined;
  filter: { call: Predicate; proof: Proof | undefined } | undefined;
}

/** What is needed to weave the rows of a run; undefined when that would not give the same bytes, or take longer. */
export function weavingOf({ transform, proof, filter }: ProvenCode, setup: RunSetup): Weaving | undefined {
  const { columns, dialect } = setup.input;
  const result = proof?.result;
  if (proof === undefined || result === undefined || columns === undefined) return undefined;
  const { schema, output } = transform;
  if (schema !== undefined || output !== undefined || !isCopied(setup) || !isSimple(setup)) return undefined;
  // What is not proven of a filter looks at every column.
  const looksAt = new Set([...proof.looksAt, ...(filter === undefined ? [] : (filter.proof?.looksAt ?? columns))]);
  if (looksAt.size > MAX_FIELDS) return undefined;
  return {
    result,
    looksAt,
    columns,
    quote: dialect.quote,
    output: setup.output.dialect,
    call: transform.call,
    filter: filter?.call,
  };
}

/** Whether the bytes of a field, its quotes aside, are what is written for it. */
function isCopied({ input, output }: RunSetup): boolean {
  const { dialect } = output;
  return (
    (input.format === "csv" || input.format === "tsv") &&
    (output.format === "csv" || output.format === "tsv") &&
    isKernelDialect(input.dialect) &&
    input.dialect.quote === '"' &&
    input.dialect.delimiter === dialect.delimiter &&
    canHoldNumbers(dialect.delimiter) &&
    !dialect.quoteAll &&
    !dialect.escapeFormulas &&
    dialect.nullText === "" &&
    input.nullText === undefined &&
    !input.replacesInvalid &&
    !input.infersNumbers &&
    Object.keys(input.types).length === 0
  );
}

/** Whether each row is one call, and nothing is asked of it but its result. */
function isSimple({ policy }: RunSetup): boolean {
  return policy.retries === 0 && policy.rate === undefined && policy.marks === "none";
}

/** How the rows of a file are woven; undefined when a result has a column that the output has not. */
export function wovenSetup(
  { result, looksAt, columns, quote, output: dialect, call, filter }: Weaving,
  { input, output }: { input: readonly string[]; output: readonly string[] },
): WovenSetup | undefined {
  const numbers = new Map(input.map((name, index) => [name, index]));
  const isRow = result.kind === "row";
  const sources = isRow ? carryAll(columns) : result.fields;
  const known = new Set(output);
  if (output.length === 0 || ![...sources.keys()].every((name) => known.has(name))) return undefined;
  const computed = output.filter((name) => sources.get(name)?.kind === "computed");
  if (computed.length > MAX_FIELDS) return undefined;
  const numberOfComputed = new Map(computed.map((name, index) => [name, index]));
  const threads: Thread[] = [];
  for (const name of output) {
    const source = sources.get(name);
    const carried = source?.kind === "carried" ? numbers.get(source.column) : undefined;
    const index = numberOfComputed.get(name);
    if (carried !== undefined) addCarried(threads, carried);
    else threads.push(index === undefined ? { kind: "empty" } : { kind: "computed", index });
  }
  const looked = columns.filter((name) => looksAt.has(name));
  const pattern = {
    columns: input.length,
    quote,
    output: dialect,
    threads,
    outputColumns: output.length,
    computed: computed.length,
    looksAt: looked.flatMap((name) => numbers.get(name) ?? []),
  };
  return { pattern, looksAt: looked, computed: isRow ? [] : computed, call, filter };
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
