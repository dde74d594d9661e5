/**
 * `--sample 1%`: each row with that chance; `--sample 100`: so many rows, each with the same chance; `--shuffle`: all rows in
 * an order by chance. Chances are drawn where parts are taken, in input order, so that they are the same for the same seed
 * however the input is cut.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { eachRow, inChunks } from "../arranged.ts";
import type { ArrangingStage, MakeStage, NoteCollector, PickingStage } from "../stage.ts";

export const sample: MakeStage = (_, { most = 0, percent, seed }) =>
  percent === undefined ? someRows(most, seed) : shareOfRows(percent, seed);

export const shuffle: MakeStage = (_, { seed }) => ({
  kind: "arranging",
  name: "shuffle",
  what: `by seed ${seed}`,
  note: () => undefined,
  part: () => countOfRows(),
  arranger: () => {
    const rows: Uint8Array[] = [];
    return {
      take: (_part, placed) => {
        for (const row of eachRow(placed)) rows.push(row);
      },
      end: () => inChunks(shuffled(rows, seed)),
    };
  },
});

/** Fisher and Yates: each of those that are left with the same chance. Uses up the rows. */
function* shuffled(rows: Uint8Array[], seed: number): Generator<Uint8Array> {
  const random = xoroshiro128plus(seed);
  for (let left = rows.length; left > 0; left--) {
    const at = uniformInt(random, 0, left - 1);
    const [row, last] = [rows[at], rows[left - 1]];
    if (row === undefined || last === undefined) return;
    rows[at] = last;
    yield row;
  }
}

function shareOfRows(percent: number, seed: number): PickingStage {
  return {
    kind: "picking",
    name: "sample",
    what: `${percent}%`,
    note: () => undefined,
    part: () => countOfRows(),
    picker: () => {
      const random = xoroshiro128plus(seed);
      return {
        pick: (part) => {
          const [rows = 0] = new Uint32Array(part.slice().buffer);
          return Array.from({ length: rows }, () => uniformFloat64(random) * 100 < percent);
        },
        end: () => {},
      };
    },
  };
}

function someRows(most: number, seed: number): ArrangingStage {
  return {
    kind: "arranging",
    name: "sample",
    what: String(most),
    note: () => undefined,
    part: () => countOfRows(),
    arranger: () => {
      const random = xoroshiro128plus(seed);
      const kept: { at: number; bytes: Uint8Array }[] = [];
      let count = 0;
      return {
        take: (_part, placed) => {
          for (const bytes of eachRow(placed)) {
            // Vitter's algorithm R: the row takes the place of one that is kept, with the chance that it is kept itself.
            const place = count < most ? count : uniformInt(random, 0, count);
            // A copy: of the other rows of its batch, nothing is kept.
            if (place < most) kept[place] = { at: count, bytes: bytes.slice() };
            count++;
          }
        },
        end: () => inChunks(kept.toSorted((a, b) => a.at - b.at).map(({ bytes }) => bytes)),
      };
    },
  };
}

/** All that is to be known of the rows of a batch. */
function countOfRows(): NoteCollector {
  let rows = 0;
  return {
    add: () => {
      rows++;
      return true;
    },
    pack: () => new Uint8Array(Uint32Array.of(rows).buffer),
  };
}
