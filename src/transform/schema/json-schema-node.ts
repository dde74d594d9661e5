/**
 * Schemas by Standard JSON Schema (standardschema.dev): `~standard.jsonSchema.input()` says as JSON Schema what is taken.
 * ArkType has it, zod for what JSON can hold. Its fields cannot be asked whether they take a value: only what is plain to
 * see is said.
 */
import { type NodePart, type SchemaForm, type SchemaNode, member, textForm } from "./node.ts";

type JsonSchema = Record<string, unknown>;

/** Stands for the types that JSON has not, where the library says of which kind they are. */
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
    // Some of it cannot be said as JSON Schema.
    return undefined;
  }
}

/** ArkType asks what stands for what JSON Schema has no word for. */
function markType({ code, domain, base }: { code?: unknown; domain?: unknown; base?: JsonSchema }): JsonSchema {
  const type = code === "date" ? "date" : code === "domain" && domain === "bigint" ? "bigint" : undefined;
  return { ...base, ...(type !== undefined && { [TYPE_MARK]: type }) };
}

function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nodeOf(schema: JsonSchema, root: JsonSchema): SchemaNode {
  return { form: formOf(schema, root), accepts: (value) => accepts(schema, value) };
}

/** Whether a text, or nothing, is taken; undefined when other rules of the schema have a say. */
function accepts(schema: JsonSchema, value: unknown): boolean | undefined {
  if (value === undefined) return false;
  if ("const" in schema) return schema["const"] === value;
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(value);
  const { type, minLength, pattern, format } = schema;
  if (typeof value !== "string" || type !== "string" || format !== undefined) return undefined;
  if (typeof minLength === "number" && value.length < minLength) return false;
  try {
    return typeof pattern !== "string" || new RegExp(pattern, "u").test(value);
  } catch {
    return undefined;
  }
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

function objectForm({ properties, required }: JsonSchema, root: JsonSchema): SchemaForm {
  const needed = new Set(Array.isArray(required) ? required : []);
  const fields = Object.entries(Object(properties)).map(([name, schema]) => {
    const node = (): SchemaNode => nodeOf(isJsonSchema(schema) ? schema : {}, root);
    return [name, { node, isExact: !needed.has(name) }] as const;
  });
  return { kind: "object", fields: new Map(fields), isStripping: false };
}

/** A part of the same document: `#`, `#/$defs/a`. */
function referred(reference: unknown, root: JsonSchema): JsonSchema | undefined {
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  const steps = reference.split("/").slice(1);
  let at: unknown = root;
  for (const step of steps) at = member(at, decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
  return isJsonSchema(at) ? at : undefined;
}
