/**
 * Files that threads make of rows: one thread for all that a run writes so, or, for Parquet, one for each of several row groups.
 * Rows are handed over as they come, with a bound on what waits; the bytes of a file come back as they are there.
 */
import { RowmillError, fromWire } from "../errors.ts";
import type { ColumnType } from "../formats/column-type.ts";
import type { Target, TargetTable } from "../formats/format.ts";
import { type ServedThread, spawnServed } from "../spawn.ts";
import type { FromTargets, ToTargets } from "../targets/messages.ts";
import type { Codec } from "../targets/parquet/group.ts";
import { VERSION } from "../version.ts";
import type { RowGroupThreads } from "./row-groups.ts";

/** So many bytes may be on their way to the thread. */
const MOST_WAITING = 8 * 1024 * 1024;

const NO_BYTES = new Uint8Array(0);

/** What all files of a run have in common. */
export interface TargetsSetup {
  /** The folder for what has no room in memory. */
  tempDir: string | undefined;
  /** How many threads there may be for row groups. */
  threads: number;
  parquet: {
    codec: Codec;
    /** Types that were given, by column. */
    types: ReadonlyMap<string, ColumnType>;
    /** Types that an input states. */
    stated: ReadonlyMap<string, ColumnType>;
  };
}

/** A file is all that a run writes, one for some values of `--split-by`, or one that code writes to. */
export type FileRole = "whole" | "split" | "emitted";

export class Targets {
  readonly #setup: TargetsSetup;
  readonly #files: TargetFileRows[] = [];
  #thread: ServedThread | undefined;
  #isClosed = false;

  #rowGroups: Promise<RowGroupThreads> | undefined;

  constructor(setup: TargetsSetup) {
    this.#setup = setup;
  }

  /** Begins a file. Threads are started when there is something for them. */
  open(kind: string, role: FileRole): Target {
    if (kind === "parquet") return new LateTarget(this.#parquetFile(role));
    const file = this.#files.length;
    const thread = (this.#thread ??= this.#start());
    const opened = new TargetFileRows(file, (message, transfer) => thread.tell(message, transfer));
    this.#files.push(opened);
    thread.tell({ type: "begin", file, setup: { kind, tempDir: this.#setup.tempDir } } satisfies ToTargets, []);
    return opened;
  }

  /** Its code is loaded where there is one. */
  async #parquetFile(role: FileRole): Promise<Target> {
    const { threads, parquet } = this.#setup;
    this.#rowGroups ??= import("./row-groups.ts").then(({ RowGroupThreads: Made }) => new Made(threads));
    const { ParquetFile, FILE_SIZES } = await import("../targets/parquet/file.ts");
    const size = role === "whole" ? FILE_SIZES.alone : FILE_SIZES.amongMany;
    const mayLack = role === "emitted";
    return new ParquetFile({ ...parquet, size, mayLack, createdBy: `rowmill ${VERSION}` }, await this.#rowGroups);
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
    this.#rowGroups?.then(
      (threads) => threads.close(),
      () => {},
    );
  }
}

/** A file whose code is on its way. */
class LateTarget implements Target {
  readonly #target: Promise<Target>;

  constructor(target: Promise<Target>) {
    this.#target = target;
    // Whoever writes hears of it.
    target.catch(() => {});
  }

  async write(rows: Uint8Array, of: TargetTable): Promise<Uint8Array> {
    const target = await this.#target;
    return await target.write(rows, of);
  }

  async *end(columns: readonly string[] | undefined): AsyncGenerator<Uint8Array> {
    const target = await this.#target;
    yield* target.end(columns);
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

  async write(rows: Uint8Array, { table }: TargetTable): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    // They lie in memory that is used again.
    const own = rows.slice();
    this.#sent.push(own.length);
    this.#waiting += own.length;
    this.#tell({ type: "write", file: this.#file, table, rows: own }, [own.buffer]);
    await this.#until(() => this.#waiting <= MOST_WAITING);
    return NO_BYTES;
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
