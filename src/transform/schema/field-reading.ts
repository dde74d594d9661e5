/**
 * How the text of a CSV field is read for a schema: as the type that the schema asks for. A text that is no such value
 * stays, so that the schema's own message names it, and what cannot be known is a text. README has the table of all cases.
 */
import type { Row } from "../../formats/format.ts";
import { type FieldReading, compileFieldsReader } from "../fields-reader.ts";
import type { StandardSchema } from "../standard-schema.ts";
import { FIELD_READERS, type FieldType, type ReadText } from "../typed-fields.ts";
import { type RowField, fieldsOf } from "./fields.ts";
import { MAX_SCHEMA_DEPTH, type NodePart, type SchemaNode } from "./node.ts";
import { schemaNode } from "./schema-node.ts";

/**
 * A function that reads the text fields of a CSV row in place as a schema asks for; undefined when the schema does not
 * tell what it wants.
 */
export function schemaFieldsReader(schema: StandardSchema): ((row: Row) => void) | undefined {
  return rowReader(schemaNode(schema));
}

function rowReader(node: SchemaNode): ((row: Row) => void) | undefined {
  const fields = fieldsOf(node, "schema");
  if (fields === undefined) return undefined;
  const readAll = compileFieldsReader(Array.from(fields, ([name, field]) => fieldReading(name, field)));
  const { form } = node;
  if (form.kind !== "union" || form.key === undefined) return readAll;
  // One field says which of the options a row is: the row is read as that one.
  const { key, options } = form;
  const readers = new Map<unknown, (row: Row) => void>();
  for (const part of options) {
    const option = part();
    const read = rowReader(option) ?? readAll;
    for (const value of valuesOf(fieldsOf(option, "schema")?.get(key)?.node)) readers.set(String(value), read);
  }
  return (row) => (readers.get(row[key]) ?? readAll)(row);
}

/** The values that a field can have, as far as they are named. */
function valuesOf(node: SchemaNode | undefined): readonly unknown[] {
  if (node?.form.kind === "values") return node.form.values;
  return node?.form.kind === "union" ? node.form.options.flatMap((option) => valuesOf(option())) : [];
}

function fieldReading(name: string, { node, isExact }: RowField): FieldReading {
  const wanted = wantedOf(node);
  const read = readerOf(wanted);
  return { name, read, empty: emptyReading(node, wanted, isExact) };
}

function emptyReading(node: SchemaNode, wanted: Wanted, isExact: boolean): FieldReading["empty"] {
  const isText = wanted.texts.some((text) => text.accepts("") !== false) && node.accepts("") !== false;
  if (isText && !takesAllJson(wanted)) return "kept";
  if (node.accepts(undefined) === true) return "undefined";
  if (wanted.takesNull) return "null";
  return isExact ? "absent" : "undefined";
}

/** What a field may be, all parts of its schema together. */
interface Wanted {
  /** What it may be beside a text, in the schema's order. */
  types: readonly FieldType[];
  /** The parts that take texts. */
  texts: readonly SchemaNode[];
  /** One of them takes every text. */
  isOpen: boolean;
  /** Null is one of its values. One that coerces takes null too, for 0 or for 1970: that is not meant. */
  takesNull: boolean;
}

const NOTHING: Wanted = { types: [], texts: [], isOpen: false, takesNull: false };

function wantedOf(node: SchemaNode, depth = 0): Wanted {
  if (depth > MAX_SCHEMA_DEPTH) return { ...NOTHING, texts: [node] };
  const { form } = node;
  const all = (parts: readonly NodePart[]): Wanted[] => parts.map((part) => wantedOf(part(), depth + 1));
  switch (form.kind) {
    case "text":
      return { types: [], texts: [node], isOpen: form.isOpen, takesNull: form.takesNull };
    case "typed":
      return { ...NOTHING, types: [form.type] };
    case "object":
      return { ...NOTHING, types: ["json"] };
    case "values":
      return wantedValues(node, form.values);
    case "nothing":
      return { ...NOTHING, takesNull: form.isNull };
    case "wrapper": {
      const inner = wantedOf(form.inner(), depth + 1);
      return { ...inner, takesNull: inner.takesNull || form.takesNull };
    }
    case "pipe":
      return wantedOf(form.in(), depth + 1);
    case "union":
      return all(form.options).reduce(either, NOTHING);
    case "intersection":
      return narrowest(all(form.parts));
  }
}

function wantedValues(node: SchemaNode, values: readonly unknown[]): Wanted {
  const types = values.map((value) => typeof value).filter((type) => type !== "string");
  return {
    types: [...new Set(types)].filter((type) => type === "number" || type === "boolean" || type === "bigint"),
    texts: types.length < values.length ? [node] : [],
    isOpen: false,
    takesNull: values.includes(null),
  };
}

function either(one: Wanted, other: Wanted): Wanted {
  return {
    types: [...new Set([...one.types, ...other.types])],
    texts: [...one.texts, ...other.texts],
    isOpen: one.isOpen || other.isOpen,
    takesNull: one.takesNull || other.takesNull,
  };
}

/** What all parts take is at most what the narrowest takes. */
function narrowest(all: readonly Wanted[]): Wanted {
  const first = all.find(({ texts }) => texts.length === 0) ?? all.find(({ isOpen }) => !isOpen) ?? all[0];
  return { ...(first ?? NOTHING), takesNull: all.every(({ takesNull }) => takesNull) };
}

/** Texts, numbers, booleans, null, lists and objects: `z.json()` is written so. */
function takesAllJson({ types, isOpen, takesNull }: Wanted): boolean {
  return isOpen && takesNull && (["number", "boolean", "json"] as const).every((type) => types.includes(type));
}

/** How a text that is not empty is read; undefined where it stays. */
function readerOf(wanted: Wanted): ReadText | undefined {
  if (takesAllJson(wanted)) return FIELD_READERS.json;
  const { types, texts, isOpen } = wanted;
  if (isOpen || types.length === 0) return undefined;
  const readers = exactFirst(types).map((type) => FIELD_READERS[type]);
  const [only] = readers;
  if (readers.length === 1 && texts.length === 0) return only;
  return (text) => {
    // A text that the schema takes as it is stays one.
    if (texts.some((part) => part.accepts(text) === true)) return undefined;
    for (const read of readers) {
      const value = read(text);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** A number or a bigint is a number as long as no digit is lost. */
function exactFirst(types: readonly FieldType[]): readonly FieldType[] {
  const isBoth = types.includes("number") && types.includes("bigint");
  if (!isBoth || types.indexOf("bigint") < types.indexOf("number")) return types;
  return types.flatMap((type) => (type === "number" ? ["int", "bigint", "number"] : type === "bigint" ? [] : [type]));
}
