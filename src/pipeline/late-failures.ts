/**
 * Records of failed rows of a run with a window in code, in which a row may fail when its batch is long done: they stand in the
 * order of the rows of the input that had come when it did. That does not depend on how rows were cut into batches.
 */
import type { LateTold } from "../transform/wire.ts";
import type { LateEnd } from "./failed-rows.ts";

/** The records of a batch and those of rows that failed in the window, up to where the run ends with them. */
export function recordsInOrder(
  ofBatch: Uint8Array,
  { failures }: LateTold,
  end: Pick<LateEnd, "after" | "late"> | undefined,
): Uint8Array {
  const late = failures.slice(0, end?.late).filter(({ record }) => record !== "");
  if (late.length === 0 && end === undefined) return ofBatch;
  const lines = Buffer.from(ofBatch.buffer, ofBatch.byteOffset, ofBatch.length)
    .toString()
    .split(/(?<=\n)/);
  const own = lines
    .filter((line) => line !== "")
    .map((record) => ({ record, after: rowOf(record) }))
    .filter(({ after }) => end === undefined || after <= end.after);
  const records = [...own, ...late].toSorted((a, b) => a.after - b.after);
  return new TextEncoder().encode(records.map(({ record }) => record).join(""));
}

function rowOf(record: string): number {
  return Number(Reflect.get(JSON.parse(record) as object, "row"));
}
