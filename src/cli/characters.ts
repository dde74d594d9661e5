/** Characters as a command line says them: as they are, by a word, or by an escape, where a shell makes them hard to type. */
import { UsageError } from "../errors.ts";

const WORDS: ReadonlyMap<string, string> = new Map([
  ["tab", "\t"],
  ["comma", ","],
  ["semicolon", ";"],
  ["colon", ":"],
  ["pipe", "|"],
  ["bar", "|"],
  ["space", " "],
  ["nul", "\0"],
]);

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["r", "\r"],
  ["v", "\v"],
  ["f", "\f"],
  ["b", "\b"],
  ["a", "\u0007"],
  ["e", "\u001b"],
  ["0", "\0"],
]);

/** `\x01`, `\u2063`, `\u{1f}`, `\001`, `\t`. */
const ESCAPE =
  /\\(?:x(?<byte>[\da-f]{2})|u\{(?<point>[\da-f]{1,6})\}|u(?<unit>[\da-f]{4})|(?<octal>[0-3][0-7]{2})|(?<one>.))/gisu;
/** `U+001F`, `0x1f`. */
const NUMBERED = /^(?:U\+|0x)(?<hex>[\da-f]{2,6})$/i;
/** `^A`, as many tools show control characters. */
const CARET = /^\^(?<letter>[A-Z[\]^_@])$/;

const LAST_CODE_POINT = 0x10ffff;

/**
 * Makes the reader of the value of a flag that is called `name`.
 *
 * @returns What gives the characters that a text means; it throws a UsageError where the text has an unknown escape.
 */
export function characters(name: string): (text: string) => string {
  return (text) => {
    // A regular expression has escapes of its own.
    if (/^\/.+\/[a-z]*$/s.test(text)) return text;
    const word = WORDS.get(text.toLowerCase());
    if (word !== undefined) return word;
    const hex = NUMBERED.exec(text)?.groups?.["hex"];
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16), name, text);
    const letter = CARET.exec(text)?.groups?.["letter"];
    if (letter !== undefined) return String.fromCharCode(letter.charCodeAt(0) & 0x1f);
    // A backslash alone is one.
    if (text === "\\") return text;
    return text.replace(ESCAPE, (...found: unknown[]) => {
      const { byte, point, unit, octal, one = "" } = found.at(-1) as Record<string, string | undefined>;
      const digits = byte ?? point ?? unit;
      if (digits !== undefined) return codePoint(Number.parseInt(digits, 16), name, text);
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const character = LETTERS.get(one) ?? one;
      if (character === one && /[\p{L}\p{N}]/u.test(one)) throw unknown(name, text);
      return character;
    });
  };
}

function codePoint(code: number, name: string, text: string): string {
  if (code > LAST_CODE_POINT) throw unknown(name, text);
  return String.fromCodePoint(code);
}

function unknown(name: string, text: string): UsageError {
  const words = [...WORDS.keys()].join(", ");
  return new UsageError(
    `${name} is ${JSON.stringify(text)}, which is no escape`,
    String.raw`escapes are \t, \0, \x01, \001, \u2063 and \u{1f}; words are ${words}; '\\' is a backslash`,
  );
}
