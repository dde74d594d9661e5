/** Texts for a command line that a message suggests. */
import { STDIN, isRemote, pathOf } from "../io/files.ts";

/** Words that no shell changes. */
const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The path of an input as one word; FILE where it has none: standard input, and what lies on a server. */
export function fileWord(name: string): string {
  return name === STDIN || isRemote(name) ? "FILE" : shellWord(pathOf(name));
}
