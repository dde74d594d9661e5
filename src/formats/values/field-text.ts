/**
 * A field that is handed on in the text that it has in the input, where its value would be written otherwise: `12.80`,
 * `TRUE`, an empty field of a column of numbers. It stands in a result in place of the value.
 */

/** JSON has numbers of this form only. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export class FieldText {
  readonly text: string;
  /** What the text was read as; undefined for an empty one that is missing. */
  readonly value: unknown;

  constructor(text: string, value: unknown) {
    this.text = text;
    this.value = value;
  }

  /** A number keeps its digits in JSON too, as far as JSON has its form; what is missing is null. */
  toJSON(): unknown {
    const { value } = this;
    if (value === undefined) return null;
    if (typeof value !== "number" && typeof value !== "bigint") return value;
    const digits = this.text
      .trim()
      .replace(/^\+/, "")
      .replace(/^(-?)\./, "$10.");
    return JSON.rawJSON(JSON_NUMBER.test(digits) ? digits : String(value));
  }
}
