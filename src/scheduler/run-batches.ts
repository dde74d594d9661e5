/**
 * Drives one stream of batches through a pool: pulls from a source as long as there is room, submits, and delivers the
 * results in the order of the input (or as they come). Blind to what a batch is.
 *
 * In flight is what was pulled and not yet delivered. It is bounded by the window, so that memory does not grow when
 * the oldest batch is late or the sink is slow.
 */
import { ReorderBuffer } from "./reorder-buffer.ts";
import type { TaskDone } from "./worker-pool.ts";

/** What a source gives: work for the pool, or a result that needs no worker. */
export type Pulled<Payload, Result> =
  { kind: "task"; payload: Payload; size: number } | { kind: "result"; result: Result; size: number };

export interface BatchStream<Payload, Result> {
  pool: {
    /** Runs a task; `onPart` takes what becomes of its first rows while the others are done. */
    submit(payload: Payload, onPart: (part: TaskDone<Result>) => void): Promise<TaskDone<Result>>;
    hasRoom(): boolean;
  };
  /** The next batch, or undefined at the end. Called again only when the call before has answered. */
  pull(): Pulled<Payload, Result> | undefined | Promise<Pulled<Payload, Result> | undefined>;
  /** Called as each result comes, whatever the order. */
  arrived?(index: number, result: Result, timing: BatchTiming): void;
  /**
   * Called for every batch: in input order, or as they come when `isUnordered`. The next waits for it. A batch comes once,
   * or in parts, of which the last one is so marked.
   */
  deliver(index: number, result: Result, place: PartPlace): void | Promise<void>;
  /** Most that may be in flight, in the unit of `size`. At least one batch always is. */
  window: number;
  /** True while nothing more may be dispatched, whatever the window says. */
  isHeld?(): boolean;
  isUnordered?: boolean;
}

/** Whether more comes of the same batch. */
type PartPlace = "part" | "last";

/** What a batch took. */
export interface BatchTiming {
  place: PartPlace;
  /** In the unit of the source. */
  size: number;
  ms: number;
  /** Number of the worker; undefined when it needed none. */
  worker: number | undefined;
}

/** A started stream. */
export interface RunningStream<Result> {
  /** Resolves when all is delivered; rejects at the first failure of a pull, a task or a delivery. */
  done: Promise<void>;
  /** Makes it look again whether it may dispatch. */
  wake(): void;
  /** Pulls and delivers nothing more; `done` rejects with `error`. Tasks under way are left to end by themselves. */
  stop(error: unknown): void;
  /** What was delivered is all that is wanted: `done` resolves, and nothing more is pulled or delivered. */
  finish(): void;
  /** Pulls nothing more, but delivers what comes; the pool is told to stop by whoever calls this. */
  drain(): void;
  /** When nothing waits to be delivered. */
  delivered(): Promise<void>;
  /** What came of tasks and was not delivered, because something before it did not come. */
  undelivered(): Result[];
}

export function runBatches<Payload, Result>(stream: BatchStream<Payload, Result>): RunningStream<Result> {
  const run = new StreamRun(stream);
  run.pump().then(
    () => run.end.resolve(),
    (error: unknown) => run.stop(error),
  );
  return {
    done: run.end.promise,
    wake: () => run.wake(),
    stop: (error) => run.stop(error),
    finish: () => run.finish(),
    drain: () => run.drain(),
    delivered: () => run.delivered,
    undelivered: () => run.undelivered(),
  };
}

/** What came of a batch, or of a part of it. */
interface Arrived<Result> {
  index: number;
  result: Result;
  size: number;
  place: PartPlace;
}

class StreamRun<Payload, Result> {
  readonly #stream: BatchStream<Payload, Result>;
  readonly #reorder = new ReorderBuffer<{ result: Result; size: number }>();
  readonly #ready: Arrived<Result>[] = [];
  /** Parts of batches that wait for an earlier one. */
  readonly #earlyParts = new Map<number, Arrived<Result>[]>();
  /** Parts behind rows that were not done: they have no place in the order. */
  readonly #beside: Result[] = [];
  /** Batches that needed no worker. */
  readonly #given = new Set<number>();
  /** The batch whose turn it is. */
  #turn = 0;
  #pulled = 0;
  #delivered = 0;
  #inFlight = 0;
  #hasEnded = false;
  #isDraining = false;
  #isDelivering = false;
  #delivery: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  #wake: () => void = () => {};
  /** Rejects at the first failure, even while a pull is still waiting for input. */
  readonly end: PromiseWithResolvers<void> = Promise.withResolvers<void>();

  constructor(stream: BatchStream<Payload, Result>) {
    this.#stream = stream;
  }

  wake(): void {
    this.#wake();
  }

  stop(error: unknown): void {
    this.#failure ??= { error };
    this.end.reject(error);
    this.#wake();
  }

  finish(): void {
    this.end.resolve();
    // Whatever comes now is passed over, as after a failure, but nobody is told of one.
    this.stop(undefined);
  }

  drain(): void {
    this.#isDraining = true;
  }

  undelivered(): Result[] {
    const whole = [...this.#reorder.early()].filter(({ index }) => !this.#given.has(index));
    const parts = [...this.#earlyParts.values()].flat();
    return [...whole.map(({ result }) => result.result), ...parts.map(({ result }) => result), ...this.#beside];
  }

  get delivered(): Promise<void> {
    return this.#delivery;
  }

  async pump(): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#mayPull()) {
        const answer = this.#stream.pull();
        const pulled = answer instanceof Promise ? await answer : answer;
        if (this.#failure !== undefined || this.#isDraining) continue;
        if (pulled === undefined) this.#hasEnded = true;
        else this.#dispatch(pulled);
      } else if (this.#hasEnded && this.#delivered === this.#pulled) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #mayPull(): boolean {
    if (this.#hasEnded || this.#isDraining || !this.#stream.pool.hasRoom()) return false;
    if (this.#stream.isHeld?.() === true) return false;
    return this.#inFlight === 0 || this.#inFlight < this.#stream.window;
  }

  #dispatch(pulled: Pulled<Payload, Result>): void {
    const index = this.#pulled++;
    const { size } = pulled;
    this.#inFlight += size;
    if (pulled.kind === "result") {
      this.#given.add(index);
      this.#arrive(index, pulled.result, { size, ms: 0, worker: undefined, place: "last" });
      return;
    }
    const arrive = ({ value, ms, worker }: TaskDone<Result>, place: PartPlace): void =>
      this.#arrive(index, value, { size, ms, worker, place });
    this.#stream.pool
      .submit(pulled.payload, (part) => {
        if (part.isBeside === true) this.#beside.push(part.value);
        else arrive(part, "part");
      })
      .then(
        (done) => arrive(done, "last"),
        (error: unknown) => this.stop(error),
      );
  }

  #arrive(index: number, result: Result, timing: BatchTiming): void {
    if (this.#failure !== undefined) return;
    try {
      this.#stream.arrived?.(index, result, timing);
    } catch (error) {
      this.stop(error);
      return;
    }
    const { size, place } = timing;
    if (this.#stream.isUnordered === true) this.#ready.push({ index, result, size, place });
    else if (place === "part") this.#arrivePart({ index, result, size, place });
    else {
      this.#reorder.put(index, { result, size });
      for (let next = this.#reorder.take(); next !== undefined; next = this.#reorder.take()) {
        this.#ready.push({ index: next.index, ...next.result, place: "last" });
        this.#turn = next.index + 1;
        this.#ready.push(...(this.#earlyParts.get(this.#turn) ?? []));
        this.#earlyParts.delete(this.#turn);
      }
    }
    if (!this.#isDelivering) this.#delivery = this.#deliver();
    this.#wake();
  }

  #arrivePart(part: Arrived<Result>): void {
    if (part.index === this.#turn) {
      this.#ready.push(part);
      return;
    }
    const early = this.#earlyParts.get(part.index) ?? [];
    early.push(part);
    this.#earlyParts.set(part.index, early);
  }

  /** What fails here ends the stream before anything that has come meanwhile is delivered. */
  async #deliver(): Promise<void> {
    this.#isDelivering = true;
    try {
      while (this.#ready.length > 0) {
        for (const { index, result, size, place } of this.#ready.splice(0)) {
          if (this.#failure !== undefined) return;
          const delivery = this.#stream.deliver(index, result, place);
          if (delivery instanceof Promise) await delivery;
          if (place === "part") continue;
          this.#given.delete(index);
          this.#delivered++;
          this.#inFlight -= size;
          this.#wake();
        }
      }
    } catch (error) {
      this.stop(error);
    } finally {
      this.#isDelivering = false;
    }
  }
}
