// Functions that take their time: what all cores for the user's code are worth.
import { type Places, python, rowmill, rowmillRun, type Workload } from "../workload.ts";

const HEAVY: Workload = {
  name: "heavy",
  title: "a heavy function (1,000 rounds a row), 100,000 rows",
  inputs: ["heavy"],
  agreement: "bytes",
  contenders: [
    rowmillRun("Rowmill -j 2", "heavy.ts", "heavy"),
    rowmill("Rowmill -j 1", (at) => ["run", at.transform("heavy.ts"), at.input("heavy")], 1),
    {
      name: "plain Bun, one core",
      by: "bun",
      writes: "file",
      command: (at) => [...at.peer("bun"), at.script("plain-heavy.ts"), at.input("heavy"), at.out],
    },
    python("Python Pool", "heavy", ["pool_heavy.py"]),
  ],
  ratios: [
    { ours: "Rowmill -j 2", other: "Rowmill -j 1", atLeast: 1.92 },
    { ours: "Rowmill -j 2", other: "plain Bun, one core", atLeast: 1.8 },
    { ours: "Rowmill -j 2", other: "Python Pool", atLeast: 2.5 },
  ],
};

const REALISTIC: Workload = {
  name: "realistic",
  title: "user agents, slugs and hashes by npm packages, 100,000 rows",
  inputs: ["visits"],
  agreement: "csv-rows",
  contenders: [
    {
      ...rowmill("Rowmill", (at) => ["run", at.transform("visits/transform.mjs"), at.input("visits")]),
      needs: ["visit-packages"],
    },
    {
      name: "plain Bun, one core",
      by: "bun",
      needs: ["visit-packages", "udsv"],
      writes: "file",
      command: (at: Places) => [...at.peer("bun"), at.transform("visits/plain.mjs"), at.input("visits"), at.out],
    },
  ],
  ratios: [{ ours: "Rowmill", other: "plain Bun, one core", atLeast: 1.9 }],
};

const EIGHT: Workload = {
  name: "eight",
  title: "eight rows that keep a core busy for 500 ms each",
  inputs: ["eight"],
  agreement: "bytes",
  expected: "id\n1\n2\n3\n4\n5\n6\n7\n8\n",
  contenders: [rowmillRun("Rowmill -j 2", "busy.ts", "eight")],
  ratios: [],
  times: [{ ours: "Rowmill -j 2", belowMs: 2300 }],
};

/** In the order of the report. */
export const HEAVY_WORKLOADS: readonly Workload[] = [HEAVY, REALISTIC, EIGHT];
