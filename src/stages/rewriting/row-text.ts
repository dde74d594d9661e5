/**
 * Rows of values as text, for their way from worker to worker, and while they wait: one line a row, its values as a JSON array.
 * An array in it stands for what JSON has no form for, so nothing of a value is lost.
 */
import { FieldText } from "../../formats/values/field-text.ts";
import { NotFiniteError } from "../../formats/values/json.ts";
import { NestedText } from "../../formats/values/nested-text.ts";
import type { TableRow } from "../stage.ts";

/** What an array stands for is said by its first element; the empty one is a missing value. */
const FIELD = "f";
const NESTED = "n";
const BIGINT = "b";
const DATE = "d";

/** Between what tells the names of a row and its values: no JSON holds one as it is. */
const BETWEEN = "\t";

/**
 * The values of a row as a text.
 *
 * @throws {NotFiniteError} For NaN and infinities.
 */
function valuesText(values: readonly unknown[]): string {
  return JSON.stringify(values.every(isPlain) ? values : values.map(plainOf));
}

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      if (!Number.isFinite(value)) throw new NotFiniteError(value);
      return true;
    default:
      return value === null;
  }
}

/** @param value One that `fixedValue` gave. */
function plainOf(value: unknown): unknown {
  if (value === undefined) return [];
  if (typeof value === "bigint") return [BIGINT, String(value)];
  if (value instanceof Date) return [DATE, value.getTime()];
  if (value instanceof NestedText) return [NESTED, value.text];
  if (value instanceof FieldText) return [FIELD, value.text, plainOf(value.value)];
  if (!isPlain(value)) throw new TypeError("a row holds a value that was not fixed");
  return value;
}

/** The values of a text. */
function valuesIn(text: string): unknown[] {
  return valuesOf(JSON.parse(text) as unknown[]);
}

/** Values in whose place there may be what JSON has no form for. */
function valuesOf(values: unknown[]): unknown[] {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value === "object" && value !== null) values[at] = valueOf(value);
  }
  return values;
}

function valueOf(plain: unknown): unknown {
  if (!Array.isArray(plain)) return plain;
  const [kind, text, inner] = plain as unknown[];
  switch (kind) {
    case BIGINT:
      return BigInt(String(text));
    case DATE:
      return new Date(Number(text));
    case NESTED:
      return new NestedText(String(text));
    case FIELD:
      return new FieldText(String(text), valueOf(inner));
    default:
      return undefined;
  }
}

/** A row as a line, by whose start its names can be told. */
export function rowLine(start: string, values: readonly unknown[]): string {
  return `${start}${BETWEEN}${valuesText(values)}\n`;
}

/** Reads such lines; `namesOf` tells names by the start of a line. */
export function rowsIn(text: string, namesOf: (start: string) => readonly string[]): TableRow[] {
  const first = text.indexOf(BETWEEN);
  const own = text.slice(0, first);
  // Mostly all lines start in the same way: they are one JSON array then.
  const together = text.slice(first + 1, -1).replaceAll(`\n${own}${BETWEEN}`, ",");
  if (together.includes("\n")) return rowsOneByOne(text, namesOf);
  const names = namesOf(own);
  return (JSON.parse(`[${together}]`) as unknown[][]).map((values) => ({ names, values: valuesOf(values) }));
}

function rowsOneByOne(text: string, namesOf: (start: string) => readonly string[]): TableRow[] {
  const rows: TableRow[] = [];
  let start: string | undefined;
  let names: readonly string[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf("\n", from);
    const between = text.indexOf(BETWEEN, from);
    const own = text.slice(from, between);
    if (own !== start) {
      start = own;
      names = namesOf(own);
    }
    rows.push({ names, values: valuesIn(text.slice(between + 1, end)) });
    from = end + 1;
  }
  return rows;
}

/** Rows that wait at one place, as lines: a tenth of what they take as values. */
export class RowLines {
  readonly #names: (readonly string[])[] = [];
  readonly #starts = new Map<readonly string[], string>();

  line({ names, values }: TableRow): string {
    return rowLine(this.#startOf(names), values);
  }

  rows(text: string): TableRow[] {
    return rowsIn(text, (start) => this.#names[Number(start)] ?? []);
  }

  /** Rows in a line share their names, and mostly all do. */
  #startOf(names: readonly string[]): string {
    const known = this.#starts.get(names);
    if (known !== undefined) return known;
    const start = String(this.#names.push(names) - 1);
    this.#starts.set(names, start);
    return start;
  }
}
