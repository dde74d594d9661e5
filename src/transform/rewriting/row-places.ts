/**
 * Where rows come from that wait for a window in code: one that fails there is told and recorded as any other. What that takes
 * stands beside the values of a packed row, as a value of its own.
 */
import type { RowReading } from "../../formats/text/dialect.ts";
import { decodeUtf8 } from "../../formats/utf8.ts";
import type { TableRow } from "../../stages/stage.ts";
import type { RowPlace } from "../failure.ts";
import { wordsOf } from "../line-counter.ts";
import type { BatchOrigin } from "../outcome-sink.ts";
import type { PlacedBlock } from "../placed-block.ts";

/** The column that holds it: no file has one of that name. */
export const PLACE = "\0place";

/** A place as it is read again. */
export interface TakenPlace extends RowPlace {
  /** The row as it stands in the input, where it is recorded and is no text. */
  bytes: Uint8Array | undefined;
  /** How it can be read again, where that is not how all rows of the run are. */
  reading: RowReading | undefined;
}

/** So much of a row that is not recorded is kept for a message. */
const SHOWN_CHARS = 400;

/** What of a place is rarely there: the line in words, the row where it is no text, how it is read again. */
type Rare = [words: string | null, base64?: string | null, reading?: RowReading | null];

/** Stands between the parts of a place: in no name of a file, and in no JSON as it is. */
const BETWEEN = "\0";

/** Says where a row of a block comes from: its number, its line, its file, what is rarely there, its text. */
export function placeOf({ block, firstRow, lineOf, places }: PlacedBlock, row: number, origin: BatchOrigin): string {
  const { file, records, shown } = origin;
  const line = lineOf(row);
  const text = block.text(row);
  const words = wordsOf(places, line) ?? null;
  const rare: Rare = [words];
  let kept = (shown?.(text) ?? text).slice(0, SHOWN_CHARS);
  if (records !== undefined) {
    const raw = block.bytes?.(row);
    const own = raw === undefined ? text : decodeUtf8(raw);
    kept = own ?? text;
    if (raw !== undefined && own === undefined) rare[1] = Buffer.from(raw).toString("base64");
    const reading = block.reading === undefined ? records.reading : block.reading(row);
    if (block.reading !== undefined || !records.isUsual) rare.splice(1, 2, rare[1] ?? null, reading ?? null);
  }
  const told = words === null && rare.length === 1 ? "" : JSON.stringify(rare);
  return `${firstRow + row} ${line} ${file}${BETWEEN}${told}${BETWEEN}${kept}`;
}

/** A packed row with its place behind its values. */
export function withPlace(line: string, place: string): string {
  const values = line.slice(0, -"]\n".length);
  return `${values}${values.endsWith("\t[") ? "" : ","}${JSON.stringify(place)}]\n`;
}

/** The place of a row; undefined where it has none. */
export function placeIn({ names, values }: TableRow): string | undefined {
  const place = values[names.lastIndexOf(PLACE)];
  return typeof place === "string" ? place : undefined;
}

/** The number of the row, over all inputs. */
export function numberOf(place: string): number {
  return Number.parseInt(place, 10);
}

/** What of a place a function is told. */
export function whereOf(place: string): Pick<RowPlace, "row" | "line" | "file"> {
  const [line, file] = [place.indexOf(" ") + 1, place.indexOf(" ", place.indexOf(" ") + 1) + 1];
  return {
    row: numberOf(place),
    line: Number.parseInt(place.slice(line, file), 10),
    file: place.slice(file, place.indexOf(BETWEEN)),
  };
}

export function readPlace(place: string): TakenPlace {
  const from = place.indexOf(BETWEEN) + 1;
  const to = place.indexOf(BETWEEN, from);
  const told = place.slice(from, to);
  const [words, base64 = null, reading = null] = told === "" ? NOTHING_RARE : (JSON.parse(told) as Rare);
  return {
    ...whereOf(place),
    words: words ?? undefined,
    text: place.slice(to + 1),
    bytes: base64 === null ? undefined : Uint8Array.from(Buffer.from(base64, "base64")),
    reading: reading ?? undefined,
  };
}

const NOTHING_RARE: Rare = [null];
