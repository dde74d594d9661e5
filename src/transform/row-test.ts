/** What a run asks of a row before anything else looks at it, for inputs that may know without reading it. */
import { treeOfExpression } from "../code/expression.ts";
import { type RowTest, type TestedColumn, rowTestOf, saysAnything } from "../code/row-test.ts";
import type { Typing } from "../fields/typing.ts";
import type { ProvenCode } from "./proven-code.ts";
import type { RunSetup } from "./wire.ts";

/** Undefined where rows must be read whatever is in them: a join, a schema or a type that is given may fail them. */
export function rowTest({ transform, typing }: ProvenCode, setup: RunSetup): RowTest | undefined {
  const { filter, input, joins, isProfiled } = setup;
  const { columns, types, nullTexts, settings } = input;
  if (filter === undefined || columns === undefined) return undefined;
  const isLookedAt =
    joins.length > 0 || isProfiled || transform.schema !== undefined || transform.record?.kind === "used";
  const isChanged = Object.keys(types).length > 0 || nullTexts !== undefined || settings["objects"] === true;
  if (isLookedAt || isChanged) return undefined;
  const known = columns.flatMap((name) => testedColumn(name, setup, typing) ?? []);
  const test = rowTestOf(treeOfExpression(filter), columns, new Map(known.map((column) => [column.name, column])));
  return saysAnything(test) ? test : undefined;
}

/** A column of which the input says what it holds. Texts that code uses as numbers are other ones where they are empty. */
function testedColumn(name: string, { input: { dataTypes } }: RunSetup, typing: Typing): TestedColumn | undefined {
  const stated = Object.hasOwn(dataTypes, name) ? dataTypes[name] : undefined;
  const typed = typing.get(name);
  if (stated === "text")
    return { name, as: typed === undefined ? "text" : "other", nothing: ["null", "undefined", "empty"] };
  const as = stated === "stated number" ? "number" : stated === "stated boolean" ? "boolean" : undefined;
  if (as === undefined || typed?.type !== as) return undefined;
  return { name, as, nothing: typed.isNullable ? ["null", "undefined"] : ["undefined"] };
}
