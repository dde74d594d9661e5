export const reduce = {
  init: () => new Map<string, number>(),
  step: (all: Map<string, number>, { k }: { k: string }) => all.set(k, (all.get(k) ?? 0) + 1),
  merge: (all: Map<string, number>, more: Map<string, number>) => {
    for (const [k, size] of more) all.set(k, (all.get(k) ?? 0) + size);
  },
  finish: (all: Map<string, number>) => Array.from(all, ([k, size]) => ({ k, size })),
};
