/**
 * Parts of a file on a server that are on their way at the same time, each over a connection of its own: no one of them
 * need wait for the network alone, and how much one connection brings is no limit. They come into a ring: as many are asked for
 * as have room there. What a part ends with, if that is an error, is known to whoever has read all before it.
 */
import type { Asking } from "./asking.ts";
import { ByteRing } from "./byte-ring.ts";
import type { RemoteFile } from "./remote-file.ts";
import { type Patience, RemoteReader } from "./remote-reader.ts";

/** How a file is cut into parts. */
export interface PartPlan {
  /** What one connection has brought before parts are asked for: of most files there is no more. */
  afterBytes: number;
  /** Parts begin so far behind that: what the first connection brings while the first of them is on its way. */
  leadBytes: number;
  /** The size of the first parts; those behind them are twice as large, as far as the ring has room for one. */
  partBytes: number;
  firstParts: number;
  /** So many are on their way at most. */
  atOnce: number;
  ringBytes: number;
  /** How long is waited for the first of them before the one connection goes on alone. */
  trialMs: number;
}

const MIB = 1024 * 1024;

/**
 * A part takes 80 ms at the 50 MB/s that stores give a connection, several times what its answer takes to begin; of a file that
 * is really long each takes twice as long, since far away an answer begins later. As many connections as browsers open to one
 * server.
 */
export const PART_PLAN: PartPlan = {
  afterBytes: MIB,
  leadBytes: 3 * MIB,
  partBytes: 4 * MIB,
  firstParts: 12,
  atOnce: 6,
  ringBytes: 64 * MIB,
  trialMs: 2000,
};

/** A file whose parts are asked for. */
export interface PartedFile {
  /** For messages. */
  name: string;
  asking: Asking;
  file: RemoteFile & { size: number };
  /** The parts begin here. */
  start: number;
  patience: Patience | undefined;
}

interface Part {
  start: number;
  end: number;
  /** So many bytes of it have come. */
  came: number;
  reader: RemoteReader;
  failure: { error: unknown } | undefined;
}

export class RemoteParts {
  readonly start: number;
  readonly end: number;
  readonly ring: ByteRing;
  readonly #what: PartedFile;
  readonly #plan: PartPlan;
  /** In order, those that have not all come. */
  #parts: Part[] = [];
  #asked = 0;
  #underWay = 0;
  #atOnce: number;
  /** Where the next part begins that nobody has asked for. */
  #next: number;
  /** Nothing before this offset is needed any more. */
  #released: number;
  #hasFailed = false;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(what: PartedFile, plan: PartPlan, ring: ByteRing) {
    this.#what = what;
    this.#plan = plan;
    this.ring = ring;
    this.start = this.#next = this.#released = what.start;
    this.end = what.file.size;
    this.#atOnce = plan.atOnce;
    this.#ask();
  }

  /** All bytes before this offset have come. */
  get loaded(): number {
    const [part] = this.#parts;
    return part === undefined ? this.#next : part.start + part.came;
  }

  /** Whether the server gives parts as it should: by the first of them, if that comes soon. */
  async areGiven(): Promise<boolean> {
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), this.#plan.trialMs);
    try {
      while (!this.#hasFailed && this.loaded === this.start) {
        if ((await Promise.race([late.promise, this.#changed.promise])) === "late") return false;
      }
      return !this.#hasFailed;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Waits until all bytes before an offset have come.
   *
   * @throws {RowmillError} `input`, when some of them cannot be had.
   */
  async load(until: number): Promise<void> {
    while (this.loaded < until && !this.#isClosed) {
      const failure = this.#parts[0]?.failure;
      if (failure !== undefined) throw failure.error;
      await this.#changed.promise;
    }
  }

  /** Bytes before an offset are not needed any more: others come in their place. */
  release(offset: number): void {
    if (offset <= this.#released) return;
    this.#released = offset;
    this.#ask();
  }

  /** Ends all connections. */
  close(): void {
    this.#isClosed = true;
    for (const { reader } of this.#parts) reader.close();
    this.#tell();
  }

  #ask(): void {
    const { partBytes, firstParts } = this.#plan;
    while (!this.#isClosed && !this.#hasFailed && this.#underWay < this.#atOnce && this.#next < this.end) {
      const bytes = this.#asked < firstParts ? partBytes : Math.min(2 * partBytes, this.ring.length);
      const end = Math.min(this.#next + bytes, this.end);
      if (end - this.#released > this.ring.length) return;
      const start = this.#next;
      this.#next = end;
      this.#underWay++;
      this.#asked++;
      const { name, asking, file, patience } = this.#what;
      const onBusy = (): void => {
        this.#atOnce = Math.max(1, this.#atOnce >> 1);
      };
      const reader = new RemoteReader(name, asking, { patience, part: { file, start, end, onBusy } });
      const part: Part = { start, end, came: 0, reader, failure: undefined };
      this.#parts.push(part);
      void this.#bring(part);
    }
  }

  async #bring(part: Part): Promise<void> {
    const { reader, start } = part;
    try {
      for (;;) {
        const piece = await reader.peek();
        reader.take();
        // The ring may be another's by now.
        if (this.#isClosed) return;
        if (piece.length === 0) break;
        this.ring.set(start + part.came, piece);
        part.came += piece.length;
        while (this.#parts[0]?.end === this.loaded) this.#parts.shift();
        this.#tell();
      }
    } catch (error) {
      part.failure = { error };
      this.#hasFailed = true;
    }
    this.#underWay--;
    this.#ask();
    this.#tell();
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
