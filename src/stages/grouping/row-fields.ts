/** Reads the fields of rows that groups and figures are made of. */
import { generate, ownMemberOf } from "../../generated-code.ts";
import { RowmillError } from "../../errors.ts";
import { shownColumn } from "../../formats/columns.ts";
import type { Row } from "../../formats/format.ts";
import { parseJson, stringifyJson } from "../../formats/values/json.ts";
import { readField } from "../../fields/typed-fields.ts";
import { type Decimal, decimalOf } from "./decimal.ts";

const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const WHOLE = /^[+-]?\d+$/;
/** So much of a value is shown. */
const SHOWN_CHARS = 80;

/** Makes the function that reads a column: code of its own, so that it is compiled for this column alone. */
export function columnReader(name: string): (row: Row) => unknown {
  return generate("readColumn", `return (row) => ${ownMemberOf("row", name)};`) as (row: Row) => unknown;
}

/** A number: one that no double holds to its last digit, nor a bigint, beside the nearest double. */
export type FoundNumber = number | bigint | { exact: Decimal; nearest: number };

/**
 * The number that a field holds; undefined where it holds none: it is missing or empty. Integers that no double holds
 * are bigints.
 *
 * @throws {RowmillError} `row-type`, when it holds something else.
 */
export function readNumber(value: unknown, column: string): FoundNumber | undefined {
  if (typeof value === "string") return value === "" ? undefined : textNumber(value, column);
  if (typeof value === "number" ? Number.isFinite(value) : typeof value === "bigint") return value as number | bigint;
  if (value === undefined || value === null) return undefined;
  throw noNumber(value, column);
}

/** Decimals of so few characters are the ones that their doubles are written as. */
const SHORT_CHARS = 15;

function textNumber(text: string, column: string): FoundNumber {
  const first = text.charCodeAt(0);
  // What begins in this way is a number to JavaScript only where it is one in decimal: no 0x10, no Infinity, no blank.
  const isDecimal = first >= PLUS && first <= NINE && !(first === ZERO && text.charCodeAt(1) > NINE);
  const nearest = isDecimal ? Number(text) : readField(text, "number");
  if (typeof nearest !== "number" || !Number.isFinite(nearest)) throw noNumber(text, column);
  if (Number.isSafeInteger(nearest) ? text.length <= SHORT_CHARS : isShort(text)) return nearest;
  const trimmed = text.trim();
  if (WHOLE.test(trimmed)) return Number.isSafeInteger(nearest) ? nearest : BigInt(trimmed.replace("+", ""));
  return { exact: decimalOf(trimmed), nearest };
}

/** Whether a decimal has no more digits than a double holds, and no exponent. */
function isShort(text: string): boolean {
  return text.length <= SHORT_CHARS && !/e/i.test(text);
}

function noNumber(value: unknown, column: string): RowmillError {
  const shown = typeof value === "string" ? JSON.stringify(value) : Bun.inspect(value);
  const short = shown.length > SHOWN_CHARS ? `${shown.slice(0, SHOWN_CHARS)}…` : shown;
  return wrongType(`column ${shownColumn(column)} holds ${short}, wanted a number`, column);
}

function wrongType(message: string, column: string): RowmillError {
  return new RowmillError("row-type", message, { place: { file: "", line: 0, column } });
}

/** The error of a value that makes no group. */
export function noGroup(value: unknown, column: string): RowmillError {
  return wrongType(`column ${shownColumn(column)} holds a ${typeof value}, which makes no group`, column);
}

/** @throws {RowmillError} `row-type`, for what is no value that could be written. */
export function checkValue(value: unknown, column: string): void {
  if (typeof value !== "function" && typeof value !== "symbol") return;
  throw wrongType(`column ${shownColumn(column)} holds a ${typeof value}, which cannot be written`, column);
}

/** A value as it is written, which can go between threads: an instance of a class is what its JSON says. */
export function plainValue(value: unknown): unknown {
  return typeof value === "object" && value !== null ? parseJson(stringifyJson(value)) : value;
}

/** A whole number that is large is written as a bigint of the same digits is. */
function largeKey(value: number): number | bigint {
  return Number.isInteger(value) && Math.abs(value) < FIRST_WITH_EXPONENT ? BigInt(String(value)) : value;
}

/** From here on JavaScript writes a number with an exponent. */
const FIRST_WITH_EXPONENT = 1e21;

/** Makes what a value is told apart by: values that are written alike as JSON are the same, and a missing one is null. */
export class GroupKeys {
  readonly #objects = new Map<string, object>();

  /** The same for the same values only; to be compared as `Map` does it. */
  keyOf(value: unknown, column: string): unknown {
    if (typeof value === "string") return value;
    if (value === undefined || value === null) return null;
    if (typeof value === "object") return this.#objectKey(value);
    if (typeof value === "function" || typeof value === "symbol") throw noGroup(value, column);
    return typeof value === "number" && !Number.isSafeInteger(value) ? largeKey(value) : value;
  }

  #objectKey(value: object): object {
    const text = stringifyJson(value);
    let key = this.#objects.get(text);
    if (key === undefined) {
      key = {};
      this.#objects.set(text, key);
    }
    return key;
  }
}
