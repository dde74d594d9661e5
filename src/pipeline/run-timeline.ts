/**
 * What the page of a run (`--report`) says beside the figures of its summary: how quick it was over time, which batches were slow,
 * what failed and why. All of it is bounded in memory.
 */
import { shownPlace } from "../errors.ts";
import type { BatchTiming } from "../scheduler/run-batches.ts";
import type { BatchResult, RowFailure } from "../transform/wire.ts";

/** Time is cut into so many pieces at most: into wider ones as it goes on. */
const MOST_PIECES = 240;
const FIRST_PIECE_MS = 50;
/** So many batches are kept, the slowest; of each worker the first are left out, as its code is not optimised yet. */
const MOST_SLOW = 10;
const FIRST_BATCHES = 4;
/** So many reasons, and of each so many rows. */
const MOST_REASONS = 100;
const MOST_SAMPLES = 3;
const MOST_INPUT_CHARS = 300;

/** What was done in a piece of the time. */
export interface Piece {
  rows: number;
  bytes: number;
  /** How long workers had work in it, all together. */
  busyMs: number;
}

/** A batch, by how long its worker had it. */
export interface SlowBatch {
  /** Its rows, by their numbers in the run, from 0: from the first to before the last one. */
  from: number;
  to: number;
  ms: number;
  worker: number;
}

/** A row that failed. */
export interface FailedSample {
  /** Its place in words. */
  where: string;
  message: string;
  /** The row as it stands in the input, as far as it is known. */
  input: string | undefined;
}

/** Rows that failed for the same reason. */
export interface FailedReason {
  code: string;
  /** What the messages of its rows have in common: numbers and names in them are left out. */
  reason: string;
  rows: number;
  samples: FailedSample[];
}

export class RunTimeline {
  readonly #begun: number;
  #pieces: Piece[] = [];
  #pieceMs = FIRST_PIECE_MS;
  /** Rows and bytes of parts of batches that are under way, by worker. */
  readonly #open = new Map<number, number>();
  /** How long the batches took that came back and are not written yet: that of the last part is the time of all. */
  readonly #timed = new WeakMap<BatchResult, { rows: number; ms: number; worker: number }>();
  #slow: SlowBatch[] = [];
  /** How many batches of each worker are written. */
  readonly #batches = new Map<number, number>();
  readonly #reasons = new Map<string, FailedReason>();
  /** Rows that failed for other reasons than those which are kept. */
  #others = 0;

  /** @param begun When the run began, as `performance.now()` has it. */
  constructor(begun: number) {
    this.#begun = begun;
  }

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  get pieceMs(): number {
    return this.#pieceMs;
  }

  /** The slowest batches, by their time for a row. */
  get slowest(): readonly SlowBatch[] {
    return this.#slow;
  }

  /** What failed, the commonest first. */
  get reasons(): FailedReason[] {
    return [...this.#reasons.values()].toSorted((a, b) => b.rows - a.rows);
  }

  get otherFailures(): number {
    return this.#others;
  }

  /** A batch, or a part of one, came back. */
  arrived(result: BatchResult, { worker, ms, size, place }: BatchTiming, now: number = performance.now()): void {
    if (worker === undefined) return;
    const isLast = place === "last";
    const rows = result.rowsIn + (this.#open.get(worker) ?? 0);
    if (isLast) this.#open.delete(worker);
    else this.#open.set(worker, rows);
    // Rows of a part that does not say how long it took were done just now.
    this.#spread(now - this.#begun, { ms: isLast ? ms : 0, rows: result.rowsIn, bytes: isLast ? size : 0 });
    if (isLast && rows > 0) this.#timed.set(result, { rows, ms, worker });
  }

  /**
   * A result is written: so many rows were before it.
   *
   * @param taken What of it, where the run ends within.
   */
  wrote(result: BatchResult, taken: BatchResult, before: number): void {
    const timed = this.#timed.get(result);
    if (timed !== undefined) {
      const { rows, ms, worker } = timed;
      const to = before + result.rowsIn;
      const written = (this.#batches.get(worker) ?? 0) + 1;
      this.#batches.set(worker, written);
      if (written > FIRST_BATCHES) this.#noteSlow({ from: to - rows, to, ms, worker });
    }
    if (taken.rowsFailed === 0) return;
    const known = taken.rejects.length === 0 ? 0 : this.#noteRecords(Buffer.from(taken.rejects).toString());
    if (known === 0 && taken.failure !== undefined) this.#noteFailure(taken.failure);
  }

  #noteSlow(batch: SlowBatch): void {
    const perRow = ({ ms, from, to }: SlowBatch): number => ms / (to - from);
    const last = this.#slow.at(-1);
    if (this.#slow.length === MOST_SLOW && last !== undefined && perRow(batch) <= perRow(last)) return;
    this.#slow = [...this.#slow, batch].toSorted((a, b) => perRow(b) - perRow(a)).slice(0, MOST_SLOW);
  }

  /** Notes the lines of a rejects file. Returns how many. */
  #noteRecords(lines: string): number {
    let count = 0;
    for (const line of lines.split("\n")) {
      if (line === "") continue;
      const { code, message, file, line: at, where, input } = JSON.parse(line) as Record<string, unknown>;
      const place = { file: String(file), line: Number(at), ...(typeof where === "string" && { words: where }) };
      this.#note(String(code), {
        where: shownPlace(place),
        message: String(message),
        input: textOf(input),
      });
      count++;
    }
    return count;
  }

  /** Of a batch whose failed rows are left out, the first one is known. */
  #noteFailure({ error, line }: RowFailure): void {
    const { code, message, place } = error;
    const where = place === undefined ? `line ${line}` : shownPlace(place);
    this.#note(code ?? "internal", { where, message, input: undefined });
  }

  #note(code: string, sample: FailedSample): void {
    const reason = reasonOf(sample.message);
    const key = `${code} ${reason}`;
    let known = this.#reasons.get(key);
    if (known === undefined) {
      if (this.#reasons.size >= MOST_REASONS) {
        this.#others++;
        return;
      }
      known = { code, reason, rows: 0, samples: [] };
      this.#reasons.set(key, known);
    }
    known.rows++;
    if (known.samples.length < MOST_SAMPLES) known.samples.push(sample);
  }

  /** Spreads what was done over the time that it took. */
  #spread(at: number, { ms, rows, bytes }: { ms: number; rows: number; bytes: number }): void {
    while (at >= MOST_PIECES * this.#pieceMs) this.#widen();
    const from = Math.max(0, at - ms);
    const [first, last] = [Math.floor(from / this.#pieceMs), Math.floor(at / this.#pieceMs)];
    while (this.#pieces.length <= last) this.#pieces.push({ rows: 0, bytes: 0, busyMs: 0 });
    for (let number = first; number <= last; number++) {
      const piece = this.#pieces[number];
      if (piece === undefined) continue;
      const within = Math.min(at, (number + 1) * this.#pieceMs) - Math.max(from, number * this.#pieceMs);
      const share = at > from ? within / (at - from) : 1 / (last - first + 1);
      piece.rows += rows * share;
      piece.bytes += bytes * share;
      piece.busyMs += ms * share;
    }
  }

  #widen(): void {
    const pairs: Piece[] = [];
    for (let at = 0; at < this.#pieces.length; at += 2) {
      const [a, b] = [this.#pieces[at], this.#pieces[at + 1]];
      pairs.push({
        rows: (a?.rows ?? 0) + (b?.rows ?? 0),
        bytes: (a?.bytes ?? 0) + (b?.bytes ?? 0),
        busyMs: (a?.busyMs ?? 0) + (b?.busyMs ?? 0),
      });
    }
    this.#pieces = pairs;
    this.#pieceMs *= 2;
  }
}

function textOf(input: unknown): string | undefined {
  return typeof input === "string" ? input.slice(0, MOST_INPUT_CHARS) : undefined;
}

/** Texts in quotes, also where they are cut off, and numbers: they are those of a row. An apostrophe opens no quote. */
const OWN = /"(?:[^"\\]|\\.)*(?:"|$)|(?<![\p{L}\p{N}])'[^']*(?:'(?!\p{L})|$)|-?\d+(?:\.\d+)?/gu;
const MOST_MESSAGE_CHARS = 2000;
const MOST_REASON_CHARS = 200;

/** What a message says, whatever the row. */
function reasonOf(message: string): string {
  return message.slice(0, MOST_MESSAGE_CHARS).replaceAll(OWN, "…").slice(0, MOST_REASON_CHARS);
}
