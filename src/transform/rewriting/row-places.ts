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

/** Says where a row of a block comes from: its number first. */
export function placeOf({ block, firstRow, lineOf, places }: PlacedBlock, row: number, origin: BatchOrigin): string {
  const { file, records, shown } = origin;
  const line = lineOf(row);
  const text = block.text(row);
  const told: unknown[] = [line, file, wordsOf(places, line) ?? null];
  if (records === undefined) told.push((shown?.(text) ?? text).slice(0, SHOWN_CHARS));
  else {
    const raw = block.bytes?.(row);
    const own = raw === undefined ? text : decodeUtf8(raw);
    told.push(own ?? text, raw === undefined || own !== undefined ? null : Buffer.from(raw).toString("base64"));
    if (block.reading !== undefined) told.push(block.reading(row) ?? null);
    else if (!records.isUsual) told.push(records.reading ?? null);
  }
  return `${firstRow + row} ${JSON.stringify(told)}`;
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

export function readPlace(place: string): TakenPlace {
  const told = JSON.parse(place.slice(place.indexOf(" ") + 1)) as [
    line: number,
    file: string,
    words: string | null,
    text: string,
    base64?: string | null,
    reading?: RowReading | null,
  ];
  const [line, file, words, text, base64 = null, reading = null] = told;
  return {
    row: numberOf(place),
    line,
    file,
    words: words ?? undefined,
    text,
    bytes: base64 === null ? undefined : Uint8Array.from(Buffer.from(base64, "base64")),
    reading: reading ?? undefined,
  };
}
