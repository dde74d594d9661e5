/** The values of sorted rows as bytes: for messages between threads, and for files. */
import type { KeyValues } from "../../formats/indexed/row-merger.ts";

/** What goes along with values. */
interface Beside {
  /** Where each row ends in the bytes; empty where these are no rows. */
  ends: Uint32Array;
  beside: Uint8Array;
}

/** Values, and what goes along with them. */
interface Unpacked extends Beside {
  values: KeyValues[];
}

const WORD = 4;
const NUMBER = 8;
/** The number of keys, of rows, and of row ends, and the bytes beside; the bytes of texts of each key follow. */
const HEAD_WORDS = 4;

/** Numbers come first, so that they lie where the system wants numbers to lie. */
function layoutOf({
  rows,
  ends,
  beside,
  texts,
}: {
  rows: number;
  ends: number;
  beside: number;
  texts: readonly number[];
}): {
  leads: number[];
  textEnds: number[];
  ends: number;
  ranks: number[];
  texts: number[];
  beside: number;
  length: number;
} {
  let at = aligned((HEAD_WORDS + texts.length) * WORD);
  const take = (bytes: number): number => {
    const place = at;
    at += bytes;
    return place;
  };
  return {
    leads: texts.map(() => take(rows * NUMBER)),
    textEnds: texts.map(() => take((rows + 1) * WORD)),
    ends: take(ends * WORD),
    ranks: texts.map(() => take(rows)),
    texts: texts.map(take),
    beside: take(beside),
    length: aligned(at),
  };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / NUMBER) * NUMBER;
}

/** Packs the values of the rows from one up to another. */
export function packValues(
  values: readonly KeyValues[],
  { from, to, ends, beside }: Beside & { from: number; to: number },
): Uint8Array<ArrayBuffer> {
  const rows = to - from;
  const textBytes = values.map((of) => (of.ends[to] ?? 0) - (of.ends[from] ?? 0));
  const layout = layoutOf({ rows, ends: ends.length, beside: beside.length, texts: textBytes });
  const packed = new Uint8Array(layout.length);
  const { buffer } = packed;
  new Uint32Array(buffer, 0, HEAD_WORDS + values.length).set([
    values.length,
    rows,
    ends.length,
    beside.length,
    ...textBytes,
  ]);
  for (const [key, of] of values.entries()) {
    new Float64Array(buffer, layout.leads[key], rows).set(of.leads.subarray(from, to));
    const textEnds = new Uint32Array(buffer, layout.textEnds[key], rows + 1);
    const start = of.ends[from] ?? 0;
    for (let at = 0; at <= rows; at++) textEnds[at] = (of.ends[from + at] ?? 0) - start;
    packed.set(of.ranks.subarray(from, to), layout.ranks[key]);
    packed.set(of.texts.subarray(start, of.ends[to]), layout.texts[key]);
  }
  new Uint32Array(buffer, layout.ends, ends.length).set(ends);
  packed.set(beside, layout.beside);
  return packed;
}

/** Unpacks values that lie in memory from a place on, which is a multiple of 8: what it gives is in that memory. */
export function unpackValues({ buffer, byteOffset }: Uint8Array, at: number = 0): Unpacked {
  const from = byteOffset + at;
  const [keys = 0, rows = 0, ends = 0, beside = 0] = new Uint32Array(buffer, from, HEAD_WORDS);
  const texts = [...new Uint32Array(buffer, from + HEAD_WORDS * WORD, keys)];
  const layout = layoutOf({ rows, ends, beside, texts });
  return {
    values: texts.map((length, key) => ({
      ranks: new Uint8Array(buffer, from + (layout.ranks[key] ?? 0), rows),
      leads: new Float64Array(buffer, from + (layout.leads[key] ?? 0), rows),
      texts: new Uint8Array(buffer, from + (layout.texts[key] ?? 0), length),
      ends: new Uint32Array(buffer, from + (layout.textEnds[key] ?? 0), rows + 1),
    })),
    ends: new Uint32Array(buffer, from + layout.ends, ends),
    beside: new Uint8Array(buffer, from + layout.beside, beside),
  };
}
