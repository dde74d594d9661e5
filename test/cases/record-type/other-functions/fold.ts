interface Row {
  born: number;
}

export const reduce = {
  init: () => ({ sum: 0 }),
  step(acc: { sum: number }, row: Row) {
    acc.sum += row.born;
  },
  merge(a: { sum: number }, b: { sum: number }) {
    a.sum += b.sum;
  },
  finish: (acc: { sum: number }) => acc,
};
