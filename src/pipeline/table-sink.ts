/** The sink for a table of a database: a thread takes its rows, which stand when the run is done, or never. */
import { fromWire } from "../errors.ts";
import type { Sink } from "../io/sink.ts";
import { type ServedThread, spawnServed } from "../spawn.ts";
import type { FromDatabase, OpenDatabaseMessage, ToDatabase } from "../databases/messages.ts";
import type { AskedTable } from "../databases/table.ts";

/** So many bytes may be on their way to the thread. */
const BYTES_AHEAD: number = 4 << 20;
/** How long is waited for a thread that undoes what it has done. */
const UNDO_MS = 1000;

export class TableSink implements Sink {
  readonly isWhole = true;
  readonly #thread: ServedThread;
  readonly #opened = Promise.withResolvers<void>();
  readonly #committed = Promise.withResolvers<void>();
  readonly #abandoned = Promise.withResolvers<void>();
  /** Of the lines on their way. */
  readonly #sizes: number[] = [];
  #ahead = 0;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  /** What whoever started the run should know of it. */
  notices: readonly string[] = [];

  private constructor(setup: AskedTable) {
    for (const { promise } of [this.#opened, this.#committed]) promise.catch(() => {});
    this.#thread = spawnServed({ type: "open-database", setup } satisfies OpenDatabaseMessage, {
      message: (message) => this.#hear(message as FromDatabase),
      death: (error) => {
        this.#abandoned.resolve();
        this.#fail(error);
      },
    });
  }

  /** @throws {RowmillError} `output`, when nothing can be written there. */
  static async open(setup: AskedTable): Promise<TableSink> {
    const sink = new TableSink(setup);
    try {
      await sink.#opened.promise;
      return sink;
    } catch (error) {
      sink.#thread.terminate();
      throw error;
    }
  }

  #hear(message: FromDatabase): void {
    if (message.type === "opened") this.#opened.resolve();
    else if (message.type === "abandoned") this.#abandoned.resolve();
    else if (message.type === "failed") this.#fail(fromWire(message.error));
    else if (message.type === "taken") {
      this.#ahead -= this.#sizes.shift() ?? 0;
      this.#wake?.();
    } else {
      this.notices = message.notices;
      this.#committed.resolve();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of [this.#opened, this.#committed]) reject(error);
    this.#wake?.();
  }

  async write(bytes: Uint8Array, written?: () => void): Promise<void> {
    this.#throwFailure();
    if (bytes.length > 0) {
      const lines = bytes.slice();
      this.#ahead += lines.length;
      this.#sizes.push(lines.length);
      this.#tell({ type: "lines", lines }, [lines.buffer]);
    }
    written?.();
    while (this.#ahead > BYTES_AHEAD && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #tell(message: ToDatabase, transfer: ArrayBuffer[] = []): void {
    this.#thread.tell(message, transfer);
  }

  async commit(): Promise<void> {
    this.#throwFailure();
    this.#tell({ type: "commit" });
    await this.#committed.promise;
    this.#thread.terminate();
  }

  async abandon(): Promise<void> {
    this.#tell({ type: "abandon" });
    await Promise.race([this.#abandoned.promise, Bun.sleep(UNDO_MS)]);
    this.#thread.terminate();
  }
}
