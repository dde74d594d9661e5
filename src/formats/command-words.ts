/** Texts and column names as they are typed on a command line that a message suggests: nothing in it does not show. */
import { differentNames, hasHidden, replaceHidden } from "./columns.ts";

/** Words that no shell changes. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * A text as one word of a shell. What does not show stands in it by its bytes, as bash, ksh and zsh read them in `$'…'`.
 */
export function shellWord(text: string): string {
  if (PLAIN_WORD.test(text)) return text;
  if (!hasHidden(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = text.replace(/['\\]/g, (character) => `\\${character}`);
  return `$'${replaceHidden(escaped, (character) => (character === "\n" ? String.raw`\n` : bytesOf(character)))}'`;
}

function bytesOf(character: string): string {
  // In octal, which ends after three digits: a hexadecimal number would go on in the text behind it.
  return Array.from(new TextEncoder().encode(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** A name in a list of names, which is read as CSV is. */
export function listedName(name: string): string {
  return /[",]|^\s|\s$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** A list of names as one word. */
export function namesWord(names: readonly string[]): string {
  return shellWord(names.map(listedName).join(","));
}

/** Names for columns that can be typed: without what does not show, and each another one. */
export function typableNames(names: readonly string[]): string[] {
  return differentNames(names.map((name) => (hasHidden(name) ? shownPart(name) : name)));
}

function shownPart(name: string): string {
  return replaceHidden(name.normalize(), (character) => (/\s/.test(character) ? " " : "")).trim();
}
