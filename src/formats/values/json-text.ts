/** A result as JSON. */
import { stringifyJson } from "./json.ts";

/** The JSON of a value that was written when it came: its parts may be others by now. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The JSON of a result, which may be written already. */
export function jsonText(value: unknown): string {
  return value instanceof JsonText ? value.text : stringifyJson(value);
}
