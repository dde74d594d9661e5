import type { Row } from "./row.ts";

interface Sums {
  born: number;
  scores: number;
}

export const reduce = {
  init: (): Sums => ({ born: 0, scores: 0 }),
  step(sums: Sums, row: Row) {
    sums.born += row.born;
    if (row.score !== null) sums.scores += row.score;
  },
  merge(a: Sums, b: Sums) {
    a.born += b.born;
    a.scores += b.scores;
  },
  finish: (sums: Sums) => sums,
};
