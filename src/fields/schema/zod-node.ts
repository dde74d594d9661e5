/** Schemas of zod 4, classic or mini, by what `schema._zod.def` tells. */
import { type NodePart, type SchemaForm, type SchemaNode, member, recordForm, restRule, textForm } from "./node.ts";
import { standardAccepts } from "../standard-schema.ts";

/** What zod tells of a schema, as far as it is read here. */
interface ZodDef {
  type: string;
  innerType?: unknown;
  in?: unknown;
  out?: unknown;
  left?: unknown;
  right?: unknown;
  shape?: Record<string, unknown>;
  catchall?: unknown;
  keyType?: unknown;
  valueType?: unknown;
  discriminator?: string;
  options?: unknown[];
  values?: unknown[];
  entries?: Record<string, unknown>;
  getter?: () => unknown;
  coerce?: boolean;
  format?: string;
  checks?: unknown[];
}

export function zodDef(schema: unknown): ZodDef | undefined {
  const def = member(member(schema, "_zod"), "def");
  return typeof member(def, "type") === "string" ? (def as ZodDef) : undefined;
}

export function zodNode(schema: unknown): SchemaNode {
  const def = zodDef(schema);
  return {
    form: def === undefined ? textForm() : formOf(def),
    accepts: (value) => standardAccepts(schema, value),
  };
}

function part(schema: unknown): NodePart {
  return () => zodNode(schema);
}

function formOf(def: ZodDef): SchemaForm {
  switch (def.type) {
    case "string":
      return textForm({ isOpen: def.format === undefined && (def.checks ?? []).length === 0 });
    case "any":
    case "unknown":
      return textForm({ isOpen: true, takesNull: true });
    case "number":
    case "boolean":
    case "bigint":
    case "date":
      return { kind: "typed", type: def.type };
    case "array":
    case "tuple":
      return { kind: "typed", type: "json" };
    case "record":
      return recordForm(part(def.keyType), part(def.valueType));
    case "object":
      return objectForm(def);
    case "literal":
      return { kind: "values", values: def.values ?? [] };
    case "enum":
      return { kind: "values", values: enumValues(def.entries ?? {}) };
    case "null":
      return { kind: "nothing", isNull: true };
    case "undefined":
    case "void":
    case "never":
      return { kind: "nothing", isNull: false };
    case "union":
      return { kind: "union", options: (def.options ?? []).map(part), key: def.discriminator };
    case "intersection":
      return { kind: "intersection", parts: [part(def.left), part(def.right)] };
    case "pipe":
      return { kind: "pipe", in: part(def.in), out: part(def.out) };
    default: {
      const inner = def.innerType ?? def.getter?.();
      if (inner === undefined) return textForm();
      return { kind: "wrapper", inner: part(inner), takesNull: def.type === "nullable" };
    }
  }
}

function objectForm({ shape, catchall }: ZodDef): SchemaForm {
  const fields = Object.entries(shape ?? {}).map(
    ([name, schema]) => [name, { node: () => zodNode(schema), isExact: isExact(schema) }] as const,
  );
  // With a catchall (strict, loose) the schema looks at columns that it does not name.
  const rest = catchall === undefined ? [] : [restRule(part(catchall))];
  return { kind: "object", fields: new Map(fields), rest, isStripping: catchall === undefined };
}

/** `.exactOptional()` is an optional that does not take undefined. */
function isExact(schema: unknown): boolean {
  return zodDef(schema)?.type === "optional" && standardAccepts(schema, undefined) === false;
}

/** The values of an enum; one of TypeScript with numbers also maps them back to its names. */
function enumValues(entries: Record<string, unknown>): unknown[] {
  const isMappedBack = (value: unknown): boolean => typeof value === "string" && typeof entries[value] === "number";
  return Object.values(entries).filter((value) => !isMappedBack(value));
}
