/**
 * What a text can be beside a text: the shapes that all texts of a column may have in common. A shape that a schema would
 * turn into another value counts only where writing that value back gives the same text.
 */
import type * as Zod from "zod";
import { isDataNumber } from "../../fields/data-types.ts";
import { readField } from "../../fields/typed-fields.ts";

/** The shapes, in the order in which a schema prefers them. */
export const SHAPES = [
  "boolean",
  "integer",
  "number",
  "decimal",
  "timestamp",
  "date",
  "datetime",
  "offset-datetime",
  "local-datetime",
  "any-datetime",
  "time",
  "uuid",
  "email",
] as const;
export type TextShape = (typeof SHAPES)[number];

/** A text that has the one shape has the others too. */
export const IMPLIED: Readonly<Partial<Record<TextShape, readonly TextShape[]>>> = {
  integer: ["number", "decimal"],
  number: ["decimal"],
  datetime: ["offset-datetime", "local-datetime", "any-datetime"],
  "offset-datetime": ["any-datetime"],
  "local-datetime": ["any-datetime"],
};

/** Tells of each shape whether a text has it. */
export type ShapeTests = Record<TextShape, (text: string) => boolean>;

/** @param zod Its own patterns decide, so that its schemas take what was found. */
export function shapeTests({ z: { core } }: Pick<typeof Zod, "z">): ShapeTests {
  const { regexes } = core;
  return {
    boolean: (text) => text === "true" || text === "false",
    integer: (text) => isNumber(text) && Number.isSafeInteger(Number(text)),
    number: isNumber,
    decimal: isDataNumber,
    timestamp: isTimestamp,
    date: matches(regexes.date),
    datetime: matches(regexes.datetime({})),
    "offset-datetime": matches(regexes.datetime({ offset: true })),
    "local-datetime": matches(regexes.datetime({ local: true })),
    "any-datetime": matches(regexes.datetime({ offset: true, local: true })),
    time: matches(regexes.time({})),
    uuid: matches(regexes.uuid()),
    email: matches(regexes.email),
  };
}

function matches(pattern: RegExp): (text: string) => boolean {
  return (text) => pattern.test(text);
}

/** Numbers of at most 15 digits that are written for their doubles as they stand: no exponent comes in below 1e21, or from 1e-6 on. */
const PLAIN_NUMBER = /^(?:-?[1-9]\d*|0|-?(?:0|[1-9]\d*)\.(?!0{6})\d*[1-9])$/;
const MAX_PLAIN_DIGITS = 15;

/** Not so: `0123`, `1.0`, `1e5`, and ids beyond 2^53, even those that a double holds. */
function isNumber(text: string): boolean {
  // Most are such numbers, and to write a double takes as long as all else that is asked here.
  if (text.length <= MAX_PLAIN_DIGITS && PLAIN_NUMBER.test(text)) return true;
  const value = Number(text);
  if (!Number.isFinite(value) || String(value) !== text) return false;
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** As `Date` writes itself. */
function isTimestamp(text: string): boolean {
  const date = readField(text, "date");
  return date instanceof Date && date.toISOString() === text;
}
