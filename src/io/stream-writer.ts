/** Writes to a pipe, terminal or device: all bytes or an error, whatever short writes and full pipes there are. */
import { write } from "node:fs";
import type { QuickWriter } from "./quick-writer.ts";
import { writeError } from "./write-error.ts";

/** A full non-blocking pipe is tried again after this time, which doubles up to MAX_RETRY_MS. */
const FIRST_RETRY_MS = 1;
const MAX_RETRY_MS = 16;
/** How long an interrupted run waits for a reader that takes nothing. */
const LAST_MS = 300;
/** How much may wait for a slow reader before the run waits as well. */
const MAX_WAITING_BYTES = 1 << 20;
/** Smaller pieces that wait together go out in one write: to copy them takes less time than a write of each. */
const SMALL_BYTES = 64 * 1024;

/** Bytes that are to be written. */
interface Piece {
  bytes: Uint8Array;
  written: (() => void) | undefined;
}

/** What is written to, and how. */
interface WriterOptions {
  name: string;
  /** Ends waiting for its reader. */
  signal: AbortSignal | undefined;
  /** Writes what is taken at once, where that can be known. */
  quick?: QuickWriter | undefined;
}

/** Writes to a stream off the main thread; what comes while a write is under way goes out together with the next. */
export class StreamWriter {
  readonly #fd: number;
  readonly #name: string;
  readonly #signal: AbortSignal | undefined;
  readonly #quick: QuickWriter | undefined;
  #waiting: Piece[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  constructor(fd: number, { name, signal, quick }: WriterOptions) {
    this.#fd = fd;
    this.#name = name;
    this.#signal = signal;
    this.#quick = quick;
  }

  /** A write is under way: the descriptor must stay open. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /**
   * Done at once while little waits to be written.
   *
   * @param written Called when the bytes are written: until then nobody may change them.
   */
  async write(bytes: Uint8Array, written?: () => void): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (bytes.length === 0) return;
    this.#waiting.push({ bytes, written });
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#drain();
    if (this.#waitingBytes > MAX_WAITING_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#unlessInterrupted(this.#writing);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits for what was handed over, whether it can be written or not: the run has failed already. */
  async settle(): Promise<void> {
    const interrupt = new Interrupt(this.#signal);
    await Promise.race([this.#writing, interrupt.promise.then(() => Bun.sleep(LAST_MS))]);
    interrupt.end();
  }

  /** @throws What the signal gives as its reason. */
  async #unlessInterrupted(writing: Promise<void> | undefined): Promise<void> {
    if (writing === undefined) return;
    const interrupt = new Interrupt(this.#signal);
    await Promise.race([writing, interrupt.promise]);
    interrupt.end();
    this.#signal?.throwIfAborted();
  }

  async #drain(): Promise<void> {
    try {
      // Results that are there at the same time go out in one write, where that takes a thread.
      if (this.#quick === undefined) await new Promise((resolve) => setImmediate(resolve));
      while (this.#waiting.length > 0) {
        const pieces = this.#waiting;
        this.#waiting = [];
        this.#waitingBytes = 0;
        for (const bytes of joined(pieces)) await this.#writeAll(bytes);
        for (const { written } of pieces) written?.();
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#writing = undefined;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let done = 0;
    try {
      done = this.#quick?.write(bytes) ?? 0;
    } catch (error) {
      throw writeError(error, this.#name);
    }
    for (let retryMs = FIRST_RETRY_MS; done < bytes.length;) {
      const { error, written } = await writeOnce(this.#fd, bytes, done);
      done += written;
      if (error === null) {
        retryMs = FIRST_RETRY_MS;
      } else if (error.code === "EAGAIN" || error.code === "EINTR") {
        // The pipe is non-blocking, which the runtime itself may have made it: wait for its reader.
        await Bun.sleep(retryMs);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      } else {
        throw writeError(error, this.#name);
      }
    }
  }
}

/** What is to be written at once, in order. */
function joined(pieces: readonly Piece[]): Uint8Array[] {
  const writes: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = (): void => {
    if (small.length > 0) writes.push(small.length === 1 ? (small[0] as Uint8Array) : Buffer.concat(small));
    small = [];
  };
  for (const { bytes } of pieces) {
    if (bytes.length >= SMALL_BYTES) {
      join();
      writes.push(bytes);
    } else small.push(bytes);
  }
  join();
  return writes;
}

/** A promise that resolves when a signal is aborted; `end` stops listening. */
class Interrupt {
  readonly #signal: AbortSignal | undefined;
  readonly #moment = Promise.withResolvers<void>();
  readonly #stop = (): void => this.#moment.resolve();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    if (signal?.aborted === true) this.#stop();
    signal?.addEventListener("abort", this.#stop);
  }

  get promise(): Promise<void> {
    return this.#moment.promise;
  }

  end(): void {
    this.#signal?.removeEventListener("abort", this.#stop);
  }
}

function writeOnce(
  fd: number,
  bytes: Uint8Array,
  from: number,
): Promise<{ error: NodeJS.ErrnoException | null; written: number }> {
  return new Promise((resolve) => {
    write(fd, bytes, from, bytes.length - from, null, (error, written) => resolve({ error, written: written ?? 0 }));
  });
}
