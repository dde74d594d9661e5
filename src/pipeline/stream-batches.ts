/**
 * The stream of a run. Batches of rows that are mapped grow with how fast they are done, and results are kept by their
 * workers while their columns are a guess. Where an ordered stage takes what rows come to, it does so here, batch by batch
 * in input order; batches of rows that are folded are the cells of a fixed grid of the input, so that its parts are the
 * same for every number of workers.
 */
import { sameColumns } from "../formats/columns.ts";
import { BatchSize, QUICK_MS } from "../scheduler/batch-size.ts";
import {
  type BatchStream,
  type BatchTiming,
  type Pulled,
  type RunningStream,
  runBatches,
} from "../scheduler/run-batches.ts";
import { Declined, type TaskDone } from "../scheduler/worker-pool.ts";
import type { BatchResult, RowTask, Stretch } from "../transform/wire.ts";
import { doneResult } from "./bad-row.ts";
import type { InputPosition } from "./checkpoint.ts";
import type { KeptOutputs } from "./kept-outputs.ts";
import { LateWorkers } from "./late-workers.ts";
import type { LoneRows } from "./lone-rows.ts";
import { batchRowsOf, coresOf, jobsOf, timeoutMsOf } from "./options.ts";
import type { OutputColumns } from "./output-columns.ts";
import { type RunWorkers, MAX_BATCH_BYTES, type Prepared, type RunParts } from "./prepare.ts";
import { StretchSize } from "./stretch-size.ts";
import type { Stretched, Stretches } from "./stretches.ts";
import type { Tally } from "./summary.ts";
import type { Taker } from "./takers.ts";

/** In flight at most, for each worker: two batches under way and two that wait for an earlier one. */
const WINDOW_BATCHES = 4;
const WINDOW_BYTES = WINDOW_BATCHES * MAX_BATCH_BYTES;
/** Results that wait for an earlier one may hold so many bytes of output before dispatch stops. */
const WAITING_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Batches that keep their results, because their columns are a guess, may hold so many bytes of input. */
const GUESSED_BYTES = 256 * 1024;
/** An input of this size is worth all workers from the start. */
const ALL_WORKERS_BYTES = 512 * 1024;
/** The first batch of a short input is waited for so long: it tells whether the rest is worth a second worker. */
const FIRST_RESULT_MS = 50;

/** A batch that was pulled, and how far it is done. */
interface PulledBatch {
  /** Where it begins; undefined where the inputs cannot be read again from there. */
  start: InputPosition | undefined;
  startBytes: number;
  end: DonePlace;
  /** The first row, and how many of them need a worker. */
  firstRow: number;
  rows: number;
  /** How many of them are done. */
  done: number;
  /** Whose bytes go back when it is done. */
  task?: RowTask | undefined;
}

/** A batch that is sent behind the first row, before anybody knows how long that takes. */
interface BatchAhead {
  index: number;
  task: RowTask;
  size: number;
}

/** A batch that its worker has declined: its rows are sent again, fewer at a time. */
interface DeclinedBatch extends BatchAhead {
  /** Of which so many rows as are sent count as done. */
  batch: PulledBatch;
}

/** Takes what becomes of the first rows of a batch. */
type OnPart = (part: TaskDone<BatchResult>) => void;

/** Up to where the inputs are done. */
export interface DonePlace {
  /** Undefined where they cannot be read again from there. */
  input: InputPosition | undefined;
  bytes: number;
}

/** What the batches of a run go through. */
export interface StreamParts {
  prepared: Prepared;
  runWorkers: RunWorkers;
  parts: RunParts;
  /** Takes what batches come to, where an ordered stage does. */
  taker: Taker | undefined;
  columns: OutputColumns;
  tally: Tally;
  /** Where an earlier run has stopped that this one goes on with. */
  resumed: InputPosition | undefined;
  /** Runs rows before number `before` one batch at a time in a process, where an earlier run has died near them. */
  lone: { rows: LoneRows; before: number } | undefined;
  /** Hands out stretches in which workers find the rows themselves, where they may. */
  stretches: Stretches | undefined;
  /** What workers have kept to write it themselves, where they do. */
  outputs: KeptOutputs | undefined;
  /** What an earlier run has left of rows behind others that it had not done, in their order. */
  early: readonly BatchResult[];
  /** Rows before this number are about to be begun. */
  begin: (rows: number) => void;
  /** Writes what came of the next batch in order; throws when the run ends with it. `isLast`: no batch is behind it. */
  write: (result: BatchResult, isLast: () => boolean) => Promise<void>;
  /** The next batch in order is done. */
  written: (place: DonePlace | undefined) => Promise<void> | void;
}

/** Starts the stream. */
export function streamBatches(streamParts: StreamParts): RunningStream<BatchResult> {
  const { prepared, runWorkers, parts, taker, columns, tally, resumed, lone, stretches, outputs, early } = streamParts;
  const { begin, write, written } = streamParts;
  const { options, source, hasBatch, passesOn, folds, isLate, failed } = prepared;
  const { pool, workers } = runWorkers;
  // Of rows that are folded, it is for those that come out at the end.
  // Which rows of the input the last one that is wanted comes of, nobody knows where steps make others of them.
  const limit = isLate || prepared.rewrites ? undefined : options.limit;
  /** What is made of many rows must not depend on how they come. */
  const hasCells = hasBatch || folds;
  const jobs = jobsOf(options);
  const timeoutMs = timeoutMsOf(options);
  const total = source.remaining;
  const atOnce = Math.min(jobs, Math.max(1, coresOf() - 1));
  const late = new LateWorkers(pool, { jobs, atOnce }, () => stretches?.remaining ?? source.remaining);
  if (total !== undefined && total > ALL_WORKERS_BYTES) pool.start(atOnce);
  const size = new BatchSize({ ...parts.batchBytes, jobs }, total);
  const stretchSize = new StretchSize({ ...parts.batchBytes, jobs }, total);
  const rows = batchRowsOf(options, hasBatch);
  /** Rows that run alone are under way. */
  let isAlone = false;
  let processes = lone?.rows;
  const { spilled } = prepared.tables;
  const submit = async (pulled: RowTask, onPart?: OnPart, afterMs?: number): Promise<TaskDone<BatchResult>> => {
    const task = spilled?.withFound(pulled) ?? pulled;
    if (processes !== undefined && task.firstRow < (lone?.before ?? 0)) {
      isAlone = true;
      const done = await processes.submit(task, { timeoutMs, onPart });
      isAlone = false;
      return done;
    }
    if (processes?.hasMet === false) {
      await processes.end();
      processes = undefined;
    }
    // Nobody knows which rows a part of a stretch holds.
    const taken = task.bytes.kind === "stretch" ? undefined : onPart;
    return await (processes ?? pool).submit(task, { timeoutMs, onPart: taken, afterMs });
  };
  const settled = Promise.withResolvers<void>();
  const guesses = new Map<number, RowTask>();
  /** Who has kept a result that begins with this row, and how many workers of its number had died then. */
  const keepers = new Map<number, { worker: number; deaths: number }>();
  const batches = new Map<number, PulledBatch>();
  const behind = source.rows + (resumed?.done ?? 0);
  let position = source.position;
  let { bytes: readBytes } = source.sums;
  /** Those under way, by the number of their batch. */
  const stretchOf = new Map<number, Stretch>();
  let guessedBytes = 0;
  let waitingBytes = 0;
  let pulls = 0;
  let firstBytes = 0;
  /** How many early results were met. */
  let earlyDone = 0;
  /** Nobody knows yet how long a row takes. */
  let isFirst = true;
  let awaitsFirst = size.isShort && rows === undefined && !hasCells;
  /** The rows behind the first one are sent at once: a worker that is quick with that one need not wait for them. */
  const sendsAhead =
    awaitsFirst &&
    limit === undefined &&
    parts.firstRows !== undefined &&
    resumed === undefined &&
    early.length === 0 &&
    lone === undefined &&
    spilled === undefined &&
    !source.plan.keepsComments;
  let ahead: BatchAhead | undefined;
  /** Whether it may still be declined: what is pulled meanwhile would come behind rows that are pulled once more. */
  let mayBeDeclined = false;
  let isAtEnd = false;
  /** A row was pulled that ends the run: nothing behind it is wanted, and to look for that may take long. */
  let isOver = false;
  let declined: DeclinedBatch | undefined;

  /** A result with the right columns: from the worker that kept it, or run again when that worker has died. */
  async function reencoded({ firstRow, rowsIn }: BatchResult, task: RowTask | undefined): Promise<BatchResult> {
    const keeper = keepers.get(firstRow);
    keepers.delete(firstRow);
    try {
      if (keeper !== undefined && workers.deathsOf(keeper.worker) === keeper.deaths) {
        return await workers.reencoded(firstRow);
      }
    } catch (error) {
      if (task === undefined) throw error;
    }
    if (task === undefined) throw new Error("a result that was kept is not there");
    const from = firstRow - task.firstRow;
    return (await submit({ ...task, from, to: from + rowsIn })).value;
  }

  /** Takes the batch behind the first row back, unless it is begun. */
  function recall(): void {
    if (mayBeDeclined && pool.recall() === 0) mayBeDeclined = false;
  }

  /** Runs the batch behind the first row. Where it is declined nothing comes of it, and its rows are pulled once more. */
  async function submitAhead({ index, task, size: bytes }: BatchAhead, onPart: OnPart): Promise<TaskDone<BatchResult>> {
    try {
      return await submit(task, onPart, QUICK_MS);
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
    } finally {
      mayBeDeclined = false;
    }
    const batch = batches.get(index);
    // Rows that were pulled meanwhile come behind all of these, and behind the end none is pulled.
    if (batch === undefined || pulls > index + 1 || isAtEnd) return await submit(task, onPart);
    declined = { index, task, size: bytes, batch };
    // Its bytes are sent once more.
    batches.set(index, { ...batch, end: { input: batch.start, bytes: batch.startBytes }, rows: 0, task: undefined });
    stream.wake();
    return { value: doneResult(task.firstRow), ms: 0, worker: 0 };
  }

  /** The next rows of a batch that was declined. */
  function someDeclined({ task, size: bytes, batch }: DeclinedBatch): Pulled<RowTask, BatchResult> {
    const rowBytes = bytes / task.rows;
    const wanted = isFirst ? 1 : Math.max(1, Math.floor(size.next() / rowBytes));
    const from = batch.done;
    const to = Math.min(task.rows, from + wanted);
    const start = donePlace(batch, 0);
    const isLast = to === task.rows;
    const end = isLast ? batch.end : donePlace(batch, to - from);
    if (isLast) declined = undefined;
    const firstRow = task.firstRow + from;
    batches.set(pulls++, { start: start.input, startBytes: start.bytes, end, firstRow, rows: to - from, done: 0 });
    return { kind: "task", payload: { ...task, from, to }, size: Math.ceil((to - from) * rowBytes) };
  }

  /** Notes what was pulled; what an earlier run has done of it is not done again. */
  function noted(pulled: Pulled<RowTask, BatchResult>): Pulled<RowTask, BatchResult> {
    const end = { input: aheadOf(source.position, behind), bytes: source.sums.bytes };
    const count = pulled.kind === "task" ? pulled.payload.rows : 0;
    const firstRow = source.rows - count;
    const done = Math.min(count, Math.max(0, behind - firstRow));
    const task = pulled.kind === "task" ? pulled.payload : undefined;
    const pulledBatch = { start: position, startBytes: readBytes, end, firstRow, rows: count, done, task };
    batches.set(pulls++, pulledBatch);
    position = source.position;
    readBytes = end.bytes;
    const next = early[earlyDone];
    if (next !== undefined && pulled.kind === "task" && firstRow >= next.firstRow) {
      if (source.rows >= next.firstRow + next.rowsIn) earlyDone++;
      // Of pieces of it only the last one brings what came of all: there is no place in between to go on from.
      else batches.set(pulls - 1, { ...pulledBatch, end: { ...end, input: undefined } });
      const isLast = source.rows >= next.firstRow + next.rowsIn;
      return { kind: "result", result: isLast ? next : doneResult(firstRow), size: pulled.size };
    }
    if (count > done) begin(source.rows);
    if (pulled.kind === "result") {
      isOver ||= failed.endsAtFirst && pulled.result.failure !== undefined;
      // Lines before a row that was done are done.
      const isDone = pulled.result.rowsIn === 0 && pulled.result.end === undefined && firstRow < behind;
      return isDone ? { ...pulled, result: doneResult(firstRow) } : pulled;
    }
    if (done === 0) return pulled;
    // Comments behind the last row that was done are not.
    const isBefore = firstRow + count < behind || !source.plan.keepsComments;
    if (done === count && isBefore)
      return { kind: "result", result: doneResult(pulled.payload.firstRow), size: pulled.size };
    return { ...pulled, payload: { ...pulled.payload, from: done } };
  }

  /** Up to where a batch is done, so many rows more than before. */
  function donePlace(batch: PulledBatch, more: number): DonePlace {
    batch.done += more;
    const { start, startBytes, end, done } = batch;
    const share = batch.rows === 0 ? 0 : done / batch.rows;
    const bytes = startBytes + Math.floor((end.bytes - startBytes) * share);
    return { input: start && { ...start, done: (start.done ?? 0) + done }, bytes };
  }

  /** How long a batch took, or a part of one with all before it, tells how large the next should be. */
  function observe(index: number, { firstRow, rowsIn, concurrency }: BatchResult, timing: BatchTiming): void {
    const batch = batches.get(index);
    if (batch === undefined || batch.rows === 0) return;
    const rowBytes = timing.size / batch.rows;
    const rowsDone = timing.place === "last" ? batch.rows : firstRow + rowsIn - batch.firstRow;
    const least = concurrency === 1 ? 1 : Math.ceil(concurrency * rowBytes);
    size.observe(Math.ceil(rowsDone * rowBytes), timing.ms / concurrency, least);
  }

  /** Batches end where what is left of an earlier run begins, and where that ends. */
  function rowsToEarly(): number | undefined {
    const next = early[earlyDone];
    if (next === undefined) return undefined;
    return (source.rows < next.firstRow ? next.firstRow : next.firstRow + next.rowsIn) - source.rows;
  }

  /** How many rows are to be begun beside those under way, for as many rows of output as are missing; undefined for all. */
  function rowsToLimit(): number | undefined {
    const { rowsIn, rowsOut } = tally.counts;
    if (limit === undefined || rowsOut >= limit) return undefined;
    // If the rows that follow give as many as those before; at first each is taken to give one.
    const needed = Math.ceil(((limit - rowsOut) * (rowsIn + 1)) / (rowsOut + 1));
    return needed - Math.max(0, source.rows - rowsIn);
  }

  /** Whether workers are to find the rows of the next batch: the columns that it is written with are known. */
  function isStretch(bytes: number): boolean {
    if (stretches === undefined || isFirst || !workers.mayGuess) return false;
    const isKnown = folds || columns.value !== undefined;
    return isKnown && (hasCells || bytes >= parts.stretchBytes || stretches.areOut) && stretches.mayHandOut;
  }

  function handOut(bytes: number): ReturnType<BatchStream<RowTask, BatchResult>["pull"]> {
    const handedOut = stretches?.handOut(bytes, pulls);
    return handedOut instanceof Promise ? handedOut.then(noteStretch) : noteStretch(handedOut);
  }

  function noteStretch(stretched: Stretched | undefined): Pulled<RowTask, BatchResult> {
    const index = pulls++;
    // What follows is looked at when all that was handed out is done.
    if (stretched === undefined) return { kind: "result", result: doneResult(source.rows), size: 0 };
    stretchOf.set(index, stretched.stretch);
    outputs?.begin();
    return stretched.pulled;
  }

  /** Takes what came of a stretch, or reads it again where its rows are others than its worker took for them. */
  async function takeStretch(index: number, result: BatchResult, stretch: Stretch): Promise<void> {
    stretchOf.delete(index);
    const firstRow = source.rows;
    const isLast = (): boolean => source.remaining === 0 && index === pulls - 1;
    if (result.joint !== undefined && stretches?.join(result.joint) === true) {
      // No copy of it: by what came back it is known how long that took.
      result.firstRow = firstRow;
      await write(taker?.pick?.(result) ?? result, isLast);
      await taker?.take?.(result, isLast);
    } else {
      if (result.kept !== undefined) outputs?.drop(result.kept);
      const wanted = hasCells
        ? { bytes: parts.cellBytes, mostBytes: parts.mostCellBytes, rows, isCell: true }
        : { bytes: size.next(source.remaining), rows };
      for (;;) {
        const pulled = await stretches?.again(stretch, wanted);
        if (pulled === undefined) break;
        if (pulled.kind === "task") begin(source.rows);
        const certain = pulled.kind === "result" ? pulled.result : await certainly(pulled);
        await write(taker?.pick?.(certain) ?? certain, isLast);
        await taker?.take?.(certain, isLast);
      }
    }
    stretches?.done();
    position = source.position;
    readBytes = source.sums.bytes;
    await written({ input: position, bytes: readBytes });
  }

  /** What comes of a batch whose rows are certain. */
  async function certainly({
    payload,
    size: bytes,
  }: Pulled<RowTask, BatchResult> & { kind: "task" }): Promise<BatchResult> {
    const { value, ms, worker } = await submit(payload);
    tally.arrived(value, { place: "last", size: bytes, ms, worker });
    return value;
  }

  /** Says what is missing to the limit, and whether the last of it may come of these rows. */
  function limited(pulled: Pulled<RowTask, BatchResult>): Pulled<RowTask, BatchResult> {
    // How many rows of a batch go out, its worker does not know where a stage picks of them.
    if (limit === undefined || pulled.kind !== "task" || taker !== undefined) return pulled;
    const { rowsIn, rowsOut } = tally.counts;
    const missingOut = limit - rowsOut;
    return { ...pulled, payload: { ...pulled.payload, missingOut, mayEnd: source.rows - rowsIn >= missingOut } };
  }

  const stream = runBatches<RowTask, BatchResult>({
    pool: {
      submit: (task, onPart) => (task === ahead?.task ? submitAhead(ahead, onPart) : submit(task, onPart)),
      hasRoom: () => (processes ?? pool).hasRoom(),
    },
    get window() {
      return Math.max(WINDOW_BYTES, WINDOW_BATCHES * Math.max(stretchSize.largest, parts.mostCellBytes ?? 0)) * jobs;
    },
    isUnordered: options.unordered === true && taker === undefined,
    pull: () => {
      late.handedOut();
      if (declined !== undefined) return someDeclined(declined);
      // While columns are a guess, results are kept: small batches keep few. A filter's are no guess.
      const isBehindFirst = sendsAhead && pulls === 1 && isFirst;
      const bytes = isBehindFirst ? size.afterQuick(firstBytes) : size.next(stretches?.remaining ?? source.remaining);
      if (isStretch(bytes)) return handOut(hasCells ? bytes : stretchSize.next(bytes, stretches?.remaining));
      const isGuess = columns.value === undefined && !folds;
      const isUnsure = isGuess && !passesOn;
      const wanted = hasCells
        ? { bytes: parts.cellBytes, mostBytes: parts.mostCellBytes, rows, isCell: true }
        : {
            bytes: isUnsure ? Math.min(bytes, parts.guessBytes) : bytes,
            rows: rows ?? (isFirst && !isBehindFirst ? parts.firstRows : undefined),
            mostRows: lesser(lesser(rowsToEarly(), rowsToLimit()), spilled?.rowsWithin(source.rows, jobs)),
          };
      if (limit !== undefined && tally.counts.rowsOut >= limit) return undefined;
      return source.pull(wanted).then((pulled) => {
        const task = pulled && limited(pulled);
        if (isGuess && task?.kind === "task") guesses.set(pulls, task.payload);
        const next = task && noted(task);
        isAtEnd = next === undefined;
        if (pulls === 1) firstBytes = next?.size ?? 0;
        if (isBehindFirst && next?.kind === "task") {
          ahead = { index: pulls - 1, task: next.payload, size: next.size };
          mayBeDeclined = true;
        }
        return next;
      });
    },
    isHeld: () =>
      isAlone ||
      isOver ||
      (stretches?.areOut === true && !isStretch(size.next(stretches.remaining))) ||
      (rowsToLimit() ?? 1) <= 0 ||
      mayBeDeclined ||
      (awaitsFirst && pulls > (sendsAhead ? 1 : 0)) ||
      waitingBytes > WAITING_OUTPUT_BYTES ||
      (columns.value === undefined && guessedBytes > GUESSED_BYTES * jobs),
    arrived: (index, result, timing) => {
      awaitsFirst = false;
      if (timing.ms > 0 && timing.place === "last") late.arrived(timing.size, timing.ms);
      // Its worker goes by the same figure.
      if (timing.ms > QUICK_MS) recall();
      else mayBeDeclined = false;
      if (stretchOf.has(index)) {
        waitingBytes += bytesOf(result);
        if (result.joint === "misfit") return;
        tally.arrived(result, timing);
        size.observe(timing.size, timing.ms);
        stretchSize.observe(timing, bytesOf(result));
        return;
      }
      if (timing.ms > 0) isFirst = false;
      if (timing.ms > 0) observe(index, result, timing);
      tally.arrived(result, timing);
      waitingBytes += bytesOf(result);
      if (result.isProvisional) {
        guessedBytes += timing.size;
        const worker = timing.worker ?? 0;
        keepers.set(result.firstRow, { worker, deaths: workers.deathsOf(worker) });
      }
      // It is what comes behind rows that are folded that has columns.
      if (folds) return;
      // Rows behind a part without a result may have some.
      const hasRows = result.rowsOut > 0 || result.isProvisional;
      const isTold = timing.place === "last" || hasRows;
      // Without a row there is no header yet, though workers know the columns of what is passed on.
      const told = hasRows ? result.columns : undefined;
      if (!isTold || !columns.offer(index, told) || columns.value === undefined) return;
      workers.settle(columns.value);
      settled.resolve();
    },
    deliver: async (index, result, place) => {
      waitingBytes -= bytesOf(result);
      const stretch = stretchOf.get(index);
      if (stretch !== undefined) {
        await takeStretch(index, result, stretch);
        return;
      }
      // Out of order, a batch may come before the columns are known.
      if (result.isProvisional && columns.value === undefined) await settled.promise;
      const isRight = !result.isProvisional || sameColumns(result.columns ?? [], columns.value ?? []);
      if (isRight && result.isProvisional) keepers.delete(result.firstRow);
      const right = isRight ? result : await reencoded(result, guesses.get(index));
      const isLast = (): boolean => source.remaining === 0 && index === pulls - 1;
      await write(taker?.pick?.(right) ?? right, isLast);
      await taker?.take?.(right, isLast);
      const batch = batches.get(index);
      if (place === "part") {
        await written(batch && donePlace(batch, result.rowsIn));
      } else {
        batches.delete(index);
        guesses.delete(index);
        if (batch?.task !== undefined) source.giveBack(batch.task);
        await written(batch?.end);
      }
      if (limit !== undefined && tally.counts.rowsOut >= limit) stream.finish();
    },
  });
  if (awaitsFirst) {
    const goOn = setTimeout(() => {
      awaitsFirst = false;
      recall();
      stream.wake();
    }, FIRST_RESULT_MS);
    goOn.unref();
  }
  return stream;
}

/** Bytes of a result that wait here for those before it. */
function bytesOf({ output, kept, part, rejects }: BatchResult): number {
  return output.length + (kept?.bytes ?? 0) + (part?.length ?? 0) + rejects.length;
}

/** The less of two numbers of which there may be none. */
function lesser(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

/** A place, and the rows behind it that are done as well: all before row `behind` are. */
function aheadOf(position: InputPosition | undefined, behind: number): InputPosition | undefined {
  return position === undefined || position.rows >= behind ? position : { ...position, done: behind - position.rows };
}
