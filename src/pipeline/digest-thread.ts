/** One thread for a run that makes checksums of its inputs, beside the workers that read their rows. */
import type { FileDigest, FromDigests, ToDigests } from "../io/digests.ts";
import { type ServedThread, spawnServed } from "../spawn.ts";

/** A checksum that the thread makes. */
export interface FarDigest {
  /** The next bytes of it, in a file that stays open until it has ended. */
  addRange(fd: number, from: number, to: number): void;
  /** A whole file in place of ranges. */
  addFile(path: string): void;
  /** Undefined where it could not be made, or `signal` says that nobody waits for it any more. */
  end(signal: AbortSignal | undefined): Promise<FileDigest | undefined>;
}

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
    return {
      addRange: (fd, from, to) => this.#tell({ type: "range", digest, fd, from, to }),
      addFile: (path) => this.#tell({ type: "file", digest, path }),
      end: (signal) => this.#end(digest, signal),
    };
  }

  #tell(message: ToDigests): void {
    this.#thread.tell(message);
  }

  #end(digest: number, signal: AbortSignal | undefined): Promise<FileDigest | undefined> {
    if (this.#isDead || signal?.aborted === true) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<FileDigest | undefined>();
    this.#ended[digest] = resolve;
    signal?.addEventListener("abort", () => resolve(undefined), { once: true });
    this.#tell({ type: "end", digest });
    return promise;
  }

  close(): void {
    this.#thread.terminate();
  }
}
