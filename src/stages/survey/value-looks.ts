/** What a text looks like, as far as a survey says: the slow form of what the kernel finds, for all texts. */
import { isDataNumber } from "../../fields/data-types.ts";
import { LOOK } from "../../formats/indexed/column-texts.ts";

/** Bytes that were no text have left a sign in it: beside what the kernel says. */
export const BROKEN = 256;

/** Stands where bytes were no text. */
const REPLACEMENT = "\uFFFD";
// Tabs and line breaks are none.
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/;
const NO_BREAK_SPACE = 0xa0;

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === NO_BREAK_SPACE;
}

/** The number that a text is, and NaN for all others. */
export function numberOf(text: string): number {
  if (!isDataNumber(text)) return Number.NaN;
  const number = Number(text) + 0;
  return Number.isFinite(number) ? number : Number.NaN;
}

/** Whether JavaScript would write the number so. Ids beyond 2^53 are no numbers. */
export function isCanonical(text: string, number: number): boolean {
  return String(number) === text && (!Number.isInteger(number) || Number.isSafeInteger(number));
}

/** What is said of a text that is no number. */
export function marksOf(text: string): number {
  let marks = 0;
  if (isSpace(text.charCodeAt(0)) || isSpace(text.charCodeAt(text.length - 1))) marks |= LOOK.edge;
  if (text.includes(REPLACEMENT)) marks |= BROKEN;
  if (CONTROLS.test(text)) marks |= LOOK.control;
  if (text.includes("\n") || text.includes("\r")) marks |= LOOK.lines;
  return marks;
}
