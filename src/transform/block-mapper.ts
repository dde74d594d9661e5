/**
 * Runs a transform over the rows of a block: one after another while the function answers at once, several at a time
 * as soon as it returns a promise. Each row has an outcome of its own; the order of the rows is kept.
 */
import { RowmillError, fromWire } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import { OpenItems } from "../scheduler/open-items.ts";
import { Stopped } from "../scheduler/serve-tasks.ts";
import { RowContext, heldBackMs } from "../code/context.ts";
import { copyOf } from "./copy-of.ts";
import type { CallSetup } from "./call-setup.ts";
import { Failed, type Outcome } from "./outcome.ts";
import type { PlacedBlock } from "./placed-block.ts";
import type { SharedResults } from "./shared-results.ts";

/**
 * The outcomes of the block's rows, up to the failed row that ends it, in their places: there are none of those that
 * were handed in. A promise as soon as one row answers with one.
 *
 * @throws {Stopped} When the worker is told to stop.
 */
export function mapBlock(batch: CallSetup, placed: PlacedBlock): Outcome[] | Promise<Outcome[]> {
  const { call, context, file, progress, poisoned, timeoutMs } = batch;
  const { block, rowInBatch, firstRow, lineOf, stopsAt } = placed;
  const { rows, spellings } = block;
  const outcomes: Outcome[] = [];
  outcomes.length = placed.done;
  // Each is looked at behind its own microtasks.
  if (batch.rate !== undefined || (batch.isSerial && batch.strays !== undefined))
    return new ConcurrentRows(batch, placed, outcomes).run();
  let failures = 0;
  const ctx = new RowContext(context, file, firstRow, (index) => lineOf(index - firstRow));
  for (let at = placed.done; at < placed.end && failures < stopsAt; at++) {
    const row = rows[at];
    if (row === undefined || poisoned.size > 0) {
      const failed = knownFailure(batch, placed, at);
      if (failed !== undefined) {
        outcomes.push(failed);
        failures++;
        continue;
      }
    }
    if (timeoutMs === undefined) progress.open(rowInBatch + at);
    else progress.openTimed(rowInBatch + at);
    ctx.index = firstRow + at;
    // The first one shows whether rows answer with promises.
    const asRead = at === placed.done && batch.shared?.mayRunAgain === true ? copyOf(row) : undefined;
    try {
      const outcome = call(row as Row, ctx, spellings?.get(at) ?? batch.spelling);
      if (outcome instanceof Promise) {
        return new ConcurrentRows(batch, placed, outcomes).run({
          promise: outcome,
          ctx,
          asRead: asRead as Row | undefined,
        });
      }
      outcomes.push(outcome);
    } catch (thrown) {
      outcomes.push(new Failed({ thrown }));
      failures++;
    }
    if (progress.isWanted && failures < stopsAt) answerWanted(batch, placed, outcomes);
  }
  progress.close();
  return outcomes;
}

/** Hands in what is done of a block whose rows answer at once. */
function answerWanted({ progress, handIn }: CallSetup, placed: PlacedBlock, outcomes: Outcome[]): void {
  progress.close();
  handIn?.(placed, outcomes, outcomes.length);
  if (progress.isStopped) throw new Stopped();
}

function knownFailure({ poisoned }: CallSetup, { block, rowInBatch }: PlacedBlock, at: number): Failed | undefined {
  const fault = block.faults.get(at);
  if (fault !== undefined) return new Failed({ fault });
  const wire = poisoned.get(rowInBatch + at);
  return wire === undefined ? undefined : new Failed({ thrown: fromWire(wire) });
}

/** A row whose function has answered with a promise already. */
interface BegunRow {
  promise: Promise<Outcome>;
  ctx: RowContext;
  /** The row as it was before; undefined where nobody has kept it. */
  asRead?: Row | undefined;
}

/** The rest of a block whose function turned out to be asynchronous: several rows at once, each with its own context. */
class ConcurrentRows {
  readonly #batch: CallSetup;
  readonly #placed: PlacedBlock;
  readonly #outcomes: Outcome[];
  readonly #open: OpenItems;
  #isOver = false;
  /** Rows as they were before their function saw them, while it is not known whether they must be run again. */
  readonly #asRead: (Row | undefined)[] = [];
  /** How many results had come with that of a row. */
  readonly #cameAt: number[] = [];
  #next: number;
  /** The first row that has no outcome yet. */
  #settled: number;
  #failures: number;

  /** @param outcomes Those of the rows before. */
  constructor(batch: CallSetup, placed: PlacedBlock, outcomes: Outcome[]) {
    this.#batch = batch;
    this.#placed = placed;
    this.#outcomes = outcomes;
    this.#next = outcomes.length;
    this.#settled = outcomes.length;
    this.#failures = outcomes.filter((outcome) => outcome instanceof Failed).length;
    this.#open = new OpenItems(batch.progress, {
      timeoutMs: batch.timeoutMs,
      isSerial: batch.isSerial,
      strays: batch.strays,
    });
  }

  async run(begun?: BegunRow): Promise<Outcome[]> {
    const { progress, shared, asked } = this.#batch;
    if (begun !== undefined) {
      shared?.begin(this.#placed.firstRow + this.#next);
      this.#asRead[this.#next] = begun.asRead;
    }
    asked(() => this.#answer());
    await this.#lanes(begun);
    while (shared?.hasFound === true) {
      await this.#runAlone(shared);
      await this.#lanes();
    }
    asked(undefined);
    progress.close();
    if (progress.isStopped) throw new Stopped();
    // Rows are begun in order: all up to the failed row that ends the block are there.
    const last = this.#lastRow();
    return last < 0 ? this.#outcomes : this.#outcomes.slice(0, last + 1);
  }

  /** Runs rows, so many at once as may be. */
  async #lanes(begun?: BegunRow): Promise<void> {
    const { concurrency, shared } = this.#batch;
    const width = Math.min(shared?.isSerial === true ? 1 : concurrency, this.#placed.end - this.#next);
    const lanes = [this.#lane(begun)];
    while (lanes.length < width) lanes.push(this.#lane());
    await Promise.all(lanes);
  }

  /** Runs rows once more that gave the same object when they overlapped. */
  async #runAlone(shared: SharedResults): Promise<void> {
    const found = shared.take().map((row) => row - this.#placed.firstRow);
    // A row that its function may have changed cannot be run again.
    const rows = found.filter((at) => this.#asRead[at] !== undefined);
    const overlapping = rows.map((at) => this.#outcomes[at]);
    for (const at of rows) {
      if (this.#outcomes[at] instanceof Failed) this.#failures--;
      this.#placed.block.rows[at] = copyOf(this.#asRead[at]) as Row;
      const outcome = await this.#row(at, undefined);
      if (outcome instanceof Failed) this.#failures++;
      this.#outcomes[at] = outcome;
    }
    if (rows.length === 0) return;
    shared.judge(
      overlapping,
      rows.map((at) => this.#outcomes[at]),
    );
  }

  /** The failed row that ends the block; -1 where none does. */
  #lastRow(): number {
    let failures = 0;
    const { stopsAt } = this.#placed;
    return this.#outcomes.findIndex((outcome) => outcome instanceof Failed && ++failures === stopsAt);
  }

  /** Takes row after row; none is begun any more behind the failed row that ends the block. */
  async #lane(begun?: BegunRow): Promise<void> {
    let pending = begun;
    const { progress, shared } = this.#batch;
    while (this.#next < this.#placed.end && this.#failures < this.#placed.stopsAt && !progress.isStopped) {
      if (shared?.hasFound === true && pending === undefined) return;
      const at = this.#next++;
      const outcome = await this.#row(at, pending);
      // What was still open when all had to stop has not failed: it will be run again.
      if (progress.isStopped && this.#isOver) return;
      this.#outcomes[at] = outcome;
      this.#cameAt[at] = shared?.takeWanted(this.#placed.firstRow + at) ?? 0;
      if (outcome instanceof Failed) this.#failures++;
      while (this.#settled in this.#outcomes) this.#settled++;
      if (progress.isWanted) this.#answer();
      pending = undefined;
    }
  }

  /** Hands in the rows up to the first one that is open; those that must stop are given up. */
  #answer(): void {
    const { progress, handIn } = this.#batch;
    if (this.#isOver || !progress.isWanted) return;
    const end = this.#certainEnd();
    handIn?.(this.#placed, this.#outcomes, end);
    if (!progress.isStopped) return;
    this.#isOver = true;
    if (handIn !== undefined && this.#failures < this.#placed.stopsAt) this.#handInBeside();
    this.#open.abandon(new RowmillError("interrupted", "the run was stopped"));
  }

  /** Hands in what is done behind the first row that is open. */
  #handInBeside(): void {
    const certain = this.#batch.shared?.certain ?? Number.POSITIVE_INFINITY;
    const isDone = (at: number): boolean => at in this.#outcomes && (this.#cameAt[at] ?? 0) <= certain;
    for (let from = this.#placed.done; from < this.#next; from++) {
      let end = from;
      while (end < this.#next && isDone(end)) end++;
      if (end === from) continue;
      this.#batch.handInBeside(this.#placed, this.#outcomes, { from, end });
      from = end;
    }
  }

  /** The rows before this one have all come to what they will be. */
  #certainEnd(): number {
    const { shared } = this.#batch;
    // The failed row that ends the block comes with what is last.
    const last = this.#failures < this.#placed.stopsAt ? -1 : this.#lastRow();
    const end = last < 0 ? this.#settled : Math.min(last, this.#settled);
    if (shared === undefined) return end;
    const { certain } = shared;
    const late = this.#cameAt.findIndex((came, at) => at >= this.#placed.done && came > certain);
    return late < 0 ? end : Math.min(late, end);
  }

  async #row(at: number, begun: BegunRow | undefined): Promise<Outcome> {
    const { rate } = this.#batch;
    const known = knownFailure(this.#batch, this.#placed, at);
    if (known !== undefined) return known;
    if (rate !== undefined) await rate.turn();
    if (this.#isOver) return undefined;
    const item = this.#placed.rowInBatch + at;
    try {
      const { promise, ctx } = begun ?? this.#begin(at, item);
      return await this.#open.follow(item, promise, (reason) => ctx.abort(reason), heldBackMs(ctx));
    } catch (thrown) {
      return new Failed({ thrown });
    } finally {
      this.#batch.shared?.end(this.#placed.firstRow + at);
    }
  }

  #begin(at: number, item: number): BegunRow {
    const { call, context, file } = this.#batch;
    const { block, firstRow, lineOf } = this.#placed;
    const ctx = new RowContext(context, file, firstRow + at, (index) => lineOf(index - firstRow));
    this.#open.begin(item);
    const { shared } = this.#batch;
    shared?.begin(firstRow + at);
    if (shared?.mayRunAgain === true) this.#asRead[at] ??= copyOf(block.rows[at]) as Row;
    try {
      const spelling = block.spellings?.get(at) ?? this.#batch.spelling;
      return { promise: Promise.resolve(call(block.rows[at] as Row, ctx, spelling)), ctx };
    } catch (thrown) {
      this.#open.end(item);
      throw thrown;
    }
  }
}
