/**
 * Lines that are cut into fields otherwise than at a delimiter, and never quoted: at matches of an expression, or at places.
 * How, is said in a text (`Dialect.cut`): `/\s+/`; `1-10,12-16,17-`, characters counted from 1; with `~` before it where the
 * places were found out, so that text at a border shows that they were found wrongly.
 */
import { UsageError } from "../../errors.ts";

/**
 * Cuts a line; undefined where its text goes over a border.
 *
 * @param most So many fields at most: the last one goes on to the end of the line.
 */
export type CutLine = (line: string, most: number) => string[] | undefined;

/** @param cut See above. */
export function cutterOf(cut: string): CutLine {
  const pattern = delimiterPattern(cut);
  if (pattern !== undefined) return (line, most) => cutByPattern(line, pattern, most);
  const places = placesIn(cut);
  return cut.startsWith(FOUND)
    ? (line, most) => cutWithin(line, places, most)
    : (line, most) => cutAt(line, places, most);
}

const EXPRESSION = /^\/(?<source>.+)\/(?<flags>[a-z]*)$/s;

/** Whether a delimiter is an expression. */
export function isPattern(delimiter: string): boolean {
  return EXPRESSION.test(delimiter);
}

/**
 * The expression that a delimiter is; undefined where it is none.
 *
 * @throws {UsageError} When it is no regular expression.
 */
export function delimiterPattern(delimiter: string): RegExp | undefined {
  const { source = "", flags = "" } = EXPRESSION.exec(delimiter)?.groups ?? {};
  if (source === "") return undefined;
  try {
    return new RegExp(source, [...new Set(`${flags}g`)].join(""));
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
    throw new UsageError(
      `the delimiter ${delimiter} is no regular expression: ${why}`,
      "a delimiter that begins and ends with a slash is one: those of JavaScript",
    );
  }
}

/** White space at the ends of a line stands between no fields. */
function cutByPattern(line: string, pattern: RegExp, most: number): string[] {
  const fields: string[] = [];
  let at = 0;
  for (const { 0: match, index } of line.matchAll(pattern)) {
    if (fields.length === most - 1) break;
    if (match === "") continue;
    const end = index + match.length;
    const isBlank = match.trim() === "";
    if (isBlank && end === line.length) return [...fields, line.slice(at, index)];
    if (!(isBlank && index === 0)) fields.push(line.slice(at, index));
    at = end;
  }
  return [...fields, line.slice(at)];
}

/** From the first character, counted from 0, up to the one before `to`. */
interface Place {
  from: number;
  to: number;
}

const FOUND = "~";

/** How many columns lines have that are cut at places. */
export function placeCount(cut: string | undefined): number | undefined {
  return cut === undefined || isPattern(cut) || isToBeFound(cut) ? undefined : placesIn(cut).length;
}

function placesIn(cut: string): Place[] {
  return cut
    .slice(cut.startsWith(FOUND) ? 1 : 0)
    .split(",")
    .map((range) => {
      const [from = "", to = ""] = range.split("-");
      return { from: Number(from) - 1, to: to === "" ? Number.MAX_SAFE_INTEGER : Number(to) };
    });
}

function shownPlaces(places: readonly Place[]): string {
  return places.map(({ from, to }) => `${from + 1}-${to === Number.MAX_SAFE_INTEGER ? "" : to}`).join(",");
}

/** A line by its characters, which are more than one unit beyond the first 65,536. */
function characters(line: string): { length: number; slice: (from: number, to: number) => string } {
  if (!/[\ud800-\udfff]/.test(line)) return line;
  const points = Array.from(line);
  return { length: points.length, slice: (from, to) => points.slice(from, to).join("") };
}

function cutAt(line: string, places: readonly Place[], most: number): string[] {
  const text = characters(line);
  const fields = places
    .slice(0, most)
    .map(({ from, to }, at) => text.slice(from, at === most - 1 ? text.length : to).trim());
  const end = Math.max(...places.map(({ to }) => to));
  const rest = fields.length < most ? text.slice(Math.min(end, text.length), text.length).trim() : "";
  return rest === "" ? fields : [...fields, rest];
}

/** Places with gaps between them, of which fields may take what is next to them. */
function cutWithin(line: string, places: readonly Place[], most: number): string[] | undefined {
  const text = characters(line);
  const fields: string[] = [];
  let start = 0;
  for (const [at, { to }] of places.entries()) {
    const next = places[at + 1];
    if (next === undefined || at === most - 1) break;
    const gap = text.slice(to, next.from);
    const blank = to + gap.lastIndexOf(" ");
    // A line that ends before has only empty fields behind.
    if (!gap.includes(" ") && text.length > to) return undefined;
    fields.push(text.slice(start, blank < to ? to : blank).trim());
    start = blank < to ? to : blank;
  }
  return [...fields, text.slice(start, text.length).trim()];
}

/** Words for places that are found out by the first rows. */
const HOW = ["auto", "header"] as const;
export type FindPlaces = (typeof HOW)[number];

export function isToBeFound(cut: string | undefined): cut is FindPlaces {
  return HOW.some((how) => how === cut);
}

/** `10`, `-2`, `*`, `1-10`, `17-`. */
const WIDTH = /^(?:(?<skip>-)?(?<width>[1-9]\d{0,8})|(?<rest>\*)|(?<from>[1-9]\d{0,8})-(?<to>[1-9]\d{0,8})?)$/;

/**
 * The places that `--widths` says: `10,5,*`, widths one after the other, those of gaps with a minus, and the rest; `1-10,12-16`,
 * from which character to which; or a word by which they are found.
 *
 * @throws {UsageError} When it says none.
 */
export function placesOf(widths: string): string {
  if (isToBeFound(widths)) return widths;
  let at = 0;
  const places: Place[] = [];
  for (const said of widths.split(",")) {
    const groups = WIDTH.exec(said.trim())?.groups;
    if (groups === undefined || at === Number.MAX_SAFE_INTEGER) throw noWidths(widths, said);
    const { skip, width, rest, from, to } = groups;
    const start = from === undefined ? at : Number(from) - 1;
    const isOpen = rest !== undefined || (from !== undefined && to === undefined);
    const end = isOpen ? Number.MAX_SAFE_INTEGER : to === undefined ? at + Number(width) : Number(to);
    if (end <= start) throw noWidths(widths, said);
    if (skip === undefined) places.push({ from: start, to: end });
    at = end;
  }
  if (places.length === 0) throw noWidths(widths, widths);
  return shownPlaces(places);
}

function noWidths(widths: string, said: string): UsageError {
  return new UsageError(
    `--widths ${JSON.stringify(widths)} says no places${said === widths ? "" : `: ${JSON.stringify(said)}`}`,
    "such as 10,5,8; 10,-2,5,* (a gap of 2, and the rest); 1-10,13-17; auto, by the first rows; header, by its names",
  );
}

/** The places of columns, by the first lines, of which the first may be a header. */
export function foundPlaces(lines: readonly string[], how: FindPlaces, hasHeader: boolean): string {
  const places =
    how === "header" ? placesOfNames(lines[0] ?? "") : hasHeader ? namedPlaces(lines) : filledPlaces(lines);
  const last = places.at(-1);
  if (last !== undefined) last.to = Number.MAX_SAFE_INTEGER;
  return places.length === 0 ? "1-" : FOUND + shownPlaces(places);
}

/** From each name to the one before the next; a blank alone is part of a name, where others are further apart. */
function placesOfNames(header: string): Place[] {
  const isWide = /\S {2,}\S/.test(header);
  const points = Array.from(header, (point) => (point.length > 1 ? "x" : point)).join("");
  const starts = Array.from(points.matchAll(isWide ? /\S+(?: \S+)*/g : /\S+/g), ({ index }) => index);
  return starts.map((start, at) => ({ from: at === 0 ? 0 : start, to: (starts[at + 1] ?? 0) - 1 }));
}

/** Places that have a name; a second word of one stands over nothing, behind a blank. */
function namedPlaces(lines: readonly string[]): Place[] {
  const [header = "", ...rows] = lines.map(characters);
  const isFilled = (line: typeof header, { from, to }: Place): boolean => line.slice(from, to).trim() !== "";
  const places: Place[] = [];
  for (const place of filledPlaces(lines)) {
    const before = places.at(-1);
    const isWord = before?.to === place.from - 1 && rows.length > 0 && !rows.some((row) => isFilled(row, place));
    if (before !== undefined && (isWord || !isFilled(header, place))) before.to = place.to;
    else places.push(place);
  }
  return places;
}

/** What is blank in all lines stands between columns. */
function filledPlaces(lines: readonly string[]): Place[] {
  const filled: boolean[] = [];
  for (const line of lines) {
    for (const [at, point] of Array.from(line).entries()) if (point.trim() !== "") filled[at] = true;
  }
  const places: Place[] = [];
  for (let at = 0; at < filled.length; at++) {
    if (filled[at] !== true) continue;
    const from = at;
    while (filled[at] === true) at++;
    places.push({ from, to: at });
  }
  return places;
}
