/**
 * Takes a batch all the way in the worker: bytes, rows, function, text, bytes. Keeps the results of a batch that had to
 * guess its output columns until the parent says which they are.
 */
import type { KeptResults } from "./cache/kept-results.ts";
import { RowmillError, placeAt } from "../errors.ts";
import { sameColumns } from "../formats/columns.ts";
import { readingOf } from "../formats/row-reading.ts";
import type { RowReading } from "../formats/text/dialect.ts";
import type { DecodedBlock, Decoder, Encoder, LooksAt, MakeDecoder, OutputSetup } from "../formats/format.ts";
import { hasColumns, readerOf } from "../formats/registry.ts";
import { resultEncoder, sharesColumns } from "../formats/encoder.ts";
import type { RowGrouper } from "../formats/row-groups.ts";
import { orderSpelling } from "../formats/values/spelling.ts";
import { INPUT_START, type Memory } from "../formats/memory.ts";
import type { Served, ServedTask } from "../scheduler/serve-tasks.ts";
import { batchBytes } from "./batch-bytes.ts";
import { Batch, type FinishedBatch, type KeptBatch, type RowRange, encodeAgain } from "./batch.ts";
import type { CallSetup } from "./call-setup.ts";
import { mapBlock } from "./block-mapper.ts";
import { OutputText } from "../formats/output-text.ts";
import { CountedRows } from "./counted-rows.ts";
import { PartRows } from "./part-rows.ts";
import type { Reducing } from "./reduce/reducing.ts";
import { seenOf } from "./joined-setup.ts";
import type { FoldMaker } from "./plan/plan.ts";
import { FOLD_AGAIN, type ShortFold } from "./reduce/short-fold.ts";
import { type WholeBatches, takeWhole } from "./row-batch.ts";
import type { Outcome } from "./outcome.ts";
import { shownFields } from "./failure.ts";
import { shortRowsOf } from "./short-rows.ts";
import { type ShortCode, ShortWays } from "./short-ways.ts";
import type { StageClock } from "./stage-clock.ts";
import type { CallWatch } from "./watched-calls.ts";
import type { BatchResult, InputSetup, RowTask, RunSetup, Stretch } from "./wire.ts";
import type { BatchParts } from "./outcome-sink.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import type { PlacedBlock } from "./placed-block.ts";

/** What all batches of a run share. */
interface RunCode extends ShortCode, Pick<CallSetup, "call" | "context" | "progress" | "rate" | "shared" | "strays"> {
  /** Makes what reads the rows of a file. */
  makeDecoder: MakeDecoder;
  /** Rows leave as they came, or not at all. */
  copiesRows: boolean;
  /** Whose values are looked at, of JSON; undefined for all. */
  looksAt: LooksAt | undefined;
  /** The keys of all results, in order, where the code says them. */
  resultKeys: readonly string[] | undefined;
  /** A schema makes the rows that the function gets. */
  isOfSchema: boolean;
  /** How the function takes all rows of a batch at once, where it does. */
  whole: WholeBatches | undefined;
  /** Makes what packs rows, by columns: where steps rewrite them, and they are not written here. */
  packs: ((columns: readonly string[]) => Encoder) | undefined;
  /** Makes what puts rows together that go to the same file, where their worker does. */
  grouperFor: ((columns: readonly string[]) => RowGrouper) | undefined;
  /** What folds the outcomes of rows, where something does. */
  reducing: Pick<Reducing, "stage"> | undefined;
  /** The short way of that. */
  fold: FoldMaker | undefined;
  /** Sees what the calls of the run are made with, and come to. */
  watch: CallWatch;
  /** The same code without a look at its calls, for when all is seen that is looked for. */
  unwatched: Pick<RunCode, "call" | "copying">;
  /** Calls beyond the first that rows have needed so far. */
  retries: { count: number };
  /** Results that are kept, where they are. */
  kept: KeptResults | undefined;
  /** The columns of the rows that the code gets; undefined where each has keys of its own. */
  rowColumns: readonly string[] | undefined;
  /** Reads stretches whose rows nobody has found yet; undefined where there are none. */
  stretches: typeof import("./stretch-reader.ts") | undefined;
}

/** A batch, and its rows on their way. */
interface OpenBatch {
  batch: Batch;
  rows: CallSetup;
  /** Where they are folded. */
  part: PartRows | undefined;
}

/** Takes a block by a short way: all of it, up to the row that ends the batch, or some rows; undefined for none. */
type TakeShort = (placed: PlacedBlock) => "all" | "end" | "some" | undefined;

export class BatchRunner {
  readonly #memory: Memory;
  readonly #setup: RunSetup;
  readonly #rows: RunCode;
  readonly #decoders = new Map<number, Decoder>();
  /** By the number of the first row. */
  readonly #kept = new Map<number, KeptBatch>();
  /** Has the rows that wait for promises hand in what they have, where any wait. */
  #ask: (() => void) | undefined;
  readonly #shortWays: ShortWays;
  #folded: { file: number; fold: ShortFold } | undefined;
  #columns: string[] | undefined;
  readonly #parts: BatchParts;
  /** How rows with a header are spelled where each is written with keys of its own: those of the first input, and of others. */
  readonly #spelling: ObjectSpelling | undefined;
  readonly #otherSpellings = new Map<number, ObjectSpelling | undefined>();
  #encoder: Encoder | undefined;
  /** Puts rows together that go to the same file, once their columns are known. */
  #grouper: RowGrouper | undefined;

  /** @param columns The output columns, where they are known from the start. */
  constructor(memory: Memory, setup: RunSetup, rows: RunCode, columns: string[] | undefined) {
    this.#memory = memory;
    this.#setup = setup;
    this.#rows = rows;
    this.#shortWays = new ShortWays(memory, setup, rows);
    this.#parts = {
      text: new OutputText(),
      encoderFor: setup.output === undefined ? noEncoder : encoders(setup.output, rows.packs),
      inputColumns: rows.rowColumns,
      shortRows: shortRowsOf(setup.input, rows.reads),
      resultKeys: rows.resultKeys,
      isOfSchema: rows.isOfSchema,
      stopsAt: setup.policy.stopsAt,
      marks: setup.policy.marks,
      picking: rows.picking,
      tellsPlaces: setup.tellsPlaces && rows.packs !== undefined,
    };
    const written = rows.reducing === undefined ? setup.output : undefined;
    this.#spelling = this.#spellingOf(undefined);
    if (written !== undefined && (columns !== undefined || !sharesColumns(written))) this.#settle(columns ?? []);
  }

  /** Runs a batch; at once when its function answers at once. */
  run(served: ServedTask<RowTask, BatchResult>): Served<BatchResult> | Promise<Served<BatchResult>> {
    const { whole, joins } = this.#rows;
    const { bytes, found } = served.payload;
    for (const [join, of] of (found ?? []).entries()) if (of !== undefined) joins[join]?.take(of);
    if (bytes.kind === "stretch") return this.#runStretch(served, bytes);
    if (whole !== undefined && !served.isSerial) return this.#runWhole(served, whole);
    return this.#runRows(served);
  }

  /** The parent wants what is done of the batch under way. */
  want(): void {
    this.#ask?.();
  }

  /** What shows a failed row of an input of which some columns were not read. */
  #shown({ columns }: RowTask): ((text: string) => string) | undefined {
    const { input, policy } = this.#setup;
    const { reads } = this.#rows;
    const names = columns ?? input.columns;
    const isWhole = reads === undefined || policy.keepsRecords || readerOf(input.format).skipsColumns !== true;
    return isWhole || names === undefined ? undefined : shownFields(names, reads);
  }

  /** @param others The columns of an input that has not those of the first one. */
  #spellingOf(others: readonly string[] | undefined): ObjectSpelling | undefined {
    const { output, emits } = this.#setup;
    const { reducing, resultKeys, rowColumns } = this.#rows;
    const hasOwnKeys = reducing === undefined && output !== undefined && !sharesColumns(output);
    if (rowColumns === undefined || (!hasOwnKeys && emits.length === 0)) return undefined;
    // What is emitted may have any keys of the row, whatever those of the result are.
    const ofRow = resultKeys === undefined || emits.length > 0 ? rowColumns : [];
    return orderSpelling([...(resultKeys ?? []), ...ofRow, ...(others ?? [])]);
  }

  #spellingFor({ file, columns }: RowTask): ObjectSpelling | undefined {
    if (columns === undefined) return this.#spelling;
    if (!this.#otherSpellings.has(file)) this.#otherSpellings.set(file, this.#spellingOf(columns));
    return this.#otherSpellings.get(file);
  }

  #open(served: ServedTask<RowTask, BatchResult>): OpenBatch {
    const { payload: task, poisoned, isSerial, timeoutMs } = served;
    const { files, policy } = this.#setup;
    const { context, progress, rate, shared, strays, retries, reducing, watch, unwatched } = this.#rows;
    const { call } = watch.isSettled ? unwatched : this.#rows;
    const file = files[task.file] ?? "-";
    const isUsual = task.columns === undefined;
    const records = policy.keepsRecords ? { reading: this.#reading(task), isUsual } : undefined;
    const concurrency = isSerial ? 1 : policy.concurrency;
    const asked = (answer: (() => void) | undefined): void => {
      this.#ask = answer;
    };
    const rows: CallSetup = {
      call,
      context,
      progress,
      rate,
      shared,
      // What is folded comes behind the rows of a block: it would be taken for one of the next.
      strays: reducing === undefined ? strays : undefined,
      file,
      spelling: this.#spellingFor(task),
      poisoned,
      concurrency,
      isSerial,
      timeoutMs,
      handIn: undefined,
      handInBeside: () => {},
      asked,
    };
    retries.count = 0;
    const origin = { file, records, shown: this.#shown(task), mostOut: task.missingOut };
    const range = rangeOf(served);
    if (reducing !== undefined) {
      const folding = { stage: reducing.stage, rows, endsAtFirst: policy.stopsAt === 1 };
      const part = this.#beginFold(() => new PartRows(folding, this.#parts, origin));
      return { batch: new Batch(task, range, origin, () => part, this.#parts), rows, part };
    }
    const to =
      this.#setup.output === undefined
        ? (): CountedRows => new CountedRows(this.#parts, origin)
        : { encoder: this.#encoder, grouper: this.#grouper };
    const batch = new Batch(task, range, origin, to, this.#parts);
    if (!served.takesParts) return { batch, rows, part: undefined };
    rows.handIn = (placed, outcomes, end) => {
      if (end === placed.done && !batch.hasRows) return;
      batch.concurrency = this.#ask === undefined ? 1 : rows.concurrency;
      this.#handIn(served, batch, { part: batch.part(placed, outcomes, { end, columns: this.#columns }), placed });
    };
    rows.handInBeside = (placed, outcomes, beside) => {
      const part = batch.beside(placed, outcomes, { ...beside, columns: this.#columns });
      served.handInBeside(this.#served(batch, part));
    };
    return { batch, rows, part: undefined };
  }

  /** Begins a fold: what of it is the user's belongs to no row. */
  #beginFold<T>(begin: () => T): T {
    const { progress } = this.#rows;
    progress.outside();
    try {
      return begin();
    } finally {
      progress.close();
    }
  }

  /** Sends what came of the rows of a batch that are done. */
  #handIn(
    { handIn }: ServedTask<RowTask, BatchResult>,
    batch: Batch,
    { part, placed }: { part: FinishedBatch; placed: PlacedBlock },
  ): void {
    handIn(this.#served(batch, part), batch.rowsDone(placed));
  }

  /** A batch whose function takes all its rows at once; when it fails, it is called for each row alone. */
  async #runWhole(served: ServedTask<RowTask, BatchResult>, whole: WholeBatches): Promise<Served<BatchResult>> {
    const { payload: task } = served;
    const opened = this.#open(served);
    const { batch, rows } = opened;
    const { stopsAt } = this.#parts;
    try {
      const blocks = this.#blocks(task, batch.clock);
      if (!(await takeWhole(batch, blocks, { whole, rows, stopsAt }))) return await this.#runRows(served, { opened });
      batch.clock.lap("transform");
      return this.#finish(batch);
    } catch (error) {
      return this.#breakOff(batch, error);
    }
  }

  /** The short way of a fold for a file. Each has the kernel's table of texts: there is one at a time. */
  #shortFold(task: RowTask): ShortFold | undefined {
    const { fold: make } = this.#rows;
    if (make === undefined) return undefined;
    if (this.#folded?.file !== task.file) {
      const file = task.columns ?? this.#setup.input.columns ?? [...(this.#rows.reads ?? [])];
      this.#folded = { file: task.file, fold: make(this.#memory, file) };
    }
    return this.#folded.fold;
  }

  /**
   * Whether a file has the columns of the first one, in whatever order, but for those that were left out since nobody reads
   * them: otherwise short ways do not know its rows.
   */
  #hasSameColumns({ columns }: RowTask): boolean {
    if (columns === undefined) return true;
    const { input } = this.#setup;
    const first = new Set(input.columns);
    if (!columns.every((name) => first.has(name))) return false;
    if (columns.length === first.size) return true;
    const { reads } = this.#rows;
    return reads?.isSubsetOf(new Set(columns)) === true && readerOf(input.format).skipsColumns === true;
  }

  /** Whether nothing is known of the rows of a task, and nothing asked of them, that needs each by itself. */
  #isPlain({ payload, poisoned, isSerial, done, timeoutMs }: ServedTask<RowTask>): boolean {
    const isAll = done === 0 && payload.from === undefined && payload.to === undefined;
    if (!this.#hasSameColumns(payload)) return false;
    return poisoned.size === 0 && !isSerial && timeoutMs === undefined && isAll;
  }

  /** @param how The short way is none for a batch whose step threw: it starts again. */
  #runRows(
    served: ServedTask<RowTask, BatchResult>,
    {
      opened = this.#open(served),
      allowed = "any way",
    }: { opened?: OpenBatch; allowed?: "any way" | "the long way" } = {},
  ): Served<BatchResult> | Promise<Served<BatchResult>> {
    const { batch, rows } = opened;
    const { clock } = batch;
    const again = (): ReturnType<BatchRunner["run"]> => this.#runRows(served, { allowed: "the long way" });
    const isShort = allowed === "any way" && this.#isPlain(served);
    const takeShort = isShort ? this.#shortWay(served.payload, opened) : undefined;
    try {
      const blocks = this.#blocks(served.payload, clock);
      for (let next = blocks.next(); next.done !== true; next = blocks.next()) {
        clock.lap("parse");
        const placed = batch.place(next.value);
        const taken = takeShort?.(placed);
        if (taken === "all") continue;
        if (taken === "end") break;
        // Rows that are not taken yet take the long way.
        const outcomes = mapBlock(rows, placed);
        if (outcomes instanceof Promise) return this.#finishLater({ batch, blocks, rows, placed, outcomes, again });
        clock.lap("transform");
        const goesOn = batch.take(placed, outcomes);
        clock.lap(batch.isFolded ? "transform" : "encode");
        if (!goesOn) break;
      }
      return this.#finish(batch);
    } catch (error) {
      return error === FOLD_AGAIN ? again() : this.#breakOff(batch, error);
    }
  }

  /**
   * Rows of a stretch, which are found here. Only a short way, on which nothing fails, may take them: what is called for
   * rows that are none does no harm then, and nothing depends on where in the input they are.
   */
  #runStretch(served: ServedTask<RowTask, BatchResult>, stretch: Stretch): Served<BatchResult> {
    const { stretches, copying, watch } = this.#rows;
    if (stretches === undefined) throw new Error("rows of stretches are found by the parent");
    const opened = this.#open(served);
    const { batch } = opened;
    const { input } = this.#setup;
    const takeShort = this.#isPlain(served) ? this.#shortWay(served.payload, opened) : undefined;
    const reader = new stretches.StretchReader(stretch, {
      memory: this.#memory,
      splitter: readerOf(input.format).splitter(input),
      decoder: this.#decoder(served.payload),
      clock: batch.clock,
      needsLineEnd: input.traits.rows === "lines",
      blockBytes: input.blockBytes,
      keepsBytes: this.#shortFold(served.payload)?.keepsBytes === true,
    });
    let joint: BatchResult["joint"] = "misfit";
    const seen = this.#rows.joins.map((join) => join.seen);
    try {
      for (const block of reader.blocks()) {
        batch.clock.lap("parse");
        // Rows with keys of their own are lines: where they begin is no guess.
        if (copying !== undefined) watch.lookAtRows(block);
        const isSeen = copying === undefined || watch.isSettled;
        if (!isSeen || takeShort?.(batch.place(block)) !== "all" || batch.hasFailed) throw stretches.MISFIT;
      }
      ({ joint } = reader);
    } catch (error) {
      const isMisfit = error === stretches.MISFIT || error === FOLD_AGAIN || error instanceof RowmillError;
      if (!isMisfit) throw error;
      // What was no row has no key.
      for (const [at, join] of this.#rows.joins.entries()) join.seen = seen[at] ?? join.seen;
    }
    const answer = this.#served(batch, batch.finish(this.#columns));
    answer.value.joint = joint;
    return answer;
  }

  /** The short way of a batch, where it has one: takes a block, or its first rows, or nothing of it. */
  #shortWay(task: RowTask, { batch, rows, part }: OpenBatch): TakeShort | undefined {
    const { clock } = batch;
    if (part !== undefined) {
      const fold = this.#shortFold(task);
      return (
        fold &&
        ((placed) => {
          const folded = fold.take(rows, placed, part.accumulator);
          clock.lap("transform");
          if (folded === undefined) return undefined;
          const short = { ...folded, bytes: NO_BYTES };
          if (part.takeFolded(folded, placed) === "all") return batch.takeShort(placed, short) ? "all" : "end";
          batch.takeSome(placed, short);
          return "some";
        })
      );
    }
    // Only an expression may be called twice for a row.
    if (task.mayEnd === true && this.#setup.source.kind !== "expression") return undefined;
    const { watch, weaving } = this.#rows;
    const columns = this.#columns;
    return (placed) => {
      // Calls for values that are woven cannot be watched. Which rows of a task that may end count, nobody knows yet.
      if (weaving?.from === "objects" && task.mayEnd !== true) watch.lookAtRows(placed.block);
      const done = this.#shortWays.of(task, columns, watch)?.map(rows, placed, { clock, notes: batch.notes });
      if (done === undefined) return undefined;
      // Behind which of its rows a block may be cut, the short way does not know.
      if (task.mayEnd === true && done.rowsOut + done.failures.length > 0) return undefined;
      if (done.rowsIn === placed.end || done.failures.length >= placed.stopsAt)
        return batch.takeShort(placed, done) ? "all" : "end";
      // The parent wants what is done.
      batch.takeSome(placed, done);
      rows.handIn?.(placed, [], placed.done);
      return "some";
    };
  }

  /** Memory for results to come. */
  takeMemory(memory: ArrayBuffer): void {
    this.#parts.text.takeMemory(memory);
  }

  /** The output columns are known: results that were kept for them are encoded again where they were wrong. */
  settleColumns(columns: string[]): BatchResult[] {
    this.#settle(columns);
    // A batch under way is using the text of all others.
    const parts = { ...this.#parts, text: new OutputText() };
    const again = [...this.#kept.values()]
      .filter((kept) => !sameColumns(kept.columns, columns))
      .map((kept) => encodeAgain(kept, columns, parts));
    this.#kept.clear();
    return again;
  }

  #settle(columns: string[]): void {
    this.#columns = columns;
    this.#encoder = this.#parts.encoderFor(columns);
    this.#grouper = this.#rows.grouperFor?.(columns);
  }

  /** How a batch's rows can be read again, for formats that have a header. */
  #reading({ columns }: RowTask): RowReading | undefined {
    const { input } = this.#setup;
    return readingOf(input, columns ?? input.columns);
  }

  async #finishLater(work: {
    batch: Batch;
    blocks: Iterator<DecodedBlock>;
    rows: CallSetup;
    placed: PlacedBlock;
    outcomes: Promise<Outcome[]>;
    again: () => ReturnType<BatchRunner["run"]>;
  }): Promise<Served<BatchResult>> {
    const { batch, blocks, rows } = work;
    batch.concurrency = rows.concurrency;
    batch.longWay = "rows-async";
    try {
      const { clock } = batch;
      const first = await work.outcomes;
      clock.lap("transform");
      const lap = batch.isFolded ? "transform" : "encode";
      let goesOn = batch.take(work.placed, first);
      clock.lap(lap);
      while (goesOn) {
        const next = blocks.next();
        if (next.done === true) break;
        clock.lap("parse");
        const placed = batch.place(next.value);
        const outcomes = await mapBlock(rows, placed);
        clock.lap("transform");
        goesOn = batch.take(placed, outcomes);
        clock.lap(lap);
      }
      return this.#finish(batch);
    } catch (error) {
      return error === FOLD_AGAIN ? await work.again() : this.#breakOff(batch, error);
    } finally {
      this.#ask = undefined;
    }
  }

  #finish(batch: Batch): Served<BatchResult> {
    const { task } = batch;
    const finished = batch.finish(this.#columns);
    const { result } = finished;
    const isEnough = task.missingOut !== undefined && result.rowsOut >= task.missingOut;
    const isWhole = result.end === undefined && result.rowsFailed < this.#parts.stopsAt && !isEnough;
    if (isWhole && !batch.isComplete) {
      throw new RowmillError("input", `${this.#setup.files[task.file]} changed while it was read`, {
        hint: "run again when nothing writes to it any more",
      });
    }
    return this.#served(batch, finished);
  }

  #served({ clock }: Batch, { result, kept }: FinishedBatch): Served<BatchResult> {
    const { retries } = this.#rows;
    const value: BatchResult = { ...this.#settled(result, kept), retries: retries.count, times: clock.take() };
    const watched = this.#rows.watch.seen;
    if (this.#rows.kept !== undefined) {
      // What comes out is kept by then.
      this.#rows.kept.flush();
      value.cache = this.#rows.kept.takeCounts();
    }
    const joins = seenOf(this.#rows.joins);
    if (joins !== undefined) value.joins = joins;
    if (watched !== undefined) value.watched = watched;
    retries.count = 0;
    const transfer = [value.output.buffer, value.rejects.buffer];
    if (value.cuts !== undefined) transfer.push(value.cuts.buffer);
    if (value.part !== undefined) transfer.push(value.part.buffer);
    if (value.emits !== undefined) transfer.push(value.emits.bytes.buffer);
    return { value, transfer };
  }

  /** The result of a batch that guessed its columns, as it has to be when they have become known meanwhile. */
  #settled(result: FinishedBatch["result"], kept: KeptBatch | undefined): FinishedBatch["result"] {
    if (kept === undefined) return result;
    if (this.#columns === undefined) {
      this.#kept.set(result.firstRow, kept);
      return result;
    }
    if (sameColumns(kept.columns, this.#columns)) return { ...result, isProvisional: false };
    const again = encodeAgain(kept, this.#columns, { ...this.#parts, text: new OutputText() });
    return { ...again, concurrency: result.concurrency };
  }

  /** The input itself is at fault: it ends the run in its turn, behind the rows before it. */
  #breakOff(batch: Batch, error: unknown): Served<BatchResult> {
    if (!(error instanceof RowmillError)) throw error;
    const { task } = batch;
    batch.breakOff(placeAt(error, this.#setup.files[task.file] ?? "-", task.firstLine));
    return this.#finish(batch);
  }

  /** Whether it matters how rows are spelled: they are handed on, or texts are made of their numbers. */
  get #keepsSpelling(): boolean {
    const { input, joins } = this.#setup;
    // The text of a key is as it was spelled.
    const asTexts = joins.length > 0 || Object.values(input.types).includes("string");
    return this.#rows.reducing === undefined || asTexts;
  }

  /** Whether nothing but the code sees values of rows, and texts are written of all. */
  get #handsOnTexts(): boolean {
    const { output, steps } = this.#setup;
    if (output === undefined || output.union !== undefined || output.dialect.isTyped) return false;
    return steps.length === 0 && this.#rows.reducing === undefined && hasColumns(output.format);
  }

  #decoder(task: RowTask): Decoder {
    let decoder = this.#decoders.get(task.file);
    if (decoder === undefined) {
      const { input } = this.#setup;
      const columns = task.columns ?? input.columns ?? [];
      decoder = this.#rows.makeDecoder(this.#memory, task.columns === undefined ? input : ofWidth(input, columns), {
        columns,
        reads: this.#rows.reads,
        copiesRows: this.#rows.copiesRows,
        keepsSpelling: this.#keepsSpelling,
        looksAt: this.#rows.looksAt,
        handsOnTexts: this.#handsOnTexts,
        wantsFields: (this.#rows.weaving ?? this.#rows.fold) !== undefined,
        internsTexts: this.#rows.fold !== undefined,
      });
      this.#decoders.set(task.file, decoder);
    }
    return decoder;
  }

  #blocks(task: RowTask, clock: StageClock): Iterator<DecodedBlock> {
    if (task.bytes.kind === "stretch") throw new Error("rows of a stretch are not found yet");
    const decoder = this.#decoder(task);
    const needsLineEnd = this.#setup.input.traits.rows === "lines";
    const name = this.#setup.files[task.file] ?? "-";
    const { end, load } = batchBytes(this.#memory, task.bytes, { name, needsLineEnd, clock });
    if (decoder.loadsByPieces !== true) load(end);
    return decoder.blocks(INPUT_START, end, load)[Symbol.iterator]();
  }
}

const NO_BYTES = new Uint8Array(0);

/** The rows of a task that are still to be run. */
function rangeOf({ payload, done }: ServedTask<RowTask>): RowRange {
  return { from: Math.max(payload.from ?? 0, done), to: payload.to ?? payload.rows };
}

/** How the rows of a file are read that may have another number of columns than the first one. */
function ofWidth(input: InputSetup, { length }: readonly string[]): InputSetup {
  const { keepsBlankLines: _, ...dialect } = input.dialect;
  // Where there is one column, a line with nothing on it is a field.
  return length - (input.extraFields === "keep" ? 1 : 0) === 1
    ? { ...input, dialect: { ...dialect, keepsBlankLines: true } }
    : { ...input, dialect };
}

function noEncoder(): never {
  throw new Error("a run without an output has written a row");
}

/** Makes encoders. The columns that are settled are mostly those that were guessed, whose encoder is there. */
function encoders(
  output: OutputSetup,
  make: (columns: readonly string[]) => Encoder = (columns) => resultEncoder(output, columns),
): (columns: readonly string[]) => Encoder {
  let last: { columns: readonly string[]; encoder: Encoder } | undefined;
  return (columns) => {
    if (last === undefined || !sameColumns(last.columns, columns)) {
      last = { columns, encoder: make(columns) };
    }
    return last.encoder;
  };
}
