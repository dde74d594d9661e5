/** Starts workers, and hears what they say. */
import { fromWire, messageOf } from "./errors.ts";
import type {
  BrokenMessage,
  DeclinedMessage,
  DyingMessage,
  PartMessage,
  ReadyMessage,
  ResultMessage,
  StoppedMessage,
  TaskMessage,
  WantedMessage,
} from "./scheduler/messages.ts";
import type { WorkerEvent, WorkerPort } from "./scheduler/worker-port.ts";
import { type Thread, newThread } from "./thread.ts";

/** The first message that a worker gets: which of its two trades it is to follow. */
export interface OpenMessage {
  type: "open";
  role: "transform" | "pool";
  worker: number;
  progress: Int32Array;
  /** Compiled code that the role would otherwise compile again. */
  kernel?: WebAssembly.Module | undefined;
  /** It is a process, which shares no memory: the book of open items is written to a file that is open. */
  isNoted?: boolean;
}

/** The only word of a command line that starts a worker as a process. */
export const ROW_PROCESS = "--row-process";
/** Where the file is open in it. */
export const NOTES_FD = 3;

/** The settings of io/compress.ts, which this file may not import. */
type CompressionSettings = { compression: "gzip" | "bgzf"; level: 5 | 6 } | { compression: "zstd"; level: 3 };

/** To a thread that compresses, in place of an {@linkcode OpenMessage}. */
export interface OpenCompressionMessage {
  type: "open-compression";
  settings: CompressionSettings;
}

/**
 * The first message to a thread that reads a source, writes an output that is no text, or makes checksums: what these say this file
 * may not import.
 */
interface OpenServedMessage {
  type: "open-source" | "open-targets" | "open-row-groups" | "open-database" | "open-digests";
  setup?: object;
}

/** A thread that reads a source, writes an output that is no text, or makes checksums. */
export interface ServedThread {
  tell(message: object, transfer?: ArrayBuffer[]): void;
  terminate(): void;
}

/** A thread that compresses. */
export interface CompressionThread {
  /** Compresses bytes; the buffer is transferred to the thread. Answers come in the order of the calls. */
  post(bytes: Uint8Array<ArrayBuffer>): void;
  terminate(): void;
}

/** A port that also carries messages of the role's own. */
export interface RolePort<Payload> extends WorkerPort<Payload> {
  /** Posts a message that the scheduler knows nothing of. */
  tell(message: object): void;
  /** Hands over memory, for results to come; nothing happens where none is shared. */
  give(memory: ArrayBuffer): void;
  /** Lets the worker keep the process alive, as it does from the start. */
  ref(): void;
  /** Lets the process end although the worker is there. */
  unref(): void;
}

export interface SpawnOptions<Result, Note extends { type: string }> {
  role: OpenMessage["role"];
  worker: number;
  progress: Int32Array;
  kernel?: WebAssembly.Module;
  onEvent(event: WorkerEvent<Result>): void;
  /** Messages that are not the scheduler's. */
  onNote(note: Note): void;
}

let waitingThread: Thread | undefined;

/** Takes over a thread that was started before it was known what for: the next worker runs in it. */
export function adoptThread(thread: Thread | undefined): void {
  waitingThread = thread;
}

/** Starts a worker thread for a role. */
export function spawnWorker<Payload, Result, Note extends { type: string } = never>(
  options: SpawnOptions<Result, Note>,
): RolePort<Payload> {
  const { role, worker: index, progress, kernel } = options;
  const worker = waitingThread ?? newThread(role === "pool" ? "pool" : "any");
  waitingThread = undefined;
  const hear = hearing(options);
  worker.addEventListener("message", ({ data }) => hear.message(data));
  worker.addEventListener("error", (event) => {
    hear.cause ??= event.error ?? new Error(errorLine(event.message));
    event.preventDefault();
  });
  worker.addEventListener("close", (event) => {
    options.onEvent({ type: "died", error: describeDeath(event.code, hear.cause) });
  });
  const open: OpenMessage = { type: "open", role, worker: index, progress, kernel };
  worker.postMessage(open);
  return {
    post: (message: TaskMessage<Payload>) => worker.postMessage(message),
    tell: (message) => worker.postMessage(message),
    give: (memory) => worker.postMessage({ type: "memory", memory }, [memory]),
    want: () => worker.postMessage({ type: "wanted" } satisfies WantedMessage),
    terminate: () => worker.terminate(),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

/** Who hears a worker. */
export interface Hearing {
  message(message: unknown): void;
  /** An uncaught error comes first and says why; the end of the worker follows. */
  cause: unknown;
}

/** Hands what a worker says to whom it is for. */
export function hearing<Result, Note extends { type: string }>(
  options: Pick<SpawnOptions<Result, Note>, "onEvent" | "onNote">,
): Hearing {
  const hear: Hearing = {
    cause: undefined,
    message: (message) => {
      // The user's code can post what it likes.
      if (!isMessage(message)) return;
      if (message.type === "dying") hear.cause = fromWire((message as DyingMessage).error);
      else if (isOfScheduler<Result>(message)) options.onEvent(toEvent(message));
      else options.onNote(message as Note);
    },
  };
  return hear;
}

/** Starts a thread that compresses. */
export function spawnCompression(
  settings: CompressionSettings,
  on: { bytes(bytes: Uint8Array): void; death(error: Error): void },
): CompressionThread {
  const worker = newThread();
  let cause: unknown;
  worker.addEventListener("message", ({ data }) => on.bytes((data as { bytes: Uint8Array }).bytes));
  worker.addEventListener("error", (event) => {
    cause ??= event.error ?? new Error(errorLine(event.message));
    event.preventDefault();
  });
  worker.addEventListener("close", (event) => on.death(describeDeath(event.code, cause)));
  worker.postMessage({ type: "open-compression", settings } satisfies OpenCompressionMessage);
  return {
    post: (bytes) => worker.postMessage({ type: "member", bytes }, [bytes.buffer]),
    terminate: () => worker.terminate(),
  };
}

/** Starts a thread that reads a source, or writes an output that is no text. */
export function spawnServed(
  open: OpenServedMessage,
  on: { message(message: { type: string }): void; death(error: Error): void },
): ServedThread {
  const worker = newThread();
  let cause: unknown;
  worker.addEventListener("message", ({ data }) => on.message(data as { type: string }));
  worker.addEventListener("error", (event) => {
    cause ??= event.error ?? new Error(errorLine(event.message));
    event.preventDefault();
  });
  worker.addEventListener("close", (event) => on.death(describeDeath(event.code, cause)));
  worker.postMessage(open);
  return {
    tell: (message, transfer = []) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
  };
}

type Incoming<Result> =
  ReadyMessage | BrokenMessage | ResultMessage<Result> | PartMessage<Result> | StoppedMessage | DeclinedMessage;

const OF_SCHEDULER: ReadonlySet<string> = new Set(["result", "part", "stopped", "declined", "ready", "broken"]);

/** The line that says what went wrong, of a text that Bun wraps in a code frame and a stack. */
function errorLine(text: string): string {
  return /^(?:error|\w*Error): (.*)$/m.exec(text)?.[1] ?? text;
}

function isMessage(data: unknown): data is { type: string } {
  return typeof data === "object" && data !== null && "type" in data && typeof data.type === "string";
}

function isOfScheduler<Result>(message: { type: string }): message is Incoming<Result> {
  return OF_SCHEDULER.has(message.type);
}

function toEvent<Result>(message: Incoming<Result>): WorkerEvent<Result> {
  if (message.type === "broken") return { type: "broken", error: fromWire(message.error) };
  if (message.type === "result" && !message.ok) return { ...message, error: fromWire(message.error) };
  return message;
}

function describeDeath(code: number, cause: unknown): Error {
  if (cause === undefined) return new Error(`the worker was ended by process.exit(${code})`);
  return new Error(`the worker died of an uncaught error: ${messageOf(cause)}`, { cause });
}
