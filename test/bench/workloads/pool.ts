// The library's Pool against worker pools for Node, which take one task an item. Each script makes its items, has them
// done by two workers and prints a checksum of the results in order.
import { type Contender, JOBS, type Places, type Workload } from "../workload.ts";

const SMALL_ITEMS = 1_000_000;
const HEAVY_ITEMS = 10_000;

interface Kind {
  /** The function, by its name in peers/items.mjs. */
  task: "age" | "mix";
  items: number;
}

function pool(name: string, by: "bun" | "piscina" | "workerpool", { task, items }: Kind): Contender {
  const command = (at: Places): string[] => {
    const words = by === "bun" ? [...at.peer("bun"), at.script("pool-map.mjs")] : at.peer(by);
    return [...words, task, String(at.count(items)), String(JOBS)];
  };
  return { name, by, writes: "stdout", command };
}

function contenders(kind: Kind): Contender[] {
  return [
    pool("Pool.map", "bun", kind),
    pool("piscina", "piscina", kind),
    pool("workerpool", "workerpool", kind),
    {
      name: "plain loop, one core",
      by: "bun",
      writes: "stdout",
      command: (at) => [...at.peer("bun"), at.script("plain-items.mjs"), kind.task, String(at.count(kind.items))],
    },
  ];
}

const SMALL: Workload = {
  name: "pool-small",
  title: "Pool.map of one million small items",
  inputs: [],
  agreement: "bytes",
  contenders: contenders({ task: "age", items: SMALL_ITEMS }),
  ratios: [
    { ours: "Pool.map", other: "piscina", atLeast: 3 },
    { ours: "Pool.map", other: "workerpool", atLeast: 3 },
    { ours: "Pool.map", other: "plain loop, one core" },
  ],
};

const HEAVY: Workload = {
  name: "pool-heavy",
  title: "Pool.map of 10,000 heavy items",
  inputs: [],
  agreement: "bytes",
  contenders: contenders({ task: "mix", items: HEAVY_ITEMS }),
  ratios: [
    // Within 5 % of ideal, which is the time of one core by the number of workers.
    { ours: "Pool.map", other: "plain loop, one core", atLeast: JOBS / 1.05 },
    { ours: "Pool.map", other: "piscina" },
    { ours: "Pool.map", other: "workerpool" },
  ],
};

/** In the order of the report. */
export const POOL_WORKLOADS: readonly Workload[] = [SMALL, HEAVY];
