/**
 * What code makes of a missing number is missing as well: NaN, and a text that holds NaN, as `(price * 2).toFixed(2)` and
 * `${price * 2} EUR` give it.
 */
import type { Row } from "../formats/format.ts";

/** What is missing of a result: nothing, what is NaN, or that and texts that hold NaN, where no text of the row does. */
export type Lost = 0 | 1 | 2;
export const LOST_NUMBERS = 1;
export const LOST_TEXTS = 2;

/** Deeper values are not looked into: the encoder refuses them anyway. */
const MAX_DEPTH = 1000;

/** The result with null in place of what is missing; the same object where nothing is. */
export function withoutMissing(value: unknown, lost: Lost, depth: number = 0): unknown {
  if (typeof value === "number") return Number.isNaN(value) ? null : value;
  if (typeof value === "string") return lost === LOST_TEXTS && value.includes("NaN") ? null : value;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  const isArray = Array.isArray(value);
  if (!isArray && Object.getPrototypeOf(value) !== Object.prototype) return value;
  let copy: Row | unknown[] | undefined;
  for (const [key, part] of Object.entries(value)) {
    const known = withoutMissing(part, lost, depth + 1);
    if (Object.is(known, part)) continue;
    copy ??= isArray ? [...(value as unknown[])] : { ...(value as Row) };
    define(copy, key, known);
  }
  return copy ?? value;
}

export function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** What is missing of results of a row with a missing number and these texts. */
export function lostOf(texts: readonly unknown[], namesNaN: boolean): Lost {
  const mayBeOfThem = namesNaN || texts.some((text) => typeof text === "string" && text.includes("NaN"));
  return mayBeOfThem ? LOST_NUMBERS : LOST_TEXTS;
}
