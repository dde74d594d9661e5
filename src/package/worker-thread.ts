/** Threads that a worker of the package starts on Bun, in place of src/thread.ts: it is itself the file that they run. */
import type { Thread, ThreadKind } from "../thread.ts";

export type { Thread, ThreadKind };

export function newThread(): Thread {
  return new Worker(import.meta.url);
}

export function processCommand(): string[] {
  return [process.execPath, import.meta.path];
}
