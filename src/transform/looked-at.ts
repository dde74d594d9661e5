/**
 * The row that a function gets which is proven to look at some columns only: made of fields that the kernel has read, by
 * generated code. Column names enter it as JSON string literals only.
 */
import { isKernelDialect } from "../formats/csv/dialect.ts";
import type { NumberKind, WantedFields } from "../formats/csv/field-reader.ts";
import type { Proof } from "./proof.ts";
import type { PlainField } from "./schema/plain-fields.ts";
import type { InputSetup, RunSetup } from "./wire.ts";

/** What is looked at of the rows of a run. */
export interface Looking {
  /** Names of the columns, in the order of a row. */
  columns: readonly string[];
  quote: string;
  looksAt: ReadonlySet<string>;
  /** How columns are read that are numbers, or looked at as such only. */
  numbers: ReadonlyMap<string, NumberKind>;
}

/** A column that is looked at: the how manieth of the texts, numbers or interned strings it is. */
export interface LookedAt {
  name: string;
  as: "text" | "number" | "interned";
  index: number;
}

/** How columns are read that are looked at. */
export interface ReadingWay {
  /** Those that are numbers are read by the kernel. */
  numbers: "read" | "as texts";
  texts: "interned" | "one by one";
}

/** Generated code for more fields would not be optimised any more. */
export const MAX_LOOKED_AT = 64;

/**
 * What code looks at of which this is proven; undefined when that is too much. What is not proven looks at all columns.
 *
 * @param fields Those of the rows that it is given, where these are others than the columns of the input.
 */
export function lookingOf(
  { input }: RunSetup,
  proofs: readonly (Proof | undefined)[],
  fields?: ReadonlyMap<string, PlainField>,
): Looking | undefined {
  const { dialect } = input;
  const columns = fields === undefined ? (input.columns ?? []) : [...fields.keys()];
  const looksAt = new Set(proofs.flatMap((proof) => [...(proof?.looksAt ?? columns)]));
  const asTexts = proofs.flatMap((proof) =>
    proof === undefined ? columns : [...proof.looksAt.difference(proof.asNumbers)],
  );
  if (looksAt.size > MAX_LOOKED_AT) return undefined;
  const numbers = new Map<string, NumberKind>();
  for (const name of looksAt.difference(new Set(asTexts)))
    // What is checked is the text.
    if (fields?.get(name)?.check === undefined) numbers.set(name, "coerced");
  for (const [name, { number }] of fields ?? []) if (number !== undefined) numbers.set(name, number);
  return { columns, quote: dialect.quote, looksAt, numbers };
}

/** Whether fields are what stands in the file, quotes aside, and the kernel finds them. */
export function hasPlainFields({ format, dialect, ...input }: InputSetup): boolean {
  return (
    (format === "csv" || format === "tsv") &&
    isKernelDialect(dialect) &&
    input.nullText === undefined &&
    !input.replacesInvalid &&
    !input.infersNumbers &&
    Object.keys(input.types).length === 0
  );
}

/** Which fields of a file with these columns are wanted, and where they are found then. */
export function wantedFields(
  { columns, quote, looksAt, numbers: kinds }: Looking,
  file: readonly string[],
  way: ReadingWay,
): { wanted: WantedFields; looksAt: LookedAt[] } {
  const numberOf = new Map(file.map((name, index) => [name, index]));
  const texts: number[] = [];
  const interned: number[] = [];
  const numbers: WantedFields["numbers"][number][] = [];
  const looked: LookedAt[] = [];
  for (const name of columns) {
    const column = numberOf.get(name);
    if (column === undefined || !looksAt.has(name)) continue;
    const kind = way.numbers === "read" ? kinds.get(name) : undefined;
    if (kind !== undefined) {
      looked.push({ name, as: "number", index: numbers.length });
      numbers.push({ column, kind });
    } else if (way.texts === "interned") {
      looked.push({ name, as: "interned", index: interned.length });
      interned.push(column);
    } else {
      looked.push({ name, as: "text", index: texts.length });
      texts.push(column);
    }
  }
  return { wanted: { columns: file.length, quote, texts, numbers, decimals: [], interned }, looksAt: looked };
}

/** Code of an object with the fields of row `row`, as {@linkcode givenField} has them. */
export function givenRow(looksAt: readonly LookedAt[], wanted: WantedFields): string {
  const properties = looksAt.map((field) => {
    // A computed key defines an own property whatever its name is, __proto__ included.
    const key = field.name === "__proto__" ? '["__proto__"]' : JSON.stringify(field.name);
    return `${key}: ${givenField(field, wanted)}`;
  });
  return `{ ${properties.join(", ")} }`;
}

/**
 * Code of a field of row `row`, in the names that {@linkcode FieldValues} have, `rows` being the number of rows and
 * `strings` the interned ones.
 */
export function givenField({ as, index }: LookedAt, { texts, interned }: WantedFields): string {
  if (as === "number") return `numbers[row + ${index} * rows]`;
  if (as === "interned") return `strings[ids[row * ${interned.length} + ${index}]]`;
  const at = `row * ${texts.length} + ${index}`;
  return `text.substring(bounds[${at}], bounds[${at} + 1])`;
}

/** Whether a value may be a promise: what looks like one is handed to the way that waits for it. */
export function mayBePromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}
