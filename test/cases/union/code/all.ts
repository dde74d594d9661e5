export const reduce = {
  init: () => [],
  step: (all, { id }) => [...all, { id }],
  merge: (a, b) => [...a, ...b],
  finish: (all) => [...all, { count: all.length }],
};
