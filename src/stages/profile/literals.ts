/** Texts from data, as they are shown to people. */
import { textLiteral } from "../../generated-code.ts";

/** Longer texts are shown cut. */
const MAX_SHOWN_CHARS = 40;

/** A text from data, quoted where it is shown to people. */
export function shownText(text: string): string {
  // Whole characters, as far as a surrogate pair is one.
  const start = text.slice(0, MAX_SHOWN_CHARS).replace(/[\ud800-\udbff]$/, "");
  return textLiteral(text.length > MAX_SHOWN_CHARS ? `${start}…` : text);
}
