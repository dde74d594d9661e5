/** `window({ partition, size }, (rows) => …)`: what a transform says of rows and those around them, in code. */

import type { RowContext } from "./context.ts";

/** Under this symbol a window has what it was made of: whichever copy of this module has made it, all know it. */
const MADE_OF = Symbol.for("rowmill:window");

/** The rows that a window function gets, beside the row that it is called for. */
interface WindowRange {
  /** So many rows before it. */
  before: number;
  /** So many behind it. */
  after: number;
}

/** Which rows a window function gets. */
export interface WindowOptions<Row> {
  /**
   * Rows with the same value here are a table of their own: a column, several, or what a function says of a row.
   * @default all rows are one
   */
  partition?: string | readonly string[] | ((row: Row) => unknown);
  /**
   * How many rows: `7` are those up to and with the row that the function is called for, `{ before: 3, after: 3 }` those around
   * it. `Infinity` is as many as there are.
   */
  size: number | { before?: number; after?: number };
  /** Rows are put in this order first, as `sortBy` says it: `"day"`, `["-score:num", "name"]`. @default that in which they come */
  orderBy?: string | readonly string[];
}

/** What a window function may return: a row, many rows, or none. */
type Result = object | null | undefined;

/** A window, as {@linkcode window} makes it: the default export of a transform, or `window` among its `options`. */
export interface RowWindow {
  /** It is one. */
  readonly isWindow: true;
}

/** A window as those know it who cannot have its functions: the parent of a run, and steps as they are asked for. */
export interface ToldWindow extends RowWindow {
  /** The columns that it looks at. */
  columns: readonly string[];
  orderBy: readonly string[];
  /** What it is, for a plan. */
  words: string;
  /** No row comes out before all are there. */
  isLate: boolean;
  /** It is the default export: it stands where the function of a row would. */
  isDefault: boolean;
  /** The columns of its rows, where the module fixes them. */
  names: readonly string[];
}

/** What a window is made of, checked. */
export interface WindowParts {
  /** Columns, or a function. */
  partition: readonly string[] | ((row: never) => unknown);
  range: WindowRange;
  orderBy: readonly string[];
  each: (...args: never[]) => unknown;
}

/**
 * Makes a window: a function that is called for each row with the rows around it.
 *
 * @param each Gets the rows, in their order, the row among them that it is called for, and a context; what it returns is
 * what becomes of that row, as with any function of rows.
 * @throws {TypeError} If the options are not what they should be.
 *
 * @example
 * ```ts
 * import { window } from "rowmill";
 *
 * export default window({ partition: "city", size: 7 }, (rows, row) => ({
 *   ...row,
 *   highest: Math.max(...rows.map(({ celsius }) => celsius)),
 * }));
 * ```
 */
// oxlint-disable-next-line typescript/no-explicit-any -- what is in a row its author knows
export function window<Row = Record<string, any>>(
  options: WindowOptions<Row>,
  each: (rows: Row[], row: Row, ctx: RowContext & { readonly at: number }) => Result,
): RowWindow {
  if (typeof options !== "object" || options === null || typeof each !== "function")
    throw new TypeError("window wants options and a function: window({ size: 7 }, (rows, row) => ({ … }))");
  const { partition = [], size, orderBy = [], ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new TypeError(`window has no option ${JSON.stringify(other)}: ${OPTIONS}`);
  const parts: WindowParts = {
    partition: typeof partition === "function" ? partition : columnsOf("partition", partition),
    range: rangeOf(size),
    orderBy: columnsOf("orderBy", orderBy),
    each,
  };
  return Object.freeze(Object.defineProperty({ isWindow: true as const }, MADE_OF, { value: parts }));
}

/** What a window is made of; undefined for what is none. */
export function windowParts(value: unknown): WindowParts | undefined {
  return typeof value === "object" && value !== null
    ? (Reflect.get(value, MADE_OF) as WindowParts | undefined)
    : undefined;
}

const OPTIONS = "its options are partition, size and orderBy";

function columnsOf(name: string, said: string | readonly string[]): readonly string[] {
  const columns: readonly unknown[] = [said].flat();
  if (columns.every((column): column is string => typeof column === "string" && column !== "")) return columns;
  const or = name === "partition" ? ", or a function of a row" : "";
  throw new TypeError(`window: ${name} is ${shown(said)}, wanted names of columns${or}`);
}

function rangeOf(size: unknown): WindowRange {
  if (isCount(size, 1)) return { before: size - 1, after: 0 };
  if (typeof size === "object" && size !== null) {
    const { before = 0, after = 0, ...others } = size as Record<string, unknown>;
    if (isCount(before, 0) && isCount(after, 0) && Object.keys(others).length === 0) return { before, after };
  }
  throw new TypeError(`window: size is ${shown(size)}, wanted a number of rows, or { before: 3, after: 3 }`);
}

function isCount(value: unknown, least: number): value is number {
  return value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= least);
}

function shown(value: unknown): string {
  return typeof value === "number" || value === undefined ? String(value) : (JSON.stringify(value) ?? typeof value);
}

/** What can be told of a window. */
export function toldWindow(
  { partition, range: { before, after }, orderBy }: WindowParts,
  place: Pick<ToldWindow, "isDefault" | "names">,
): ToldWindow {
  const isWhole = before === Number.POSITIVE_INFINITY && after === before;
  const rows = isWhole
    ? "over all rows"
    : after > 0
      ? `over ${manyRows(before)} before and ${manyRows(after)} behind`
      : before === Number.POSITIVE_INFINITY
        ? "over all rows before"
        : `over ${before + 1} rows`;
  const by =
    typeof partition === "function"
      ? " per a function of rows"
      : partition.length > 0
        ? ` per ${partition.join(", ")}`
        : "";
  return {
    isWindow: true,
    columns: typeof partition === "function" ? [] : partition,
    orderBy,
    words: `${rows}${by}`,
    isLate: after === Number.POSITIVE_INFINITY,
    ...place,
  };
}

function manyRows(count: number): string {
  return count === Number.POSITIVE_INFINITY ? "all" : String(count);
}
