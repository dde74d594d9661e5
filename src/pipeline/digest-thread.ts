/** One thread for a run that makes checksums of its inputs, beside the workers that read their rows. */
import type { FileDigest, FromDigests, ToDigests } from "../io/digests.ts";
import { type ServedThread, spawnServed } from "../spawn.ts";

/** A message costs both threads some time: so many bytes are told of at once. */
const TOLD_BYTES = 8 * 1024 * 1024;

export class DigestThread {
  readonly #thread: ServedThread;
  readonly #ended: ((digest: FileDigest | undefined) => void)[] = [];
  #isDead = false;
  #opened = 0;

  constructor() {
    this.#thread = spawnServed(
      { type: "open-digests" },
      {
        message: (message) => {
          const { digest, made } = message as FromDigests;
          this.#ended[digest]?.(made);
        },
        death: () => {
          this.#isDead = true;
          for (const resolve of Object.values(this.#ended)) resolve(undefined);
        },
      },
    );
  }

  open(): FarDigest {
    const digest = this.#opened++;
    return new FarDigest({
      tell: (message) => this.#thread.tell({ digest, ...message } satisfies ToDigests),
      ended: (signal) => this.#untilEnded(digest, signal),
    });
  }

  #untilEnded(digest: number, signal: AbortSignal | undefined): Promise<FileDigest | undefined> {
    if (this.#isDead || signal?.aborted === true) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<FileDigest | undefined>();
    this.#ended[digest] = resolve;
    signal?.addEventListener("abort", () => resolve(undefined), { once: true });
    return promise;
  }

  close(): void {
    this.#thread.terminate();
  }
}

type Said<Message> = Message extends { digest: number } ? Omit<Message, "digest"> : never;

interface Connection {
  tell(message: Said<ToDigests>): void;
  ended(signal: AbortSignal | undefined): Promise<FileDigest | undefined>;
}

/** A checksum that the thread makes. */
export class FarDigest {
  readonly #thread: Connection;
  /** What follows was not told of yet. */
  #untold: { fd: number; from: number; to: number } | undefined;

  constructor(thread: Connection) {
    this.#thread = thread;
  }

  /** Bytes of a file that stays open until the digest has ended; they stand behind those before, in the same file. */
  addRange(fd: number, from: number, to: number): void {
    this.#untold = { fd, from: this.#untold?.from ?? from, to };
    if (to - this.#untold.from >= TOLD_BYTES) this.#tell();
  }

  #tell(): void {
    if (this.#untold !== undefined) this.#thread.tell({ type: "range", ...this.#untold });
    this.#untold = undefined;
  }

  /** A whole file in place of ranges. */
  addFile(path: string): void {
    this.#thread.tell({ type: "file", path });
  }

  /** Undefined where it could not be made, or `signal` says that nobody waits for it any more. */
  async end(signal: AbortSignal | undefined): Promise<FileDigest | undefined> {
    this.#tell();
    this.#thread.tell({ type: "end" });
    return await this.#thread.ended(signal);
  }
}
