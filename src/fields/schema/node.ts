/**
 * What a schema says of itself, in one form for all libraries. Standard Schema tells how to validate and nothing of
 * fields: zod and valibot are read by the structure of their schemas, others by Standard JSON Schema where they have it.
 */
import type { FieldType } from "../typed-fields.ts";

/** A schema, or a part of one. */
export interface SchemaNode {
  readonly form: SchemaForm;
  /** Whether it takes a value; undefined when that cannot be said at once. */
  accepts(value: unknown): boolean | undefined;
}

/** A part that is looked at when it is asked for: schemas may hold themselves. */
export type NodePart = () => SchemaNode;

export type SchemaForm =
  /** Takes texts; every one of them, when it is open. */
  | { kind: "text"; isOpen: boolean; takesNull: boolean }
  | { kind: "typed"; type: Exclude<FieldType, "string"> }
  /** Takes these values only. */
  | { kind: "values"; values: readonly unknown[] }
  /** Takes what is no value: null, or undefined. */
  | { kind: "nothing"; isNull: boolean }
  /** `rest` are the rules for keys that it does not name, the first that matches counts: of records, there are no others. */
  | { kind: "object"; fields: ReadonlyMap<string, ObjectField>; rest: readonly RestRule[]; isStripping: boolean }
  /** `key` is the field that says which of the options it is. */
  | { kind: "union"; options: readonly NodePart[]; key: string | undefined }
  | { kind: "intersection"; parts: readonly NodePart[] }
  | { kind: "wrapper"; inner: NodePart; takesNull: boolean }
  /** Takes the one and gives the other. */
  | { kind: "pipe"; in: NodePart; out: NodePart };

interface ObjectField {
  node: NodePart;
  /** It may be missing, and must not be undefined. */
  isExact: boolean;
}

/** What keys must be that a schema does not name. */
export interface RestRule {
  matches(name: string): boolean;
  node: NodePart;
}

/** A rule for all keys. */
export function restRule(node: NodePart): RestRule {
  return { matches: () => true, node };
}

/** A record: an object that names no keys. */
export function recordForm(key: NodePart, value: NodePart): SchemaForm {
  const matches = (name: string): boolean => key().accepts(name) !== false;
  return { kind: "object", fields: new Map(), rest: [{ matches, node: value }], isStripping: false };
}

/** Schemas may contain themselves: parts deeper than this are not looked at. */
export const MAX_SCHEMA_DEPTH = 20;

/** A part of another object, where it is one. */
export function member(value: unknown, name: string): unknown {
  return (typeof value === "object" || typeof value === "function") && value !== null
    ? Reflect.get(value, name)
    : undefined;
}

/** A form that takes texts: only some of them, unless `isOpen` is given. */
export function textForm(form: { isOpen?: boolean; takesNull?: boolean } = {}): SchemaForm {
  return { kind: "text", isOpen: false, takesNull: false, ...form };
}

/** Options as of a union, whatever stands for them. */
export function unionNode(options: readonly SchemaNode[]): SchemaNode {
  return {
    form: { kind: "union", options: options.map((option) => () => option), key: undefined },
    accepts: (value) => {
      const answers = new Set(options.map((option) => option.accepts(value)));
      return answers.has(true) ? true : answers.has(undefined) ? undefined : false;
    },
  };
}

/** Parts as of an intersection. */
export function intersectionNode(parts: readonly SchemaNode[]): SchemaNode {
  return {
    form: { kind: "intersection", parts: parts.map((part) => () => part) },
    accepts: (value) => {
      const answers = new Set(parts.map((part) => part.accepts(value)));
      return answers.has(false) ? false : answers.has(undefined) ? undefined : true;
    },
  };
}
