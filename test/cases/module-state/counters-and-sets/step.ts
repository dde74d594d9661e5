const all: number[] = [];
export const reduce = {
  init: () => ({ n: 0 }),
  step(acc: any, row: any) {
    all.push(row.n);
    acc.n = all.length;
  },
  merge: (a: any, b: any) => ({ n: a.n + b.n }),
  finish: (acc: any) => acc,
};
