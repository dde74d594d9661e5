/**
 * The worker's role for `Pool`: loads functions by text or module, runs the setup, and answers batches of items.
 */
import { RowmillError, messageOf, toWire } from "../errors.ts";
import type { BrokenMessage, DyingMessage, ReadyMessage, TaskMessage } from "../scheduler/messages.ts";
import { type Answer, Progress, TaskServer, listenForStrays } from "../scheduler/serve-tasks.ts";
import type { Strays } from "../scheduler/strays.ts";
import type { OpenMessage } from "../spawn.ts";
import type { PoolWorkerContext } from "./context.ts";
import { BatchRun, type ItemFunction } from "./batch-run.ts";
import { CallEnd } from "./call-end.ts";
import type { BatchOutcome, CallWire, FunctionWire, ItemBatch, SetupMessage } from "./wire.ts";

type FromWorker = ReadyMessage | BrokenMessage | DyingMessage | Answer<BatchOutcome>;

/** Says something to the parent. */
type Post = (message: FromWorker) => void;

/** A pool may see any number of functions in its life; a worker keeps so many. */
const MAX_FUNCTIONS = 100;

/** Plays the role; returns the handler of all further messages. */
export function servePool(
  { worker, progress }: OpenMessage,
  post: (message: object) => void,
): (message: { type: string }) => void {
  const strays = listenForStrays(progress, post);
  const server = new PoolServer({ worker, post, progress: new Progress(progress), strays });
  return (message) => {
    if (message.type === "setup") server.setUp(message as SetupMessage);
    else if (message.type === "task") server.take(message as TaskMessage<ItemBatch>);
  };
}

class PoolServer {
  readonly #tasks: TaskServer<ItemBatch, BatchOutcome>;
  readonly #functions = new Map<string, ItemFunction>();
  readonly #calls = new Map<number, CallEnd>();
  readonly #strays: Strays;
  readonly #post: Post;
  #context: PoolWorkerContext;

  constructor(own: { worker: number; post: Post; progress: Progress; strays: Strays }) {
    const { worker, post, progress, strays } = own;
    this.#strays = strays;
    this.#post = post;
    this.#context = { args: undefined, shared: undefined, state: undefined, worker };
    this.#tasks = new TaskServer<ItemBatch, BatchOutcome>(
      progress,
      async (task) => {
        const fn = await this.#load(task.payload.fn);
        const end = this.#endOf(task.payload.call);
        const run = new BatchRun(task, { fn, context: this.#context, progress, end, strays });
        return { value: await run.run(), transfer: [] };
      },
      (answer) => postResult(answer, post),
      { strays, end: endWith },
    );
  }

  take(message: TaskMessage<ItemBatch>): void {
    this.#tasks.take(message);
  }

  /** Forgets calls that are over as new ones come. */
  #endOf(call: CallWire): CallEnd {
    const known = this.#calls.get(call.id);
    if (known !== undefined) return known;
    for (const [id, end] of this.#calls) if (end.isOver) this.#calls.delete(id);
    const end = new CallEnd(call);
    this.#calls.set(call.id, end);
    return end;
  }

  setUp(message: SetupMessage): void {
    this.#strays
      .during(() => this.#runSetup(message))
      .then(
        () => this.#post({ type: "ready" }),
        (error: unknown) => this.#post({ type: "broken", error: toWire(error) }),
      );
  }

  async #runSetup({ setup, args, shared }: SetupMessage): Promise<void> {
    this.#context = { ...this.#context, args, shared };
    if (setup === undefined) return;
    const fn = await this.#load(setup);
    try {
      this.#context = { ...this.#context, state: await fn(this.#context) };
      const stray = await this.#strays.take();
      if (stray !== undefined) throw stray;
    } catch (error) {
      throw new RowmillError("pool", `setup failed: ${messageOf(error)}`, { cause: error });
    }
  }

  async #load(wire: FunctionWire): Promise<ItemFunction> {
    const key = wire.kind === "module" ? wire.url : wire.source;
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const fn = wire.kind === "module" ? await importFunction(wire.url) : compileFunction(wire.source);
    if (this.#functions.size >= MAX_FUNCTIONS) this.#functions.clear();
    this.#functions.set(key, fn);
    return fn;
  }
}

/**
 * Makes a function from its text; the parent has checked that it needs nothing else. It is strict, as code in modules
 * is.
 */
function compileFunction(source: string): ItemFunction {
  // eslint-disable-next-line typescript/no-implied-eval -- the user's own function, sent here by the user's program
  return new Function(`"use strict"; return (${source}\n);`)() as ItemFunction;
}

async function importFunction(url: string): Promise<ItemFunction> {
  let module: unknown;
  try {
    module = await import(url);
  } catch (error) {
    throw new RowmillError("pool", `cannot load ${url}: ${messageOf(error)}`, { cause: error });
  }
  if (typeof module === "object" && module !== null && "default" in module && typeof module.default === "function") {
    return module.default as ItemFunction;
  }
  throw new RowmillError("pool", `cannot use ${url}: its default export is no function`);
}

/** None of its items is to blame: the call fails as a whole. */
function endWith(_: unknown, stray: RowmillError): never {
  throw new RowmillError("pool", stray.message, { cause: stray.cause });
}

/** Answers; a result that cannot be copied fails its item, not its batch. */
function postResult(message: Answer<BatchOutcome>, post: Post): void {
  try {
    post(message);
  } catch (error) {
    if (message.type !== "result" || !message.ok) throw error;
    const value = withoutUncopied(message.value);
    if (value === undefined) throw error;
    post({ ...message, value });
  }
}

/** The outcome with failures for results that cannot be copied; undefined when there are none. */
function withoutUncopied(outcome: BatchOutcome): BatchOutcome | undefined {
  const { values, isAsync } = outcome;
  // Columns hold nothing that cannot be copied.
  if (values.kind !== "plain") return undefined;
  const failures = values.values.flatMap((value, item) => {
    try {
      structuredClone(value);
      return [];
    } catch (cause) {
      const failure = new RowmillError("row-result", `the result cannot be copied: ${messageOf(cause)}`, { cause });
      return [{ item, error: toWire(failure) }];
    }
  });
  const [first] = failures;
  if (first === undefined) return undefined;
  if (outcome.failures === undefined) {
    return { ok: false, values: { kind: "plain", values: values.values.slice(0, first.item) }, isAsync, ...first };
  }
  const copied = values.values.map((value, item) => (failures.some((one) => one.item === item) ? undefined : value));
  return { ...outcome, values: { kind: "plain", values: copied }, failures: [...outcome.failures, ...failures] };
}
