/**
 * Rows that may end the whole process: those that were under way when an earlier run died. A worker thread that dies so
 * takes the run with it, so each of these rows runs in a worker process of its own. A row that ends that process fails as
 * any row does. Once there was one, all rows behind it run in processes too, as there may be more of its kind.
 */
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { writeError } from "../io/write-error.ts";
import { NOTED_BYTES } from "../scheduler/messages.ts";
import { type TaskDone, type TaskOptions, WorkerPool } from "../scheduler/worker-pool.ts";
import { spawnProcess } from "../spawn-process.ts";
import { copyOfTable } from "../tables/packed-table.ts";
import type { BatchResult, RowTask, RunSetup } from "../transform/wire.ts";
import type { SpawnTransform, TransformWorkers } from "./transform-workers.ts";

/** A pool of worker processes. */
export class LoneRows {
  readonly #workers: TransformWorkers;
  readonly #first: number;
  readonly #jobs: number;
  readonly #pool: WorkerPool<RowTask, BatchResult>;
  /** Set when a row has ended its process. */
  hasMet = false;

  /** @param of How many processes at most, and the number of the first: those of threads are lower. */
  constructor(workers: TransformWorkers, { first, jobs, notes }: { first: number; jobs: number; notes: string }) {
    this.#workers = workers;
    this.#first = first;
    this.#jobs = jobs;
    this.#pool = new WorkerPool<RowTask, BatchResult>({
      jobs,
      open: (index, progress, onEvent) => {
        const hear: typeof onEvent = (event) => {
          if (event.type === "died") this.hasMet = true;
          onEvent(event);
        };
        return workers.open(first + index, progress, hear, processSpawner(notes));
      },
    });
  }

  async submit(task: RowTask, options: TaskOptions<BatchResult>): Promise<TaskDone<BatchResult>> {
    const { onPart } = options;
    const numbered = (done: TaskDone<BatchResult>): TaskDone<BatchResult> => ({
      ...done,
      worker: this.#first + done.worker,
    });
    const done = await this.#pool.submit(task, { ...options, onPart: onPart && ((part) => onPart(numbered(part))) });
    return numbered(done);
  }

  hasRoom(): boolean {
    return this.#pool.hasRoom();
  }

  stop(): void {
    this.#pool.stop();
  }

  quiet(): Promise<void> {
    return this.#pool.quiet();
  }

  /** Ends the processes: threads do the rest. */
  async end(): Promise<void> {
    for (let index = 0; index < this.#jobs; index++) await this.#workers.tearDownOf(this.#first + index);
    this.terminate();
  }

  terminate(): void {
    this.#pool.terminate();
  }
}

function processSpawner(notes: string): SpawnTransform {
  return (options) => {
    const fd = openNotes(notes, options.progress);
    return spawnProcess<RowTask, BatchResult>(options, { notesFd: fd, detached });
  };
}

/** A file without a name, with the room that its notes take: a process that has none left for them could not say why. */
function openNotes(path: string, progress: Int32Array): number {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    unlinkSync(path);
    writeSync(fd, Buffer.from(progress.buffer, progress.byteOffset, NOTED_BYTES), 0, NOTED_BYTES, 0);
    return fd;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw writeError(error, path);
  }
}

/** A message for a process that has neither this one's files nor its memory. */
function detached<T extends object>(message: T): T {
  if ("bytes" in message) return { ...message, bytes: copied((message as unknown as RowTask).bytes) };
  if ("setup" in message) return { ...message, setup: withOwnTables(withOwnClock(message.setup as RunSetup)) };
  return message;
}

function copied(bytes: RowTask["bytes"]): RowTask["bytes"] {
  if (bytes.kind === "stretch") throw new Error("rows that run alone were found before");
  if (bytes.kind === "copy") return { ...bytes, data: new Uint8Array(bytes.data) };
  const data = new Uint8Array(bytes.end - bytes.start);
  for (let at = 0; at < data.length;) {
    const got = readSync(bytes.fd, data, at, data.length - at, bytes.start + at);
    // The file has become shorter: that is reported where it is decoded.
    if (got === 0) return { kind: "copy", data: data.subarray(0, at) };
    at += got;
  }
  return { kind: "copy", data };
}

/** While such rows run, no others do: nobody shares its clock. */
function withOwnClock(setup: RunSetup): RunSetup {
  const { policy } = setup;
  if (policy.rate === undefined) return setup;
  return { ...setup, policy: { ...policy, rate: { ...policy.rate, clock: new BigInt64Array(policy.rate.clock) } } };
}

/** Nor its tables. */
function withOwnTables(setup: RunSetup): RunSetup {
  const { joins, lookups } = setup;
  return {
    ...setup,
    joins: joins.map(({ table, ...join }) => Object.assign(join, { table: copyOfTable(table) })),
    lookups: Object.fromEntries(
      Object.entries(lookups).map(([name, lookup]) => [name, { ...lookup, table: copyOfTable(lookup.table) }]),
    ),
  };
}
