/** Schemas of valibot 1: plain objects that hold what they were made of. */
import { standardAccepts } from "../standard-schema.ts";
import { type NodePart, type SchemaForm, type SchemaNode, member, recordForm, restRule, textForm } from "./node.ts";

export function isValibot(schema: unknown): boolean {
  return member(schema, "kind") === "schema" && member(member(schema, "~standard"), "vendor") === "valibot";
}

export function valibotNode(schema: unknown): SchemaNode {
  return { form: pipeForm(schema), accepts: (value) => standardAccepts(schema, value) };
}

/** A pipe is its first schema with the steps beside it; the last step that is a schema says what comes out. */
function pipeForm(schema: unknown): SchemaForm {
  const [, ...steps] = listOf(member(schema, "pipe"));
  const form = formOf(schema, steps);
  const kept = steps.every((step) => member(step, "kind") === "validation" || member(step, "kind") === "metadata");
  if (kept) return form;
  const last = steps.at(-1);
  const out =
    member(last, "kind") === "schema"
      ? () => valibotNode(last)
      : () => ({ form: textForm(), accepts: () => undefined });
  return { kind: "pipe", in: () => ({ form, accepts: (value) => standardAccepts(schema, value) }), out };
}

function part(schema: unknown): NodePart {
  return () => valibotNode(schema);
}

function formOf(schema: unknown, steps: readonly unknown[]): SchemaForm {
  const options = listOf(member(schema, "options"));
  const type = member(schema, "type");
  switch (type) {
    case "string":
      return textForm({ isOpen: steps.length === 0 });
    case "any":
    case "unknown":
      return textForm({ isOpen: true, takesNull: true });
    case "number":
    case "boolean":
    case "bigint":
    case "date":
      return { kind: "typed", type };
    case "record":
      return recordForm(part(member(schema, "key")), part(member(schema, "value")));
    case "array":
    case "tuple":
    case "loose_tuple":
    case "strict_tuple":
    case "tuple_with_rest":
      return { kind: "typed", type: "json" };
    case "object":
    case "loose_object":
    case "strict_object":
    case "object_with_rest":
      return objectForm(schema, type === "object");
    case "literal":
      return { kind: "values", values: [member(schema, "literal")] };
    case "picklist":
    case "enum":
      return { kind: "values", values: options };
    case "null":
      return { kind: "nothing", isNull: true };
    case "undefined":
    case "void":
    case "never":
      return { kind: "nothing", isNull: false };
    case "union":
      return { kind: "union", options: options.map(part), key: undefined };
    case "variant":
      return { kind: "union", options: options.map(part), key: textOf(member(schema, "key")) };
    case "intersect":
      return { kind: "intersection", parts: options.map(part) };
    case "lazy":
      return { kind: "wrapper", inner: () => valibotNode(lazySchema(schema)), takesNull: false };
    default: {
      const wrapped = member(schema, "wrapped");
      if (wrapped === undefined) return textForm();
      return { kind: "wrapper", inner: part(wrapped), takesNull: type === "nullable" || type === "nullish" };
    }
  }
}

function objectForm(object: unknown, isStripping: boolean): SchemaForm {
  const rest = member(object, "rest");
  const fields = Object.entries(Object(member(object, "entries"))).map(([name, schema]) => {
    const isExact = member(schema, "type") === "exact_optional";
    return [name, { node: () => valibotNode(schema), isExact }] as const;
  });
  return {
    kind: "object",
    fields: new Map(fields),
    rest: rest === undefined ? [] : [restRule(part(rest))],
    isStripping,
  };
}

/** A lazy schema may depend on its input, of which nothing is known yet. */
function lazySchema(schema: unknown): unknown {
  const getter = member(schema, "getter");
  try {
    return typeof getter === "function" ? getter(undefined) : undefined;
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
