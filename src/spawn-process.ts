/**
 * A worker in a process of its own, for rows near which an earlier run has died: what ends a process, no thread can
 * catch. It plays the role that a thread would, and speaks to its parent by messages; which item it has open it notes in
 * a file before it begins it, because nothing else is left of a process that was killed.
 */
import { closeSync, readSync } from "node:fs";
import { messageOf } from "./errors.ts";
import {
  NOTED_BYTES,
  PROGRESS_WANTED,
  WANTS_NOTHING,
  WANTS_PART,
  type TaskMessage,
  claimTask,
} from "./scheduler/messages.ts";
import { type OpenMessage, ROW_PROCESS, type RolePort, type SpawnOptions, hearing } from "./spawn.ts";
import { processCommand } from "./thread.ts";

export interface ProcessOptions<Payload> {
  /** A file that is open for both; closed when the process has ended. */
  notesFd: number;
  /** A payload, or a message of the role's own, with all that lies in memory of this process or is open in it copied. */
  detached: <T extends Payload | object>(message: T) => T;
}

/** A look at the notes of a process that may be stuck. */
const LOOK_MS = 50;

/** Starts a worker process for a role. */
export function spawnProcess<Payload, Result, Note extends { type: string } = never>(
  options: SpawnOptions<Result, Note>,
  { notesFd, detached }: ProcessOptions<Payload>,
): RolePort<Payload> {
  const { role, worker, progress } = options;
  const hear = hearing<Result, Note>(options);
  const child = Bun.spawn([...processCommand(), ROW_PROCESS], {
    // What it writes by itself belongs to no result.
    stdio: ["ignore", 2, 2, notesFd],
    serialization: "advanced",
    ipc: (message: unknown) => {
      if (isPart(message)) Atomics.compareExchange(progress, PROGRESS_WANTED, WANTS_PART, WANTS_NOTHING);
      hear.message(message);
    },
    onDisconnect: () => left.resolve(),
  });
  const left = Promise.withResolvers<void>();
  const kill = (): void => child.kill("SIGKILL");
  process.on("exit", kill);
  const looking = setInterval(() => readNotes(notesFd, progress), LOOK_MS);
  looking.unref();
  const end = async (): Promise<void> => {
    // Messages that it has sent are heard before its end.
    await Promise.all([child.exited, left.promise]);
    process.off("exit", kill);
    clearInterval(looking);
    readNotes(notesFd, progress);
    closeSync(notesFd);
    options.onEvent({ type: "died", error: hear.cause === undefined ? endOf(child) : deathBy(hear.cause) });
  };
  void end();
  const send = (message: object): void => {
    try {
      child.send(message);
    } catch {
      // It has just died, or its channel is closed: either way its end is reported next.
      kill();
    }
  };
  send({ type: "open", role, worker, progress: new Int32Array(progress.length), isNoted: true } satisfies OpenMessage);
  return {
    post: (message: TaskMessage<Payload>) => {
      // It is begun as soon as it is sent: without common memory nobody could tell whether it may still be taken back.
      claimTask(progress, message);
      send({ ...message, payload: detached(message.payload) });
    },
    tell: (message) => send(detached(message)),
    want: () => send({ type: "wanted", wants: progress[PROGRESS_WANTED] }),
    terminate: kill,
    ref: () => child.ref(),
    give: () => {},
    unref: () => child.unref(),
  };
}

function isPart(message: unknown): boolean {
  return typeof message === "object" && message !== null && Reflect.get(message, "type") === "part";
}

/** What the process has noted last. */
function readNotes(fd: number, progress: Int32Array): void {
  const notes = new Int32Array(NOTED_BYTES / Int32Array.BYTES_PER_ELEMENT);
  if (readSync(fd, notes, 0, NOTED_BYTES, 0) === NOTED_BYTES) progress.set(notes);
}

function endOf({ exitCode, signalCode }: Bun.Subprocess): Error {
  return new Error(`it ended its process (${signalCode ?? `exit code ${exitCode ?? 0}`}): an earlier run died near it`);
}

function deathBy(cause: unknown): Error {
  return new Error(`its process died of an uncaught error: ${messageOf(cause)}`, { cause });
}
