/** A result of which some rows go out: its output, counts and places to cut are as if the others had been dropped. */
import type { CutRows, PlacedRows } from "../stages/stage.ts";
import { type BatchResult, CUT_PARTS, type RowCounts } from "../transform/wire.ts";

/** What has gone out behind a number of rows of output of the whole result. */
interface Gone {
  rowsOut: number;
  /** Rows of the input with output. */
  rowsMapped: number;
  bytes: number;
}

/** @param picked Of each row of output, whether it goes out. */
export function pickedRows(result: BatchResult, picked: readonly boolean[]): BatchResult {
  const { cuts = NO_CUTS, output, marks, rowsOut } = result;
  if (picked.length !== rowsOut || cuts.length !== rowsOut * CUT_PARTS.length)
    throw new Error("a batch has other rows than its part tells of");
  if (picked.every((isPicked) => isPicked)) return result;
  const kept: Uint8Array[] = [];
  const keptCuts: number[] = [];
  const goneBehind: Gone[] = [{ rowsOut: 0, rowsMapped: 0, bytes: 0 }];
  let [gone, lastRow, from] = [NONE, 0, 0];
  for (const [at, isPicked] of picked.entries()) {
    const cut = Object.fromEntries(CUT_PARTS.map((name, part) => [name, cuts[at * CUT_PARTS.length + part] ?? 0]));
    const { rowsIn = 0, rowsFailed = 0, outputBytes = 0, rejectsBytes = 0 } = cut;
    if (isPicked) {
      const bytes = output.subarray(from, outputBytes);
      kept.push(bytes);
      // Rows of output that one row of the input gave lie together.
      const rowsMapped = gone.rowsMapped + (rowsIn === lastRow ? 0 : 1);
      lastRow = rowsIn;
      gone = { rowsOut: gone.rowsOut + 1, rowsMapped, bytes: gone.bytes + bytes.length };
      // In the order of CUT_PARTS.
      keptCuts.push(rowsIn, rowsMapped, rowsIn - rowsMapped - rowsFailed, rowsFailed, gone.bytes, rejectsBytes);
    }
    from = outputBytes;
    goneBehind.push(gone);
  }
  const countsBehind = (counts: RowCounts): RowCounts => {
    const { rowsMapped, rowsOut: out } = goneBehind[counts.rowsOut] ?? gone;
    const { rowsIn, rowsFailed } = counts;
    return { rowsIn, rowsMapped, rowsDropped: rowsIn - rowsMapped - rowsFailed, rowsFailed, rowsOut: out };
  };
  return {
    ...result,
    ...countsBehind(result),
    output: joined(kept, gone.bytes),
    cuts: Uint32Array.from(keptCuts),
    marks: marks.map(({ row, failure, counts, rejectsBytes }) => {
      const { bytes } = goneBehind[counts.rowsOut] ?? gone;
      return { row, failure, counts: countsBehind(counts), outputBytes: bytes, rejectsBytes };
    }),
  };
}

/** The rows of a result, and the row of the input that each comes of. */
export function cutRows(result: BatchResult): CutRows {
  const { cuts = NO_CUTS, firstRow } = result;
  const at = CUT_PARTS.indexOf("rowsIn");
  const { rows } = heldRows(result);
  return { ...rows, inputOf: (row) => firstRow + (cuts[row * CUT_PARTS.length + at] ?? 0) };
}

/**
 * The rows of a result that were handed over, which wait, and what is left of it: its counts, and records of failed rows.
 */
export function heldRows(result: BatchResult): { rows: PlacedRows; left: BatchResult } {
  const { cuts = NO_CUTS, output, marks } = result;
  const at = CUT_PARTS.indexOf("outputBytes");
  const rows = cuts.length / CUT_PARTS.length;
  const ends = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) ends[row] = cuts[row * CUT_PARTS.length + at] ?? 0;
  const nothing = new Uint8Array(0);
  const left = {
    ...result,
    rowsOut: 0,
    output: nothing,
    part: undefined,
    cuts: undefined,
    marks: marks.map(({ row, failure, counts, rejectsBytes }) => {
      return { row, failure, counts: withoutOutput(counts), outputBytes: 0, rejectsBytes };
    }),
  };
  return { rows: { bytes: output, ends }, left };
}

function withoutOutput(counts: RowCounts): RowCounts {
  return { ...counts, rowsOut: 0 };
}

const NO_CUTS = new Uint32Array(0);

const NONE: Gone = { rowsOut: 0, rowsMapped: 0, bytes: 0 };

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
