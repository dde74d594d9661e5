// `bun test/bench/against.ts BINARY`: measures dist/rowmill against another build of it, in turns, on every line of the
// benchmark that our binary runs, and prints the time of ours divided by that of the other. Before and after a change,
// on a noisy machine.
//
//     bun test/bench/against.ts BINARY [--runs N] [--only NAME,…] [--scale F] [--most RATIO]
//
// Exit codes: 0, 1 where a line takes more than RATIO times as long (1.03), 2 usage.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./contest.ts";
import { Lane } from "./lane.ts";
import type { Contender, Places, Workload } from "./workload.ts";
import { outputExtension, WORKLOADS } from "./workloads.ts";
import { OURS, Workshop } from "./workshop.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "7" },
    only: { type: "string" },
    scale: { type: "string", default: "1" },
    most: { type: "string", default: "1.03" },
  },
});
const [other] = positionals;
if (other === undefined) {
  console.error("usage: bun test/bench/against.ts BINARY [--runs N] [--only NAME,…] [--scale F] [--most RATIO]");
  process.exit(2);
}
const binaries = [OURS, resolve(other)] as const;
const runs = Number(values.runs);
const only = values.only?.split(",");
const workshop = new Workshop(Number(values.scale), { found: new Map(), missing: new Map(), folder: undefined });
let slowest = 0;
try {
  for (const workload of WORKLOADS) {
    if (only?.includes(workload.name) === false) continue;
    for (const contender of workload.contenders.filter(({ by }) => by === "rowmill")) {
      const ratio = await ratioOf(workload, contender);
      slowest = Math.max(slowest, ratio ?? 0);
      console.log(`${workload.name}: ${contender.name}`.padEnd(44), ratio?.toFixed(3) ?? "-");
    }
  }
} finally {
  workshop.close();
}
process.exit(slowest > Number(values.most) ? 1 : 0);

/** The median of ours by that of the other; undefined where one of them cannot do the work. */
async function ratioOf(workload: Workload, contender: Contender): Promise<number | undefined> {
  workshop.make(workload.inputs);
  const lanes = binaries.map((binary, at) => {
    const places: Places = { ...workshop.places(`against-${at}${outputExtension(workload)}`), ours: [binary] };
    return new Lane(contender, places, workload.agreement);
  });
  for (const lane of lanes) await lane.warmUp();
  for (let round = 0; round < Math.max(runs, workload.atLeastRuns ?? 0); round++) {
    // Whoever comes second finds the machine as the first one left it: they change places.
    for (const lane of round % 2 === 0 ? lanes : lanes.toReversed()) await lane.timeOnce();
  }
  for (const lane of lanes) {
    lane.deleteOutput();
    if (lane.fault !== undefined) console.error(`${workload.name}: ${lane.fault}`);
  }
  const [ours, theirs] = lanes.map((lane) => (lane.fault === undefined ? median(lane.times) : Number.NaN));
  const ratio = (ours ?? Number.NaN) / (theirs ?? Number.NaN);
  return Number.isNaN(ratio) ? undefined : ratio;
}
