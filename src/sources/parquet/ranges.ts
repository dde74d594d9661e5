/**
 * Between which values those of a column are in a row group, by its statistics: as code gets the values, and only where the
 * statistics can be relied on.
 *
 * - The least and the most value count where the file has them in the fields of today, whose order is that of the type. In
 *   the older fields they are in the order of signed numbers: these count for signed numbers alone.
 * - A text that was cut off is less than all values that begin with it, and one that was made more than all of them is more:
 *   either is a bound. One that was cut within a character is none.
 * - Doubles may be NaN, whatever the bounds are. Bounds of 96 bits, of bytes and of parts of lists have no order that all
 *   writers agree on.
 */
import type { ColumnChunk, SchemaElement, Statistics } from "hyparquet";
import type { ValueRange } from "../source.ts";
import type { Column, Leaf } from "./columns.ts";
import { sourceTypeOf } from "./meaning.ts";
import { dayText, momentText } from "./value-text.ts";

type Values = NonNullable<ValueRange["values"]>;
type Bound = NonNullable<Statistics["min_value"]>;
type Bounds = readonly [low: Bound, high: Bound];

/** @param element What the footer says of the values. */
export function rangeOf(
  { leaves: [leaf], nested }: Column,
  element: SchemaElement | undefined,
  chunk: ColumnChunk | undefined,
): ValueRange | undefined {
  const { statistics, num_values: count } = chunk?.meta_data ?? {};
  if (nested !== undefined || leaf === undefined || element === undefined || statistics === undefined) return undefined;
  const nulls = leaf.definition === 0 ? 0n : statistics.null_count;
  const as = sourceTypeOf(leaf.meaning);
  if (as === "json") return undefined;
  const range = { as, mayBeNothing: nulls !== 0n, mayBeNaN: leaf.meaning.is === "float" };
  if (nulls !== undefined && nulls === count) return { ...range, values: undefined, mayBeNaN: false };
  const bounds = boundsOf(statistics, leaf);
  const values = bounds && valuesOf(leaf, element, bounds);
  // Bounds of which the first is more than the other say nothing.
  return values === undefined || !(values.low <= values.high) ? undefined : { ...range, values };
}

function boundsOf(
  { min_value: low, max_value: high, min, max }: Statistics,
  { type, meaning }: Leaf,
): Bounds | undefined {
  if (low !== undefined && high !== undefined) return [low, high];
  const isSigned = (type === "INT32" || type === "INT64") && meaning.is !== "unsigned";
  return isSigned && min !== undefined && max !== undefined ? [min, max] : undefined;
}

function valuesOf({ type, meaning }: Leaf, element: SchemaElement, [low, high]: Bounds): Values | undefined {
  switch (meaning.is) {
    case "boolean":
      return typeof low === "boolean" && typeof high === "boolean" ? { low, high } : undefined;
    case "text":
      return typeof low === "string" && typeof high === "string" ? { low, high } : undefined;
    case "signed":
    case "unsigned":
      return isReadUnsigned(element) === (meaning.is === "unsigned") ? numbers([low, high], 0) : undefined;
    case "float":
      // The text of a number of 32 bits is another one as a double.
      return type === "DOUBLE" || type === "FLOAT"
        ? numbers([low, high], type === "FLOAT" ? SINGLE_STEP : 0)
        : undefined;
    case "decimal":
      return type.startsWith("INT") && element.converted_type === "DECIMAL" && (element.scale ?? 0) === meaning.scale
        ? numbers([low, high], DOUBLE_STEP)
        : undefined;
    case "day":
      return type === "INT32" ? days(low, high) : undefined;
    case "moment": {
      if (typeof low !== "bigint" || typeof high !== "bigint" || type !== "INT64") return undefined;
      return moments([low, high], meaning.digits);
    }
    default:
      return undefined;
  }
}

/** Neighbours of a number are nearer than this part of it. */
const SINGLE_STEP = 2 ** -22;
const DOUBLE_STEP = 2 ** -50;
/** And those of the least ones than this. */
const LEAST_STEP = 2 ** -140;

/** @param step The bounds may be off by this part of them. */
function numbers([low, high]: Bounds, step: number): Values | undefined {
  const [least, most] = [Number(low), Number(high)];
  // Code gets larger ones as others: see `readStatedNumber`.
  if (!(Math.abs(least) < Number.MAX_SAFE_INTEGER && Math.abs(most) < Number.MAX_SAFE_INTEGER)) return undefined;
  if (step === 0) return { low: least, high: most };
  const off = (value: number): number => Math.abs(value) * step + LEAST_STEP;
  return { low: least - off(least), high: most + off(most) };
}

/** Whether hyparquet has read bounds as unsigned numbers. */
function isReadUnsigned({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted?.startsWith("UINT_") === true || (logical?.type === "INTEGER" && !logical.isSigned);
}

/** Texts of years of four digits are in the order of time. */
const PLAIN_YEAR = /^\d{4}-/;

function days(low: Bound, high: Bound): Values | undefined {
  const values = { low: dayText(Number(low)), high: dayText(Number(high)) };
  return PLAIN_YEAR.test(values.low) && PLAIN_YEAR.test(values.high) ? values : undefined;
}

/** Parts of a second are behind a point, or not there: texts of one second are not in their order, but all begin alike. */
function moments([low, high]: readonly [bigint, bigint], digits: number): Values | undefined {
  const second = (parts: bigint): string =>
    momentText(parts, { is: "moment", digits, isUtc: false }).replace(/\.\d+$/, "");
  const values = { low: second(low), high: `${second(high)}~` };
  return PLAIN_YEAR.test(values.low) && PLAIN_YEAR.test(values.high) ? values : undefined;
}
