/** From a profile to the zod schema that takes all that was seen, as TypeScript, with a note on what that was. */
import { keyLiteral, textLiteral } from "../../generated-code.ts";
import { notesOf } from "./notes.ts";
import type { ObjectProfile, Profile, TextProfile } from "./profile.ts";
import type { TextShape } from "./text-shapes.ts";

/** How the rows were read, as far as it decides what a schema may ask for. */
export interface ReadAs {
  /** Fields are texts, which the schema has read: CSV. Otherwise a text is a text: JSON. */
  isText: boolean;
  /** An empty field would be written otherwise if it were read as missing: with a text for null. */
  keepsEmpty: boolean;
  /** Keys that were not seen may come: only a sample was read. */
  isLoose: boolean;
}

/** A schema for a place, as an expression in terms of `z`, and what was seen there. */
export interface PlaceCode {
  name: string;
  code: string;
  /** What it is, in a word: `integer`, `date`, `one of 3`. */
  type: string;
  notes: string[];
}

/** At most so many different texts are an enumeration, and each must have been seen so many times on average. */
const MAX_ENUM = 20;
const MIN_ENUM_COUNT = 4;

const SHAPE_CODE: Record<Exclude<TextShape, "decimal">, string> = {
  boolean: "z.boolean()",
  integer: "z.number().int()",
  number: "z.number()",
  timestamp: "z.date()",
  date: "z.iso.date()",
  datetime: "z.iso.datetime()",
  "offset-datetime": "z.iso.datetime({ offset: true })",
  "local-datetime": "z.iso.datetime({ local: true })",
  "any-datetime": "z.iso.datetime({ offset: true, local: true })",
  time: "z.iso.time()",
  uuid: "z.uuid()",
  email: "z.email()",
};

/** Shapes that the fields of CSV are read as: elsewhere a text stays one. */
const READ_SHAPES = new Set<TextShape>(["boolean", "integer", "number", "timestamp"]);

/** The code of each key of the rows, in the order in which they were first seen. */
export function rowCode(rows: ObjectProfile, as: ReadAs): PlaceCode[] {
  return places(rows, as);
}

/** The object schema of these places. */
function objectCode(members: readonly PlaceCode[], as: ReadAs): string {
  const kind = as.isLoose ? "z.looseObject" : "z.object";
  if (members.length === 0) return `${kind}({})`;
  const lines = members.map(({ name, code, notes }) => {
    const [first = "", ...rest] = `${keyLiteral(name)}: ${code},`.split("\n");
    const comment = notes.length === 0 ? "" : ` // ${notes.join(", ")}`;
    return `${[`${first}${comment}`, ...rest].map((line) => `  ${line}`).join("\n")}\n`;
  });
  return `${kind}({\n${lines.join("")}})`;
}

/** The code for the rows themselves: an object, or a map where their keys are too many. */
export function rowsCode(rows: ObjectProfile, as: ReadAs): string {
  return rows.values === undefined ? objectCode(rowCode(rows, as), as) : mapCode(rows.values, as);
}

function mapCode(values: Profile, as: ReadAs): string {
  return `z.record(z.string(), ${valueCode(values, as).code})`;
}

function places({ keys, count }: ObjectProfile, as: ReadAs): PlaceCode[] {
  return [...keys]
    .toSorted(([, a], [, b]) => a.first.row - b.first.row || a.first.at - b.first.at)
    .map(([name, { profile }]) => placeCode(name, profile, { ...as, of: count }));
}

function placeCode(name: string, profile: Profile, as: ReadAs & { of: number }): PlaceCode {
  const { code, type, isMissing } = valueCode(profile, as);
  const isOptional = isMissing || profile.count < as.of;
  return {
    name,
    code: isOptional ? `${code}.optional()` : code,
    type,
    notes: notesOf(profile, { of: as.of, isText: as.isText }),
  };
}

interface ValueCode {
  code: string;
  type: string;
  /** Empty fields are missing ones to it. */
  isMissing: boolean;
}

function valueCode(profile: Profile, as: ReadAs): ValueCode {
  const parts = partsOf(profile, as);
  const isMissing = parts.length === 1 && parts[0]?.isMissing === true;
  if (parts.length === 0) {
    return profile.nulls > 0
      ? { code: "z.null()", type: "null", isMissing }
      : { code: "z.unknown()", type: "unknown", isMissing };
  }
  const type = parts.map((part) => part.type).join(" or ");
  const code = parts.length === 1 ? parts[0]?.code : `z.union([${parts.map((part) => part.code).join(", ")}])`;
  return { code: `${code}${profile.nulls > 0 ? ".nullable()" : ""}`, type, isMissing };
}

/** The types that were seen. Numbers stand before texts: they are what a text may not become. */
function partsOf(profile: Profile, as: ReadAs): ValueCode[] {
  const { texts, numbers, bigints, booleans, dates, arrays, objects, unknowns } = profile;
  if (unknowns > 0) return [{ code: "z.unknown()", type: "unknown", isMissing: false }];
  const parts: ValueCode[] = [];
  const add = (code: string, type: string): void => void parts.push({ code, type, isMissing: false });
  if (booleans > 0) add("z.boolean()", "boolean");
  if (numbers !== undefined) {
    add(numbers.areIntegers ? "z.number().int()" : "z.number()", numbers.areIntegers ? "integer" : "number");
  }
  if (bigints !== undefined) add("z.bigint()", "bigint");
  if (dates !== undefined) add("z.date()", "date");
  if (arrays !== undefined) {
    const items = valueCode(arrays.items, { ...as, isText: false });
    add(`z.array(${items.code})`, `array of ${items.type}`);
  }
  if (objects !== undefined) parts.push(objectPart(objects, { ...as, isText: false }));
  if (texts === undefined) return parts;
  const isAlone = parts.length === 0;
  // Empty fields beside values that were typed already: `--types`, `--infer`.
  if (!isAlone && as.isText && !as.keepsEmpty && texts.empty === texts.count && parts.length === 1) {
    return parts.map((part) => ({ ...part, isMissing: true }));
  }
  const canRead = isAlone && as.isText && profile.nulls + texts.count === profile.count;
  return [...parts, textCode(texts, { ...as, isText: canRead })];
}

function objectPart(objects: ObjectProfile, as: ReadAs): ValueCode {
  if (objects.values !== undefined) return { code: mapCode(objects.values, as), type: "map", isMissing: false };
  // Zod drops `__proto__`, and finds `constructor` where it is missing; what it is not asked about, it leaves.
  if ([...objects.keys.keys()].some((name) => name in Object.prototype))
    return { code: "z.unknown()", type: "object", isMissing: false };
  return { code: objectCode(places(objects, as), as), type: "object", isMissing: false };
}

function textCode(texts: TextProfile, { isText, keepsEmpty }: ReadAs): ValueCode {
  const filled = texts.count - texts.empty;
  const isMissing = texts.empty > 0;
  // An empty text that must stay one has no shape.
  const canLeaveEmpty = texts.empty === 0 || (isText && !keepsEmpty);
  const shape = filled > 0 && canLeaveEmpty ? shapeOf(texts, isText) : undefined;
  if (shape !== undefined) return { code: SHAPE_CODE[shape], type: shownShape(shape), isMissing };
  const values = enumValues(texts, filled);
  // A run takes such a column for numbers; a schema would have them written otherwise than they stand there.
  const type = isText && filled > 0 && texts.shapes.has("decimal") ? "number" : "string";
  if (values === undefined) return { code: "z.string()", type, isMissing: false };
  const all = canLeaveEmpty ? values : ["", ...values];
  return {
    code: `z.enum([${all.map(textLiteral).join(", ")}])`,
    type: `one of ${all.length}`,
    isMissing: isMissing && canLeaveEmpty,
  };
}

function shapeOf({ shapes }: TextProfile, isText: boolean): Exclude<TextShape, "decimal"> | undefined {
  for (const shape of shapes) if (shape !== "decimal" && (isText || !READ_SHAPES.has(shape))) return shape;
  return undefined;
}

function shownShape(shape: TextShape): string {
  return shape.endsWith("datetime") || shape === "timestamp" ? "date and time" : shape;
}

function enumValues({ distinct, shapes }: TextProfile, filled: number): string[] | undefined {
  if (distinct === undefined || distinct.size < 2 || distinct.size > MAX_ENUM) return undefined;
  // Few numbers are few by chance.
  if (filled < distinct.size * MIN_ENUM_COUNT || shapes.has("decimal")) return undefined;
  return [...distinct].toSorted();
}
