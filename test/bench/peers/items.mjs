// The items of the pool workloads, the functions that are applied to them, and the checksum of the results. Every
// script prints the checksum only, so that what is measured is the pool.

/** Items by the name of their function. */
const ITEMS = {
  age: (index) => ({ name: `Scientist ${index}`, born: 1800 + (index % 200) }),
  mix: (index) => index,
};

export function makeItems(task, count) {
  return Array.from({ length: count }, (_, index) => ITEMS[task](index));
}

/** A few nanoseconds of work. */
export function age({ name, born }) {
  return { name, age: 2017 - born };
}

/** Some 0.4 ms of work, in 32-bit integers, which every engine is fast at. */
export function mix(seed) {
  let x = seed | 1;
  for (let round = 0; round < 200_000; round++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}

/**
 * The results of all items, each a task of its own, with so many tasks under way at once: with all of them in its queue a
 * pool takes longer, and gigabytes.
 */
export async function runAll(items, underWay, run) {
  const results = Array.from({ length: items.length });
  let next = 0;
  async function work() {
    while (next < items.length) {
      const index = next++;
      results[index] = await run(items[index]);
    }
  }
  await Promise.all(Array.from({ length: underWay }, work));
  return results;
}

/** One number for all results in their order. */
export function checksum(results) {
  let sum = 0;
  for (const result of results) {
    const value = typeof result === "number" ? result : result.age + result.name.length;
    sum = (Math.imul(sum, 31) + value) | 0;
  }
  return `${results.length} ${sum}`;
}
