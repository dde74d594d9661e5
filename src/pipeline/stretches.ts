/**
 * Stretches of an input in which workers find the rows themselves. The parent hands them out without having looked at them, of
 * a file by position and of a stream line by line, and joins what comes of them in input order: the rows of a stretch must begin
 * where those before it end. Where they do not, the guess of its worker was wrong, and the stretch is read again with
 * certainty.
 *
 * The first stretch begins where the rows so far end. So by induction all that is joined is what reading from the start
 * would have found.
 */
import type { Pulled } from "../scheduler/run-batches.ts";
import type { BatchResult, JointRows, RowTask, Stretch } from "../transform/wire.ts";
import { MOST_BEFORE } from "../transform/stretch-reader.ts";
import { cellEnd } from "./cell-split.ts";
import type { RowSource, UnreadFile, UnreadStream } from "./row-source.ts";
import type { BatchLimits } from "./split-request.ts";
import type { StretchCounts } from "./summary.ts";

/** No more guesses are made when so many were wrong, and more than one of so many. */
const MOST_WRONG = 2;
const MOST_WRONG_SHARE = 1 / 16;

/** The cells of a grid on which stretches lie (see cell-split.ts). */
export interface StretchCells {
  /** Bytes of one: of the first ones, and at most of later ones. */
  bytes: number;
  mostBytes?: number | undefined;
  /** A stretch may be of so many, where what is folded is the same however it is cut; else of one. */
  most: number;
  /** How many workers there are: as long as each has some more stretches before it, they are of several cells. */
  jobs: number;
}

/** So many stretches a worker are still to come where one is as large as it may be. */
const STRETCHES_TO_COME = 3;

export class Stretches {
  readonly #source: RowSource;
  readonly #cells: StretchCells | undefined;
  readonly #mostWrong: number;
  /** Which input, and the offset up to which it was handed out. */
  #front: { file: number; offset: number } | undefined;
  /** Handed out and not done. */
  #out = 0;
  readonly counts: StretchCounts = { joined: 0, again: 0, placed: 0 };
  /** Guesses that were worth it, and others. */
  #right = 0;
  #wrong = 0;

  /** @param cells They are made of these. */
  constructor(source: RowSource, cells: StretchCells | undefined, mostWrong: number = MOST_WRONG) {
    this.#source = source;
    this.#cells = cells;
    this.#mostWrong = mostWrong;
  }

  /** Some are not done: nothing else may be read of the input. */
  get areOut(): boolean {
    return this.#out > 0;
  }

  /** Bytes of the inputs that were not handed out; undefined where nobody knows. */
  get remaining(): number | undefined {
    const { remaining, unread } = this.#source;
    if (remaining === undefined || unread === undefined) return remaining;
    const front = "take" in unread ? unread.front : this.#from(unread);
    return remaining - (front - unread.start);
  }

  /** Whether there is a further one. */
  get mayHandOut(): boolean {
    if (this.#wrong >= this.#mostWrong && this.#wrong > this.#right * MOST_WRONG_SHARE) return false;
    const { unread } = this.#source;
    if (unread === undefined) return false;
    if (!("take" in unread)) return this.#from(unread) < unread.end;
    // Behind lines that were taken the next row may begin in these.
    return this.areOut || unread.front === unread.start;
  }

  /** Offset up to which the input was handed out, or read. */
  #from({ file, start }: Pick<UnreadFile, "file" | "start">): number {
    return this.#front?.file === file ? Math.max(this.#front.offset, start) : start;
  }

  /** The next one, of about so many bytes; nothing where a stream has none, or its lines are longer. */
  handOut(bytes: number, batch: number): Stretched | Promise<Stretched | undefined> {
    const { unread } = this.#source;
    if (unread === undefined) throw new Error("there is nothing to hand out");
    return "take" in unread ? this.#ofStream(unread, bytes, batch) : this.#ofFile(unread, bytes, batch);
  }

  #ofFile(unread: UnreadFile, bytes: number, batch: number): Stretched {
    const { fd, isAll, places } = unread;
    const start = this.#from(unread);
    const wanted = this.#cells === undefined ? start + bytes : endOfCells(start, unread.end, this.#cells);
    const end = Math.min(wanted, unread.end);
    // Behind what is all joined the next row begins for certain, maybe before what was handed out last.
    const begin = this.#out === 0 ? unread.start : undefined;
    const stretch: Stretch = {
      kind: "stretch",
      from: fd,
      start,
      end,
      begin,
      isLast: isAll && end === unread.end,
      ...(places !== undefined && { places: places(begin ?? Math.max(0, start - MOST_BEFORE), end) }),
    };
    return this.#stretched(stretch, { ...unread, offset: end, batch });
  }

  async #ofStream(unread: UnreadStream, bytes: number, batch: number): Promise<Stretched | undefined> {
    const start = this.#from(unread);
    // Its bytes lie in memory: not more of them than of another batch.
    const cells = this.#cells && { ...this.#cells, most: Math.max(1, Math.floor(bytes / this.#cells.bytes)) };
    const until = cells === undefined ? unread.front + bytes : endOfCells(start, Number.POSITIVE_INFINITY, cells);
    // Where a cell ends must not depend on when its bytes come.
    const lines = await unread.take(until, cells === undefined);
    if (lines === undefined) return undefined;
    const { start: begin, bytes: from, isLast } = lines;
    const stretch: Stretch = { kind: "stretch", from, start: begin, end: begin + from.length, begin, isLast };
    return this.#stretched(stretch, { ...unread, offset: cells === undefined ? stretch.end : until, batch });
  }

  #stretched(
    stretch: Stretch,
    { file, columns, offset, batch }: Pick<UnreadFile, "file" | "columns"> & { offset: number; batch: number },
  ): Stretched {
    this.#front = { file, offset };
    this.#out++;
    const unknown = { firstRow: 0, firstLine: 1, rows: Number.MAX_SAFE_INTEGER };
    const payload: RowTask = { batch, bytes: stretch, file, ...(columns !== undefined && { columns }), ...unknown };
    return { stretch, pulled: { kind: "task", payload, size: stretch.end - stretch.start } };
  }

  /** Whether the rows of a stretch, as its worker has found them, are those behind all that were joined. */
  join(joint: JointRows | "misfit"): boolean {
    const isRight = joint !== "misfit" && this.#source.join(joint);
    // Where no row ends in a stretch, rows are longer than those: each would be read from its start again.
    if (isRight && joint.end > joint.begin) this.#right++;
    else this.#wrong++;
    this.counts[isRight ? "joined" : "again"]++;
    return isRight;
  }

  /** The next batch of a stretch that is read again; undefined where it is done. */
  async again({ end }: Stretch, wanted: BatchLimits): Promise<Pulled<RowTask, BatchResult> | undefined> {
    return await this.#source.pullUntil(end, wanted);
  }

  /** A stretch is done. */
  done(): void {
    this.#out--;
  }
}

/** Where a stretch of cells ends. */
function endOfCells(start: number, end: number, { bytes, mostBytes, most, jobs }: StretchCells): number {
  if (most === 1) return cellEnd(start, { bytes, mostBytes });
  const fair = Math.floor((end - start) / (bytes * jobs * STRETCHES_TO_COME));
  return (Math.floor(start / bytes) + Math.max(1, Math.min(most, fair))) * bytes;
}

/** A stretch that was handed out. */
export interface Stretched {
  stretch: Stretch;
  pulled: Pulled<RowTask, BatchResult> & { kind: "task" };
}
