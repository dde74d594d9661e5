/**
 * A worker's entry: a thread or, for rows that may end the whole of it, a process. The first message says which role to
 * play; the role's module is loaded then, so that neither pays for the other. Messages that come meanwhile wait.
 */
import type { OpenSourceMessage } from "./sources/messages.ts";
import type { OpenDatabaseMessage } from "./databases/messages.ts";
import { NOTES_FD, type OpenCompressionMessage, type OpenMessage } from "./spawn.ts";
import { guardProcess } from "./user-process.ts";

/** Handles the messages that follow the first one. */
type Listener = (message: { type: string }) => void;

type MessageListener = (event: MessageEvent<{ type: string }>) => void;

declare const self: {
  postMessage(message: object, transfer: ArrayBuffer[]): void;
  addEventListener(type: "message", listener: MessageListener): void;
  removeEventListener(type: "message", listener: MessageListener): void;
};

/** The connection to the parent. */
interface Parent {
  post(message: object, transfer: ArrayBuffer[]): void;
  listen(listener: Listener): void;
  /** Listens, or does not, so that the thread would end when nothing else is under way; undefined where it cannot. */
  attend: ((how: "listens" | "leaves") => void) | undefined;
}

const parent: Parent = Bun.isMainThread ? parentProcess() : parentThread();

function parentThread(): Parent {
  let hearParent: Listener | undefined;
  const onMessage: MessageListener = (event) => hearParent?.(event.data);
  return {
    post: (message, transfer) => self.postMessage(message, transfer),
    listen: (hear) => {
      hearParent = hear;
      self.addEventListener("message", onMessage);
    },
    attend: (how) => {
      if (how === "leaves") self.removeEventListener("message", onMessage);
      else self.addEventListener("message", onMessage);
    },
  };
}

function parentProcess(): Parent {
  const send = process.send?.bind(process);
  if (send === undefined) throw new Error("a row process is started by a run, and by nobody else");
  // Signals of the terminal also reach the parent, which decides what they mean.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("disconnect", () => process.exit());
  return {
    post: (message) => void send(message),
    listen: (hear) => void process.on("message", (message) => hear(message as { type: string })),
    attend: undefined,
  };
}

const early: { type: string }[] = [];
let listener: Listener | undefined;

parent.listen((message) => {
  if (message.type === "preload") transformRole().catch(reportFailure);
  else if (message.type === "open") openRole(message as OpenMessage).catch(reportFailure);
  else if (message.type === "open-compression") openCompression(message as OpenCompressionMessage).catch(reportFailure);
  else if (message.type === "open-source") openSource(message as OpenSourceMessage).catch(reportFailure);
  else if (message.type === "open-targets") openTargets().catch(reportFailure);
  else if (message.type === "open-database") openDatabase(message as OpenDatabaseMessage).catch(reportFailure);
  else if (message.type === "open-row-groups") openRowGroups().catch(reportFailure);
  else if (message.type === "open-digests") openDigests().catch(reportFailure);
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

async function openSource({ setup }: OpenSourceMessage): Promise<void> {
  const { serveSource } = await import("./sources/serve.ts");
  listener = await serveSource(setup, post);
  for (const waiting of early.splice(0)) listener(waiting);
}

async function openTargets(): Promise<void> {
  const { serveTargets } = await import("./targets/serve.ts");
  listener = serveTargets(post);
  for (const waiting of early.splice(0)) listener(waiting);
}

async function openDatabase({ setup }: OpenDatabaseMessage): Promise<void> {
  const { serveDatabase } = await import("./databases/serve.ts");
  listener = await serveDatabase(setup, post);
  for (const waiting of early.splice(0)) listener(waiting);
}

async function openRowGroups(): Promise<void> {
  const { serveRowGroups } = await import("./targets/parquet/serve.ts");
  listener = serveRowGroups(post);
  for (const waiting of early.splice(0)) listener(waiting);
}

async function openDigests(): Promise<void> {
  const { serveDigests } = await import("./io/digests.ts");
  listener = serveDigests(post);
  for (const waiting of early.splice(0)) listener(waiting);
}

async function loadRole(message: OpenMessage): Promise<Listener> {
  guardProcess();
  if (message.role === "pool") {
    const { servePool } = await import("./pool/serve.ts");
    return servePool(message, (answer) => parent.post(answer, []));
  }
  const role = await transformRole();
  const { serveTransform, provideRowmill, quickenNumber, redirectConsole, listenForStrays, brokenBy } = role;
  quickenNumber();
  provideRowmill(() => import("./library.ts"));
  const notesFd = message.isNoted === true ? NOTES_FD : undefined;
  const tell = redirectConsole(post);
  const strays = listenForStrays(
    message.progress,
    (death) => parent.post(death, []),
    (stray) => tell(brokenBy(stray), []),
  );
  return serveTransform(message, tell, { notesFd, strays, attend: parent.attend });
}

function post(answer: object, transfer: ArrayBuffer[]): void {
  parent.post(answer, transfer);
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
