/**
 * What the format of a number says that it is. A workbook holds dates and times as numbers of days: nothing but the format
 * tells them from others.
 */

/** Not a date; a day; a time of day; both; a length of time, which may have more than 24 hours. */
export type NumberKind = "number" | "date" | "time" | "date-time" | "elapsed";

/** Formats that have a number in place of a code. The others are numbers. */
const BUILT_IN: ReadonlyMap<number, NumberKind> = new Map([
  ...kinds("date", 14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58, 71, 72, 73, 74, 81),
  ...kinds("time", 18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56, 75, 76, 78, 80),
  ...kinds("date-time", 22, 77),
  ...kinds("elapsed", 46, 79),
]);

function kinds(kind: NumberKind, ...ids: number[]): [number, NumberKind][] {
  return ids.map((id) => [id, kind]);
}

export function builtInKind(id: number): NumberKind {
  return BUILT_IN.get(id) ?? "number";
}

/**
 * What stands in a code and is no part of dates: texts in quotes, characters behind a backslash, characters of whose width
 * a blank is (`_`), those that fill a cell (`*`), and what is in brackets, unless that is a length of time.
 */
const ASIDE = /"[^"]*"?|\\.|[_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\]?/gis;
/** Exponents: their letter is that of years of an era, too. */
const EXPONENT = /e[+-]/gi;
const PART = /\[[hms]+\]|am\/pm|a\/p|y+|m+|d+|h+|s+|e+|g+|b+|a+/gi;

/** What a code of a format says, by what it says of positive numbers. */
export function kindOfCode(code: string): NumberKind {
  const [positive = ""] = code.replaceAll(ASIDE, "").split(";");
  if (/^\s*general\s*$/i.test(positive)) return "number";
  const parts =
    positive
      .replaceAll(EXPONENT, "")
      .match(PART)
      ?.map((part) => part.toLowerCase()) ?? [];
  if (parts.some((part) => part.startsWith("["))) return "elapsed";
  let [hasDate, hasTime] = [false, false];
  for (const [at, part] of parts.entries()) {
    const letter = part === "am/pm" || part === "a/p" ? "h" : part[0];
    // Behind hours, and before seconds, it is minutes.
    const isMinute = letter === "m" && (nearest(parts, at, -1) === "h" || nearest(parts, at, 1) === "s");
    if (letter === "h" || letter === "s" || isMinute) hasTime = true;
    else hasDate = true;
  }
  if (hasDate) return hasTime ? "date-time" : "date";
  return hasTime ? "time" : "number";
}

function nearest(parts: readonly string[], at: number, step: number): string | undefined {
  return parts[at + step]?.[0];
}
