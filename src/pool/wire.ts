/** What crosses between `Pool` and its workers, inside the scheduler's envelopes. */
import type { ErrorWire } from "../errors.ts";
import type { SentValues } from "./columns.ts";

/** A function on its way: its own text, or the URL of a module that exports it as `default`. */
export type FunctionWire = { kind: "source"; source: string } | { kind: "module"; url: string };

/** How an item becomes parameters: it is the first, with `ctx` as the second, or it is the array of them all. */
export type Calling = "item" | "spread";

/** An item of a batch that failed. */
export interface ItemFailure {
  item: number;
  error: ErrorWire;
}

/** A batch of items for a function. */
export interface ItemBatch {
  fn: FunctionWire;
  calling: Calling;
  /** Number of the first item within the call. */
  first: number;
  items: SentValues;
  /** Items that could not be copied; `undefined` stands in their place. */
  uncopied: ItemFailure[];
  /** Items behind one that fails are run as well: each has an outcome of its own. */
  isSettled: boolean;
  call: CallWire;
}

/** The call that a batch belongs to. */
export interface CallWire {
  /** Its number in the pool. */
  id: number;
  /** Shared by all who work for the call: {@linkcode CALL_OVER} at index 0 once nobody waits for it any more. */
  over: Int32Array;
}

export const CALL_OVER = 1;

/** Items of an asynchronous function that are under way at once in a worker. */
export const CONCURRENCY = 16;

/**
 * What became of a batch. It ends at its first failing item; one whose items are settled has `failures` for some of its
 * items, whose values are undefined.
 */
export type BatchOutcome =
  | { ok: true; values: SentValues; isAsync: boolean; failures?: ItemFailure[] }
  | ({ ok: false; values: SentValues; isAsync: boolean; failures?: undefined } & ItemFailure);

/** Parent to worker, before any batch: what every worker of the pool starts with. */
export interface SetupMessage {
  type: "setup";
  setup: FunctionWire | undefined;
  args: unknown;
  /** Memory that all workers have in common is not copied. */
  shared: unknown;
}
