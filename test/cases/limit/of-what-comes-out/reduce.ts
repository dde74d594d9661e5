export const reduce = {
  init: () => [] as number[],
  step(all: number[], { n }: { n: number }) {
    all.push(n);
  },
  merge(before: number[], behind: number[]) {
    before.push(...behind);
  },
  *finish(all: number[]) {
    for (const n of all) yield { n };
  },
};
