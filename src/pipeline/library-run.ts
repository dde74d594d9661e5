/** The command line's main job as a function. What it takes is loaded when it is called: who wants a pool only need not wait. */
import type { RunOptions } from "../options/run-options.ts";
import type { RunSummary } from "./summary.ts";

/**
 * Runs a transform over inputs and writes the results, in input order.
 *
 * @returns What came of it.
 * @throws {UsageError} If the options are wrong; nothing was done.
 * @throws {RowmillError} If the run failed: the input, the transform or one of its rows, or the output. An output file
 * is then as it was before. After an interrupt, a full disk or too many failed rows, `resume` can go on.
 */
export async function run(options: RunOptions): Promise<RunSummary> {
  const pipeline = await import("./run.ts");
  return await pipeline.run(options);
}
