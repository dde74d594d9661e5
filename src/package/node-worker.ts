/** The worker of the package's pool on Node. */
import { parentPort } from "node:worker_threads";
import { servePool } from "../pool/serve.ts";
import type { OpenMessage } from "../spawn.ts";

const parent = parentPort;
if (parent === null) throw new Error("this file is a pool's worker, and is started by nobody else");

let hear: ((message: { type: string }) => void) | undefined;

parent.on("message", (message: OpenMessage) => {
  if (hear === undefined) hear = servePool(message, (answer) => parent.postMessage(answer));
  else hear(message);
});
