/** What is known of the results of a run's function: see lasting-results.ts. */
import type { Expression } from "acorn";
import { REST_COLUMN } from "../formats/text/dialect.ts";
import { treeOfExpression } from "../code/expression.ts";
import { ANYTHING, type Lasting } from "./lasting-results.ts";
import { type NewResults, newResults } from "../code/new-results.ts";
import { functionTree } from "../code/function-tree.ts";
import type { ProvenResult } from "../code/proof.ts";
import { plainFields } from "../fields/schema/plain-fields.ts";
import { holdsJson } from "../fields/typing.ts";
import type { ProvenCode } from "./proven-code.ts";
import type { RunSetup } from "./wire.ts";

const NEW_AND_PLAIN: Lasting = { isNew: true, unsure: [], areRows: false };

/** @param isFolded The rows go to a fold as they are: nobody but a filter has seen them before. */
export function whatLasts(code: ProvenCode, setup: RunSetup, { isFolded }: { isFolded: boolean }): Lasting {
  const { transform, proof, fields } = code;
  if (transform.output !== undefined) return plainFields(transform.output) === undefined ? ANYTHING : NEW_AND_PLAIN;
  // A profile looks at rows at once.
  if (setup.isProfiled) return NEW_AND_PLAIN;
  if (transform.batch !== undefined) return ANYTHING;
  const isSafe = carriedIsSafe(code, setup);
  if (isFolded && transform.schema === undefined) return ofPassedOn(code.filter, isSafe);
  if (transform.isPassedOn || proof?.result?.kind === "row") {
    // A row that its filter hands to others, or that a schema makes, may be anybody's.
    if (code.filter !== undefined && code.filter.proof === undefined) return ANYTHING;
    if (transform.schema !== undefined && fields === undefined) return ANYTHING;
    return { isNew: true, unsure: seenBy(code)?.filter((name) => !isSafe(name)), areRows: false };
  }
  const tree = treeOf(code, setup);
  const made = tree && newResults(tree);
  if (made === undefined) return ANYTHING;
  return { isNew: true, unsure: unsureFields(made, proof?.result, isSafe), areRows: made.areRows };
}

/** What is known of rows of which only a filter can have kept something. */
function ofPassedOn(filter: ProvenCode["filter"], isSafe: (column: string) => boolean): Lasting {
  if (filter === undefined) return NEW_AND_PLAIN;
  if (filter.proof === undefined) return ANYTHING;
  return { isNew: true, unsure: [...filter.proof.looksAt].filter((name) => !isSafe(name)), areRows: false };
}

/** The syntax tree of a run's code; undefined where it has none. */
export function treeOf({ transform }: Pick<ProvenCode, "transform">, { source }: RunSetup): Expression | undefined {
  if (source.kind === "module") return functionTree(transform.call)?.tree;
  return source.kind === "expression" && source.expression !== undefined
    ? treeOfExpression(source.expression)
    : undefined;
}

/** The fields of new objects that may hold objects; undefined for any. */
function unsureFields(
  { unsure, hasOthers }: NewResults,
  result: ProvenResult | undefined,
  isSafe: (column: string) => boolean,
): string[] | undefined {
  if (result?.kind !== "object") return hasOthers ? undefined : [...unsure];
  return [...result.fields].flatMap(([name, source]) => {
    const isSure = source.kind === "carried" ? isSafe(source.column) : !unsure.has(name);
    return isSure ? [] : [name];
  });
}

/**
 * Makes the test whether a column that is handed on as it is holds nothing that could change: no object, or one that no
 * code gets hold of.
 */
function carriedIsSafe(code: ProvenCode, { input }: RunSetup): (column: string) => boolean {
  if (code.transform.schema !== undefined) return () => code.fields !== undefined;
  const isText = input.traits.values === "text" && input.settings["objects"] !== true;
  const rest = input.extraFields === "keep" ? REST_COLUMN : undefined;
  if (isText) return (column) => column !== rest && input.types[column] !== "date" && !holdsJson(input, column);
  const seen = seenBy(code);
  return (column) => seen?.includes(column) === false;
}

/** The columns whose values the code of a run can look at; undefined for all. */
function seenBy({ proof, filter, transform }: ProvenCode): string[] | undefined {
  if (proof === undefined && !transform.isPassedOn) return undefined;
  if (filter === undefined) return [...(proof?.looksAt ?? [])];
  return filter.proof && [...(proof?.looksAt ?? []), ...filter.proof.looksAt];
}
