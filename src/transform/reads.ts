/**
 * Projection: which columns a transform can read at all, by proof. Fields of other columns need not become strings. What
 * is not proven reads every column: a branch that was not taken yet must not lose data.
 */
import { type Proof, proveFunction } from "../code/proof.ts";
import { strippedColumns } from "../fields/schema/fields.ts";
import type { StandardSchema } from "../fields/standard-schema.ts";

/** Names of columns, or undefined for all of them. */
export type Reads = ReadonlySet<string> | undefined;

/** The columns that a function of `(row, ctx)` reads, proven by its text. */
export function functionReads(call: (...args: never[]) => unknown, columns?: readonly string[]): Reads {
  return proofReads(proveFunction(call, columns));
}

/** The columns whose values are needed to call a function as it stands. */
export function proofReads(proof: Proof | undefined): Reads {
  if (proof?.result?.kind === "row" || proof?.spreadsRow === true) return undefined;
  const fields = proof?.result?.fields.values() ?? [];
  const carried = [...fields].flatMap((source) => (source.kind === "carried" ? [source.column] : []));
  return proof && new Set([...proof.looksAt, ...carried]);
}

/** The columns that a schema's output can hold: those it names, when it strips all others. */
export function schemaReads(schema: StandardSchema): Reads {
  const columns = strippedColumns(schema);
  return columns === undefined ? undefined : new Set(columns);
}

/** All that any of several readers reads. */
export function unionOfReads(all: readonly Reads[]): Reads {
  const union = new Set<string>();
  for (const reads of all) {
    if (reads === undefined) return undefined;
    for (const name of reads) union.add(name);
  }
  return union;
}
