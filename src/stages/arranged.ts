/** The rows that a stage that arranges them gives, as bytes that go out together. */
import type { Arranger, PlacedRows } from "./stage.ts";

/** Those of the rows of a batch that are handed over. */
export function keptRows<Bytes extends Uint8Array>(
  { bytes, ends }: PlacedRows & { bytes: Bytes },
  kept: Uint32Array,
): PlacedRows & { bytes: Bytes | Uint8Array<ArrayBuffer> } {
  if (kept.length === ends.length) return { bytes, ends };
  const keptEnds = new Uint32Array(kept.length);
  let length = 0;
  for (const [at, row] of kept.entries()) {
    length += (ends[row] ?? 0) - startOf(ends, row);
    keptEnds[at] = length;
  }
  const keptBytes = new Uint8Array(length);
  for (const [at, row] of kept.entries())
    keptBytes.set(bytes.subarray(startOf(ends, row), ends[row]), startOf(keptEnds, at));
  return { bytes: keptBytes, ends: keptEnds };
}

function startOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : (ends[row - 1] ?? 0);
}

/** Rows go out when they have so many bytes. */
const CHUNK_BYTES = 1024 * 1024;

export interface ArrangedRows {
  output: Uint8Array<ArrayBuffer>;
  rowsOut: number;
}

/** @param most So many rows are wanted. */
export function* arrangedRows(arranger: Arranger, most: number = Number.POSITIVE_INFINITY): Generator<ArrangedRows> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let missing = most;
  const taken = (): ArrangedRows => {
    const output = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      output.set(piece, at);
      at += piece.length;
    }
    const rowsOut = pieces.length;
    pieces = [];
    length = 0;
    return { output, rowsOut };
  };
  for (const row of arranger.end()) {
    if (missing-- <= 0) break;
    pieces.push(row);
    length += row.length;
    if (length >= CHUNK_BYTES) yield taken();
  }
  if (pieces.length > 0) yield taken();
}
