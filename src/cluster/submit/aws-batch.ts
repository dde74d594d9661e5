/** Planned work as jobs of AWS Batch: what `aws batch submit-job --cli-input-json` takes. */
import { UsageError } from "../../errors.ts";
import type { Work } from "../work.ts";
import { type JobOptions, mergeWords, shardWords, taskCount } from "./jobs.ts";

export interface AwsBatchOptions extends JobOptions {
  queue: string;
  definition: string;
}

/** An array has from 2 to so many jobs. */
const MAX_ARRAY = 10_000;
const ATTEMPTS = 5;

export function awsBatchJobs(work: Work, options: AwsBatchOptions): { array: object; merge: object } {
  const size = taskCount(work, options.group);
  if (size > MAX_ARRAY)
    throw new UsageError(
      `an array of AWS Batch has at most ${MAX_ARRAY} jobs, and there are ${size} tasks`,
      `let each do several shards: --group ${Math.ceil(work.plan.shards.length / MAX_ARRAY)}`,
    );
  const job = {
    jobQueue: options.queue,
    jobDefinition: options.definition,
    retryStrategy: {
      attempts: ATTEMPTS,
      evaluateOnExit: [
        { onExitCode: "2", action: "EXIT" },
        { onReason: "*", action: "RETRY" },
      ],
    },
  };
  // One job alone is no array: it does all.
  const isArray = size > 1;
  const command = isArray ? shardWords(options) : [...shardWords({ ...options, group: 1 }), "all"];
  return {
    array: {
      jobName: options.name,
      ...job,
      ...(isArray && { arrayProperties: { size } }),
      containerOverrides: { command },
    },
    merge: {
      jobName: `${options.name}-merge`,
      ...job,
      dependsOn: [{ jobId: "JOB-ID-OF-THE-ARRAY" }],
      containerOverrides: { command: mergeWords(options, ["--as-task"]) },
    },
  };
}
