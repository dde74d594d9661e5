// Every timed workload, in the order of the report.
import { extname } from "node:path";
import { fileOf } from "./generate.ts";
import type { Workload } from "./workload.ts";
import { COMPRESSED_WORKLOADS } from "./workloads/compressed.ts";
import { CSV_WORKLOADS } from "./workloads/csv.ts";
import { GROUP_WORKLOADS } from "./workloads/group-by.ts";
import { HEAVY_WORKLOADS } from "./workloads/heavy.ts";
import { JSONL_WORKLOADS } from "./workloads/jsonl.ts";
import { POOL_WORKLOADS } from "./workloads/pool.ts";
import { START_WORKLOADS } from "./workloads/start.ts";
import { STEP_WORKLOADS } from "./workloads/steps.ts";

export const WORKLOADS: readonly Workload[] = [
  ...CSV_WORKLOADS,
  ...GROUP_WORKLOADS,
  ...STEP_WORKLOADS,
  ...JSONL_WORKLOADS,
  ...HEAVY_WORKLOADS,
  ...START_WORKLOADS,
  ...COMPRESSED_WORKLOADS,
  ...POOL_WORKLOADS,
];

/** The extension of a workload's output: that of its first input, as formats follow from extensions. */
export function outputExtension({ inputs, extension }: Workload): string {
  return extension ?? (inputs[0] === undefined ? ".txt" : extname(fileOf(inputs[0])));
}
