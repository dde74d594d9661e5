/**
 * The kinds of values that options have: how a value is checked, what a message says is wanted, and the words of kinds
 * that have a list.
 */
import { COLUMN_TYPES, namedType } from "../formats/column-type.ts";
import { FORMAT_ALIASES, INPUT_FORMATS, OUTPUT_FORMATS } from "../formats/registry.ts";
import { FIELD_TYPES } from "../fields/typed-fields.ts";
import { windowParts } from "../code/window.ts";
import { JOIN_KINDS } from "../tables/asked.ts";
import { encodingOf } from "./encoding.ts";
import { checkLocale } from "./locale.ts";
import type { Kind, Option } from "./option.ts";
import { byteSize, durationMs, rowLimit, ratePerSecond } from "./quantities.ts";

interface KindOfValue {
  isValid: (value: unknown) => boolean;
  /** For a message about another value. */
  wanted: string;
  /** All words that it takes, in the order in which messages and help name them. */
  words?: readonly string[];
  /** Reads a value of the kind; throws where it stands for nothing. `flag` is named in the message. */
  read?: (flag: string, value: string | number) => unknown;
  /** Other words for these. */
  aliases?: Readonly<Record<string, string>>;
}

const TEXT: KindOfValue = { isValid: (value) => typeof value === "string", wanted: "a text" };
const TEXTS: KindOfValue = {
  isValid: (value) => [value].flat().every((text) => typeof text === "string"),
  wanted: "a text, or an array of texts",
};
const LIST: KindOfValue = { isValid: Array.isArray, wanted: "an array" };
const NAMES: KindOfValue = {
  isValid: (value) => Array.isArray(value) && TEXTS.isValid(value),
  wanted: "an array of texts",
};
const QUANTITY: KindOfValue = {
  isValid: (value) => typeof value === "string" || typeof value === "number",
  wanted: 'a number, or a text such as "5s"',
};
const TRIMS: readonly string[] = ["both", "left"];

const KINDS: Readonly<Record<Exclude<Kind, "word">, KindOfValue>> = {
  switch: { isValid: (value) => typeof value === "boolean", wanted: "true or false" },
  texts: TEXTS,
  file: TEXT,
  files: NAMES,
  expression: TEXT,
  characters: TEXT,
  starts: TEXTS,
  headers: TEXTS,
  columns: NAMES,
  groups: NAMES,
  keys: NAMES,
  "some columns": {
    isValid: (value) => typeof value === "boolean" || NAMES.isValid(value),
    wanted: "true, false, or an array of texts",
  },
  figures: LIST,
  joins: {
    isValid: (value) => Array.isArray(value) && value.every(isJoin),
    wanted: 'an array of objects such as { file: "cities.csv", on: { city_id: "id" } }',
    words: JOIN_KINDS,
  },
  lookups: {
    isValid: (value) => isObject(value) && Object.values(value).every(isLookup),
    wanted: 'an object such as { cities: { file: "cities.csv", key: "id" } }',
  },
  count: wholeNumber(1),
  number: wholeNumber(0),
  duration: { ...QUANTITY, read: durationMs },
  rate: { ...QUANTITY, read: ratePerSecond },
  share: { ...QUANTITY, read: rowLimit },
  size: { ...QUANTITY, wanted: 'a number of bytes, or a text such as "400M"', read: byteSize },
  "encoding label": { ...TEXT, read: (_, label) => encodingOf(String(label)) },
  language: { ...TEXT, read: (flag, tag) => checkLocale(flag, String(tag)) },
  trim: {
    isValid: (value) => typeof value === "boolean" || TRIMS.some((word) => word === value),
    wanted: 'true, false, "both" or "left"',
    words: TRIMS,
  },
  types: {
    isValid: (value) => isOpenType(value) || (isObject(value) && Object.values(value).every(isType)),
    wanted: `"auto", "text", or an object such as { born: "int" }, of the types ${FIELD_TYPES.join(", ")}`,
    words: FIELD_TYPES,
  },
  "parquet types": {
    isValid: (value) => isObject(value) && Object.values(value).every(isColumnType),
    wanted: 'an object such as { price: "decimal(10,2)" }',
    words: COLUMN_TYPES,
  },
  "input format": { ...oneOf(INPUT_FORMATS), aliases: FORMAT_ALIASES },
  "output format": { ...oneOf(OUTPUT_FORMATS), aliases: FORMAT_ALIASES },
  emits: {
    isValid: (value) => isObject(value) && Object.values(value).every(isEmit),
    wanted: 'an object of files by name: { orphans: "orphans.csv" }',
  },
  window: {
    // Its functions are those of the module, which workers have.
    isValid: (value) => isObject(value) && Reflect.get(value, "isWindow") === true && windowParts(value) === undefined,
    wanted: "a window that a transform module exports",
  },
  pairs: { isValid: isObject, wanted: "an object of texts" },
  nothing: { isValid: () => false, wanted: "nothing" },
};

/** What is wanted of an option, where a value is not of its kind. */
export function wantedOf(option: Option, value: unknown): string | undefined {
  const { isValid, wanted } = kindOf(option);
  return isValid(value) ? undefined : wanted;
}

/**
 * Reads a value of the right type, as the run will.
 *
 * @throws {UsageError} Naming the flag, if it stands for nothing.
 */
export function tryRead(option: Option, flag: string, value: unknown): void {
  const { read } = kindOf(option);
  if (typeof value === "string" || typeof value === "number") read?.(flag, value);
}

/** All words that an option takes, where there is a list of them. */
export function wordsOfOption(option: Option): readonly string[] {
  return kindOf(option).words ?? [];
}

/** Other words for those. */
export function aliasesOf(option: Option): Readonly<Record<string, string>> {
  return kindOf(option).aliases ?? {};
}

function kindOf({ kind, words = [] }: Option): KindOfValue {
  return kind === "word" ? oneOf(words) : KINDS[kind];
}

function oneOf(words: readonly string[]): KindOfValue & { words: readonly string[] } {
  const [first = "", second = ""] = words;
  const few = words.length === 1 ? JSON.stringify(first) : `${first} or ${second}`;
  return {
    isValid: (value) => words.some((word) => word === value),
    wanted: words.length > 2 ? `one of ${words.join(", ")}` : few,
    words,
  };
}

function wholeNumber(least: number): KindOfValue {
  return {
    isValid: (value) => Number.isSafeInteger(value) && Number(value) >= least,
    wanted: `a whole number from ${least}`,
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isJoin(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { file, on, kind = "inner", prefix = "", unique = false, ...others } = value as Record<string, unknown>;
  const isOn = isText(on) || (isObject(on) && Object.values(on).every(isText));
  const isKind = JOIN_KINDS.some((known) => known === kind);
  const isPlain = typeof prefix === "string" && typeof unique === "boolean" && Object.keys(others).length === 0;
  return isText(file) && isOn && isKind && isPlain;
}

function isLookup(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { file, key, ...others } = value as Record<string, unknown>;
  const keys = [key].flat();
  return isText(file) && keys.length > 0 && keys.every(isText) && Object.keys(others).length === 0;
}

function isEmit(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  return isObject(value) && TEXT.isValid(Reflect.get(value, "file")) && NAMES.isValid(Reflect.get(value, "columns"));
}

function isColumnType(value: unknown): boolean {
  return typeof value === "string" && namedType(value) !== undefined;
}

function isOpenType(value: unknown): boolean {
  return value === "auto" || value === "text";
}

function isType(value: unknown): boolean {
  return isOpenType(value) || FIELD_TYPES.some((type) => type === value);
}
