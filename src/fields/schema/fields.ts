/** The fields that a schema names for a row: those of an object, of all options of a union, of an intersection. */
import type { StandardSchema } from "../standard-schema.ts";
import { MAX_SCHEMA_DEPTH, type SchemaNode, intersectionNode, unionNode } from "./node.ts";
import { schemaNode, tellsOrder } from "./schema-node.ts";

/** Which side of the function a schema stands on. */
export type Side = "schema" | "output";

/** A field of a row, as all parts of the schema that name it see it. */
export interface RowField {
  node: SchemaNode;
  /** It may be missing, and must not be undefined. */
  isExact: boolean;
}

/** By name, in order; undefined when the schema does not tell. */
export function fieldsOf(node: SchemaNode, side: Side, depth = 0): Map<string, RowField> | undefined {
  if (depth > MAX_SCHEMA_DEPTH) return undefined;
  const { form } = node;
  switch (form.kind) {
    case "object":
      // Nothing is known of the keys of a record.
      if (form.fields.size === 0 && form.rest.length > 0) return undefined;
      return new Map(Array.from(form.fields, ([name, { node: field, isExact }]) => [name, { node: field(), isExact }]));
    case "wrapper":
      return fieldsOf(form.inner(), side, depth + 1);
    case "pipe":
      return fieldsOf(side === "schema" ? form.in() : form.out(), side, depth + 1);
    case "union":
    case "intersection": {
      const isUnion = form.kind === "union";
      const parts = isUnion ? form.options : form.parts;
      const all = parts.map((part) => fieldsOf(part(), side, depth + 1));
      return all.includes(undefined)
        ? undefined
        : joined(all as Map<string, RowField>[], isUnion ? unionNode : intersectionNode);
    }
    default:
      return undefined;
  }
}

function joined(
  all: readonly Map<string, RowField>[],
  join: (nodes: readonly SchemaNode[]) => SchemaNode,
): Map<string, RowField> {
  const fields = new Map<string, RowField[]>();
  for (const part of all) for (const [name, field] of part) fields.set(name, [...(fields.get(name) ?? []), field]);
  return new Map(
    Array.from(fields, ([name, [first, ...more]]) => {
      if (first === undefined || more.length === 0) return [name, first as RowField];
      const same = [first, ...more];
      return [name, { node: join(same.map(({ node }) => node)), isExact: same.some(({ isExact }) => isExact) }];
    }),
  );
}

/** The columns that a schema names, in order; undefined when the schema does not tell. */
export function schemaColumns(schema: StandardSchema, side: Side): string[] | undefined {
  const fields = tellsOrder(schema) ? fieldsOf(schemaNode(schema), side) : undefined;
  return fields === undefined ? undefined : [...fields.keys()];
}

/** The columns of a schema that strips all others; undefined when it does not, or does not tell. */
export function strippedColumns(schema: StandardSchema): string[] | undefined {
  const node = schemaNode(schema);
  return isStripping(node) ? [...(fieldsOf(node, "schema")?.keys() ?? [])] : undefined;
}

/** Whether nothing but the named fields is looked at; optional objects and pipes could look at the row as it came. */
function isStripping({ form }: SchemaNode, depth = 0): boolean {
  if (depth > MAX_SCHEMA_DEPTH) return false;
  switch (form.kind) {
    case "object":
      return form.isStripping;
    case "union":
      return form.options.every((option) => isStripping(option(), depth + 1));
    case "intersection":
      return form.parts.every((part) => isStripping(part(), depth + 1));
    default:
      return false;
  }
}
