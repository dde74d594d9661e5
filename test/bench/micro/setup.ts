// What workers are told of a run: by a real run over a few rows.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunOptions } from "../../../src/options/run-options.ts";
import { REAL_PARTS } from "../../../src/pipeline/prepare.ts";
import { runWith } from "../../../src/pipeline/run.ts";
import type { ToWorker } from "../../../src/transform/wire.ts";
import { inProcessWorkers } from "../../pipeline/in-process.ts";

/** The options of a run, but for its files. */
export type RunWords = Omit<RunOptions, "inputs" | "output" | "jobs"> & Required<Pick<RunOptions, "from" | "to">>;

type Message<Type extends ToWorker["type"]> = Extract<ToWorker, { type: Type }>;

/** What a worker is told before it is given rows. */
export interface Told {
  load: Message<"load">;
  setup: Message<"setup">;
  /** The columns of the output, for formats that have any. */
  columns: string[];
}

/**
 * Runs a few rows, and listens to what their worker is told.
 *
 * @param sample Whole rows, with a header where the format has one: they say what kind of values the columns hold.
 */
export async function toldOf(sample: string, options: RunWords): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), "rowmill-micro-"));
  const told: ToWorker[] = [];
  const spawn = inProcessWorkers({ picks: [1], blockBytes: undefined, isAsked: false });
  try {
    const input = join(folder, "in");
    writeFileSync(input, sample);
    await runWith(
      { ...options, inputs: [input], output: join(folder, "out"), jobs: 1 },
      {
        ...REAL_PARTS,
        spawn: (worker) => {
          const port = spawn(worker);
          const tell = (message: object): void => {
            told.push(structuredClone(message) as ToWorker);
            port.tell(message);
          };
          return { ...port, tell };
        },
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  const load = told.find((message) => message.type === "load");
  const setup = told.find((message) => message.type === "setup");
  const columns = told.find((message) => message.type === "columns");
  if (load === undefined || setup === undefined) throw new Error("the worker of a run was not told what to do");
  return { load, setup, columns: setup.columns ?? columns?.columns ?? [] };
}
