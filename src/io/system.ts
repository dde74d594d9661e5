/**
 * What the system says of itself. The module of the runtime that knows it takes a fiftieth of a short run to load: it is
 * loaded when it is asked.
 */

/** Where files go that nobody keeps. */
export function tmpdir(): string {
  return process.getBuiltinModule("node:os").tmpdir();
}

/** How many threads run at once. */
export function availableParallelism(): number {
  return process.getBuiltinModule("node:os").availableParallelism();
}
