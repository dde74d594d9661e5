/**
 * Workers of a run without threads: the real transform role, in this process, whose messages are delivered in an order
 * that the test chooses. As with threads, messages between two ends keep their order, and everything is copied.
 */
import { PROGRESS_WANTED, WANTS_PART } from "../../src/scheduler/messages.ts";
import { WorkerPool } from "../../src/scheduler/worker-pool.ts";
import type { RolePort } from "../../src/spawn.ts";
import type { SpawnTransform } from "../../src/pipeline/transform-workers.ts";
import { serveTransform } from "../../src/transform/serve.ts";
import type { FromWorker, RowTask, RunSetup } from "../../src/transform/wire.ts";
import type { WorkerEvent } from "../../src/scheduler/worker-port.ts";
import { fromWire } from "../../src/errors.ts";
import type { BatchResult } from "../../src/transform/wire.ts";

export interface InProcessOptions {
  /** Chooses whose message is delivered next, over and over; a multiple of four delivers none this time. */
  picks: readonly number[];
  /** Bytes that a worker decodes at once. */
  blockBytes: number | undefined;
  /** Workers hand in every row as soon as it is done. */
  isAsked: boolean;
  /** Tasks that workers may decline, they decline, however quick they were with the one before. */
  declines?: boolean;
  /** Workers end when they are told where to write what they have kept: each time after so many others. */
  ends?: number[] | undefined;
}

/** How many tasks were sent behind the first row before its result was there, in all runs so far. */
export const sentAhead: { taken: number; declined: number } = { taken: 0, declined: 0 };

/** How many workers have ended with output that they had kept, in all runs so far. */
export const ended: { workers: number } = { workers: 0 };

/** Makes the `spawn` of one run. */
export function inProcessWorkers(options: InProcessOptions): SpawnTransform {
  const post = new PostOffice(options);
  const ends = [...(options.ends ?? [])];
  return ({ worker, progress, ...listener }) => {
    let isAlive = true;
    const toParent = post.box((message) => {
      if (!isAlive) return;
      const event = toEvent(message);
      if (event === undefined) listener.onNote(message as unknown as FromWorker);
      else listener.onEvent(event);
    });
    const ask = (): void => void (options.isAsked && Atomics.store(progress, PROGRESS_WANTED, WANTS_PART));
    ask();
    const hear = serveTransform({ type: "open", role: "transform", worker, progress }, (message, transfer) => {
      ask();
      // With or without a reason that the parent knows of.
      const isSlow = options.declines === true && (options.picks[0] ?? 0) % 2 === 1 && "ms" in message;
      toParent(structuredClone(isSlow ? { ...message, ms: 60 } : message, { transfer }));
    });
    const toWorker = post.box((message) => {
      if (isAlive) hear(message as { type: string });
    });
    /** Whether a worker ends with this message, without having heard it. */
    const endsWith = (message: object): boolean => {
      const [left] = ends;
      if (!isAlive || left === undefined || Reflect.get(message, "type") !== "place") return false;
      ends[0] = left - 1;
      if (left > 0) return false;
      ends.shift();
      isAlive = false;
      ended.workers++;
      post.box(() => listener.onEvent({ type: "died", error: new Error("gone") }))({});
      return true;
    };
    const port: RolePort<RowTask> = {
      post: (message) => {
        const mayBe = message.afterMs !== undefined;
        if (mayBe) sentAhead[options.declines === true ? "declined" : "taken"]++;
        toWorker(structuredClone(mayBe && options.declines === true ? { ...message, afterMs: -1 } : message));
      },
      tell: (message) => {
        // The memory of that is shared.
        const isShared = Reflect.get(message, "type") === "output";
        if (isShared) toWorker(message);
        else if (!endsWith(message)) toWorker(withBlockBytes(structuredClone(message), options.blockBytes));
      },
      want: () => toWorker({ type: "wanted" }),
      terminate: () => {
        isAlive = false;
      },
      ref: () => {},
      give: (memory) => toWorker({ type: "memory", memory: structuredClone(memory, { transfer: [memory] }) }),
      unref: () => {},
    };
    return port;
  };
}

/**
 * Lets every pool start all its workers at once, as it does for a large input: a small one would be done by the first.
 * Returns what undoes it.
 */
export function startAllWorkers(): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this`
  const { start } = WorkerPool.prototype;
  WorkerPool.prototype.start = function startAll(this: WorkerPool<unknown, unknown>): void {
    start.call(this, Infinity);
  };
  return () => {
    WorkerPool.prototype.start = start;
  };
}

/**
 * Lets kernels of later runs use the memory of earlier ones, dirty as it is: to make and collect memories is nearly all
 * the time of a small run. Returns what is to be called behind each run, and what undoes it.
 */
export function reuseKernels(): { release: () => void; undo: () => void } {
  const { Instance } = WebAssembly;
  const free: WebAssembly.Instance[] = [];
  const taken: WebAssembly.Instance[] = [];
  const reusing = function reusing(module: WebAssembly.Module): WebAssembly.Instance {
    const instance = free.pop() ?? new Instance(module, {});
    taken.push(instance);
    return instance;
  };
  Object.assign(WebAssembly, { Instance: reusing });
  return {
    release: () => free.push(...taken.splice(0)),
    undo: () => Object.assign(WebAssembly, { Instance }),
  };
}

/** Boxes of messages under way, each in its order, delivered one at a time. */
class PostOffice {
  readonly #options: InProcessOptions;
  readonly #boxes: (() => void)[][] = [];
  #isTicking = false;
  #pick = 0;
  #pauses = 0;

  constructor(options: InProcessOptions) {
    this.#options = options;
  }

  box(deliver: (message: object) => void): (message: object) => void {
    const box: (() => void)[] = [];
    this.#boxes.push(box);
    return (message) => {
      box.push(() => deliver(message));
      this.#tick();
    };
  }

  #tick(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    setImmediate(() => {
      this.#isTicking = false;
      const waiting = this.#boxes.filter((box) => box.length > 0);
      const pick = this.#options.picks[this.#pick++ % this.#options.picks.length] ?? 1;
      // A few pauses let answers gather.
      if (pick % 4 === 0 && this.#pauses++ < 3) {
        this.#tick();
        return;
      }
      this.#pauses = 0;
      waiting[pick % waiting.length]?.shift()?.();
      if (waiting.length > 0) this.#tick();
    });
  }
}

function toEvent(message: object): WorkerEvent<BatchResult> | undefined {
  const type: unknown = Reflect.get(message, "type");
  const event = message as WorkerEvent<BatchResult>;
  if (type === "broken") return { type, error: fromWire(Reflect.get(message, "error")) };
  if (event.type === "result") return event.ok ? event : { ...event, error: fromWire(Reflect.get(message, "error")) };
  return ["ready", "part", "stopped", "declined"].includes(event.type) ? event : undefined;
}

function withBlockBytes(message: object, blockBytes: number | undefined): object {
  const setup = Reflect.get(message, "setup") as RunSetup | undefined;
  if (setup !== undefined && blockBytes !== undefined) setup.input.blockBytes = blockBytes;
  return message;
}
