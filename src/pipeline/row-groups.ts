/**
 * Threads that encode the row groups of Parquet files: as many as are needed, up to a bound, for all the files of a run. Rows
 * are handed over as they come, as long as not too many groups wait.
 */
import { RowmillError, fromWire } from "../errors.ts";
import { type ServedThread, spawnServed } from "../spawn.ts";
import type { ColumnProfile } from "../targets/parquet/column-profile.ts";
import type { EncoderThreads, GroupInThread } from "../targets/parquet/file.ts";
import { EncodingKernel } from "../targets/parquet/kernel.ts";
import type { FooterSetup } from "../targets/parquet/footer.ts";
import type { Encoded, GroupRows, MisfitPlace } from "../targets/parquet/group.ts";
import type { FromEncoder, ToEncoder } from "../targets/parquet/messages.ts";

/** So many messages may wait for a thread that is at one already. */
const MOST_WAITING = 2;

export class RowGroupThreads implements EncoderThreads {
  readonly kernel: EncodingKernel = new EncodingKernel();
  readonly #most: number;
  readonly #threads: EncoderThread[] = [];
  /** Told when a thread has answered, or has ended. */
  #wake: (() => void)[] = [];
  #groups = 0;

  /** @param most How many threads there may be. */
  constructor(most: number) {
    this.#most = most;
  }

  async take(rows: GroupRows): Promise<GroupInThread> {
    for (;;) {
      const thread = this.#freest();
      if (thread.waiting < MOST_WAITING) return this.#groupIn(thread, rows);
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }

  async footer(setup: FooterSetup): Promise<Uint8Array> {
    const said = await this.#freest().ask({ type: "footer", setup }, []);
    return expect(said, "footer").bytes;
  }

  /** Ends the threads: nothing more is to be written. */
  close(): void {
    for (const thread of this.#threads) thread.close();
  }

  #groupIn(thread: EncoderThread, rows: GroupRows): GroupInThread {
    const group = this.#groups++;
    let isKept = false;
    const transfer = rows.pieces.map(({ buffer }) => buffer as ArrayBuffer);
    return {
      async profile(): Promise<ColumnProfile[]> {
        isKept = true;
        return expect(await thread.ask({ type: "profile", group, rows }, transfer), "profiled").columns;
      },
      async encode(encoding): Promise<Encoded | { misfit: MisfitPlace }> {
        const said = await (isKept
          ? thread.ask({ type: "encode-kept", group, encoding }, [])
          : thread.ask({ type: "encode", rows, encoding }, transfer));
        return said.type === "misfit" ? { misfit: said.place } : expect(said, "encoded").encoded;
      },
    };
  }

  /** A thread with the least to do: another one, where all have something and there may be more. */
  #freest(): EncoderThread {
    const freest = this.#threads.toSorted((one, other) => one.waiting - other.waiting)[0];
    if (freest !== undefined && (freest.waiting === 0 || this.#threads.length >= this.#most)) return freest;
    const thread = new EncoderThread(() => {
      for (const wake of this.#wake.splice(0)) wake();
    });
    this.#threads.push(thread);
    return thread;
  }
}

class EncoderThread {
  readonly #thread: ServedThread;
  readonly #answered: () => void;
  /** Those that wait for an answer, in the order in which they have asked. */
  readonly #asked: { resolve: (said: FromEncoder) => void; reject: (error: Error) => void }[] = [];
  #failure: Error | undefined;
  #isClosed = false;

  /** @param answered Called when it has said something. */
  constructor(answered: () => void) {
    this.#answered = answered;
    this.#thread = spawnServed(
      { type: "open-row-groups" },
      {
        message: (message) => this.#hear(message as FromEncoder),
        death: (cause) => {
          if (this.#isClosed) return;
          this.#fail(new RowmillError("output", "cannot write the output: its thread has ended", { cause }));
        },
      },
    );
  }

  /** How many messages it has not answered. */
  get waiting(): number {
    return this.#asked.length;
  }

  async ask(message: ToEncoder, transfer: ArrayBuffer[]): Promise<FromEncoder> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#thread.tell(message, transfer);
    return await new Promise<FromEncoder>((resolve, reject) => {
      this.#asked.push({ resolve, reject });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#thread.terminate();
  }

  #hear(said: FromEncoder): void {
    const asked = this.#asked.shift();
    if (said.type === "failed") asked?.reject(fromWire(said.error));
    else asked?.resolve(said);
    this.#answered();
  }

  #fail(failure: Error): void {
    this.#failure = failure;
    for (const { reject } of this.#asked.splice(0)) reject(failure);
    this.#answered();
  }
}

function expect<Type extends FromEncoder["type"]>(said: FromEncoder, type: Type): Extract<FromEncoder, { type: Type }> {
  if (said.type !== type) throw new Error(`a thread says ${said.type}, and not ${type}`);
  return said as Extract<FromEncoder, { type: Type }>;
}
