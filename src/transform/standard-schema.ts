/**
 * Schemas of a transform: any Standard Schema (standardschema.dev, version 1) validates; what zod additionally tells
 * about an object's fields is used to read CSV text as the type that the schema asks for.
 */
import { RowmillError } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import { type FieldType, readField } from "./typed-fields.ts";

/** The part of a Standard Schema that is used here. */
export interface StandardSchema {
  "~standard": {
    version: 1;
    vendor: string;
    validate(value: unknown): SchemaResult | Promise<SchemaResult>;
  };
}

type SchemaResult =
  | { value: unknown; issues?: undefined }
  | { issues: readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined }[] };

export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return typeof standard === "object" && standard !== null && typeof Reflect.get(standard, "validate") === "function";
}

/** Which side of the function a schema stands on; it decides the code and the words of a failure. */
type Side = "schema" | "output";

/**
 * A function that validates one value and gives the schema's output; a promise where the schema is asynchronous.
 *
 * The function throws a {@linkcode RowmillError} that names column, value, and what was expected.
 */
export function validator(schema: StandardSchema, side: Side): (value: unknown) => unknown {
  const standard = schema["~standard"];
  const needsBare = namesInherited(schema);
  const validate = (given: unknown): unknown => {
    const value = needsBare ? bare(given) : given;
    const result = standard.validate(value);
    return result instanceof Promise ? result.then((late) => accept(late, value, side)) : accept(result, value, side);
  };
  const proto = protoField(schema);
  return proto === undefined ? validate : withProto(validate, validator(proto, side));
}

/** Whether a schema asks for a key that every object inherits: zod would find `constructor` in a row without it. */
function namesInherited(schema: StandardSchema): boolean {
  return Object.keys(objectShape(schema, "schema") ?? {}).some((name) => name in Object.prototype);
}

/** A row that inherits nothing. */
function bare(value: unknown): unknown {
  return typeof value === "object" && value !== null ? Object.assign(Object.create(null), value) : value;
}

/** The field `__proto__` of an object schema, where it has one. */
function protoField(schema: StandardSchema): StandardSchema | undefined {
  const def = zodDef(schema);
  const field = def?.type === "object" && Object.hasOwn(def.shape ?? {}, "__proto__") ? def.shape?.["__proto__"] : null;
  return isStandardSchema(field) ? field : undefined;
}

/** Zod leaves out a key called `__proto__`, whatever its schema says: it is validated by itself, and put back. */
function withProto(
  validate: (value: unknown) => unknown,
  validateField: (value: unknown) => unknown,
): (value: unknown) => unknown {
  return (value) => {
    const whole = validate(value);
    const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__");
    let field: unknown;
    try {
      field = validateField(isThere ? Reflect.get(value, "__proto__") : undefined);
    } catch (error) {
      throw protoError(error);
    }
    if (!(whole instanceof Promise) && !(field instanceof Promise))
      return isThere ? putBack(whole, field, value) : whole;
    const late = Promise.resolve(field).catch((error: unknown) => Promise.reject(protoError(error)));
    return Promise.all([whole, late]).then(([object, read]) => (isThere ? putBack(object, read, value) : object));
  };
}

/** The object with the field where the value had it. */
function putBack(object: unknown, field: unknown, value: object): unknown {
  const members = new Map(Object.entries(Object(object)));
  members.set("__proto__", field);
  const keys = new Set(Object.keys(value).filter((key) => members.has(key)));
  return Object.fromEntries([...keys.union(new Set(members.keys()))].map((key) => [key, members.get(key)]));
}

/** What is wrong with the field, said as of its column. */
function protoError(error: unknown): unknown {
  if (!(error instanceof RowmillError)) return error;
  const place = { file: "", line: 0, column: "__proto__" };
  return new RowmillError(error.code, `column __proto__: ${error.message}`, { place, cause: error });
}

function accept(result: SchemaResult, value: unknown, side: Side): unknown {
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = (issue?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step));
  const [column] = path;
  let found = value;
  for (const step of path) found = typeof found === "object" && found !== null ? Reflect.get(found, step) : undefined;
  const where = column === undefined ? "" : `column ${path.join(".")} holds ${Bun.inspect(found, { depth: 1 })}: `;
  const more = result.issues.length > 1 ? ` (and ${result.issues.length - 1} more)` : "";
  const message = `${where}${issue?.message ?? "not valid"}${more}`;
  throw new RowmillError(side === "schema" ? "row-schema" : "row-output-schema", message, {
    ...(column !== undefined && { place: { file: "", line: 0, column } }),
  });
}

/** What zod 4 tells of a schema (`schema._zod.def`), as far as it is read here. */
interface ZodDef {
  type: string;
  innerType?: unknown;
  in?: unknown;
  out?: unknown;
  shape?: Record<string, unknown>;
  catchall?: unknown;
  options?: unknown[];
  values?: unknown[];
  entries?: Record<string, unknown>;
  getter?: () => unknown;
}

/** Schemas are unwrapped so far: optional, default, lazy, pipe… */
const MAX_DEPTH = 20;

function zodDef(schema: unknown): ZodDef | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  const zod: unknown = Reflect.get(schema, "_zod");
  const def: unknown = typeof zod === "object" && zod !== null ? Reflect.get(zod, "def") : undefined;
  return typeof def === "object" && def !== null && typeof Reflect.get(def, "type") === "string"
    ? (def as ZodDef)
    : undefined;
}

/** The columns that an object schema names, in order; undefined when the schema does not tell. */
export function schemaColumns(schema: StandardSchema, side: Side): string[] | undefined {
  const shape = objectShape(schema, side);
  return shape === undefined ? undefined : Object.keys(shape);
}

/** The columns of an object schema that strips all others; undefined when it does not, or does not tell. */
export function strippedColumns(schema: StandardSchema): string[] | undefined {
  const def = zodDef(schema);
  // With a catchall (strict, loose) the schema looks at columns that it does not name.
  return def?.type === "object" && def.catchall === undefined ? Object.keys(def.shape ?? {}) : undefined;
}

function objectShape(schema: unknown, side: Side): Record<string, unknown> | undefined {
  let def = zodDef(schema);
  // A lazy schema may lead back to itself.
  for (let depth = 0; def !== undefined && depth < MAX_DEPTH; depth++) {
    if (def.type === "object") return def.shape;
    def = zodDef(def.type === "pipe" ? (side === "schema" ? def.in : def.out) : (def.innerType ?? def.getter?.()));
  }
  return undefined;
}

/**
 * A function that reads the text fields of a CSV row in place as an object schema asks for; undefined when the schema
 * does not tell what it wants. A text that is no such value stays, so that the schema's own message names it.
 */
export function schemaFieldsReader(schema: StandardSchema): ((row: Row) => void) | undefined {
  const shape = objectShape(schema, "schema");
  if (shape === undefined) return undefined;
  const fields = Object.entries(shape).map(([name, field]) => describeField(name, field));
  return (row) => {
    for (const { name, type, missing } of fields) {
      const text = row[name];
      if (typeof text !== "string") continue;
      if (text === "" && missing !== KEEP) row[name] = missing;
      else if (type !== "string") row[name] = readField(text, type) ?? text;
    }
  };
}

/** Schemas may hold themselves. */
const MAX_SCHEMA_DEPTH = 20;

/** An empty text that the schema takes as it is. */
const KEEP = Symbol("keep");

interface FieldReading {
  name: string;
  type: FieldType;
  /** What an empty field becomes. */
  missing: undefined | null | typeof KEEP;
}

function describeField(name: string, field: unknown): FieldReading {
  const type = readingOf(field);
  if (type === "string" && accepts(field, "")) return { name, type, missing: KEEP };
  return { name, type, missing: !accepts(field, undefined) && isNullable(field) ? null : undefined };
}

/** Whether a zod schema names null as a value. One that coerces takes null too, for 0 or for 1970. */
function isNullable(schema: unknown, depth = 0): boolean {
  const def = zodDef(schema);
  if (def === undefined || depth > MAX_SCHEMA_DEPTH) return false;
  switch (def.type) {
    case "null":
    case "nullable":
    case "any":
    case "unknown":
      return true;
    case "union":
      return (def.options ?? []).some((option) => isNullable(option, depth + 1));
    case "pipe":
      return isNullable(def.in, depth + 1);
    default:
      return isNullable(def.innerType ?? def.getter?.(), depth + 1);
  }
}

function accepts(schema: unknown, value: unknown): boolean {
  if (!isStandardSchema(schema)) return false;
  try {
    const result = schema["~standard"].validate(value);
    if (!(result instanceof Promise)) return result.issues === undefined;
    // An asynchronous check cannot be asked beforehand; its answer is not waited for.
    result.catch(() => {});
    return false;
  } catch {
    return false;
  }
}

/** How the text of a field is read for a zod schema; what cannot be known is a string. */
function readingOf(schema: unknown, depth = 0): FieldType {
  const def = zodDef(schema);
  if (def === undefined || depth > MAX_SCHEMA_DEPTH) return "string";
  switch (def.type) {
    case "number":
    case "boolean":
    case "bigint":
    case "date":
      return def.type;
    case "array":
    case "object":
    case "record":
    case "tuple":
      return "json";
    case "literal":
      return common((def.values ?? []).map(typeOfValue));
    case "enum":
      return common(enumValues(def.entries ?? {}).map(typeOfValue));
    case "union": {
      const members = (def.options ?? []).filter((option) => !isNothing(option));
      return common(members.map((option) => readingOf(option, depth + 1)));
    }
    case "pipe":
      return readingOf(def.in, depth + 1);
    default:
      return readingOf(def.innerType ?? def.getter?.(), depth + 1);
  }
}

/** The values of an enum; one of TypeScript with numbers also maps them back to its names. */
function enumValues(entries: Record<string, unknown>): unknown[] {
  const isMappedBack = (value: unknown): boolean => typeof value === "string" && typeof entries[value] === "number";
  return Object.values(entries).filter((value) => !isMappedBack(value));
}

function isNothing(schema: unknown): boolean {
  const type = zodDef(schema)?.type;
  return type === "null" || type === "undefined" || type === "void";
}

function typeOfValue(value: unknown): FieldType {
  const type = typeof value;
  return type === "number" || type === "boolean" || type === "bigint" ? type : "string";
}

/** The one type that all agree on, else string. */
function common(types: readonly FieldType[]): FieldType {
  const [first = "string"] = types;
  return types.every((type) => type === first) ? first : "string";
}
