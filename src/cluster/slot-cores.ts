/** How many cores a task has, where its scheduler says so, and does not see to it that it uses no others. */
import { availableParallelism } from "node:os";

/** Undefined where nobody says. */
export function slotCores(): number | undefined {
  const said = process.env["SLURM_CPUS_PER_TASK"] ?? "";
  return /^[1-9]\d*$/.test(said) ? Math.min(Number(said), availableParallelism()) : undefined;
}
