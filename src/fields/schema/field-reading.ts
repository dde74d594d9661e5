/**
 * How the text of a CSV field is read for a schema: as the type that the schema asks for. A text that is no such value
 * stays, so that the schema's own message names it, and what cannot be known is a text. docs/expressions.md has the table
 * of all cases.
 */
import type { Row } from "../../formats/format.ts";
import { type FieldReading, compileFieldsReader } from "../fields-reader.ts";
import type { StandardSchema } from "../standard-schema.ts";
import { FIELD_READERS, type FieldType, type ReadText } from "../typed-fields.ts";
import { type RowField, fieldsOf } from "./fields.ts";
import {
  MAX_SCHEMA_DEPTH,
  type NodePart,
  type RestRule,
  type SchemaForm,
  type SchemaNode,
  intersectionNode,
} from "./node.ts";
import { schemaNode } from "./schema-node.ts";

/**
 * A function that reads the text fields of a CSV row in place as a schema asks for; undefined when the schema does not
 * tell what it wants.
 */
export function schemaFieldsReader(schema: StandardSchema): ((row: Row) => void) | undefined {
  return rowReader(schemaNode(schema));
}

type RowReader = (row: Row) => void;

function rowReader(node: SchemaNode, depth = 0): RowReader | undefined {
  if (depth > MAX_SCHEMA_DEPTH) return undefined;
  const { form } = node;
  switch (form.kind) {
    case "object":
      return objectReader(form);
    case "wrapper":
      return rowReader(form.inner(), depth + 1);
    case "pipe":
      return rowReader(form.in(), depth + 1);
    case "union":
      return unionReader(node, form, depth + 1);
    case "intersection":
      return intersectionReader(node, form.parts, depth + 1);
    default:
      return undefined;
  }
}

/** Reads the fields of a row as all parts of its schema ask for together; undefined where these do not tell. */
function jointReader(node: SchemaNode): RowReader | undefined {
  const fields = fieldsOf(node, "schema");
  return fields && compileFieldsReader(Array.from(fields, ([name, field]) => fieldReading(name, field)));
}

function objectReader({ fields, rest }: SchemaForm & { kind: "object" }): RowReader {
  const named = compileFieldsReader(
    Array.from(fields, ([name, { node, isExact }]) => fieldReading(name, { node: node(), isExact })),
  );
  return rest.length === 0 ? named : withRest(named, new Set(fields.keys()), rest);
}

/** Reads fields that the schema does not name as its rules for such keys ask for. */
function withRest(named: RowReader, names: ReadonlySet<string>, rest: readonly RestRule[]): RowReader {
  const readers = new Map<string, RowReader>();
  const readerFor = (name: string): RowReader => {
    const rule = rest.find((one) => one.matches(name));
    return rule === undefined
      ? () => {}
      : compileFieldsReader([fieldReading(name, { node: rule.node(), isExact: false })]);
  };
  return (row) => {
    named(row);
    for (const name of Object.keys(row)) {
      if (names.has(name)) continue;
      let read = readers.get(name);
      // JSON rows are not read by schemas: names are those of a header.
      if (read === undefined) readers.set(name, (read = readerFor(name)));
      read(row);
    }
  };
}

/**
 * A row is read as one of the options: the one that the value of `key` names, else the first that takes the row as it is
 * read for it. Where there is none, the options have a say together, and the schema says what is wrong.
 */
function unionReader(
  node: SchemaNode,
  { key, options: parts }: SchemaForm & { kind: "union" },
  depth: number,
): RowReader | undefined {
  const options = parts.map((part) => part());
  const readers = options.map((option) => rowReader(option, depth));
  if (readers.every((reader) => reader === undefined)) return undefined;
  const joint = jointReader(node) ?? (() => {});
  const tries = options.map((option, at) => ({ option, read: readers[at] ?? (() => {}) }));
  const read = inTurn(tries, joint);
  return key === undefined ? read : keyedReader(key, tries, read);
}

function inTurn(tries: readonly Try[], otherwise: RowReader): RowReader {
  return (row) => {
    const taken = firstTaken(tries, row);
    if (taken === undefined) otherwise(row);
    else assignFields(row, taken);
  };
}

interface Try {
  option: SchemaNode;
  read: RowReader;
}

/** The row as read by the first option that then takes it. */
function firstTaken(tries: readonly Try[], row: Row): Row | undefined {
  let open: Row | undefined;
  for (const { option, read } of tries) {
    const copy = { ...row };
    read(copy);
    const answer = option.accepts(copy);
    if (answer === true) return copy;
    if (answer === undefined) open ??= copy;
  }
  return open;
}

/** Makes the fields of a row those of its copy, some of which may be gone. */
function assignFields(row: Row, copy: Row): void {
  for (const name of Object.keys(row)) {
    if (Object.hasOwn(copy, name)) row[name] = copy[name];
    else delete row[name];
  }
}

/** How many texts of a key are remembered. */
const MAX_KNOWN_KEYS = 1000;

/** One field says which of the options a row is: of several with the same value, the first that takes it. */
function keyedReader(key: string, tries: readonly Try[], otherwise: RowReader): RowReader {
  const choices = tries.map((one) => {
    const node = fieldsOf(one.option, "schema")?.get(key)?.node;
    return { one, values: valuesOf(node), ofText: node === undefined ? undefined : readerOf(wantedOf(node)) };
  });
  const readerFor = (text: string): RowReader => {
    const chosen = choices.filter(({ values, ofText }) =>
      text === ""
        ? values.some((value) => value === "" || value === null || value === undefined)
        : values.includes(ofText?.(text) ?? text),
    );
    const [first, ...more] = chosen.map(({ one }) => one);
    if (first === undefined) return otherwise;
    return more.length === 0 ? first.read : inTurn([first, ...more], first.read);
  };
  const known = new Map<string, RowReader>();
  return (row) => {
    const text = row[key];
    if (typeof text !== "string") {
      otherwise(row);
      return;
    }
    let read = known.get(text);
    if (read === undefined) {
      read = readerFor(text);
      if (known.size < MAX_KNOWN_KEYS) known.set(text, read);
    }
    read(row);
  };
}

/** The values that a field can have, as far as they are named. */
function valuesOf(node: SchemaNode | undefined, depth = 0): readonly unknown[] {
  if (node === undefined || depth > MAX_SCHEMA_DEPTH) return [];
  const { form } = node;
  switch (form.kind) {
    case "values":
      return form.values;
    case "nothing":
      return [form.isNull ? null : undefined];
    case "union":
      return form.options.flatMap((option) => valuesOf(option(), depth + 1));
    case "pipe":
      return valuesOf(form.in(), depth + 1);
    case "wrapper": {
      const inner = valuesOf(form.inner(), depth + 1);
      const nothing = [...(form.takesNull ? [null] : []), ...(node.accepts(undefined) === true ? [undefined] : [])];
      return inner.length === 0 ? [] : [...inner, ...nothing];
    }
    default:
      return [];
  }
}

/** Parts that are plain objects have a say together on fields that several of them name; others read one after another. */
function intersectionReader(node: SchemaNode, parts: readonly NodePart[], depth: number): RowReader | undefined {
  const nodes = parts.map((part) => part());
  if (nodes.every((part) => isPlainObject(part))) return jointReader(node);
  const plain = jointReader(intersectionNode(nodes.filter((part) => isPlainObject(part))));
  const others = nodes.filter((part) => !isPlainObject(part)).map((part) => rowReader(part, depth));
  const readers = [plain, ...others].filter((reader) => reader !== undefined);
  if (readers.length === 0) return undefined;
  return (row) => {
    for (const read of readers) read(row);
  };
}

/** Whether a schema of a row names its fields once and for all. */
function isPlainObject({ form }: SchemaNode, depth = 0): boolean {
  if (depth > MAX_SCHEMA_DEPTH) return false;
  switch (form.kind) {
    case "object":
      return form.rest.length === 0;
    case "wrapper":
      return isPlainObject(form.inner(), depth + 1);
    case "pipe":
      return isPlainObject(form.in(), depth + 1);
    case "intersection":
      return form.parts.every((part) => isPlainObject(part(), depth + 1));
    default:
      return false;
  }
}

export function fieldReading(name: string, { node, isExact }: RowField): FieldReading {
  const wanted = wantedOf(node);
  const read = readerOf(wanted);
  return { name, read: read && coercedDates(node, wanted, read), empty: emptyReading(node, wanted, isExact) };
}

/** A text that is meant to be a date of ISO 8601. */
const ISO_LIKE = /^\s*[+-]?\d{4,6}-\d\d/;

/**
 * A schema that makes dates of texts itself takes 30 February for a day in March, cuts microseconds, and reads times
 * without a zone in that of the machine. So a text that is refused here must not reach it.
 */
function coercedDates(node: SchemaNode, { types, texts }: AcceptedValues, read: ReadText): ReadText {
  const isCoerced =
    types.length === 1 && types[0] === "date" && texts.length === 0 && node.accepts("2000-01-01") === true;
  if (!isCoerced) return read;
  return (text) => read(text) ?? (ISO_LIKE.test(text) ? new Date(Number.NaN) : undefined);
}

function emptyReading(node: SchemaNode, wanted: AcceptedValues, isExact: boolean): FieldReading["empty"] {
  const isText = wanted.texts.some((text) => text.accepts("") !== false) && node.accepts("") !== false;
  if (isText && !takesAllJson(wanted)) return "kept";
  if (node.accepts(undefined) === true) return "undefined";
  if (wanted.takesNull) return "null";
  return isExact ? "absent" : "undefined";
}

/** What a field may be, all parts of its schema together. */
interface AcceptedValues {
  /** What it may be beside a text, in the schema's order. */
  types: readonly FieldType[];
  /** The parts that take texts. */
  texts: readonly SchemaNode[];
  /** One of them takes every text. */
  isOpen: boolean;
  /** Null is one of its values. (A schema that coerces takes null as well, for 0 or for 1970, which does not count.) */
  takesNull: boolean;
}

const NOTHING: AcceptedValues = { types: [], texts: [], isOpen: false, takesNull: false };

function wantedOf(node: SchemaNode, depth = 0): AcceptedValues {
  if (depth > MAX_SCHEMA_DEPTH) return { ...NOTHING, texts: [node] };
  const { form } = node;
  const all = (parts: readonly NodePart[]): AcceptedValues[] => parts.map((part) => wantedOf(part(), depth + 1));
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

function wantedValues(node: SchemaNode, values: readonly unknown[]): AcceptedValues {
  const types = values.map((value) => typeof value).filter((type) => type !== "string");
  return {
    types: [...new Set(types)].filter((type) => type === "number" || type === "boolean" || type === "bigint"),
    texts: types.length < values.length ? [node] : [],
    isOpen: false,
    takesNull: values.includes(null),
  };
}

function either(one: AcceptedValues, other: AcceptedValues): AcceptedValues {
  return {
    types: [...new Set([...one.types, ...other.types])],
    texts: [...one.texts, ...other.texts],
    isOpen: one.isOpen || other.isOpen,
    takesNull: one.takesNull || other.takesNull,
  };
}

/** What all parts take is at most what the narrowest takes. */
function narrowest(all: readonly AcceptedValues[]): AcceptedValues {
  const first = all.find(({ texts }) => texts.length === 0) ?? all.find(({ isOpen }) => !isOpen) ?? all[0];
  return { ...(first ?? NOTHING), takesNull: all.every(({ takesNull }) => takesNull) };
}

/** Texts, numbers, booleans, null, lists and objects: `z.json()` is written so. */
function takesAllJson({ types, isOpen, takesNull }: AcceptedValues): boolean {
  return isOpen && takesNull && (["number", "boolean", "json"] as const).every((type) => types.includes(type));
}

/** How a text that is not empty is read; undefined where it stays. */
function readerOf(wanted: AcceptedValues): ReadText | undefined {
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
