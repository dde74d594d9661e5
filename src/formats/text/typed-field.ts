/**
 * Fields that say what they are, for outputs whose values have types of their own: texts stand in quotes, whatever is in them,
 * and numbers, `true`, `false` and dates do not. Of objects and lists, the first bracket of their JSON stands before the quotes.
 * An empty text is a pair of quotes, and null is nothing at all.
 */
import { LONE_SURROGATE } from "../utf8.ts";
import { cellText } from "../values/cell.ts";
import { FieldText } from "../values/field-text.ts";
import { writtenForm } from "../values/form.ts";
import { stringifyJson } from "../values/json.ts";
import { NestedText } from "../values/nested-text.ts";
import { isTimeOfIso } from "../values/plain-time.ts";
import { type OutputDialect, PLAIN_CSV } from "./output-dialect.ts";

/** How rows of such fields are written. */
export const TYPED_CSV: OutputDialect = { ...PLAIN_CSV, isTyped: true, hasBlankRows: true };

/** What an output has to say to it. */
export interface TypedForm {
  /** @throws {TypeError} If the text cannot be written. */
  checkText: (text: string) => void;
  /** Whether a time of Temporal stands without quotes. */
  isBare: (value: object) => boolean;
}

/** What code has read as a number is written as it was spelled, if that is one to all readers. */
const NUMBER = /^-?(?:(?:0|[1-9]\d*)(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i;
const ISO = /^[\d:.TZ+-]+$/;

/** Makes what writes a value; it throws for one that has no form. */
export function typedFields({ checkText, isBare }: TypedForm): (value: unknown) => string {
  const textField = (text: string): string => {
    if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
    checkText(text);
    return quotedField(text);
  };
  const jsonField = (text: string): string => {
    if (!/^[[{]/.test(text)) return textField(text);
    if (!text.isWellFormed()) throw new TypeError(LONE_SURROGATE);
    return text.slice(0, 1) + quotedField(text.slice(1));
  };
  const objectField = (value: object): string => {
    if (value instanceof FieldText) return handedOn(value);
    if (value instanceof NestedText) return jsonField(value.text);
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) throw new TypeError("an invalid date cannot be written");
      return value.toISOString();
    }
    const written = writtenForm(value);
    if (written === value) return jsonField(stringifyJson(value));
    return typeof written === "string" && isBare(value) && ISO.test(written) ? written : field(written);
  };
  const handedOn = ({ text, value }: FieldText): string => {
    if (typeof value !== "number" && typeof value !== "bigint") return field(value);
    const digits = text.trim().replace(/^\+/, "");
    // What is no number to code may be one of the input.
    return NUMBER.test(digits) ? digits : String(value);
  };
  const field = (value: unknown): string => {
    if (typeof value === "string") return textField(value);
    return typeof value === "object" && value !== null ? objectField(value) : cellText(value, "");
  };
  return field;
}

/** How fields of {@linkcode TYPED_CSV} are written. */
export const typedField: (value: unknown) => string = typedFields({ checkText: () => {}, isBare: isTimeOfIso });

/** A text in quotes. */
export function quotedField(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}
