/** The worker of the package's pool on Bun: worker.ts, for the role of a pool's thread alone. */
import { servePool } from "../pool/serve.ts";
import type { OpenMessage } from "../spawn.ts";
import { guardProcess } from "../user-process.ts";

declare const self: {
  postMessage(message: object): void;
  addEventListener(type: "message", listener: (event: { data: OpenMessage }) => void): void;
};

let hear: ((message: { type: string }) => void) | undefined;

self.addEventListener("message", ({ data }) => {
  if (hear !== undefined) {
    hear(data);
    return;
  }
  guardProcess();
  hear = servePool(data, (message) => self.postMessage(message));
});
