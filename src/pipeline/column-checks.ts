/** Columns that options name: each must be there, and an error says which one was meant. */
import { RowmillError } from "../errors.ts";
import { hasHidden, isPlainName, isShort, quotedText, shownColumn, shownColumns } from "../formats/columns.ts";
import { namesWord, typableNames } from "../formats/command-words.ts";
import { didYouMean, nearest, nearestWord } from "../nearest.ts";
import type { RunOptions } from "../options/run-options.ts";
import { groupFlag, groupedColumns, groupingOf } from "../stages/grouping/grouping.ts";
import type { AskedStep } from "../stages/registry.ts";
import { columnsBehind } from "../stages/rewriting/asked.ts";
import type { ToldWindow } from "../code/window.ts";
import { WAYS, sortKey } from "../stages/sort/sort-keys.ts";
import { typesOf } from "./options.ts";

/** Types are said of columns that are there. */
export function checkTypes(options: RunOptions, columns: readonly string[] | undefined): void {
  if (columns === undefined) return;
  const known = new Set(columns);
  const unknown = Object.keys(typesOf(options)).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw notAColumn("types", unknown, columns);
}

/** Groups and figures are of columns that are there. Rows of an expression or a transform are looked at when they come. */
export function checkGrouping(
  options: RunOptions,
  columns: readonly string[] | undefined,
  steps: readonly AskedStep[],
): void {
  if (columns === undefined) return;
  const grouping = groupingOf(options);
  const { by = [], figures = [] } = grouping ?? {};
  const named = [
    ...by.map((name) => [groupFlag(options), name] as const),
    ...figures.flatMap((figure) => (figure.kind === "count" ? [] : [[figure.kind, figure.column] as const])),
  ];
  const behind = grouping === undefined ? columns : groupedColumns(grouping);
  let there: readonly string[] | undefined = behind;
  for (const step of steps) {
    const unknown = step.columns.find((name) => there?.includes(name) === false);
    if (unknown !== undefined) throw notAColumn(namesIt(step, unknown), unknown, there ?? []);
    there = there && columnsBehind([step], there);
    // Of some steps the rows tell which columns they give.
    if (there === undefined) break;
  }
  const split = options.splitBy?.find((name) => there?.includes(name) === false);
  if (split !== undefined) throw notAColumn("split-by", split, there ?? []);
  const wrong = named.find(([, name]) => !columns.includes(name));
  if (wrong === undefined) return;
  const [flag, name] = wrong;
  throw notAColumn(flag, name, columns);
}

/** A window that gets the rows of the input as they are looks at columns that are there. */
export function checkWindow({ columns: looksAt, orderBy }: ToldWindow, columns: readonly string[] | undefined): void {
  const named = [...looksAt, ...orderBy.map((key) => sortKey(key).column)];
  const unknown = columns && named.find((name) => !columns.includes(name));
  if (unknown === undefined || columns === undefined) return;
  throw new RowmillError("input", `the window names ${shownColumn(unknown)}, which is no column of the input`, {
    hint: columnHint(unknown, columns),
    lacks: unknown,
  });
}

/** The flag that names a column for a step. */
function namesIt({ namedBy, per }: AskedStep, column: string): string {
  return per.includes(column) ? "per" : namedBy;
}

function notAColumn(flag: string, name: string, columns: readonly string[]): RowmillError {
  return new RowmillError("input", `--${flag} names ${shownColumn(name)}, which is no column of the input`, {
    hint: wayHint(name, columns) ?? columnHint(name, columns),
    lacks: name,
  });
}

/** Of a key such as `born:nmu`: the column is there, and there is no such way to compare its values. */
function wayHint(key: string, columns: readonly string[]): string | undefined {
  const [, column = "", way = ""] = /^(.+):([a-z]+)$/s.exec(key) ?? [];
  const near = columns.includes(column) ? nearestWord(way, WAYS) : undefined;
  return near === undefined ? undefined : didYouMean(`${column}:${near}`);
}

/** A column for a command line, where what does not show, or looks like other letters, cannot be typed. */
export function columnHint(written: string, columns: readonly string[], whose: "the" | "its" = "the"): string {
  const near = nearest(written, columns);
  const hint = nearHint(written, columns, whose);
  if (near === undefined) return columns.some(hasHidden) ? `${hint}; ${typableHint(columns, "gives them")}` : hint;
  if (!isOdd(near, written)) return hint;
  const named = columns.map((column) => (column === near ? written : column));
  return `${hint}: ${typableHint(named, "gives the columns")}`;
}

/** Which column was meant. @param whose What stands before `columns`: those of a file that was just named are its. */
export function nearHint(written: string, columns: readonly string[], whose: "the" | "its" = "the"): string {
  const near = nearest(written, columns);
  if (near === undefined) return `${whose} columns are: ${shownColumns(columns)}`;
  if (isOdd(near, written)) return `the column is ${quotedText(near, /\P{ASCII}/gu)}`;
  return didYouMean(isPlainName(near) ? near : namesWord([near]));
}

/** Whether nobody sees in what it differs from what was written. */
function isOdd(near: string, written: string): boolean {
  return hasHidden(near) || near.normalize() === written.normalize();
}

function typableHint(columns: readonly string[], gives: string): string {
  const list = isShort(columns) ? `--columns ${namesWord(typableNames(columns))}` : "--columns";
  return `${list} ${gives} names that can be typed`;
}
