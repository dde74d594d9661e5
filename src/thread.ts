/**
 * The one `new Worker` of the program. It stands here because a compiled binary finds the worker only when its file and
 * the file that starts it both lie directly in src/: `bun build --compile` flattens the bundle. In the package for
 * programs, files of src/package/ stand in its place.
 */

/** A thread, as far as it is used: what a `Worker` of the web is, and what Node's can be made to be. */
export interface Thread {
  postMessage(message: object, transfer: ArrayBuffer[]): void;
  postMessage(message: object): void;
  addEventListener<Type extends keyof ThreadEvents>(type: Type, listener: (event: ThreadEvents[Type]) => void): void;
  terminate(): unknown;
  ref(): void;
  unref(): void;
}

/** What is heard of a thread. */
export interface ThreadEvents {
  message: { data: unknown };
  error: ThreadError;
  close: { code: number };
}

/** An error that nobody caught in a thread. */
interface ThreadError {
  error?: unknown;
  message: string;
  /** The error is taken care of, and must not end the process. */
  preventDefault(): void;
}

/** What a thread is started for: a pool's thread needs little of all that a worker can do. */
export type ThreadKind = "any" | "pool";

/** A worker's thread, without a role yet. */
export function newThread(_kind: ThreadKind = "any"): Thread {
  return new Worker(new URL("./worker.ts", import.meta.url));
}

/** The words that start a worker as a process of its own, before those that are for the worker. */
export function processCommand(): string[] {
  const isExecutable = /\$bunfs|~BUN/.test(import.meta.path);
  return isExecutable
    ? [process.execPath]
    : [process.execPath, Bun.fileURLToPath(new URL("./main.ts", import.meta.url))];
}
