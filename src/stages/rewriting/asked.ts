/**
 * What steps that rewrite rows are asked for, as it is said (`amount`, `amount:3`), and which columns come of it. Nothing here
 * needs the steps themselves.
 */
import { sortKey } from "../sort/sort-keys.ts";
import { RowmillError } from "../../errors.ts";
import { shownColumn } from "../../formats/columns.ts";

/** A column, and behind a colon a number: how far, or how many rows. */
export interface AskedColumn {
  column: string;
  rows: number | undefined;
}

const WITH_ROWS = /^(?<column>.+):(?<rows>[1-9]\d{0,8})$/s;

/** Only a number behind a colon is one: `10:30` is a name where its column is asked for as `10:30:1`. */
export function askedColumn(text: string): AskedColumn {
  const { column = text, rows } = WITH_ROWS.exec(text)?.groups ?? {};
  return { column, rows: rows === undefined ? undefined : Number(rows) };
}

/** How a step names the columns that it adds. */
interface Adding {
  suffix: string;
  /** A number may stand behind the column, and behind its new name where it is not this one. */
  rows?: { usual: number | undefined };
}

/** The steps that add columns, by name. */
const ADDING: Readonly<Record<string, Adding>> = {
  lag: { suffix: "lag", rows: { usual: 1 } },
  lead: { suffix: "lead", rows: { usual: 1 } },
  cumsum: { suffix: "cumsum" },
  cummin: { suffix: "cummin" },
  cummax: { suffix: "cummax" },
  cummean: { suffix: "cummean" },
  "moving-mean": { suffix: "moving_mean", rows: { usual: undefined } },
  rank: { suffix: "rank" },
  share: { suffix: "share" },
};

/** The column that `--cumcount` adds. */
const COUNT_COLUMN = "cumcount";

/** A step, as far as its columns go. */
interface AskedFor {
  stage: string;
  asked: readonly string[];
  /** What columns are called that it makes of others. */
  names?: readonly string[];
}

/** Whether a number may stand behind a column that a step is asked for. */
export function takesRows(stage: string): boolean {
  return ADDING[stage]?.rows !== undefined;
}

/** Steps that look at the rows of a group one after the other. */
export function isWindow(stage: string): boolean {
  return Object.hasOwn(ADDING, stage) || stage === "cumcount" || stage === "fill-down";
}

/** What a module says of rows and those around them. */
export const CODE_WINDOW = "window";

/** How a message names a step. */
export function stepWords(stage: string): string {
  return stage === CODE_WINDOW ? "the window" : `--${stage}`;
}

/** Steps whose rows hang on no other row. */
const ROW_LOCAL: ReadonlySet<string> = new Set(["flatten", "unflatten"]);

const OTHERS: ReadonlySet<string> = new Set(["pivot", "unpivot", CODE_WINDOW]);

/** Whether a step makes each row of one. */
export function isRowLocal(step: { stage: string } | undefined): boolean {
  return step !== undefined && ROW_LOCAL.has(step.stage);
}

/** Whether rows are rewritten where they are taken: those steps are not that stand first and make each row of one. */
export function rewritesRows(steps: readonly { stage: string }[], { folds }: { folds: boolean }): boolean {
  const first = folds ? 0 : steps.findIndex((step) => !isRowLocal(step));
  return first >= 0 && steps.slice(first).some(isRewriting);
}

/** Whether a step gives other rows than it gets. */
export function isRewriting({ stage }: { stage: string }): boolean {
  return isWindow(stage) || ROW_LOCAL.has(stage) || OTHERS.has(stage);
}

/** Whether only the rows tell which columns there are behind a step. */
export function makesOpenColumns(step: { stage: string }): boolean {
  return isRowLocal(step) || step.stage === "pivot" || step.stage === CODE_WINDOW;
}

/**
 * Whether the rows of a window in code can say where they come from: not where steps at the one place before it make other rows
 * of several, or tell them apart by all that they hold.
 */
export function tellsPlaces(
  steps: readonly (AskedFor & { isOfWholeRows: boolean })[],
  how: { folds: boolean },
): boolean {
  const at = steps.findIndex(({ stage }) => stage === CODE_WINDOW);
  if (at < 0 || how.folds) return false;
  const local = steps.findIndex((step) => !isRowLocal(step));
  // Of those before it that pick or arrange rows as they are written, only their notes know what a row holds.
  const first = steps.findIndex((step, place) => place >= local && isRewriting(step));
  return steps.slice(first, at).every(({ stage, isOfWholeRows }) => stage !== "pivot" && !isOfWholeRows);
}

/** The columns that a step looks at, as they are called. */
export function askedColumns(stage: string, asked: readonly string[]): string[] {
  return takesRows(stage) ? asked.map((text) => askedColumn(text).column) : [...asked];
}

/**
 * The columns behind steps; undefined where the rows tell.
 *
 * @throws {RowmillError} `input`, where a step makes a column that is there already.
 */
export function columnsBehind(steps: readonly AskedFor[], names: readonly string[]): string[] | undefined {
  let there: string[] | undefined = [...names];
  for (const step of steps) {
    if (there === undefined) return undefined;
    if (step.stage === "unpivot") there = unpivotedColumns(step, there);
    else there = makesOpenColumns(step) ? undefined : withAdded(step, there);
  }
  return there;
}

/** The columns behind steps to which no row has come; undefined where only rows would tell. */
export function columnsOfNothing(steps: readonly AskedFor[], names: readonly string[]): string[] | undefined {
  let there = [...names];
  for (const step of steps) {
    const { stage, asked, names: made = [] } = step;
    if (stage === CODE_WINDOW) {
      if (made.length === 0) return undefined;
      there = [...made];
    } else if (stage === "pivot") there = there.filter((name) => !asked.includes(name));
    else there = columnsBehind([step], there) ?? there;
  }
  return there;
}

/** Where a number must stand behind a column and does not: that column. */
export function lacksRows({ stage, asked }: AskedFor): string | undefined {
  const { rows } = ADDING[stage] ?? {};
  if (rows === undefined || rows.usual !== undefined) return undefined;
  return asked.find((text) => askedColumn(text).rows === undefined);
}

/** The columns that a step adds, in the order in which it was asked for them. */
export function addedColumns({ stage, asked }: AskedFor): string[] {
  if (stage === "cumcount") return [COUNT_COLUMN];
  const adding = ADDING[stage];
  if (adding === undefined) return [];
  return asked.map((text) => {
    const { column, rows } =
      adding.rows === undefined ? { column: plainColumn(text), rows: undefined } : askedColumn(text);
    const isUsual = rows === undefined || rows === adding.rows?.usual;
    return `${column}_${adding.suffix}${isUsual ? "" : `_${rows}`}`;
  });

  /** What is ranked may be ranked downwards, and says how it is read. */
  function plainColumn(text: string): string {
    return stage === "rank" ? sortKey(text).column : text;
  }
}

/**
 * The columns behind a step that adds some.
 *
 * @throws {RowmillError} `input`, where one of them is there already.
 */
export function withAdded(step: AskedFor, names: readonly string[]): string[] {
  const added = addedColumns(step);
  const taken = added.find((name, at) => names.includes(name) || added.indexOf(name) !== at);
  if (taken === undefined) return [...names, ...added];
  const what = step.asked[added.indexOf(taken)];
  throw new RowmillError(
    "input",
    `--${step.stage}${what === undefined ? "" : ` ${what}`} makes a column ${shownColumn(taken)}, and there is one already`,
    { hint: "give that another name before, or leave it out: -e '({ other, … }) => …'" },
  );
}

/** What the columns of `--unpivot` are called, where nobody says it. */
export const UNPIVOT_NAMES: readonly string[] = ["name", "value"];

/**
 * The columns behind `--unpivot`.
 *
 * @throws {RowmillError} `input`, where one of them is there already.
 */
export function unpivotedColumns({ asked, names: made = UNPIVOT_NAMES }: AskedFor, names: readonly string[]): string[] {
  const others = names.filter((name) => !asked.includes(name));
  const taken = made.find((name) => others.includes(name));
  if (taken === undefined) return [...others, ...made];
  throw new RowmillError("input", `--unpivot makes a column ${shownColumn(taken)}, and there is one already`, {
    hint: "give its columns other names: --unpivot-names month,amount",
  });
}
