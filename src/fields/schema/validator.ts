/**
 * Validates one value by a schema. A failure names column, value, and what was expected; names that every object inherits
 * are columns like any other.
 */
import { RowmillError } from "../../errors.ts";
import { shownColumn } from "../../formats/columns.ts";
import { type SchemaResult, type StandardSchema, isStandardSchema } from "../standard-schema.ts";
import { type Side, fieldsOf } from "./fields.ts";
import { member } from "./node.ts";
import { schemaNode } from "./schema-node.ts";
import { zodDef } from "./zod-node.ts";

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

/** Whether a schema asks for a key that every object inherits: it would find `constructor` in a row without it. */
function namesInherited(schema: StandardSchema): boolean {
  return (
    fieldsOf(schemaNode(schema), "schema")
      ?.keys()
      .some((name) => name in Object.prototype) ?? false
  );
}

/** A row that inherits nothing. */
function bare(value: unknown): unknown {
  return typeof value === "object" && value !== null ? Object.assign(Object.create(null), value) : value;
}

/** The field `__proto__` of an object schema, where it has one. */
function protoField(schema: StandardSchema): StandardSchema | undefined {
  const fields = member(zodDef(schema), "shape") ?? member(schema, "entries");
  const field = Object.hasOwn(Object(fields), "__proto__") ? member(fields, "__proto__") : undefined;
  return isStandardSchema(field) ? field : undefined;
}

/** Zod and valibot leave out a key called `__proto__`, whatever its schema says: it is validated by itself, and put back. */
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

/** The error of the field, with the name of its column. */
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
  const where =
    column === undefined
      ? ""
      : `column ${[shownColumn(column), ...path.slice(1)].join(".")} holds ${Bun.inspect(found, { depth: 1 })}: `;
  const more = result.issues.length > 1 ? ` (and ${result.issues.length - 1} more)` : "";
  const message = `${where}${issue?.message ?? "not valid"}${more}`;
  throw new RowmillError(side === "schema" ? "row-schema" : "row-output-schema", message, {
    ...(column !== undefined && { place: { file: "", line: 0, column } }),
  });
}
