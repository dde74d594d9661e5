/** How the rows of a run are read and checked by the type that the transform's source gives them. */
import { generate, memberOf } from "../../generated-code.ts";
import { RowmillError } from "../../errors.ts";
import { shownColumn, shownColumns } from "../../formats/columns.ts";
import type { NumberKind } from "../../formats/indexed/field-reader.ts";
import type { Row } from "../../formats/format.ts";
import { didYouMean, nearest } from "../../nearest.ts";
import { fieldReading } from "../schema/field-reading.ts";
import { type SchemaNode, textForm } from "../schema/node.ts";
import { type FieldType, LONG_FRACTION, TOO_FINE, WANTED } from "../typed-fields.ts";
import type { TypedColumn } from "../typing.ts";
import { type Fit, NO_FIT, fitOf, misfitOf } from "./fit.ts";
import { type RecordType, type Shape, fieldShape, shownShape } from "./shape.ts";

/** What else than texts fields may be. */
export interface FieldForms {
  /** Null, by `--null`, or nothing at all, in rows with too few fields. */
  mayLack: boolean;
}

/**
 * The columns whose fields are read as something else than texts, or checked.
 *
 * @param columns Those of the input. @throws {RowmillError} `transform`, when a field of the type is no column.
 */
export function recordColumns(type: RecordType, columns: readonly string[], { mayLack }: FieldForms): TypedColumn[] {
  const known = new Set(columns);
  for (const { name, shape, isOptional } of type.fields) {
    if (!known.has(name) && !isOptional && !mayBeMissing(shape)) throw missingColumn(type, name, columns);
  }
  return type.fields
    .filter(({ name }) => known.has(name))
    .map((field) => recordColumn(type, field.name, fieldShape(field)))
    .filter((column) => column !== undefined)
    .filter(({ isOpen }) => mayLack || !isOpen);
}

function mayBeMissing(shape: Shape): boolean {
  const options = shape.kind === "union" ? shape.options : [shape];
  return options.some(({ kind }) => kind === "undefined" || kind === "unknown");
}

function missingColumn(type: RecordType, name: string, columns: readonly string[]): RowmillError {
  const near = nearest(name, columns);
  const ways = near === undefined ? `the columns are: ${shownColumns(columns)}` : didYouMean(shownColumn(near));
  return new RowmillError(
    "transform",
    `${shownType(type)} has a field ${shownColumn(name)}, which is no column of the input`,
    {
      hint: `${ways} (a field that may be missing is written with a question mark: ${/^[\w$]+$/.test(name) ? name : JSON.stringify(name)}?)`,
      lacks: name,
    },
  );
}

/** A type as messages call it: `the type Scientist (scientist.ts:3)`. */
function shownType({ name, place }: Pick<RecordType, "name" | "place">): string {
  return name === "" ? `the type of the row (${place})` : `the type ${name} (${place})`;
}

/** A column that the type names, and whether every text is one of its values. */
interface RecordColumn extends TypedColumn {
  isOpen: boolean;
}

/** Undefined where the type says nothing of the field. */
function recordColumn(type: RecordType, name: string, shape: Shape): RecordColumn | undefined {
  const options = optionsOf(shape);
  if (options.some(({ kind }) => kind === "unknown")) return undefined;
  const fit = fitOf(shape, type.named);
  const reading = fieldReading(name, { node: nodeOf(shape, fit), isExact: false });
  const fitted = (value: unknown, isText: boolean): unknown => {
    const known = fit(value);
    if (known === NO_FIT) throw misfit(type, { name, shape, value, isText });
    return known;
  };
  const { read = () => undefined, empty } = reading;
  const isRefused = empty === "absent" || (empty === "undefined" && fit(undefined) === NO_FIT);
  const fieldType = fieldTypeOf(options);
  return {
    name,
    type: fieldType,
    read: (text) => fitted(text === "" ? undefined : (read(text) ?? text), true),
    kernel: kernelOf(options, isRefused),
    empty: isRefused ? "refused" : empty,
    other: (value) => fitted(value, false),
    keepsText: fieldType !== "json",
    isGiven: true,
    isNullable: fit(null) !== NO_FIT,
    isOpen: options.some(({ kind }) => kind === "string"),
  };
}

function optionsOf(shape: Shape): readonly Shape[] {
  return shape.kind === "union" ? shape.options : [shape];
}

/** A shape in the form of schemas: the same code says of all of them how texts are read. */
function nodeOf(shape: Shape, fit: Fit): SchemaNode {
  const accepts = (value: unknown): boolean =>
    // A text is a date, or a number, only when it was read as one.
    typeof value === "string" ? takesText(shape, value) : fit(value) !== NO_FIT;
  return { form: formOf(shape, fit), accepts };
}

function takesText(shape: Shape, text: string): boolean {
  return optionsOf(shape).some(
    ({ kind, ...option }) => kind === "string" || ("value" in option && option.value === text),
  );
}

function formOf(shape: Shape, fit: Fit): SchemaNode["form"] {
  switch (shape.kind) {
    case "string":
      return textForm({ isOpen: true });
    case "unknown":
      return textForm({ isOpen: true, takesNull: true });
    case "number":
    case "boolean":
    case "bigint":
    case "date":
      return { kind: "typed", type: shape.kind };
    case "null":
    case "undefined":
      return { kind: "nothing", isNull: shape.kind === "null" };
    case "literal":
      return { kind: "values", values: [shape.value] };
    case "bigint literal":
      return { kind: "values", values: [BigInt(shape.digits)] };
    case "union":
      return {
        kind: "union",
        options: shape.options.map((option) => () => nodeOf(option, fit)),
        key: undefined,
      };
    default:
      return { kind: "typed", type: "json" };
  }
}

/** The one type of a field, its empty value apart. */
function fieldTypeOf(options: readonly Shape[]): FieldType {
  const types = new Set(
    options.flatMap((option): FieldType[] => {
      switch (option.kind) {
        case "null":
        case "undefined":
          return [];
        case "literal":
          return [typeof option.value as "string" | "number" | "boolean"];
        case "bigint literal":
          return ["bigint"];
        case "string":
        case "number":
        case "boolean":
        case "bigint":
        case "date":
          return [option.kind];
        default:
          return ["json"];
      }
    }),
  );
  const [only = "string", ...more] = types;
  if (more.length === 0) return only;
  // Of several types the one whose values are not written as they were read decides.
  return (["json", "date", "bigint"] as const).find((type) => types.has(type)) ?? "string";
}

function kernelOf(options: readonly Shape[], isRefused: boolean): NumberKind | undefined {
  const isNumber = options.every(({ kind }) => kind === "number" || kind === "null" || kind === "undefined");
  if (!isNumber || !options.some(({ kind }) => kind === "number")) return undefined;
  return isRefused ? "decimal" : "optional";
}

/** What reads and checks the rows of JSON, in place. */
export function recordReader(type: RecordType): (row: Row) => void {
  const fields = type.fields.map((field) => {
    const shape = fieldShape(field);
    const isInherited = field.name in Object.prototype;
    return { name: field.name, shape, fit: fitOf(shape, type.named), isInherited };
  });
  const fits = quickTest(fields);
  return (row) => {
    if (fits?.(row) === true) return;
    for (const { name, shape, fit, isInherited } of fields) {
      const value = isInherited && !Object.hasOwn(row, name) ? undefined : row[name];
      const fitted = fit(value);
      if (fitted === value) continue;
      if (fitted === NO_FIT) throw misfit(type, { name, shape, value, isText: false });
      row[name] = fitted;
    }
  };
}

/**
 * Whether a row fits as it is, where its fields are texts, numbers and booleans alone: one function with their names in it
 * takes a third of the time of one that goes through a list. Names enter the code as JSON string literals only.
 */
function quickTest(
  fields: readonly { name: string; shape: Shape; isInherited: boolean }[],
): ((row: Row) => boolean) | undefined {
  const tests = fields.map(({ name, shape, isInherited }) => {
    const kinds = optionsOf(shape).map(({ kind }) => kind);
    const isPlain = kinds.every((kind) => kind === "undefined" || PLAIN_KINDS.has(kind));
    return isPlain && !isInherited ? kinds.map((kind) => `typeof ${memberOf("row", name)} === "${kind}"`) : undefined;
  });
  if (tests.length > MAX_QUICK_FIELDS || !tests.every((test) => test !== undefined)) return undefined;
  const all = tests.map((test) => `(${test.join(" || ")})`).join(" && ");
  return generate("fits", `return (row) => ${all || "true"};`) as (row: Row) => boolean;
}

const PLAIN_KINDS: ReadonlySet<Shape["kind"]> = new Set(["string", "number", "boolean"]);
/** A function of more is not compiled to fast code. */
const MAX_QUICK_FIELDS = 200;

/** The columns that a type says something of. */
export function recordNames({ fields }: RecordType): string[] {
  return fields.filter(({ shape }) => shape.kind !== "unknown").map(({ name }) => name);
}

/** A field that does not fit, and whether it is missing, as an empty text is. */
interface Misfitting {
  name: string;
  shape: Shape;
  value: unknown;
  isText: boolean;
}

function misfit(type: RecordType, field: Misfitting): RowmillError {
  const { path, value, wanted } = misfitOf(field.value, field.shape, type.named);
  const { name } = field;
  const column = `column ${[shownColumn(name), ...path].join(".")}`;
  const holds =
    value === undefined
      ? field.isText
        ? "is empty"
        : "is missing"
      : `holds ${typeof value === "string" ? JSON.stringify(value) : Bun.inspect(value, { depth: 1 })}`;
  const hint = hintOn(value, wanted, path.at(-1) ?? name);
  return new RowmillError("row-schema", `${column} ${holds}, wanted ${wantedOf(wanted)} by ${shownType(type)}`, {
    place: { file: "", line: 0, column: name },
    ...(hint !== undefined && { hint }),
  });
}

/** A type, and in words where it does not say what a text must be. */
function wantedOf(wanted: Shape): string {
  const kinds = new Set(optionsOf(wanted).map(({ kind }) => kind));
  const shown = shownShape(wanted);
  return kinds.has("date") ? `${shown} (${WANTED.date})` : shown;
}

function hintOn(value: unknown, wanted: Shape, name: string): string | undefined {
  const kinds = new Set(optionsOf(wanted).map(({ kind }) => kind));
  if (value === undefined && !kinds.has("undefined"))
    return `a field that may be missing is written with a question mark: ${/^[\w$]+$/.test(name) ? name : JSON.stringify(name)}?: ${shownShape(wanted)}`;
  if (typeof value === "string" && kinds.has("date") && LONG_FRACTION.test(value)) return TOO_FINE;
  return undefined;
}
