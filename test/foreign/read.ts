/** Rows as a run reads them, in this process: thousands of small files take seconds. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RowmillError } from "../../src/errors.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import { REAL_PARTS } from "../../src/pipeline/prepare.ts";
import { runWith } from "../../src/pipeline/run.ts";
import { inProcessWorkers, reuseKernels } from "../pipeline/in-process.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-read-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const kernels = reuseKernels();

/** The output of a run that passes rows on; the error that ended it. */
export async function passedOn(
  path: string,
  options: Omit<RunOptions, "inputs" | "output">,
): Promise<Buffer | RowmillError> {
  const output = join(folder, "out");
  rmSync(output, { force: true });
  try {
    const spawn = inProcessWorkers({ picks: [1], blockBytes: undefined, isAsked: false });
    await runWith({ ...options, inputs: [path], output, jobs: 1 }, { ...REAL_PARTS, spawn });
    return readFileSync(output);
  } catch (error) {
    if (error instanceof RowmillError) return error;
    throw error;
  } finally {
    kernels.release();
  }
}

/** A row; its numbers and nested values are what their JSON says. */
export type FoundRow = Record<string, unknown>;

/** The rows of a file; the error that ended its run. */
export async function rowsOf(
  path: string,
  options: Omit<RunOptions, "inputs" | "output" | "to"> = {},
): Promise<FoundRow[] | RowmillError> {
  const found = await passedOn(path, { ...options, to: "jsonl" });
  if (found instanceof RowmillError) return found;
  const lines = found.toString().split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as FoundRow);
}
