/**
 * Which parts of a table hold no row that a filter lets pass, by what the source says of their values: such rows count as
 * read and dropped, and are not read. Nothing that the filter does may be lost: where it could fail, or have an effect, the
 * rows are read.
 */
import type { Comparable, Comparison, RowTest, TestedColumn } from "../code/row-test.ts";
import type { PartRanges, ValueRange } from "../sources/source.ts";

/** Rows of the parts that need not be read, by their numbers. */
export type SkippedParts = ReadonlyMap<number, number>;

/** @param numberOf Which of the ranges is that of a column. */
export function skippedParts(
  test: RowTest,
  parts: readonly PartRanges[],
  numberOf: (column: string) => number | undefined,
): SkippedParts {
  const skipped = new Map<number, number>();
  for (const [part, { rows, ranges }] of parts.entries()) {
    const rangeOf = ({ name, as }: TestedColumn): ValueRange | undefined => {
      const range = ranges[numberOf(name) ?? -1];
      return range?.as === as ? range : undefined;
    };
    const { true: mayBeTrue, matters } = outcome(test, rangeOf);
    if (!mayBeTrue && !matters) skipped.set(part, rows);
  }
  return skipped;
}

/** What may come of a condition for any row of a part. */
interface Outcome {
  true: boolean;
  false: boolean;
  /** It may fail, or do something else. */
  matters: boolean;
}

type RangeOf = (column: TestedColumn) => ValueRange | undefined;

const EITHER: Outcome = { true: true, false: true, matters: false };
const UNKNOWN: Outcome = { true: true, false: true, matters: true };

function outcome(test: RowTest, rangeOf: RangeOf): Outcome {
  switch (test.is) {
    case "unknown":
      return UNKNOWN;
    case "either":
      return EITHER;
    case "not": {
      const of = outcome(test.of, rangeOf);
      return { true: of.false, false: of.true, matters: of.matters };
    }
    case "all":
    case "any": {
      const [one, other] = test.of;
      const first = outcome(one, rangeOf);
      const goesOn = test.is === "all" ? first.true : first.false;
      // The second part is not reached.
      if (!goesOn) return first;
      const second = outcome(other, rangeOf);
      const matters = first.matters || second.matters;
      return test.is === "all"
        ? { true: second.true, false: first.false || second.false, matters }
        : { true: first.true || second.true, false: second.false, matters };
    }
    case "missing": {
      const { column, operator, value } = test;
      return ofColumn(column, rangeOf(column), {
        values: () => ({ true: operator.startsWith("!"), false: operator.startsWith("=") }),
        other: (nothing) => compare(nothing, operator, value === "null" ? null : undefined),
      });
    }
    case "compared": {
      const { column, operator, value } = test;
      return ofColumn(column, rangeOf(column), {
        values: (range) => ofValues(range, operator, value),
        other: (nothing) => compare(nothing, operator, value),
      });
    }
    case "truth":
      return ofColumn(test.column, rangeOf(test.column), { values: truthOf, other: Boolean });
    case "begins": {
      const { column, value, isOptional } = test;
      const range = rangeOf(column);
      const found = ofColumn(column, range, {
        values: (values) => ofStart(values, value),
        other: (nothing) => nothing === "" && value === "",
      });
      return { ...found, matters: !isOptional && range?.mayBeNothing !== false };
    }
  }
}

type Values = NonNullable<ValueRange["values"]>;

/** What comes of the values of a column, and of those that are none. */
function ofColumn(
  { nothing }: TestedColumn,
  range: ValueRange | undefined,
  of: {
    values: (values: Values) => Pick<Outcome, "true" | "false">;
    other: (value: null | undefined | "" | number) => boolean;
  },
): Outcome {
  if (range === undefined) return EITHER;
  const found = { true: false, false: false, matters: false };
  const add = (isTrue: boolean): void => {
    found[isTrue ? "true" : "false"] = true;
  };
  if (range.values !== undefined) Object.assign(found, of.values(range.values));
  if (range.mayBeNaN) add(of.other(Number.NaN));
  if (range.mayBeNothing) for (const form of nothing) add(of.other(NOTHING[form]));
  return found;
}

const NOTHING = { null: null, undefined: undefined, empty: "" } as const;

/** Compares as JavaScript does. */
function compare(one: unknown, operator: Comparison, other: unknown): boolean {
  // What is compared here are numbers, texts, truths and nothing: comparing them has no effect.
  const [a, b] = [one as number, other as number];
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "===":
      return a === b;
    case "!==":
      return a !== b;
    case "==":
      return a == b;
    case "!=":
      return a != b;
  }
}

function ofValues({ low, high }: Values, operator: Comparison, value: Comparable): Pick<Outcome, "true" | "false"> {
  if (typeof value !== typeof low || !isOrderedAlike(value)) return EITHER;
  switch (operator) {
    case "<":
      return { true: low < value, false: high >= value };
    case "<=":
      return { true: low <= value, false: high > value };
    case ">":
      return { true: high > value, false: low <= value };
    case ">=":
      return { true: high >= value, false: low < value };
    default: {
      const isEqual = { true: low <= value && value <= high, false: low !== value || high !== value };
      return operator.startsWith("=") ? isEqual : { true: isEqual.false, false: isEqual.true };
    }
  }
}

/**
 * Sources order texts by code points, JavaScript by units of UTF-16. Where the text to compare with has only units before
 * those of surrogates, it stands between all others in the same place in both.
 */
function isOrderedAlike(value: Comparable): boolean {
  return typeof value !== "string" || /^[\0-\ud7ff]*$/.test(value);
}

function truthOf({ low, high }: Values): Pick<Outcome, "true" | "false"> {
  if (typeof low === "boolean") return { true: high, false: !low };
  if (typeof low === "string") return { true: high !== "", false: low === "" };
  return { true: low !== 0 || high !== 0, false: low <= 0 && high >= 0 };
}

function ofStart({ low, high }: Values, start: string): Pick<Outcome, "true" | "false"> {
  if (typeof low !== "string" || typeof high !== "string" || !isOrderedAlike(start)) return EITHER;
  const isBehind = low > start && !low.startsWith(start);
  return { true: start <= high && !isBehind, false: !(low.startsWith(start) && high.startsWith(start)) };
}
