// The seven scientists: a whole process for next to no work.
import type { Workload } from "../workload.ts";

const START: Workload = {
  name: "start",
  title: "start: the seven scientists",
  inputs: ["scientists"],
  agreement: "bytes",
  expected:
    "name,age\nAda Lovelace,202\nEmmy Noether,135\nMarie Curie,150\nTu Youyou,87\nAda Yonath,78\nVera Rubin,89\nSally Ride,66\n",
  atLeastRuns: 21,
  contenders: [
    {
      name: "Rowmill -e",
      by: "rowmill",
      writes: "stdout",
      command: (at) => [...at.ours, "-e", "{ name, age: 2017 - born }", at.input("scientists")],
    },
    {
      name: "Rowmill, zod schema",
      by: "rowmill",
      writes: "stdout",
      command: (at) => [...at.ours, "run", at.transform("scientists.ts"), at.input("scientists")],
    },
    {
      name: "Python Pool",
      by: "python",
      writes: "stdout",
      command: (at) => [...at.peer("python"), at.script("scientists.py")],
    },
  ],
  ratios: [
    { ours: "Rowmill -e", other: "Python Pool", atLeast: 5 },
    { ours: "Rowmill, zod schema", other: "Python Pool", atLeast: 2 },
  ],
};

/** In the order of the report. */
export const START_WORKLOADS: readonly Workload[] = [START];
