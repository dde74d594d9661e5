/** Which columns and rows of an input are read at all, where others need not be. */
import type { Prepared, RunWorkers } from "./prepare.ts";

/** Says it to the source, as soon as it is known; what is wrong with the code is said later. */
export async function wantColumns({ source, options }: Prepared, { workers }: RunWorkers): Promise<void> {
  if (!source.skipsColumns) return;
  const plan = await workers.planned().catch(() => undefined);
  // Rows that are kept as they came are kept whole.
  const reads = options.onError === "reject" ? undefined : plan?.reads;
  await source.want(reads && new Set(reads), plan?.rowTest);
}
