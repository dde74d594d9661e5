/** What a transform says of itself. */
import { type ModuleDescription, moduleDescription } from "../options/module-options.ts";
import type { RunOptions } from "../options/run-options.ts";
import { REAL_PARTS, loadTransform, openRunWorkers } from "./prepare.ts";

/**
 * Loads a transform for its name, description and version, in a worker as always.
 *
 * @throws {RowmillError} `transform`, if it cannot be loaded or exports something else than it should.
 */
export async function loadDescription(options: RunOptions): Promise<ModuleDescription> {
  const runWorkers = openRunWorkers(options, REAL_PARTS);
  try {
    const { exports, early } = await loadTransform(options, runWorkers);
    early?.close();
    return moduleDescription(exports.options);
  } finally {
    runWorkers.pool.terminate();
  }
}
