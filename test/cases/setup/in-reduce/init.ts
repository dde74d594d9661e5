const hang = (what: string): void => {
  while (what === "init");
};
export const reduce = {
  init: () => (hang("init"), { n: 0 }),
  step: (sum) => ({ n: sum.n + 1 }),
  merge: (a, b) => (hang("merge"), { n: a.n + b.n }),
  finish: (sum) => (hang("finish"), [sum]),
};
export default (row) => row;
