/**
 * Files that a thread makes of rows: one thread for all that a run writes so. Rows are handed over as they come, with a bound
 * on what waits; the bytes of a file come back when all rows are there.
 */
import { RowmillError, fromWire } from "../errors.ts";
import type { Target } from "../formats/format.ts";
import { type ServedThread, spawnServed } from "../spawn.ts";
import type { FromTargets, ToTargets } from "../targets/messages.ts";

/** So many bytes may be on their way to the thread. */
const MOST_WAITING = 8 * 1024 * 1024;

export class Targets {
  readonly #tempDir: string | undefined;
  readonly #files: TargetFileRows[] = [];
  #thread: ServedThread | undefined;
  #isClosed = false;

  /** @param tempDir The folder for what has no room in memory. */
  constructor(tempDir: string | undefined) {
    this.#tempDir = tempDir;
  }

  /** Begins a file. The thread is started when there is the first one. */
  open(kind: string): Target {
    const file = this.#files.length;
    const thread = (this.#thread ??= this.#start());
    const opened = new TargetFileRows(file, (message, transfer) => thread.tell(message, transfer));
    this.#files.push(opened);
    thread.tell({ type: "begin", file, setup: { kind, tempDir: this.#tempDir } } satisfies ToTargets, []);
    return opened;
  }

  #start(): ServedThread {
    return spawnServed(
      { type: "open-targets" },
      {
        message: (message) => {
          const said = message as FromTargets;
          this.#files[said.file]?.hear(said);
        },
        death: (cause) => {
          if (this.#isClosed) return;
          const error = new RowmillError("output", "cannot write the output: its thread has ended", { cause });
          for (const file of this.#files) file.fail(error);
        },
      },
    );
  }

  /** Ends the thread: nothing more is to be written. */
  close(): void {
    this.#isClosed = true;
    this.#thread?.terminate();
  }
}

class TargetFileRows implements Target {
  readonly #file: number;
  readonly #tell: (message: ToTargets, transfer: ArrayBuffer[]) => void;
  /** Bytes of each message that the thread has not taken, and of all of them. */
  readonly #sent: number[] = [];
  #waiting = 0;
  #said: FromTargets | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(file: number, tell: (message: ToTargets, transfer: ArrayBuffer[]) => void) {
    this.#file = file;
    this.#tell = tell;
  }

  hear(said: FromTargets): void {
    if (said.type === "taken") this.#waiting -= this.#sent.shift() ?? 0;
    else if (said.type === "failed") this.#failure = fromWire(said.error);
    else this.#said = said;
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  async write(table: string, rows: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    // They lie in memory that is used again.
    const own = rows.slice();
    this.#sent.push(own.length);
    this.#waiting += own.length;
    this.#tell({ type: "write", file: this.#file, table, rows: own }, [own.buffer]);
    await this.#until(() => this.#waiting <= MOST_WAITING);
  }

  async *end(): AsyncGenerator<Uint8Array> {
    this.#tell({ type: "end", file: this.#file }, []);
    for (;;) {
      await this.#until(() => this.#said !== undefined);
      const said = this.#said;
      this.#said = undefined;
      if (said?.type !== "piece") return;
      // The next one is made while this one is written.
      this.#tell({ type: "more", file: this.#file }, []);
      yield said.bytes;
    }
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}
