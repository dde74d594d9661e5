/** What a kept result hangs on: the columns that its function can look at, and those that it hands on as they are. */
import { REST_COLUMN } from "../../formats/text/dialect.ts";
import { proofOfExpression } from "../../code/expression.ts";
import { type Proof, type ProvenResult, proveFunction } from "../../code/proof.ts";
import { plainFields } from "../../fields/schema/plain-fields.ts";
import type { LoadedTransform } from "../transform.ts";
import type { RunSetup } from "../wire.ts";

/** A field of a result: handed on from a column, or computed. */
interface LookedField {
  name: string;
  column: string | undefined;
}

/** What a key is made of, and what of a result is kept. */
export interface Looks {
  columns: readonly string[];
  /** What stands before their values in the text of a key. */
  labels: readonly string[];
  /** What results are, where that is known: the row itself, or an object with these fields. */
  result: "row" | readonly LookedField[] | undefined;
  /** Columns that are both looked at and handed on: an object in one of them may be changed. */
  both: readonly string[];
}

/** What is known of what a function looks at; undefined where that may be all of a row. */
export function looksOf(
  { call, schema }: Pick<LoadedTransform, "call" | "schema">,
  { source, input }: RunSetup,
): Looks | undefined {
  if (input.extraFields === "keep" || input.settings["objects"] === true) return undefined;
  const plain = plainFields(schema);
  const names = plain === undefined ? input.columns : [...plain.keys()];
  const proof: Proof | undefined =
    source.kind === "module"
      ? proveFunction(call, names, { isAwaited: true })
      : source.expression === undefined || schema !== undefined
        ? undefined
        : proofOfExpression(source.expression, names, { isAwaited: true });
  if (proof === undefined || proof.looksAt.has(REST_COLUMN)) return undefined;
  const columns = [...proof.looksAt].toSorted();
  const fields = fieldsOf(proof.result);
  const isHandedOn = (column: string): boolean =>
    fields === "row" || fields?.some((field) => field.column === column) === true;
  return {
    columns,
    labels: columns.map((name) => `${JSON.stringify(name)}:`),
    result: fields,
    both: columns.filter(isHandedOn),
  };
}

function fieldsOf(result: ProvenResult | undefined): Looks["result"] {
  if (result?.kind !== "object") return result?.kind;
  return [...result.fields].map(([name, source]) => ({
    name,
    column: source.kind === "carried" ? source.column : undefined,
  }));
}
