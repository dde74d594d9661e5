/** The rules for output columns: where they come from, and which rows fit them. */
import { RowmillError } from "../errors.ts";
import type { Row } from "./format.ts";

/**
 * The output columns that a first output row stands for: its keys. Those that are called by whole numbers stand where the
 * code, or the input, has them; where neither does, but all columns of the input are there, new ones stand at the end.
 */
export function columnsOfFirstRow(
  row: Row,
  inputColumns: readonly string[] | undefined,
  {
    absent,
    isOfSchema = false,
    written,
    spelled,
  }: {
    /** Columns that its input row is too short for, where the code that made it may carry whole rows: it need not hold these. */
    absent?: ReadonlySet<string> | undefined;
    /** Its fields are in the order of a schema. */
    isOfSchema?: boolean;
    /** The keys as the code writes them out. */
    written?: readonly string[] | undefined;
    /** The keys of its input row, where rows have their own. */
    spelled?: readonly string[] | undefined;
  } = {},
): string[] {
  const keys = Object.keys(row);
  const order = written ?? inputColumns ?? spelled;
  const isCarried = inputColumns?.every((name) => absent?.has(name) === true || Object.hasOwn(row, name)) === true;
  if (inputColumns === undefined || !isCarried) return order === undefined ? keys : inputOrder(keys, order);
  const known = new Set(inputColumns);
  const isIncomplete = absent !== undefined && absent.size > 0;
  if (isOfSchema || isIncomplete) return [...inputColumns, ...keys.filter((key) => !known.has(key))];
  if (written !== undefined) return inputOrder(keys, written);
  const added = keys.filter((key) => isIndexKey(key) && !known.has(key));
  return [
    ...inputOrder(
      keys.filter((key) => !added.includes(key)),
      inputColumns,
    ),
    ...added,
  ];
}

/** Whether JavaScript puts a key before all others: a whole number (ECMA-262, OrdinaryOwnPropertyKeys). */
export function isIndexKey(key: string): boolean {
  return INDEX.test(key) && Number(key) < MAX_INDEX;
}

const INDEX = /^(?:0|[1-9]\d{0,9})$/;
const MAX_INDEX = 2 ** 32 - 1;

/**
 * The keys of an object in the order that it was meant to have: those that are whole numbers stand behind the key that
 * they stand behind in the input, and new ones beside them at the end. The others keep their order.
 */
export function inputOrder(keys: readonly string[], input: readonly string[]): string[] {
  const [first = ""] = keys;
  // JavaScript puts these keys first: where the first key is none, there are none.
  if (!isIndexKey(first)) return [...keys];
  const own = new Set(keys);
  if (!input.some((key) => isIndexKey(key) && own.has(key))) return [...keys];
  const behind = new Map<string | undefined, string[]>();
  let before: string | undefined;
  for (const key of input) {
    if (!own.has(key)) continue;
    if (!isIndexKey(key)) before = key;
    else behind.set(before, [...(behind.get(before) ?? []), key]);
  }
  const known = new Set(input);
  const texts = keys.filter((key) => !isIndexKey(key));
  const placed = texts.flatMap((key) => [key].concat(behind.get(key) ?? []));
  // Keys that stand before all others in the input: they come before the first key of the input.
  const start = behind.get(undefined) ?? [];
  const at = placed.findIndex((key) => known.has(key));
  const added = keys.filter((key) => isIndexKey(key) && !known.has(key));
  return at < 0 ? [...start, ...placed, ...added] : [...placed.slice(0, at), ...start, ...placed.slice(at), ...added];
}

/**
 * Checks that a row has no key beyond the columns.
 *
 * @throws {RowmillError} `row-new-column`, naming the key.
 */
export function checkKeys(row: Row, columns: ReadonlySet<string>): void {
  for (const key of Object.keys(row)) {
    if (row[key] === undefined || columns.has(key)) continue;
    const all = [...columns, key];
    throw new RowmillError(
      "row-new-column",
      `the result has a column that the first output row has not: ${shownColumn(key)}`,
      { hint: `declare all columns: ${columnsExport(all)}`, columns: all },
    );
  }
}

/** How many columns a message lists at most, and how much of a name it shows. */
const LISTED_COLUMNS = 20;
const NAME_CHARS = 80;

/** A hint lists all names, up to this many characters together. */
const LIST_CHARS = 1000;

/** Whether columns can all be listed in a hint as they are. */
export function isShort(columns: readonly string[]): boolean {
  return columns.reduce((characters, name) => characters + name.length + 1, 0) <= LIST_CHARS;
}

/** The line of a transform that fixes these columns. */
export function columnsExport(columns: readonly string[]): string {
  return `export const columns = ${isShort(columns) ? `[${columns.map((name) => quotedText(name)).join(",")}]` : "[…]"}`;
}

const ASCII_NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * Characters that do not show, or show as a blank: controls, format characters, no-break spaces, lone surrogates. Made when
 * it is needed: patterns with classes of Unicode take a tenth of a millisecond each.
 */
function hidden(): RegExp {
  return /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;
}

/** Whether a text can be written as a name in code, reserved words too, and shows as what it is. */
export function isPlainName(name: string): boolean {
  return ASCII_NAME.test(name) || (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && !hasHidden(name));
}

/** Whether a text has characters that do not show, beside blanks. */
export function hasHidden(text: string): boolean {
  return text.search(hidden()) >= 0;
}

/** A text with something else in the place of each character that does not show. */
export function replaceHidden(text: string, instead: (character: string) => string): string {
  return text.replace(hidden(), instead);
}

/** A text in double quotes, as in code: what does not show is escaped, and so is what `also` finds. */
export function quotedText(text: string, also: RegExp = /(?!)/gu): string {
  const escaped = text.replace(/["\\]/g, (character) => `\\${character}`).replace(hidden(), escapedCharacter);
  return `"${escaped.replace(also, escapedCharacter)}"`;
}

function escapedCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return JSON.stringify(character).slice(1, -1);
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** A column's name for a message: the start of it, if it is long; in quotes, if it is no plain name. */
export function shownColumn(name: string): string {
  return isPlainName(name) ? startOf(name) : quotedColumn(name);
}

/** A column's name for a message, in quotes. */
export function quotedColumn(name: string): string {
  return quotedText(startOf(name));
}

function startOf(name: string): string {
  return name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS)}…` : name;
}

/** Columns for a message: the first of them, if there are many. */
export function shownColumns(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_COLUMNS).map(shownColumn).join(", ");
  return names.length > LISTED_COLUMNS ? `${shown}, … (${names.length} columns)` : shown;
}

/** Names in which each that stands twice has its number added, and empty ones are called by it. */
export function differentNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name, index) => {
    const isFirst = !seen.has(name) && name.trim() !== "";
    seen.add(name);
    if (isFirst) return name;
    let other = `${name.trim() === "" ? "column" : name}_${index + 1}`;
    while (taken.has(other)) other += "_";
    taken.add(other);
    return other;
  });
}

/** Whether two lists hold the same names in the same order. */
export function sameColumns(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
