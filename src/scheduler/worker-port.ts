/**
 * What stands between the pool and one worker, whether that is a thread or a test's fake.
 */
import type { TaskMessage } from "./messages.ts";

/** What a pool hears from a worker. */
export type WorkerEvent<Result> =
  | { type: "ready" }
  | { type: "result"; id: number; ok: true; value: Result; ms: number }
  | { type: "result"; id: number; ok: false; error: unknown }
  /** What became of the next items of a task that goes on; `done` of its items are known now. */
  | { type: "part"; id: number; value: Result; done: number; isBeside?: boolean; ms: number }
  /** It does not go on with a task, because it was told to stop. */
  | { type: "stopped"; id: number }
  /** It has not begun a task, for the one before took too long. */
  | { type: "declined"; id: number }
  /** It cannot work at all, and neither could another one. */
  | { type: "broken"; error: Error }
  /** It is gone; `error` says why, where that is known. */
  | { type: "died"; error: Error };

/** One worker, as the pool sees it: something to post to and to end. A test's port needs no thread. */
export interface WorkerPort<Payload> {
  /**
   * Payloads are copied, never transferred: the pool keeps them, to send them again when a worker dies. Throws when a
   * payload cannot be copied, which fails its task.
   */
  post(message: TaskMessage<Payload>): void;
  /** Tells a worker that waits for promises that something is wanted of it. */
  want(): void;
  terminate(): void;
}
