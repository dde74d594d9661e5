/**
 * `--sample 1%`: each row with that chance; `--sample 100`: so many rows, each with the same chance; `--shuffle`: all rows in
 * an order by chance. Each row draws a number where parts are taken, in input order, so that it is the same for the same seed
 * however the input is cut, and however much of the rows has room in memory.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { RowChunk, copyable, startOf } from "../arranged.ts";
import { NumberedRows } from "../sort/numbered-rows.ts";
import { drawing } from "./drawing.ts";
import type { ArrangingStage, MakeStage, NoteCollector, OwnRows, PickingStage, StepFacts } from "../stage.ts";

export const sample: MakeStage = (_, facts) => {
  const { most = 0, percent, seed } = facts;
  return percent === undefined ? someRows(most, facts) : shareOfRows(percent, seed);
};

/** Rows in the order of the numbers that they draw. */
export const shuffle: MakeStage = (_, { seed, memoryBytes, tempDir }) => ({
  kind: "arranging",
  name: "shuffle",
  what: `by seed ${seed}`,
  note: () => undefined,
  part: () => countOfRows(),
  arranger: () => {
    const random = drawing(seed);
    const rows = new NumberedRows({ memoryBytes, tempDir });
    return {
      take: (_part, placed) =>
        rows.add(
          placed,
          Float64Array.from(placed.ends, () => uniformFloat64(random)),
        ),
      end: () => rows.merged(),
      close: () => rows.close(),
    };
  },
});

function shareOfRows(percent: number, seed: number): PickingStage {
  return {
    kind: "picking",
    name: "sample",
    what: `${percent}%`,
    note: () => undefined,
    part: () => countOfRows(),
    picker: () => {
      const random = drawing(seed);
      return {
        pick: (part) => {
          const [rows = 0] = new Uint32Array(part.slice().buffer);
          return Array.from({ length: rows }, () => uniformFloat64(random) * 100 < percent);
        },
        end: () => [],
      };
    },
  };
}

/** The number of a row among all, as bytes behind its own. */
const PLACE_BYTES = 8;

/** The rows with the least numbers, in the order in which they came. */
function someRows(most: number, { seed, memoryBytes, tempDir }: StepFacts): ArrangingStage {
  return {
    kind: "arranging",
    name: "sample",
    what: String(most),
    note: () => undefined,
    part: () => countOfRows(),
    arranger: () => {
      const random = drawing(seed);
      // Both have rows when the first gives them to the second.
      const room = { memoryBytes: Math.floor(memoryBytes / 2), tempDir };
      const byNumber = new NumberedRows(room);
      const byPlace = new NumberedRows(room);
      const mostWanted = withMargin(most);
      const place = Buffer.allocUnsafeSlow(PLACE_BYTES);
      let count = 0;
      return {
        take: (_part, { bytes, ends }) => {
          const from = copyable(bytes);
          // A copy: of the other rows of its batch, nothing is kept.
          const chunk = new RowChunk(FIRST_BYTES, FIRST_ROWS);
          const numbers: number[] = [];
          for (const [row, end] of ends.entries()) {
            const number = uniformFloat64(random);
            const at = count++;
            if (number * count > mostWanted) continue;
            place.writeDoubleLE(at);
            chunk.add(from, startOf(ends, row), end);
            chunk.extend(place, 0, PLACE_BYTES);
            numbers.push(number);
          }
          byNumber.add(chunk.take(), Float64Array.from(numbers));
        },
        end: function* () {
          let missing = most;
          for (const rows of byNumber.merged()) {
            const wanted = Math.min(missing, rows.ends.length);
            byPlace.add(...withoutPlaces(rows, wanted));
            missing -= wanted;
            if (missing === 0) break;
          }
          yield* byPlace.merged();
        },
        close: () => {
          byNumber.close();
          byPlace.close();
        },
      };
    },
  };
}

const FIRST_BYTES = 4096;
const FIRST_ROWS = 64;

/**
 * Of so many rows that are wanted: among the rows so far, these and some more have less than a number that is so many times
 * the quotient of 1 and their count. That they do not, by twelve standard deviations, does not happen.
 */
function withMargin(most: number): number {
  return most === 0 ? 0 : most + 12 * Math.sqrt(most) + 100;
}

/** The first rows without the numbers behind them, and these. */
function withoutPlaces({ bytes, ends }: OwnRows, wanted: number): [rows: OwnRows, places: Float64Array] {
  const from = copyable(bytes);
  const chunk = new RowChunk(Math.max(1, startOf(ends, wanted)), Math.max(1, wanted));
  const places = new Float64Array(wanted);
  for (let row = 0; row < wanted; row++) {
    const end = (ends[row] ?? 0) - PLACE_BYTES;
    chunk.add(from, startOf(ends, row), end);
    places[row] = from.readDoubleLE(end);
  }
  return [chunk.take(), places];
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
