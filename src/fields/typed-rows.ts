/**
 * Rows with typed fields, where each row is an object of its own: texts become values before the code sees them, and
 * fields that a result only hands on get their texts back.
 *
 * With a proof of the code it is known which fields those are. Without one, a field of the result is handed on when it
 * has the name and the value of a field of the input.
 */
import { FieldText } from "../formats/values/field-text.ts";
import type { Row } from "../formats/format.ts";
import { spellingOfValue } from "../formats/values/spelling.ts";
import { compileFieldsReader } from "./fields-reader.ts";
import { type Lost, type LostWords, define, lostOf, withoutLost } from "./missing-results.ts";
import type { ProvenResult } from "../code/proof.ts";
import type { TypedColumn, Typing } from "./typing.ts";
import type { ObjectSpelling, Spelling } from "../formats/values/spelling-tree.ts";

/** A field whose value would be written otherwise than it stands in the input. */
interface OddField {
  name: string;
  /** Null for a field that stood for null. */
  text: string | null;
  value: unknown;
  /** Of a date, which code may change: what it was. */
  time: number | undefined;
}

/** What is to be remembered of a row while the code has it. */
interface ReadFields {
  odd: readonly OddField[];
  /** Where a field is missing: how that shows in the result. */
  lost: Lost | undefined;
}

export interface TypedRows {
  /** Reads the typed fields of a row in place, and remembers what they were. */
  read(row: Row): void;
  /** How the row is spelled that was read last, of which `given` is known: columns of JSON keep the digits of numbers. */
  spelling(given: ObjectSpelling | undefined): ObjectSpelling | undefined;
  /** One result for a row, with the texts of fields that it hands on, and null for what is missing. */
  finish(result: unknown, row: Row): unknown;
  /** The same for an object that is no result: what is proven of these says nothing of it. */
  finishOther(value: unknown, row: Row): unknown;
}

/** What becomes of a field that is handed on. */
interface HandingOn {
  /** What is proven of results. */
  result: ProvenResult | undefined;
  /** How its text stands in a result: for an encoder that knows what it was, or for what makes groups of texts. */
  as: "field" | "text";
  /** A missing field would not be written as the empty text that it is. */
  marksMissing: boolean;
  /** Whether a column of JSON is written with its text: where texts are written, and the code cannot have looked at it. */
  keepsJson: (column: string) => boolean;
}

/** What typed rows are read with. */
interface TypedInput {
  /** Rows are of text: a null in them is a field that stands for it. */
  isText: boolean;
  /** Whether a row that has no such field is too short for it. Fields that nobody looks at are not there either. */
  mayLack: (column: string) => boolean;
  /** Undefined where nothing is handed on to an output. */
  handingOn: HandingOn | undefined;
  /** The words by which a missing field shows in texts that the code makes. */
  lostWords: LostWords;
  /** The columns that it looks at; undefined for all. */
  looksAt: ReadonlySet<string> | undefined;
}

/** Rows with these columns typed. */
export function typedRows(typing: Typing, { isText, mayLack, handingOn, lostWords, looksAt }: TypedInput): TypedRows {
  let odd: OddField[] = NO_FIELDS;
  const note = (field: OddField): void => {
    if (odd === NO_FIELDS) odd = [];
    odd.push(field);
  };
  let parts: Map<string, Spelling> | undefined;
  const spelled = (name: string, part: Spelling): void => {
    parts ??= new Map();
    parts.set(name, part);
  };
  const columns = [...typing.values()];
  const readAll = compileFieldsReader(
    columns.map((column) => {
      const { name, type, keepsText } = column;
      const isNoted = keepsText || (type === "json" && handingOn?.keepsJson(name) === true);
      const read = type === "json" && handingOn !== undefined ? notingSpelling(column, spelled) : column.read;
      return {
        name,
        read: isNoted && handingOn !== undefined ? noting({ name, read }, note) : read,
        empty: column.empty,
        other: column.other,
      };
    }),
  );
  const lacking = new Set(columns.map(({ name }) => name).filter(mayLack));
  const emptied = columns.filter(({ empty }) => empty === "undefined" || empty === "null");
  // What stands in JSON is handed on as a part of it.
  const nested = columns.filter(({ type }) => type === "json").map(({ name }) => name);
  const seenOf = (row: Row): unknown[] =>
    looksAt === undefined ? Object.values(row) : [...looksAt, ...nested].map((name) => row[name]);
  const isMarked = handingOn?.marksMissing === true;
  const remembered = new WeakMap<Row, ReadFields>();
  return {
    read: (row) => {
      odd = NO_FIELDS;
      parts = undefined;
      let lost: Lost | undefined;
      for (const { name, keepsText, isNullable, empty } of emptied) {
        const text = row[name];
        const nothing = empty === "null" ? null : undefined;
        if (text === null && isText && !isNullable && nothing === undefined) {
          // JavaScript takes null for 0.
          row[name] = undefined;
          note({ name, text, value: undefined, time: undefined });
        } else if (text === undefined && isText && nothing === null) row[name] = null;
        else if (text !== "" && !(text === undefined && lacking.has(name))) continue;
        // In a short row the field is not there.
        if (nothing === undefined) lost ??= lostOf(seenOf(row), lostWords, Object.values(row));
        if (isMarked && keepsText && text === "") note({ name, text: "", value: nothing, time: undefined });
      }
      readAll(row);
      if (lost !== undefined || odd !== NO_FIELDS) remembered.set(row, { odd, lost });
    },
    spelling: (given) =>
      parts === undefined
        ? given
        : { kind: "object", keys: given?.keys, parts: new Map([...(given?.parts ?? []), ...parts]) },
    finish: (result, row) => {
      const fields = remembered.get(row);
      return fields === undefined ? result : finished(result, fields, handingOn);
    },
    finishOther: (value, row) => {
      const fields = remembered.get(row);
      const how: HandingOn | undefined = handingOn && { ...handingOn, result: undefined, as: "field" };
      return fields === undefined ? value : finished(value, fields, how);
    },
  };
}

const NO_FIELDS: OddField[] = [];

/** Tells how the JSON of each field is spelled. */
function notingSpelling(
  { name, read }: TypedColumn,
  spelled: (name: string, part: Spelling) => void,
): (text: string) => unknown {
  return (text) => {
    const value = read(text);
    const part = spellingOfValue(text);
    if (part !== undefined) spelled(name, part);
    return value;
  };
}

/** Tells of each field that is written otherwise than it was read. */
function noting(
  { name, read }: Pick<TypedColumn, "name" | "read">,
  note: (field: OddField) => void,
): (text: string) => unknown {
  return (text) => {
    const value = read(text);
    const time = value instanceof Date ? value.getTime() : undefined;
    if (time !== undefined || String(value) !== text) note({ name, text, value, time });
    return value;
  };
}

function finished(result: unknown, { odd, lost }: ReadFields, how: HandingOn | undefined): unknown {
  const known = lost === undefined ? result : withoutLostFields(result, lost, how?.result);
  return how === undefined ? known : withTexts(known, odd, how);
}

/** The result without what is missing: of what is proven to be computed, where that is known, and else of what is no field. */
function withoutLostFields(result: unknown, lost: Lost, proven: ProvenResult | undefined): unknown {
  if (proven?.kind !== "object" || typeof result !== "object" || result === null || Array.isArray(result))
    return withoutLost(result, lost);
  const computed = { ...lost, own: NO_TEXTS };
  let copy: Row | undefined;
  for (const [name, { kind }] of proven.fields) {
    if (kind === "carried" || !Object.hasOwn(result, name)) continue;
    const value: unknown = Reflect.get(result, name);
    const known = withoutLost(value, computed);
    if (Object.is(known, value)) continue;
    copy ??= { ...(result as Row) };
    define(copy, name, known);
  }
  return copy ?? result;
}

const NO_TEXTS: ReadonlySet<unknown> = new Set();

/** A copy of a result with the texts of the fields that it hands on; the result itself where there are none. */
function withTexts(result: unknown, odd: readonly OddField[], { result: proven, as }: HandingOn): unknown {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return result;
  // An object with `toJSON` is written by that, and its fields do not count.
  if (typeof Reflect.get(result, "toJSON") === "function") return result;
  let copy: Row | undefined;
  for (const { name, text, value, time } of odd) {
    if (value instanceof Date && value.getTime() !== time) continue;
    for (const target of targetsOf(name, proven)) {
      if (!Object.hasOwn(result, target) || !Object.is(Reflect.get(result, target), value)) continue;
      copy ??= { ...result };
      define(copy, target, as === "text" || text === null ? text : new FieldText(text, value));
    }
  }
  return copy ?? result;
}

/** The fields of a result that may be a field of the input. */
function targetsOf(name: string, proven: ProvenResult | undefined): readonly string[] {
  if (proven?.kind !== "object") return [name];
  const targets: string[] = [];
  for (const [target, source] of proven.fields) {
    const may = source.kind === "carried" ? [source.column] : source.perhaps;
    if (may.includes(name)) targets.push(target);
  }
  return targets;
}
