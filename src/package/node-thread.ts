/**
 * Threads of the package on Node, in place of src/thread.ts. The worker's text is part of the module: whatever bundler a
 * program goes through, there is no file that could be missing.
 */
import { Worker } from "node:worker_threads";
import text from "rowmill-built:node-worker";
import type { Thread, ThreadEvents, ThreadKind } from "../thread.ts";

export type { Thread, ThreadKind };

export function newThread(): Thread {
  const worker = new Worker(text, { eval: true });
  return {
    postMessage: (message: object, transfer?: ArrayBuffer[]) => worker.postMessage(message, transfer),
    addEventListener: (type, listener) => listen(worker, type, listener),
    terminate: () => void worker.terminate(),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

function listen<Type extends keyof ThreadEvents>(
  worker: Worker,
  type: Type,
  listener: (event: ThreadEvents[Type]) => void,
): void {
  const hear = listener as (event: ThreadEvents[keyof ThreadEvents]) => void;
  if (type === "message") worker.on("message", (data: unknown) => hear({ data }));
  else if (type === "close") worker.on("exit", (code) => hear({ code }));
  else worker.on("error", (error: Error) => hear({ error, message: error.message, preventDefault: () => {} }));
}
