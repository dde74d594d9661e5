/** What was seen at a place, in a few words for a comment. */
import { commentText } from "../../generated-code.ts";
import { shownText } from "./literals.ts";
import { MAX_DISTINCT, MAX_KEPT_CHARS, type Profile, type Range, type TextProfile } from "./profile.ts";

/** The notes on a place; `of` are the rows or objects that could have had it. */
export function notesOf(profile: Profile, { of, isText }: { of: number; isText: boolean }): string[] {
  const { count, nulls, numbers, bigints, dates, texts, arrays } = profile;
  const notes: string[] = [];
  if (numbers !== undefined) notes.push(range(numbers));
  if (bigints !== undefined) notes.push(range(bigints));
  if (dates !== undefined) notes.push(range({ min: dates.min.toISOString(), max: dates.max.toISOString() }));
  if (texts !== undefined) notes.push(...textNotes(texts, isText));
  if (arrays !== undefined) notes.push(`at most ${plural(arrays.longest, "item")}`);
  if (nulls > 0) notes.push(`${nulls} of ${count} null`);
  if (count < of) notes.push(`${of - count} of ${of} missing`);
  return notes.map(commentText);
}

function textNotes(texts: TextProfile, isText: boolean): string[] {
  const { count, empty, multiline, distinct, length } = texts;
  const notes: string[] = [];
  if (empty < count) {
    const { oddNumber } = texts;
    if (isText && texts.shapes.has("decimal") && oddNumber !== undefined) notes.push(oddNote(oddNumber));
    const inOrder = isText ? orderedRange(texts) : undefined;
    if (inOrder !== undefined) notes.push(inOrder);
    if (distinct === undefined) {
      if ((length?.max ?? 0) <= MAX_KEPT_CHARS) notes.push(`over ${MAX_DISTINCT} different`);
    } else if (distinct.size > 1 || inOrder === undefined) notes.push(distinctNote(distinct));
    if (inOrder === undefined && length !== undefined && distinct?.size !== 1) {
      notes.push(length.min === length.max ? plural(length.min, "character") : `${range(length)} characters`);
    }
  }
  if (multiline > 0) notes.push(`line breaks in ${multiline}`);
  if (empty > 0) notes.push(empty === count ? "always empty" : `${empty} of ${count} empty`);
  return notes;
}

function distinctNote(distinct: ReadonlySet<string>): string {
  const [only = ""] = distinct;
  return distinct.size === 1 ? `always ${shownText(only)}` : `${distinct.size} different`;
}

/** From where to where, for numbers and dates. */
function orderedRange({ shapes, numbers, order }: TextProfile): string | undefined {
  if (shapes.has("boolean")) return undefined;
  if (shapes.has("number") && numbers !== undefined) return range(numbers);
  return order === undefined ? undefined : range(order);
}

/** Why a column of numbers is read as text. */
function oddNote(text: string): string {
  const value = Number(text);
  return String(value) === text ? `${text} is too large for a number` : `a number would write ${text} as ${value}`;
}

function range({ min, max }: Range<number | bigint | string>): string {
  return min === max ? `always ${min}` : `${min} to ${max}`;
}

function plural(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
