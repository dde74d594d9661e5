/**
 * What code makes of a missing field is missing as well: NaN, and a text with a word that JavaScript has for it, as
 * `(price * 2).toFixed(2)`, `${price * 2} EUR` and `name + born` give it.
 */
import type { Row } from "../formats/format.ts";

/** The words by which a missing field shows in a text. */
export type LostWords = readonly string[];

/** What shows that something is missing of a result. */
export interface Lost {
  words: LostWords;
  /** Texts that the result may hand on, and that have such words. */
  own: ReadonlySet<unknown>;
}

/** Deeper values are not looked into: the encoder refuses them anyway. */
const MAX_DEPTH = 1000;

/** Those of them that the code does not have itself: where it has one, a text with it may be meant. */
export function lostWords(code: string): LostWords {
  // `typeof` gives the word.
  const own = /\btypeof\b/.test(code) ? `${code} undefined` : code;
  return ["NaN", "undefined"].filter((word) => !new RegExp(String.raw`\b${word}\b`).test(own));
}

/**
 * What shows in the result of a row that something is missing.
 *
 * @param seen The texts of the row that the code looks at: one of them may hold a word.
 * @param others Those that it may hand on.
 */
export function lostOf(seen: readonly unknown[], words: LostWords, others: readonly unknown[] = []): Lost {
  return {
    words: words.filter((word) => !seen.some((text) => holds(text, word))),
    own: new Set(others.filter((text) => words.some((word) => holds(text, word)))),
  };
}

function holds(text: unknown, word: string): boolean {
  return typeof text === "string" && text.includes(word);
}

/** The result of a row with a missing field, with null in place of what is missing; the same object where nothing is. */
export function withoutLost(value: unknown, lost: Lost, depth: number = 0): unknown {
  if (typeof value === "number") return Number.isNaN(value) ? null : value;
  if (typeof value === "string") return lost.own.has(value) ? value : withoutWords(value, lost.words);
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  const isArray = Array.isArray(value);
  if (!isArray && Object.getPrototypeOf(value) !== Object.prototype) return value;
  let copy: Row | unknown[] | undefined;
  for (const [key, part] of Object.entries(value)) {
    const known = withoutLost(part, lost, depth + 1);
    if (Object.is(known, part)) continue;
    copy ??= isArray ? [...(value as unknown[])] : { ...(value as Row) };
    define(copy, key, known);
  }
  return copy ?? value;
}

/** What is computed of a missing field is missing; put into a text, it is nothing. */
function withoutWords(text: string, words: LostWords): string | null {
  if (words.includes("NaN") && text.includes("NaN")) return null;
  if (!words.includes("undefined") || !text.includes("undefined")) return text;
  return text === "undefined" ? null : text.replaceAll("undefined", "");
}

export function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
