/** A plan in words: what rows go through, the way that they take, and what is in the way of a quicker one. */
import type { Described } from "../../stages/stage.ts";
import { obstacleInExpression } from "../../code/expression.ts";
import { obstacleInFunction } from "../../code/proof.ts";
import type { Reads } from "../reads.ts";
import { looksOf } from "../cache/looks.ts";
import type { ProvenCode } from "../proven-code.ts";
import type { AnyWeaving } from "../weaving.ts";
import type { RowsExplained, RunSetup } from "../wire.ts";
import type { RowsPlan } from "./plan.ts";
import { NOT_PROVEN, UNKNOWN_RESULT, computedFields, fieldsOf } from "./woven.ts";

/** So much of a piece of code is shown. */
const MAX_CODE = 60;

/** What a run does with its rows. */
export function explainRows(
  plan: RowsPlan,
  code: ProvenCode,
  { setup, ordered, looksAt, reads }: { setup: RunSetup; ordered: readonly Described[]; looksAt: Reads; reads: Reads },
): RowsExplained {
  const unfit = plan.unfit.flatMap(({ kind, because }) =>
    // What nobody exports is missed by nobody.
    kind === "batch" ? [] : [{ kind, because: because + pieceFor(because, code, setup) }],
  );
  return {
    stages: stagesOf(code, { setup, ordered, reads }),
    kind: plan.kind,
    because: becauseOf(plan, { reason: unfit[0]?.because, looksAt: looksAt?.size, asked: setup.way }),
    unfit: plan.kind === "rows" ? unfit.slice(1) : unfit,
  };
}

function becauseOf(
  { kind, weaving }: RowsPlan,
  { reason, looksAt, asked }: { reason: string | undefined; looksAt: number | undefined; asked: string | undefined },
): string {
  if (weaving !== undefined) return wovenWords(weaving);
  if (kind === "rows") return reason ?? (asked === undefined ? "no quicker way is known" : "it was asked for");
  if (kind === "batch") return "the export batch takes many rows at once";
  const looks = looksAt === undefined ? "all columns" : counted(looksAt, "column");
  return kind === "copied" ? `whole rows, ${looks} looked at` : `${looks} looked at`;
}

function wovenWords(weaving: AnyWeaving): string {
  const { result, looksAt } = weaving;
  const computed = computedFields(result).length;
  const isWhole = weaving.from !== "objects" && result.kind === "row";
  const handedOn = isWhole ? weaving.columns.length : fieldsOf(result).length - computed;
  const parts = [`${counted(handedOn, "column")} handed on`];
  if (weaving.from === "joined" && weaving.added > 0) parts.push(`${weaving.added} of the table`);
  if (computed > 0) parts.push(`${computed} computed`);
  parts.push(`${looksAt.size} looked at`);
  return parts.join(", ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The piece of code that a reason is about. */
function pieceFor(because: string, { transform, fields }: ProvenCode, { source, input }: RunSetup): string {
  if (because !== NOT_PROVEN && because !== UNKNOWN_RESULT) return "";
  const columns = fields === undefined ? input.columns : [...fields.keys()];
  let piece: string | undefined;
  if (source.kind === "module") piece = obstacleInFunction(transform.call, columns);
  else if (source.kind === "expression" && source.expression !== undefined)
    piece = obstacleInExpression(source.expression, columns ?? []);
  if (piece === undefined) return "";
  const line = piece.replaceAll(/\s+/g, " ");
  return `: ${line.length > MAX_CODE ? `${line.slice(0, MAX_CODE)}…` : line}`;
}

/** What rows go through, one after another. */
function stagesOf(
  { transform, typing, filter }: ProvenCode,
  { setup, ordered, reads }: { setup: RunSetup; ordered: readonly Described[]; reads: Reads },
): RowsExplained["stages"] {
  const { source, input, output, limit } = setup;
  const stages: RowsExplained["stages"] = [{ name: "read", what: input.format }];
  const add = (name: string, what: string): void => void stages.push({ name, what });
  for (const { kind, on, keys, table } of setup.joins)
    add(
      "join",
      `${table.file} on ${on.map((name, at) => (name === keys[at] ? name : `${name}=${keys[at]}`)).join(",")} (${kind})`,
    );
  const types = [...typing.values()].filter(
    ({ name, type, isGiven }) => type !== "string" && (isGiven || reads?.has(name) !== false),
  );
  if (types.length > 0) add("types", types.map(({ name }) => name).join(", "));
  if (transform.schema !== undefined) add("schema", "the export schema");
  if (filter !== undefined) add("filter", setup.filter ?? "");
  if (setup.cache !== undefined) {
    const columns = looksOf(transform, setup)?.columns.join(", ") ?? "all of the row";
    add("cache", `${setup.cache.shown} by ${columns === "" ? "nothing of the row" : columns}`);
  }
  if (transform.batch !== undefined) add("batch", "the export batch");
  else if (source.kind === "expression") {
    if (source.expression !== undefined) add("map", source.expression);
  } else if (!transform.isPassedOn) add("map", source.path);
  if (transform.output !== undefined) add("output", "the export output");
  for (const { name, what } of ordered) add(name, what);
  if (limit !== undefined) add("limit", String(limit));
  if (output !== undefined) add("write", output.format);
  return stages;
}
