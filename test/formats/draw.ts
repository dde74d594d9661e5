/** Rows as they come to what draws them: portions of JSON lines. */
import * as fc from "fast-check";
import type { DrawnRows } from "../../src/formats/drawing/drawn-rows.ts";

export type Rows = readonly (readonly (string | number)[])[];

/** All that a writer makes of some portions of rows. */
export function drawn(drawing: DrawnRows, columns: readonly string[], ...portions: readonly Rows[]): string {
  const pieces = portions.map((rows) =>
    drawing.rows(Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join("")), columns),
  );
  return Buffer.concat([...pieces, drawing.end(columns)]).toString();
}

/** Checks something for rows in portions of any sizes. */
export function cutAnywhere(rows: Rows, check: (portions: Rows[]) => void): void {
  const cuts = fc.array(fc.integer({ min: 0, max: rows.length }), { maxLength: 6 });
  fc.assert(
    fc.property(cuts, (places) => {
      const ends = [...places.toSorted((a, b) => a - b), rows.length];
      check(ends.map((end, index) => rows.slice(ends[index - 1] ?? 0, end)));
    }),
    { numRuns: 30 },
  );
}
