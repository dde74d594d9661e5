/** Workers without threads: a test says when they are ready, answer and die. */
import type { TaskMessage } from "../../src/scheduler/messages.ts";
import { Progress } from "../../src/scheduler/serve-tasks.ts";
import { type TaskDone, WorkerPool, type WorkerPoolOptions } from "../../src/scheduler/worker-pool.ts";
import type { WorkerEvent, WorkerPort } from "../../src/scheduler/worker-port.ts";

/** A worker that does what the test says. */
export class FakeWorker implements WorkerPort<string> {
  readonly index: number;
  readonly progress: Progress;
  readonly tell: (event: WorkerEvent<string>) => void;
  readonly tasks: TaskMessage<string>[] = [];
  isTerminated = false;
  /** How often it was told that something is wanted. */
  wants = 0;
  #begun = -1;

  constructor(index: number, words: Int32Array, tell: (event: WorkerEvent<string>) => void) {
    this.index = index;
    this.progress = new Progress(words);
    this.tell = tell;
  }

  post(message: TaskMessage<string>): void {
    if (message.payload === "uncopiable") throw new Error("cannot be cloned");
    this.tasks.push(structuredClone(message));
  }

  want(): void {
    this.wants++;
  }

  terminate(): void {
    this.isTerminated = true;
  }

  ready(): this {
    this.tell({ type: "ready" });
    return this;
  }

  /** Takes up the first task that the pool has not taken back, if there is one. */
  tryBegin(): TaskMessage<string> | undefined {
    for (let task = this.tasks[0]; task !== undefined; task = this.tasks[0]) {
      if (task.id === this.#begun || this.progress.claim(task)) {
        this.#begun = task.id;
        this.progress.task(task.id);
        return task;
      }
      this.tasks.shift();
    }
    return undefined;
  }

  begin(): TaskMessage<string> {
    const task = this.tryBegin();
    if (task === undefined) throw new Error(`worker ${this.index} has no task`);
    return task;
  }

  /** Answers the first task with its payload in capitals. */
  finish(ms = 1): void {
    const { id, payload } = this.begin();
    this.tasks.shift();
    this.progress.task(-1);
    this.tell({ type: "result", id, ok: true, value: payload.toUpperCase(), ms });
  }

  die(message = "boom"): void {
    this.tell({ type: "died", error: new Error(message) });
  }
}

export interface Fakes {
  pool: WorkerPool<string, string>;
  /** All that were ever opened. */
  workers: FakeWorker[];
  worker: (at: number) => FakeWorker;
}

export function fakePool(options: Omit<WorkerPoolOptions<string, string>, "open">): Fakes {
  const workers: FakeWorker[] = [];
  const pool = new WorkerPool<string, string>({
    ...options,
    open: (index, words, tell) => {
      const worker = new FakeWorker(index, words, tell);
      workers.push(worker);
      return worker;
    },
  });
  const workerAt = (at: number): FakeWorker => {
    const worker = workers[at];
    if (worker === undefined) throw new Error(`worker ${at} was never opened`);
    return worker;
  };
  return { pool, workers, worker: workerAt };
}

/** Values of tasks, or the message of what failed. */
export function outcomes(tasks: Promise<TaskDone<string>>[]): Promise<string[]> {
  return Promise.all(tasks.map((task) => task.then(({ value }) => value, String)));
}
