/**
 * Parts of a file on a server that are on their way at the same time, each over a connection of its own: no one of them
 * need wait for the network alone, and how much one connection brings is no limit. Their pieces wait as they have come, and no
 * more are asked for than may wait. What a part ends with, if that is an error, is known to whoever has read all before it.
 */
import type { Asking } from "./asking.ts";
import type { RemoteFile } from "./remote-file.ts";
import { type Patience, RemoteReader } from "./remote-reader.ts";

/** How a file is cut into parts. */
export interface PartPlan {
  /** What one connection has brought before parts are asked for: of most files there is no more. */
  afterBytes: number;
  /** Parts begin so far behind that: what the first connection brings while the first of them is on its way. */
  leadBytes: number;
  /** The size of the first parts; those behind them are twice as large, as far as one may wait. */
  partBytes: number;
  firstParts: number;
  /** So many are on their way at most. */
  atOnce: number;
  /** How far ahead of what was taken parts are asked for. */
  aheadBytes: number;
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
  aheadBytes: 64 * MIB,
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
  /** Those that nobody has taken. */
  pieces: Uint8Array[];
  reader: RemoteReader;
  failure: { error: unknown } | undefined;
}

export class RemoteParts {
  readonly start: number;
  readonly end: number;
  readonly #what: PartedFile;
  readonly #plan: PartPlan;
  /** In order, those that were not taken to their end. */
  #parts: Part[] = [];
  #asked = 0;
  #underWay = 0;
  #atOnce: number;
  /** Where the next part begins that nobody has asked for. */
  #next: number;
  /** All before this offset was taken. */
  #taken: number;
  #hasFailed = false;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(what: PartedFile, plan: PartPlan) {
    this.#what = what;
    this.#plan = plan;
    this.start = this.#next = this.#taken = what.start;
    this.end = what.file.size;
    this.#atOnce = plan.atOnce;
    this.#ask();
  }

  /** Whether the server gives parts as it should: by the first of them, if that comes soon. */
  async areGiven(): Promise<boolean> {
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), this.#plan.trialMs);
    try {
      while (!this.#hasFailed && this.#parts[0]?.came === 0) {
        if ((await Promise.race([late.promise, this.#changed.promise])) === "late") return false;
      }
      return !this.#hasFailed;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The next piece, which is whoever's that takes it; nothing behind the last one.
   *
   * @throws {RowmillError} `input`, when it cannot be had.
   */
  async take(): Promise<Uint8Array> {
    for (;;) {
      const [part] = this.#parts;
      const piece = part?.pieces.shift();
      if (piece !== undefined) {
        this.#taken += piece.length;
        this.#ask();
        return piece;
      }
      if (part === undefined || this.#isClosed) return new Uint8Array(0);
      if (part.failure !== undefined) throw part.failure.error;
      if (part.start + part.came === part.end) this.#parts.shift();
      else await this.#changed.promise;
    }
  }

  /** Ends all connections. */
  close(): void {
    this.#isClosed = true;
    for (const { reader } of this.#parts) reader.close();
    this.#tell();
  }

  #ask(): void {
    const { partBytes, firstParts, aheadBytes } = this.#plan;
    while (!this.#isClosed && !this.#hasFailed && this.#underWay < this.#atOnce && this.#next < this.end) {
      const bytes = this.#asked < firstParts ? partBytes : Math.min(2 * partBytes, aheadBytes);
      const end = Math.min(this.#next + bytes, this.end);
      if (end - this.#taken > aheadBytes) return;
      const start = this.#next;
      this.#next = end;
      this.#underWay++;
      this.#asked++;
      const { name, asking, file, patience } = this.#what;
      const onBusy = (): void => {
        this.#atOnce = Math.max(1, this.#atOnce >> 1);
      };
      const reader = new RemoteReader(name, asking, { patience, part: { file, start, end, onBusy } });
      const part: Part = { start, end, came: 0, pieces: [], reader, failure: undefined };
      this.#parts.push(part);
      void this.#bring(part);
    }
  }

  async #bring(part: Part): Promise<void> {
    const { reader } = part;
    try {
      for (;;) {
        const piece = await reader.peek();
        reader.keep();
        if (this.#isClosed) return;
        if (piece.length === 0) break;
        part.pieces.push(piece);
        part.came += piece.length;
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
