// Runs with workers that are simulated: everything in the parent is real, and so are the messages to and from it.
import { closeSync, ftruncateSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import type { RunOptions } from "../../../src/options/run-options.ts";
import { REAL_PARTS } from "../../../src/pipeline/prepare.ts";
import { runWith } from "../../../src/pipeline/run.ts";
import type { SpawnTransform } from "../../../src/pipeline/transform-workers.ts";
import { hearing, type RolePort } from "../../../src/spawn.ts";
import type { TaskMessage } from "../../../src/scheduler/messages.ts";
import type { RowTask } from "../../../src/transform/wire.ts";
import type { RepeatedRows, Simulation, ToSimulated } from "./simulated-workers.ts";

/** What is run, but for its input, its output and its workers. */
export type ScaledRun = Omit<RunOptions, "inputs" | "output" | "jobs">;

/** So much of an input repeats. */
const REPEATED_BYTES = 32e6;
/** So often the rows are really there: before the first answer comes, the parent cuts two batches for each worker. */
const REAL_TIMES = 8;
const LF = 10;

/** An input whose rows repeat, of any length. */
export interface RepeatedInput {
  rows: RepeatedRows;
  /** Its bytes up to the end of the first repetition. */
  start: Buffer<ArrayBuffer>;
}

/** Takes the rows at the start of a file for those that repeat. */
export function repeatedInput(path: string, hasHeader: boolean): RepeatedInput {
  const fd = openSync(path, "r");
  const head = Buffer.alloc(REPEATED_BYTES);
  const got = readSync(fd, head, 0, head.length, 0);
  closeSync(fd);
  const start = head.subarray(0, head.lastIndexOf(LF, got - 1) + 1);
  const header = hasHeader ? start.indexOf(LF) + 1 : 0;
  const ends: number[] = [];
  for (let at = start.indexOf(LF, header); at >= 0; at = start.indexOf(LF, at + 1)) ends.push(at + 1 - header);
  const shared = new Uint32Array(new SharedArrayBuffer(ends.length * Uint32Array.BYTES_PER_ELEMENT));
  shared.set(ends);
  return { rows: { header, ends: shared }, start };
}

/**
 * Makes the file, of about so many bytes. Only its start is on the disk: nobody reads the rest, where there are no rows but
 * a hole, and a run that does fails.
 */
export function makeHollow({ rows, start }: RepeatedInput, path: string, bytes: number): void {
  const size = start.length - rows.header;
  const length = rows.header + Math.max(REAL_TIMES, Math.round(bytes / size)) * size;
  const fd = openSync(path, "w");
  writeSync(fd, start);
  for (let time = 1; time < REAL_TIMES; time++) writeSync(fd, start.subarray(rows.header));
  ftruncateSync(fd, length);
  closeSync(fd);
}

/** What real workers have answered to a stretch. */
type Sample = Simulation["sample"];

/**
 * Runs with one real worker, and looks at what it answers to stretches. Takes the one that three of four were slower than: a
 * worker that something else has kept from its core is no measure, and quicker ones ask more of the parent.
 */
export async function sampleOf(run: ScaledRun, input: string, output: string): Promise<Sample> {
  const samples: Sample[] = [];
  const spawn: SpawnTransform = (options) => {
    const sizes = new Map<number, number>();
    const port = REAL_PARTS.spawn({
      ...options,
      onEvent: (event) => {
        const bytes = event.type === "result" ? sizes.get(event.id) : undefined;
        if (event.type === "result" && event.ok && bytes !== undefined && event.value.joint !== "misfit") {
          // Its memory goes back to the worker.
          const { kept, ...value } = structuredClone(event.value);
          // What a worker has kept is not there; how much that is counts.
          const result = kept === undefined ? value : { ...value, output: new Uint8Array(kept.bytes) };
          samples.push({ result, bytes, ms: event.ms });
        }
        options.onEvent(event);
      },
    });
    return {
      ...port,
      post: (message) => {
        const { bytes } = message.payload;
        if (bytes.kind === "stretch") sizes.set(message.id, bytes.end - bytes.start);
        port.post(message);
      },
    };
  };
  const { times, stretches } = await runWith({ ...run, inputs: [input], output, jobs: 1 }, { ...REAL_PARTS, spawn });
  rmSync(output);
  // Those before are of code that is not compiled yet, and those at the end are small.
  const warm = samples.slice(samples.length >> 1);
  const largest = Math.max(...warm.map(({ bytes }) => bytes));
  const usual = warm.filter(({ bytes }) => bytes > largest / 2).toSorted((a, b) => a.ms / a.bytes - b.ms / b.bytes);
  const quick = usual[usual.length >> 2];
  if (quick === undefined) throw new Error("no worker has found rows itself: there is nothing to simulate");
  // What a worker writes itself, it writes behind a stretch.
  return stretches.placed === 0 ? quick : { ...quick, ms: quick.ms + times.write / samples.length };
}

/** What came of a run, from its first stretch on: to start it takes as long for any number of workers. */
export interface Simulated {
  bytes: number;
  ms: number;
  /** CPU time of the parent. */
  parentMs: number;
}

/** When the first stretch was handed out. */
interface Begun {
  bytes: number;
  ms: number;
  cpu: NodeJS.CpuUsage;
}

/** The thread of simulated workers. */
export class SimulatedWorkers {
  readonly #thread = new Worker(new URL("./simulated-workers.ts", import.meta.url));
  readonly #hear = new Map<number, (message: unknown) => void>();
  #begun: Begun | undefined;

  constructor() {
    this.#thread.addEventListener("message", ({ data }: MessageEvent<{ worker: number; message: unknown }>) =>
      this.#hear.get(data.worker)?.(data.message),
    );
    this.#thread.addEventListener("error", ({ message }) => {
      throw new Error(`the thread of the simulated workers: ${message}`);
    });
  }

  #tell(message: ToSimulated, transfer: ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, transfer);
  }

  /** Runs with so many workers, on what seems to be a machine with a core for each and one for the parent. */
  async run(run: ScaledRun, simulation: Simulation, places: RunPlaces): Promise<Simulated> {
    const { jobs, input, output } = places;
    this.#begun = undefined;
    this.#tell({ kind: "simulate", simulation });
    const spawn: SpawnTransform = (options) => {
      // One that takes what groups come to is no worker of the pool.
      if (options.worker >= jobs) return REAL_PARTS.spawn(options);
      return this.#open(options);
    };
    const cores = navigator.hardwareConcurrency;
    Object.defineProperty(navigator, "hardwareConcurrency", { value: jobs + 1, configurable: true });
    try {
      const { stretches } = await runWith({ ...run, inputs: [input], output, jobs }, { ...REAL_PARTS, spawn });
      const begun = this.#started;
      const cpu = process.threadCpuUsage(begun.cpu);
      if (stretches.again > 0) throw new Error("rows of a simulated run did not fit");
      const bytes = statSync(input).size - begun.bytes;
      return { bytes, ms: performance.now() - begun.ms, parentMs: (cpu.user + cpu.system) / 1000 };
    } finally {
      Object.defineProperty(navigator, "hardwareConcurrency", { value: cores, configurable: true });
      this.#tell({ kind: "end" });
      this.#hear.clear();
      rmSync(output, { force: true });
    }
  }

  get #started(): Begun {
    if (this.#begun === undefined) throw new Error("no stretch was handed out");
    return this.#begun;
  }

  /** Notes when the first of them is handed out. */
  #see({ payload: { bytes } }: TaskMessage<RowTask>): void {
    if (this.#begun !== undefined || bytes.kind !== "stretch") return;
    this.#begun = { bytes: bytes.start, ms: performance.now(), cpu: process.threadCpuUsage() };
  }

  #open(options: Parameters<SpawnTransform>[0]): RolePort<RowTask> {
    const { worker, progress } = options;
    const listener = hearing(options);
    this.#hear.set(worker, (message) => listener.message(message));
    this.#tell({ kind: "open", worker, progress });
    const tell = (message: object): void => this.#tell({ kind: "tell", worker, message: message as { type: string } });
    return {
      post: (message) => {
        this.#see(message);
        tell(message);
      },
      tell,
      give: (memory) => this.#tell({ kind: "give", memory }, [memory]),
      want: () => {},
      terminate: () => void this.#hear.delete(worker),
      ref: () => {},
      unref: () => {},
    };
  }

  close(): void {
    this.#thread.terminate();
  }
}

interface RunPlaces {
  jobs: number;
  input: string;
  output: string;
}
