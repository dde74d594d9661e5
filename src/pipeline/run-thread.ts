/**
 * A worker without a thread of its own: its role is played in the thread of the run, which saves the start of another one.
 * That is for short inputs and for code that is proven to be short work; the role refuses all other code, and a thread is
 * started after all.
 */
import { compressionByName } from "../io/compression.ts";
import { STDIN, isAddress } from "../io/files.ts";
import { placed } from "../io/start-folder.ts";
import type { RunOptions } from "../options/run-options.ts";
import { SHORT_BYTES, fileSize } from "../short-line.ts";
import { type Hearing, type RolePort, type SpawnOptions, hearing } from "../spawn.ts";
import type { BatchResult, FromWorker, RowTask } from "../transform/wire.ts";
import { REAL_PARTS, type RunParts } from "./prepare.ts";

type Options = SpawnOptions<BatchResult, FromWorker>;

/** The parts of a run over a short input: all its rows are one batch. */
export const SHORT_PARTS: RunParts = {
  ...REAL_PARTS,
  spawn: (options) => new RunThread(options),
  batchBytes: { ...REAL_PARTS.batchBytes, whole: SHORT_BYTES },
  firstRows: undefined,
};

/**
 * Whether a run is one for these parts: it maps the rows of short files by an expression, or by none. The files must have
 * answered before: they are looked at in this thread.
 */
export function isShortRun({ transform, timeout, inputs = [] }: RunOptions): boolean {
  if (transform !== undefined || timeout !== undefined || inputs.length === 0) return false;
  let bytes = 0;
  for (const name of inputs) {
    const size = isAddress(name) || name === STDIN ? undefined : fileSize(placed(name));
    // What is compressed may be long all the same.
    if (size === undefined || compressionByName(name) !== undefined) return false;
    bytes += size;
    if (bytes > SHORT_BYTES) return false;
  }
  return true;
}

class RunThread implements RolePort<RowTask> {
  readonly #options: Options;
  /** What was said to the role before it agreed. */
  #said: object[] | undefined = [];
  #role: ((message: { type: string }) => void) | undefined;
  /** Where the role refused. */
  #thread: RolePort<RowTask> | undefined;
  #isOver = false;

  constructor(options: Options) {
    this.#options = options;
    this.#load().catch((error: unknown) => {
      options.onEvent({ type: "broken", error: error instanceof Error ? error : new Error(String(error)) });
    });
  }

  async #load(): Promise<void> {
    const { serveTransform } = await import("../transform/serve.ts");
    const { worker, progress, kernel } = this.#options;
    const hear = hearing(this.#options);
    this.#role = serveTransform(
      { type: "open", role: "transform", worker, progress, kernel },
      (message) => this.#later(() => this.#hear(message as FromWorker, hear)),
      { isOfRun: true },
    );
    for (const message of this.#said ?? []) this.#tellRole(message);
  }

  #hear(message: FromWorker, parent: Hearing): void {
    if (this.#thread !== undefined) return;
    if (message.type === "refused") {
      this.#thread = REAL_PARTS.spawn(this.#options);
      for (const said of this.#said ?? []) this.#thread.tell(said);
    } else {
      parent.message(message);
    }
    this.#said = undefined;
  }

  /** As with threads, nothing is heard before what is being done has ended. */
  #later(deliver: () => void): void {
    setImmediate(() => {
      if (!this.#isOver) deliver();
    });
  }

  #tellRole(message: object): void {
    this.#later(() => this.#role?.(message as { type: string }));
  }

  tell(message: object): void {
    if (this.#thread !== undefined) {
      this.#thread.tell(message);
      return;
    }
    this.#said?.push(message);
    if (this.#role !== undefined) this.#tellRole(message);
  }

  post(message: Parameters<RolePort<RowTask>["post"]>[0]): void {
    if (this.#thread === undefined) this.tell(message);
    else this.#thread.post(message);
  }

  give(memory: ArrayBuffer): void {
    if (this.#thread === undefined) this.tell({ type: "memory", memory });
    else this.#thread.give(memory);
  }

  want(): void {
    if (this.#thread === undefined) this.tell({ type: "wanted" });
    else this.#thread.want();
  }

  terminate(): void {
    this.#isOver = true;
    this.#thread?.terminate();
  }

  ref(): void {
    this.#thread?.ref();
  }

  unref(): void {
    this.#thread?.unref();
  }
}
