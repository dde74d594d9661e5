/** How one value becomes the text of a CSV field, before quoting; tables use the same. */
import { FieldObject } from "./field-object.ts";
import { FieldText } from "./field-text.ts";
import { writtenForm } from "./form.ts";
import { NotFiniteError, stringifyJson } from "./json.ts";

/**
 * The text of a value: a string as it is, numbers and bigints in their shortest form, a Date as ISO 8601, null and
 * undefined as `nullText`, what has `toJSON` as the text of what that gives, any other object or array as JSON, in which
 * bigints are their digits.
 *
 * @throws {TypeError} If the value has no text: NaN, an infinity, a promise, an Error, a Map, a function, a symbol, an
 * invalid Date, a cycle.
 */
export function cellText(value: unknown, nullText: string): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new NotFiniteError(value);
      return String(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "undefined":
      return nullText;
    case "object":
      return value === null ? nullText : objectText(value, nullText);
    default:
      throw new TypeError(`a ${typeof value} cannot be written`);
  }
}

function objectText(value: object, nullText: string): string {
  if (value instanceof FieldText) return value.text;
  if (value instanceof FieldObject) return FieldObject.textOf(value);
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError("an invalid date cannot be written");
    return value.toISOString();
  }
  const written = writtenForm(value);
  if (written !== value) return cellText(written, nullText);
  return stringifyJson(value);
}
