/** `--tail 10`: the last rows that come out. A batch hands over no more of its rows than are wanted, and no more are kept. */
import { eachRow, inChunks } from "../arranged.ts";
import type { MakeStage, PlacedRows } from "../stage.ts";

export const tail: MakeStage = (_, { most = 0 }) => ({
  kind: "arranging",
  name: "tail",
  what: String(most),
  note: () => undefined,
  part: () => {
    let rows = 0;
    return {
      add: () => {
        rows++;
        return true;
      },
      kept: () => {
        const first = Math.max(0, rows - most);
        return Uint32Array.from({ length: rows - first }, (_none, at) => first + at);
      },
      pack: () => new Uint8Array(0),
    };
  },
  arranger: () => {
    const batches: PlacedRows[] = [];
    let count = 0;
    return {
      take: (_part, rows) => {
        if (rows.ends.length === 0) return;
        batches.push(rows);
        count += rows.ends.length;
        // None of the first batch is among the last rows.
        for (let first = batches[0]; first !== undefined && count - first.ends.length >= most; first = batches[0]) {
          count -= first.ends.length;
          batches.shift();
        }
      },
      end: () => {
        let tooMany = count - most;
        return inChunks(batches.flatMap((rows) => [...eachRow(rows)].filter(() => tooMany-- <= 0)));
      },
    };
  },
});
