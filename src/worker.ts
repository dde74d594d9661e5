/**
 * A worker thread's entry. The first message says which role to play; the role's module is loaded then, so that
 * neither pays for the other. Messages that come meanwhile wait.
 */
import type { OpenCompressionMessage, OpenMessage } from "./spawn.ts";
import { guardProcess } from "./user-process.ts";

/** What a role does with the messages that follow the first. */
type Listener = (message: { type: string }) => void;

declare const self: {
  postMessage(message: object, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<{ type: string }>) => void): void;
};

const early: { type: string }[] = [];
let listener: Listener | undefined;

self.addEventListener("message", (event) => {
  const message = event.data;
  if (message.type === "preload") transformRole().catch(reportFailure);
  else if (message.type === "open") openRole(message as OpenMessage).catch(reportFailure);
  else if (message.type === "open-compression") openCompression(message as OpenCompressionMessage).catch(reportFailure);
  else if (listener === undefined) early.push(message);
  else listener(message);
});

async function openRole(message: OpenMessage): Promise<void> {
  listener = await loadRole(message);
  for (const waiting of early.splice(0)) listener(waiting);
}

async function openCompression({ settings }: OpenCompressionMessage): Promise<void> {
  const { serveCompression } = await import("./io/compress.ts");
  listener = serveCompression(settings, post);
  for (const waiting of early.splice(0)) listener(waiting);
}

async function loadRole(message: OpenMessage): Promise<Listener> {
  guardProcess();
  if (message.role === "pool") {
    const { servePool } = await import("./pool/serve.ts");
    return servePool(message);
  }
  const { serveTransform, redirectConsole, dieTelling } = await transformRole();
  dieTelling(message.progress, (death) => self.postMessage(death, []));
  return serveTransform(message, redirectConsole(post));
}

function post(answer: object, transfer: ArrayBuffer[]): void {
  self.postMessage(answer, transfer);
}

function transformRole(): Promise<typeof import("./transform/serve.ts")> {
  return import("./transform/serve.ts");
}

/** A role that cannot even be loaded ends the thread, which the parent hears of. */
function reportFailure(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
