/**
 * The row that a function gets which is proven to look at some columns only: made of fields that the kernel has read, by
 * generated code. Column names enter it as JSON string literals only.
 */
import { memberOf, objectLiteral } from "../generated-code.ts";
import type { NumberKind, WantedFields } from "../formats/indexed/field-reader.ts";
import type { Proof } from "../code/proof.ts";
import type { PlainField } from "../fields/schema/plain-fields.ts";
import type { FieldType } from "../fields/typed-fields.ts";
import type { TypedColumn, Typing } from "../fields/typing.ts";
import type { Fit } from "./plan/ways.ts";
import type { RunSetup } from "./wire.ts";

/** What is looked at of the rows of a run. */
export interface Looking {
  /** Names of the columns, in the order of a row. */
  columns: readonly string[];
  quote: string;
  /** An empty field may be null. */
  emptyIsNull: boolean;
  looksAt: ReadonlySet<string>;
  /** How columns are read that are numbers, or looked at as such only. */
  numbers: ReadonlyMap<string, NumberKind>;
  /** Columns whose texts are read as something else. */
  typing: Typing;
  /** Those of them of whose numbers a missing one may be NaN. */
  missingAsNaN: ReadonlySet<string>;
  /** The code may be given one object for all rows. */
  forgetsRow: boolean;
}

/** A column that is looked at: the how manieth of the texts, numbers or interned strings it is. */
export interface LookedAt {
  name: string;
  as: "text" | "number" | "interned";
  index: number;
  /** What the text is read as, by the kernel or by its own reader. */
  typed: TypedColumn | undefined;
  /** Of a number: NaN stands for a missing one, which the code must see as undefined, or as null. */
  isOptional: boolean;
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
 * What code looks at of which this is proven, unless that is too much. What is not proven looks at all columns.
 *
 * @param fields Those of the rows that it is given, where these are others than the columns of the input.
 */
export function lookingOf(
  { input }: RunSetup,
  proofs: readonly (Proof | undefined)[],
  { fields, typing }: { fields?: ReadonlyMap<string, PlainField> | undefined; typing: Typing },
): Fit<Looking> {
  const { dialect } = input;
  const columns = fields === undefined ? (input.columns ?? []) : [...fields.keys()];
  const given = columns.filter((name) => typing.get(name)?.isGiven === true);
  const looksAt = new Set([...proofs.flatMap((proof) => [...(proof?.looksAt ?? columns)]), ...given]);
  const asTexts = proofs.flatMap((proof) =>
    proof === undefined ? columns : [...proof.looksAt.difference(proof.asNumbers)],
  );
  // Fields of other types are not handed on as the bytes that they are, but for JSON that is nobody's.
  const odd = [...typing.values()].find(
    ({ name, type, isGiven }) => !PLAIN_TYPES.has(type) && (type !== "json" || isGiven || looksAt.has(name)),
  );
  if (odd !== undefined) return { because: `the column ${odd.name} is of the type ${odd.type}` };
  if (looksAt.size > MAX_LOOKED_AT) return { because: `the code looks at more than ${MAX_LOOKED_AT} columns` };
  const numbers = new Map<string, NumberKind>();
  for (const name of looksAt.difference(new Set(asTexts)))
    // What is checked is the text.
    if (fields?.get(name)?.check === undefined) numbers.set(name, "coerced");
  for (const [name, { number }] of fields ?? []) if (number !== undefined) numbers.set(name, number);
  for (const [name, { kernel }] of typing) {
    if (kernel === undefined) numbers.delete(name);
    else numbers.set(name, kernel);
  }
  const asUndefined = proofs.flatMap((proof) =>
    proof === undefined ? columns : [...proof.looksAt.difference(proof.missingAsNaN)],
  );
  const missingAsNaN = looksAt.difference(new Set(asUndefined));
  const forgetsRow = proofs.every((proof) => proof?.forgetsRow === true);
  const { quote, emptyIsNull = false } = dialect;
  return { fits: { columns, quote, emptyIsNull, looksAt, numbers, typing, missingAsNaN, forgetsRow } };
}

/** Types of fields that are handed on as the text that they are. */
export const PLAIN_TYPES: ReadonlySet<FieldType> = new Set(["string", "int", "number", "boolean"]);

/** Which fields of a file with these columns are wanted, and where they are found then. */
export function wantedFields(
  { columns, quote, emptyIsNull, looksAt, numbers: kinds, typing, missingAsNaN }: Looking,
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
    const typed = typing.get(name);
    if (kind !== undefined) {
      const isOptional = typed?.empty === "null" || (typed?.empty === "undefined" && !missingAsNaN.has(name));
      looked.push({ name, as: "number", index: numbers.length, typed, isOptional });
      numbers.push({ column, kind });
    } else if (way.texts === "interned") {
      looked.push({ name, as: "interned", index: interned.length, typed, isOptional: false });
      interned.push(column);
    } else {
      looked.push({ name, as: "text", index: texts.length, typed, isOptional: false });
      texts.push(column);
    }
  }
  return {
    wanted: { columns: file.length, quote, emptyIsNull, texts, numbers, decimals: [], interned },
    looksAt: looked,
  };
}

/** Code of `given`, an object with the fields of row `row` as {@linkcode givenField} has them. */
export interface GivenCode {
  /** Statements before the loop over rows. */
  before: string;
  /** Statements for each row. */
  given: string;
}

/** An object for each row. */
export function givenRow(looksAt: readonly LookedAt[], wanted: WantedFields): GivenCode {
  const fields = looksAt.map((field) => [field.name, givenField(field, wanted)] as const);
  return { before: "", given: `const given = ${objectLiteral(fields)};` };
}

/** One object for all rows, for code that forgets it: until a loop is fully compiled, each object takes memory. */
export function givenAgain(looksAt: readonly LookedAt[], wanted: WantedFields): GivenCode {
  const empty = objectLiteral(looksAt.map(({ name }) => [name, "undefined"]));
  const fields = looksAt.map((field) => `${memberOf("given", field.name)} = ${givenField(field, wanted)};`);
  return { before: `const given = ${empty};`, given: fields.join(" ") };
}

/**
 * Code of a field of row `row`, in the names that {@linkcode FieldValues} have, `rows` being the number of rows and
 * `strings` the interned ones.
 */
export function givenField({ as, index, typed, isOptional }: LookedAt, { texts, interned }: WantedFields): string {
  if (as === "number") {
    const number = `numbers[row + ${index} * rows]`;
    return isOptional ? `(${number} === ${number} ? ${number} : ${typed?.empty})` : number;
  }
  const at = `row * ${texts.length} + ${index}`;
  const text =
    as === "interned"
      ? `strings[ids[row * ${interned.length} + ${index}]]`
      : `text.substring(bounds[${at}], bounds[${at} + 1])`;
  return typed === undefined ? text : `${readerName(as, index)}(${text})`;
}

function readerName(as: LookedAt["as"], index: number): string {
  return `read_${as}${index}`;
}

/** What the code of fields names: how texts are read that are typed. An empty one is missing. */
export function givenScope(looksAt: readonly LookedAt[]): Record<string, (text: string) => unknown> {
  const scope: Record<string, (text: string) => unknown> = {};
  for (const { as, index, typed } of looksAt) {
    if (typed === undefined || as === "number") continue;
    const { read, empty } = typed;
    const nothing = { undefined: undefined, null: null, kept: "", refused: "" }[empty];
    scope[readerName(as, index)] = empty === "refused" ? read : (text) => (text === "" ? nothing : read(text));
  }
  return scope;
}

/**
 * Code of the words by which a missing field shows in the result of row `row`, in the names `lostOf` and `lostWords`;
 * undefined where none is missing, and the empty text where none can be.
 */
export function lostCode(looksAt: readonly LookedAt[], wanted: WantedFields): string {
  const typed = looksAt.filter((field) => field.typed?.empty === "undefined");
  if (typed.length === 0) return "";
  const missing = typed.map((field) => {
    if (field.as !== "number") return `given[${JSON.stringify(field.name)}] === undefined`;
    const number = givenField({ ...field, isOptional: false }, wanted);
    return `${number} !== ${number}`;
  });
  const texts = looksAt
    .filter((field) => field.as !== "number")
    .map((field) => givenField({ ...field, typed: undefined }, wanted));
  return `${missing.join(" || ")} ? lostOf([${texts.join(", ")}], lostWords) : undefined`;
}

/** Whether a value may be a promise: what looks like one is handed to the way that waits for it. */
export function mayBePromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}
