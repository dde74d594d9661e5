/** Which task of an array this process is, as schedulers say it. */
import { UsageError } from "../errors.ts";

/** Of Slurm, of Kubernetes, of AWS Batch. */
const NAMES = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"] as const;

/** @throws {UsageError} When it is none. */
export function arrayIndex(): number {
  const name = NAMES.find((one) => process.env[one] !== undefined && process.env[one] !== "");
  const value = name === undefined ? "" : (process.env[name] ?? "");
  if (/^\d+$/.test(value)) return Number(value);
  throw name === undefined
    ? new UsageError(
        "which shard is meant, nobody says",
        `name it, rowmill shard run/ 0, or run it in an array task (${NAMES.join(", ")})`,
      )
    : new UsageError(`${name} is ${JSON.stringify(value)}, and no index`, "name the shard: rowmill shard run/ 0");
}
