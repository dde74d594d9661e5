/**
 * Schemas by Standard JSON Schema (standardschema.dev): `~standard.jsonSchema.input()` says as JSON Schema what is taken.
 * ArkType has it, zod for what JSON can hold. Its fields cannot be asked whether they take a value: only what is plain to
 * see is said.
 */
import {
  type NodePart,
  type SchemaForm,
  type SchemaNode,
  intersectionNode,
  member,
  restRule,
  textForm,
  unionNode,
} from "./node.ts";

type JsonSchema = Record<string, unknown>;

/** The key that marks types which JSON lacks, where the library says which they are. */
const TYPE_MARK = "x-rowmill-type";

/** What a schema takes; undefined when its library does not tell. */
export function jsonSchemaNode(schema: unknown): SchemaNode | undefined {
  const standard = member(schema, "~standard");
  const input = member(member(standard, "jsonSchema"), "input");
  if (typeof input !== "function") return undefined;
  try {
    const root: unknown = input({ target: "draft-2020-12", libraryOptions: { fallback: markType } });
    return isJsonSchema(root) ? nodeOf(root, root) : undefined;
  } catch {
    // The library has no JSON Schema for some part of it.
    return undefined;
  }
}

/** ArkType asks for a stand-in where JSON Schema has no word. */
function markType({ code, domain, base }: { code?: unknown; domain?: unknown; base?: JsonSchema }): JsonSchema {
  const type = code === "date" ? "date" : code === "domain" && domain === "bigint" ? "bigint" : undefined;
  return { ...base, ...(type !== undefined && { [TYPE_MARK]: type }) };
}

function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nodeOf(schema: JsonSchema, root: JsonSchema): SchemaNode {
  return { form: formOf(schema, root), accepts: (value) => accepts(schema, value, root) };
}

/** Whether a value is taken; undefined when that depends on rules that are not looked at here. */
function accepts(schema: JsonSchema, value: unknown, root: JsonSchema): boolean | undefined {
  if (value === undefined) return false;
  if ("const" in schema) return schema["const"] === value;
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(value);
  const mark = schema[TYPE_MARK];
  if (mark === "date") return value instanceof Date ? undefined : false;
  if (mark === "bigint") return typeof value === "bigint" ? undefined : false;
  const form = formOf(schema, root);
  if (form.kind === "wrapper") return form.inner().accepts(value);
  if (form.kind === "union" || form.kind === "intersection") {
    const nodes = (form.kind === "union" ? form.options : form.parts).map((part) => part());
    return (form.kind === "union" ? unionNode(nodes) : intersectionNode(nodes)).accepts(value);
  }
  switch (schema["type"]) {
    case "string":
      return typeof value === "string" && acceptsText(schema, value);
    case "integer":
    case "number":
      return typeof value === "number" && acceptsNumber(schema, value);
    case "boolean":
      return typeof value === "boolean";
    case "null":
      return value === null;
    case "object":
      return isJsonSchema(value) && acceptsObject(form, value);
    case "array":
      return Array.isArray(value) ? undefined : false;
    default:
      return undefined;
  }
}

function acceptsText({ minLength, pattern, format }: JsonSchema, text: string): boolean | undefined {
  if (format !== undefined) return undefined;
  if (typeof minLength === "number" && text.length < minLength) return false;
  try {
    return typeof pattern !== "string" || new RegExp(pattern, "u").test(text);
  } catch {
    return undefined;
  }
}

function acceptsNumber({ type, minimum, maximum, multipleOf }: JsonSchema, value: number): boolean | undefined {
  if (type === "integer" && !Number.isInteger(value)) return false;
  if (typeof minimum === "number" && value < minimum) return false;
  if (typeof maximum === "number" && value > maximum) return false;
  return multipleOf === undefined ? true : undefined;
}

function acceptsObject(form: SchemaForm, value: Record<string, unknown>): boolean | undefined {
  if (form.kind !== "object") return undefined;
  const answers = new Set(
    Array.from(form.fields, ([name, { node, isExact }]) =>
      isExact && !Object.hasOwn(value, name) ? true : node().accepts(value[name]),
    ),
  );
  return answers.has(false) ? false : answers.has(undefined) ? undefined : true;
}

function formOf(schema: JsonSchema, root: JsonSchema): SchemaForm {
  const parts = (list: unknown): NodePart[] =>
    (Array.isArray(list) ? list : []).filter(isJsonSchema).map((part) => () => nodeOf(part, root));
  const mark = schema[TYPE_MARK];
  if (mark === "date" || mark === "bigint") return { kind: "typed", type: mark };
  const target = referred(schema["$ref"], root);
  if (target !== undefined) return { kind: "wrapper", inner: () => nodeOf(target, root), takesNull: false };
  if ("const" in schema) return { kind: "values", values: [schema["const"]] };
  if (Array.isArray(schema["enum"])) return { kind: "values", values: schema["enum"] };
  const options = parts(schema["anyOf"] ?? schema["oneOf"]);
  if (options.length > 0) return { kind: "union", options, key: undefined };
  const all = parts(schema["allOf"]);
  if (all.length > 0) return { kind: "intersection", parts: all };
  if (Array.isArray(schema["type"])) {
    const types = schema["type"].map((type) => ({ ...schema, type }));
    return { kind: "union", options: parts(types), key: undefined };
  }
  return typeForm(schema, root);
}

function typeForm(schema: JsonSchema, root: JsonSchema): SchemaForm {
  switch (schema["type"]) {
    case "integer":
    case "number":
      return { kind: "typed", type: "number" };
    case "boolean":
      return { kind: "typed", type: "boolean" };
    case "array":
      return { kind: "typed", type: "json" };
    case "null":
      return { kind: "nothing", isNull: true };
    case "object":
      return objectForm(schema, root);
    default:
      return textForm({ isOpen: schema["pattern"] === undefined && schema["format"] === undefined });
  }
}

function objectForm(schema: JsonSchema, root: JsonSchema): SchemaForm {
  const { properties, required, patternProperties, additionalProperties } = schema;
  const needed = new Set(Array.isArray(required) ? required : []);
  const part = (inner: unknown): NodePart => {
    return () => nodeOf(isJsonSchema(inner) ? inner : {}, root);
  };
  const fields = Object.entries(Object(properties)).map(
    ([name, inner]) => [name, { node: part(inner), isExact: !needed.has(name) }] as const,
  );
  const rest = Object.entries(Object(patternProperties)).map(([pattern, inner]) => ({
    matches: (name: string) => matches(name, pattern),
    node: part(inner),
  }));
  if (isJsonSchema(additionalProperties)) rest.push(restRule(part(additionalProperties)));
  return { kind: "object", fields: new Map(fields), rest, isStripping: false };
}

function matches(name: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, "u").test(name);
  } catch {
    return false;
  }
}

/** A part of the same document: `#`, `#/$defs/a`. */
function referred(reference: unknown, root: JsonSchema): JsonSchema | undefined {
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  const steps = reference.split("/").slice(1);
  let at: unknown = root;
  for (const step of steps) at = member(at, decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
  return isJsonSchema(at) ? at : undefined;
}
