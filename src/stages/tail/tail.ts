/** `--tail 10`: the last rows that come out. A batch hands over no more of its rows than are wanted, and no more are kept. */
import type { MakeStage } from "../stage.ts";
import { LastRows } from "./last-rows.ts";

export const tail: MakeStage = (_, { most = 0, memoryBytes, tempDir }) => ({
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
    const last = new LastRows(most, { memoryBytes, tempDir });
    return {
      take: (_part, rows) => last.add(rows),
      end: () => last.rows(),
      close: () => last.close(),
    };
  },
});
