/**
 * Compresses what goes to a sink: a row of gzip members, blocks of BGZF or zstd frames, as `gunzip` and `zstd -d` read them. They are
 * cut on a fixed grid of what is compressed, so that the bytes depend on nothing else, and each is compressed on its own,
 * in several threads.
 */
import { RowmillError } from "../errors.ts";
import { DATA_BYTES, END_BLOCK } from "../io/bgzf/pack-blocks.ts";
import { type CompressionSettings, compress, settingsFor } from "../io/compress.ts";
import type { OutputCompression } from "../io/compression.ts";
import type { Sink } from "../io/sink.ts";
import { type CompressionThread, spawnCompression } from "../spawn.ts";

/** How much output goes into one member, or into blocks that are packed together. Larger ones save less than 1 %, and take more memory. */
const MEMBER_BYTES: Record<OutputCompression, number> = { gzip: 1 << 20, zstd: 1 << 20, bgzf: 16 * DATA_BYTES };
/** How many members are under way for each thread: one that it works on, and one that waits. */
const MEMBERS_A_THREAD = 2;

/** How an output is compressed. */
export interface CompressionPlan {
  compression: OutputCompression;
  /** Threads at most. */
  threads: number;
}

export class CompressingSink {
  readonly #target: Sink;
  readonly #plan: CompressionPlan;
  readonly #threads: MemberThread[] = [];
  /** Members that are under way, in order. */
  readonly #members: Promise<Uint8Array>[] = [];
  #count = 0;
  #known: CompressionSettings | undefined;
  readonly #memberBytes: number;
  #rest: Uint8Array<ArrayBuffer>;
  #restBytes = 0;

  constructor(target: Sink, plan: CompressionPlan) {
    this.#target = target;
    this.#plan = plan;
    this.#memberBytes = MEMBER_BYTES[plan.compression];
    this.#rest = new Uint8Array(this.#memberBytes);
  }

  /** @param written Called when all of it is in members. */
  async write(bytes: Uint8Array, written?: () => void): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + this.#memberBytes - this.#restBytes);
      this.#rest.set(piece, this.#restBytes);
      this.#restBytes += piece.length;
      at += piece.length;
      if (this.#restBytes === this.#memberBytes) await this.#cut();
    }
    written?.();
  }

  /** Drops the last bytes of what was written; they have not been handed to a thread yet. */
  drop(bytes: number): void {
    this.#restBytes -= bytes;
  }

  /** Bytes that were written and are not compressed yet. */
  get length(): number {
    return this.#restBytes;
  }

  endsWith(bytes: Uint8Array): boolean {
    const start = this.#restBytes - bytes.length;
    return start >= 0 && Buffer.compare(this.#rest.subarray(start, this.#restBytes), bytes) === 0;
  }

  /** Compresses and writes what is left. An empty output is one empty member, since no bytes at all are no archive. */
  async finish(): Promise<void> {
    if (this.#count === 0) {
      const all = this.#rest.subarray(0, this.#restBytes);
      await this.#target.write(compress(all, this.#settings(all)));
    } else if (this.#restBytes > 0) {
      await this.#cut();
    }
    while (this.#members.length > 0) await this.#writeNext();
    if (this.#plan.compression === "bgzf") await this.#target.write(END_BLOCK);
    this.stop();
  }

  async #cut(): Promise<void> {
    const isWhole = this.#restBytes === this.#memberBytes;
    const bytes = isWhole ? this.#rest : this.#rest.slice(0, this.#restBytes);
    const member = this.#thread(this.#settings(bytes)).compress(bytes);
    if (isWhole) this.#rest = new Uint8Array(this.#memberBytes);
    this.#restBytes = 0;
    // A failure is thrown where the member is awaited, which may never happen.
    member.catch(() => {});
    this.#members.push(member);
    while (this.#members.length >= this.#threads.length * MEMBERS_A_THREAD) await this.#writeNext();
  }

  /** Threads are started as there is work for them, and have their turns. */
  #thread(settings: CompressionSettings): MemberThread {
    const index = this.#count++ % this.#plan.threads;
    return (this.#threads[index] ??= new MemberThread(settings));
  }

  /** The start of the output tells them, for all of it. */
  #settings(start: Uint8Array<ArrayBuffer>): CompressionSettings {
    return (this.#known ??= settingsFor(start, this.#plan.compression));
  }

  async #writeNext(): Promise<void> {
    const member = await this.#members.shift();
    if (member !== undefined) await this.#target.write(member);
  }

  /** The run failed: what was written before still goes out, if it can. */
  async settle(): Promise<void> {
    try {
      await this.finish();
    } catch {
      // It failed for a reason of its own, which is told.
      this.stop();
    }
  }

  /** Ends its threads: nothing more is to be written. */
  stop(): void {
    for (const thread of this.#threads.splice(0)) thread.terminate();
  }
}

/** A thread, and what it was asked for. */
class MemberThread {
  readonly #asked: PromiseWithResolvers<Uint8Array>[] = [];
  readonly #thread: CompressionThread;
  #death: RowmillError | undefined;

  constructor(settings: CompressionSettings) {
    this.#thread = spawnCompression(settings, {
      bytes: (bytes) => this.#asked.shift()?.resolve(bytes),
      death: (cause) => {
        this.#death = new RowmillError("output", "cannot compress the output: its thread has ended", { cause });
        for (const asked of this.#asked.splice(0)) asked.reject(this.#death);
      },
    });
  }

  compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    const answer = Promise.withResolvers<Uint8Array>();
    this.#asked.push(answer);
    this.#thread.post(bytes);
    return answer.promise;
  }

  terminate(): void {
    this.#thread.terminate();
  }
}
