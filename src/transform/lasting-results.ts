/**
 * Results that stay as they are. The results of a block are written together, when the function has been called for
 * other rows already, and a function may give the same object for every row, refill an array that is in all its results,
 * or change a result when the next row comes. What is written must be what a result was when its function returned.
 *
 * So a result is copied at once: its fields, and objects in them as the text that is written for them. No copy is made
 * of what is proven to be a new object for each row (see new-results.ts), and nothing is asked of a field that is proven
 * to hold no object.
 */
import { generate, memberOf, objectLiteral } from "../generated-code.ts";
import { cellText } from "../formats/values/cell.ts";
import { JsonText } from "../formats/values/json-text.ts";
import type { OutputSetup, Row, Writer } from "../formats/format.ts";
import { hasColumns, hasTypedCells, writerOf } from "../formats/registry.ts";
import { hasOtherObject } from "../formats/values/field-object.ts";
import { FieldText } from "../formats/values/field-text.ts";
import { NestedText } from "../formats/values/nested-text.ts";
import { isTimeOfIso } from "../formats/values/plain-time.ts";
import { KEY_ORDER } from "../formats/union-encoder.ts";
import { writtenForm } from "../formats/values/form.ts";
import { SpelledRow } from "../formats/values/spelling.ts";
import { stringifyJson } from "../formats/values/json.ts";
import { copyOf } from "./copy-of.ts";
import { encodeError } from "../formats/encode-error.ts";
import type { HandedOn } from "../code/handed-on.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";

/** What is known of the results of a function. */
export interface Lasting {
  /** Each is an object that nobody else has. */
  isNew: boolean;
  /** The fields that may hold an object; undefined when that may be any. */
  unsure: readonly string[] | undefined;
  /** Each is an object that is a row, or nothing. */
  areRows: boolean;
}

/** What is known of results of which nothing is known. */
export const ANYTHING: Lasting = { isNew: false, unsure: undefined, areRows: false };

/**
 * Makes one result last; what it hands on of the row that it is for is written as that was spelled. Throws what encoding
 * would throw, where it cannot be written.
 */
export type MakeLast = (value: unknown, row: object, spelling: ObjectSpelling | undefined) => unknown;

/** For results that are written. @param handedOn What of rows is in them, as far as the code says. */
export function lastingRows(
  { format, dialect, union }: OutputSetup,
  { isNew, unsure }: Lasting,
  handedOn: HandedOn | undefined,
): MakeLast {
  const { objectText } = writerOf(format);
  const isTyped = hasTypedCells(format) && union === undefined;
  const fix = hasColumns(format)
    ? cellsFixer({ ...dialect, isUnion: union !== undefined, objectText, isTyped })
    : fixJson;
  const makeLast = (value: object, how: Fixing): unknown => {
    try {
      return fix(value, how);
    } catch (thrown) {
      throw encodeError(thrown, value);
    }
  };
  const spelled = (value: unknown, row: object, spelling: ObjectSpelling): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const expected = handedOn?.spelling?.(spelling, row) ?? spelling;
    return makeLast(value, { isNew, spelled: { row: new SpelledRow(row, spelling, handedOn?.computed), expected } });
  };
  if (isNew && unsure?.length === 0)
    return (value, row, spelling) => (spelling === undefined ? value : spelled(value, row, spelling));
  const isPlain = isNew ? plainTest(unsure) : () => false;
  const copyPlain = isNew ? (): undefined => undefined : plainCopier();
  return (value, row, spelling) => {
    if (spelling !== undefined) return spelled(value, row, spelling);
    if (typeof value !== "object" || value === null) return value;
    try {
      // A field may be a getter, which throws.
      return isPlain(value) ? value : (copyPlain(value) ?? fix(value, { isNew, spelled: undefined }));
    } catch (thrown) {
      throw encodeError(thrown, value);
    }
  };
}

/** How a result is fixed. */
interface Fixing {
  isNew: boolean;
  /** What it hands on is spelled as it was. */
  spelled: { row: SpelledRow; expected: ObjectSpelling } | undefined;
}

/** For results that are folded: a step gets objects of the kind that the function gave. */
export function lastingValues({ isNew, unsure }: Lasting): MakeLast {
  if (!isNew) return (value) => copyOf(value);
  if (unsure?.length === 0) return asItIs;
  const isPlain = plainTest(unsure);
  return (value) => (typeof value === "object" && value !== null && isPlain(value) ? value : copyOf(value));
}

function asItIs(value: unknown): unknown {
  return value;
}

/** Makes the test whether none of the fields in question holds an object; code of its own, as it is asked for each row. */
function plainTest(unsure: readonly string[] | undefined): (value: object) => boolean {
  if (unsure === undefined) {
    return (value) => {
      for (const name in value) if (isOther((value as Row)[name])) return false;
      return true;
    };
  }
  const tests = unsure.map(
    (name, at) => `const f${at} = ${memberOf("value", name)};
    if (typeof f${at} === "object" ? f${at} !== null : typeof f${at} === "function") return false;`,
  );
  return generate("isPlain", `return function isPlain(value) { ${tests.join("\n")} return true; }`) as (
    value: object,
  ) => boolean;
}

/** A row with more fields is copied by a loop: generated code for it would not be optimised any more. */
const MAX_FIELDS = 64;
/** Code is generated for so many lists of fields one after another: rows that go on changing theirs are copied by a loop. */
const MAX_SHAPES = 16;

/** Makes the function that copies plain objects without objects in them; it gives undefined for any other. */
function plainCopier(): (value: object) => object | undefined {
  let copy: ((value: object) => object | undefined) | undefined;
  let misses = 0;
  return (value) => {
    const done = copy?.(value);
    if (done !== undefined || misses >= MAX_SHAPES || Object.getPrototypeOf(value) !== Object.prototype) return done;
    misses++;
    copy = compileCopy(Object.keys(value));
    return copy?.(value);
  };
}

/** Generates the copy of objects with these fields, none of them missing; undefined where there are too many. */
function compileCopy(names: readonly string[]): ((value: object) => object | undefined) | undefined {
  if (names.length === 0 || names.length > MAX_FIELDS || names.includes("__proto__")) return undefined;
  const code = `return function copyPlain(value) {
    if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
    let count = 0;
    for (const name in value) if (name !== names[count++]) return undefined;
    if (count !== ${names.length}) return undefined;
    ${names.map((name, at) => `const f${at} = ${memberOf("value", name)}; if (isOther(f${at})) return undefined;`).join("\n")}
    return ${objectLiteral(names.map((name, at) => [name, `f${at}`]))};
  }`;
  return generate("copyPlain", code, { isOther, names }) as (value: object) => object | undefined;
}

/** Whether a part is none that is copied as it is. */
function isOther(part: unknown): boolean {
  return typeof part === "object" ? part !== null : part === undefined || typeof part === "function";
}

/** Makes what fixes the cells of a row: objects become what is written for them. */
function cellsFixer({
  nullText,
  rest,
  isUnion,
  objectText,
  isTyped,
}: OutputSetup["dialect"] & { isUnion: boolean; objectText: Writer["objectText"]; isTyped: boolean }): (
  value: object,
  how: Fixing,
) => unknown {
  const textOf = (cell: object): unknown => cellText(cell, nullText);
  const fixedObject = isTyped ? typedCell : textOf;
  const fixed = (cell: unknown): unknown => (typeof cell === "object" && cell !== null ? fixedObject(cell) : cell);
  const withTexts = (row: Row): Row => {
    if (!hasOtherObject(row)) return row;
    const texts = Object.entries(row).map(([name, cell]) => {
      const text = typeof cell === "object" && cell !== null ? objectText?.(name, cell, row) : undefined;
      return [name, text ?? cell] as const;
    });
    return Object.fromEntries(texts);
  };
  return (value, { isNew, spelled }) => {
    const given = rowForm(value);
    // The encoder says what it is instead.
    if (given === undefined) return value;
    const row = objectText === undefined ? given : withTexts(given);
    const copy = copyOfRow(row, { isNew, spelled }, isTyped);
    for (const name in copy) {
      const cell = copy[name];
      if (typeof cell !== "object" || cell === null) continue;
      copy[name] = name === rest && Array.isArray(cell) ? cell.map(fixed) : fixedObject(cell);
    }
    const keys = spelled?.expected.keys;
    return isUnion && keys !== undefined ? Object.assign(copy, { [KEY_ORDER]: keys }) : copy;
  };
}

function copyOfRow(row: Row, { isNew, spelled }: Fixing, isTyped: boolean): Row {
  if (spelled === undefined) return isNew ? row : { ...row };
  return isTyped ? spelled.row.fields(row, spelled.expected) : spelled.row.cells(row, spelled.expected);
}

/** A cell that keeps its type, and does not change any more. */
function typedCell(cell: object): unknown {
  if (cell instanceof FieldText || cell instanceof NestedText) return cell;
  if (cell instanceof Date && cell.toJSON === Date.prototype.toJSON) return new Date(cell);
  if (isTimeOfIso(cell)) return cell;
  const form = writtenForm(cell);
  if (form === cell) return new NestedText(stringifyJson(cell));
  return typeof form === "object" && form !== null ? typedCell(form) : form;
}

/** What stands for a result as a row; undefined for what is none. */
function rowForm(value: object): Row | undefined {
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto === Object.prototype && typeof (value as Row)["toJSON"] !== "function") return value as Row;
  if (Array.isArray(value)) return undefined;
  try {
    const row = writtenForm(value);
    return typeof row === "object" && row !== null && !Array.isArray(row) ? (row as Row) : undefined;
  } catch {
    return undefined;
  }
}

/** A row without objects in it is copied; any other is written. */
function fixJson(value: object, { isNew, spelled }: Fixing): unknown {
  if (spelled !== undefined) return new JsonText(spelled.row.json(value, spelled.expected));
  if (Object.getPrototypeOf(value) !== Object.prototype) return new JsonText(stringifyJson(value));
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name];
    if ((typeof part === "object" && part !== null) || typeof part === "function")
      return new JsonText(stringifyJson(value));
  }
  return isNew ? value : { ...value };
}
