/** Names and texts from data as pieces of TypeScript: whatever they hold, they stay one literal or one comment. */

/** Line ends of JavaScript that JSON does not escape; marks that turn the direction of text, which hides code. */
const INVISIBLE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A text as a string literal. */
export function textLiteral(text: string): string {
  return JSON.stringify(text).replace(INVISIBLE, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A name as the key of an object literal. `__proto__` must be computed: otherwise it sets the prototype. */
export function keyLiteral(name: string): string {
  if (name === "__proto__") return `["__proto__"]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : textLiteral(name);
}

/** A text of any kind inside a line comment. */
export function commentText(text: string): string {
  return text.replace(/[\u0000-\u001f]/g, escapeUnit).replace(INVISIBLE, escapeUnit);
}

/** Longer texts are shown cut. */
const MAX_SHOWN_CHARS = 40;

/** A text from data, quoted where it is shown to people. */
export function shownText(text: string): string {
  // Whole characters, as far as a surrogate pair is one.
  const start = text.slice(0, MAX_SHOWN_CHARS).replace(/[\ud800-\udbff]$/, "");
  return textLiteral(text.length > MAX_SHOWN_CHARS ? `${start}…` : text);
}
