/**
 * `batch(rows, ctx)`: a function that takes all rows of a batch at once, read, validated and filtered as they are for a
 * function of one row. It answers with one result a row, in order.
 */
import { RowmillError } from "../errors.ts";
import type { DecodedBlock, Row } from "../formats/format.ts";
import { OpenItems } from "../scheduler/open-items.ts";
import type { Batch } from "./batch.ts";
import type { CallSetup } from "./call-setup.ts";
import { mapBlock } from "./block-mapper.ts";
import { RowContext } from "../code/context.ts";
import { taskLines } from "./line-counter.ts";
import { Failed, Many, type Outcome, type RowFunction, combined } from "./outcome.ts";
import type { FinishResult, ResultPlace } from "./row-function.ts";
import type { PlacedBlock } from "./placed-block.ts";
import type { BatchFunction } from "./transform.ts";

/** What a batch goes through whose function takes all its rows at once. */
export interface WholeBatches {
  call: BatchFunction;
  /** Takes a row up to the function: gives the row, or undefined when it is dropped. */
  prepare: RowFunction;
  /** What becomes of each result. */
  toOutcome: FinishResult;
}

/** The function for a single row. */
export function singleCall(batch: BatchFunction): (row: Row, ctx: RowContext) => unknown {
  return (row, ctx) => {
    const results = batch([row], ctx);
    return results instanceof Promise ? results.then(onlyResult) : onlyResult(results);
  };
}

function onlyResult(results: unknown): unknown {
  const wrong = wrongResults(results, 1);
  if (wrong !== undefined) throw new RowmillError("row-result", wrong, { hint: WANTED });
  return (results as unknown[])[0];
}

const WANTED = "it must return an array with one result a row, in order: null for a row without output";

/** What is wrong with the answer of the function, in words. */
function wrongResults(results: unknown, rows: number): string | undefined {
  if (Array.isArray(results) && results.length === rows) return undefined;
  const what = Array.isArray(results) ? counted(results.length, "result") : "no array";
  return `batch returned ${what} for ${counted(rows, "row")}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A block whose rows are ready for the function, and then have its results in their places. */
interface ReadyBlock {
  placed: PlacedBlock;
  outcomes: Outcome[];
}

/**
 * Calls the function with all rows of a batch. Returns false, and has changed nothing, when it fails: which row is at
 * fault is not known, so the caller runs each row alone.
 *
 * @throws {RowmillError} `transform`, when the function does not give one result a row: it would not be known which
 * result belongs to which row.
 */
export async function takeWhole(
  batch: Batch,
  blocks: Iterator<DecodedBlock>,
  { whole, rows, stopsAt }: { whole: WholeBatches; rows: CallSetup; stopsAt: number },
): Promise<boolean> {
  const ready = await prepared(batch, blocks, { rows: { ...rows, call: whole.prepare, handIn: undefined }, stopsAt });
  if (!(await callWhole(whole, rows, ready))) return false;
  batch.longWay = "batch";
  for (const { placed, outcomes } of ready) if (!batch.take(placed, outcomes)) break;
  return true;
}

/** All blocks of a batch, up to the failed row that ends it. */
async function prepared(
  { task }: Batch,
  blocks: Iterator<DecodedBlock>,
  { rows, stopsAt }: { rows: CallSetup; stopsAt: number },
): Promise<ReadyBlock[]> {
  const ready: ReadyBlock[] = [];
  let rowInBatch = 0;
  let lines = 0;
  let failures = 0;
  for (let next = blocks.next(); next.done !== true && failures < stopsAt; next = blocks.next()) {
    const block = next.value;
    // The next block takes the place of this one.
    block.keep();
    const placed: PlacedBlock = {
      block,
      rowInBatch,
      firstRow: task.firstRow + rowInBatch,
      lineOf: taskLines(task, block, { lines, rows: rowInBatch }),
      places: task.place,
      stopsAt: stopsAt - failures,
      done: 0,
      end: block.count,
    };
    const outcomes = await mapBlock(rows, placed);
    for (const outcome of outcomes) if (outcome instanceof Failed) failures++;
    ready.push({ placed, outcomes });
    rowInBatch += block.count;
    lines += block.lines;
  }
  return ready;
}

/** Calls the function for all rows that are ready; false when it failed. */
async function callWhole(whole: WholeBatches, rows: CallSetup, ready: readonly ReadyBlock[]): Promise<boolean> {
  const places: { block: ReadyBlock; at: number }[] = [];
  const given: Row[] = [];
  for (const block of ready) {
    for (const [at, outcome] of block.outcomes.entries()) {
      if (outcome === undefined || outcome instanceof Failed) continue;
      // A join makes many of one.
      for (const row of outcome instanceof Many ? outcome.values : [outcome]) {
        places.push({ block, at });
        given.push(row as Row);
      }
    }
  }
  const [first] = places;
  if (first === undefined) return true;
  if (rows.rate !== undefined) await rows.rate.turn();
  // The function may do with its array what it likes.
  const results = await answer(whole.call, [...given], { rows, first });
  if (results === undefined) return false;
  const wrong = wrongResults(results.value, given.length);
  if (wrong !== undefined) throw new RowmillError("transform", wrong, { hint: WANTED });
  let before: (typeof places)[number] | undefined;
  for (const [index, place] of places.entries()) {
    const { block, at } = place;
    const spelling = block.placed.block.spellings?.get(at) ?? rows.spelling;
    const of = { row: given[index] ?? {}, spelling };
    const outcome = await outcomeOf(whole, (results.value as unknown[])[index], of);
    const isSameRow = before?.block === block && before.at === at;
    block.outcomes[at] = isSameRow ? combined([block.outcomes[at], outcome]) : outcome;
    before = place;
  }
  return true;
}

/** What the function answers; undefined when it throws, rejects, or takes too long. */
async function answer(
  call: BatchFunction,
  given: Row[],
  { rows, first }: { rows: CallSetup; first: { block: ReadyBlock; at: number } },
): Promise<{ value: unknown } | undefined> {
  const { rowInBatch, firstRow, lineOf } = first.block.placed;
  const ctx = new RowContext(rows.context, rows.file, firstRow + first.at, (index) => lineOf(index - firstRow));
  const open = new OpenItems(rows.progress, { timeoutMs: rows.timeoutMs, isSerial: false, strays: undefined });
  open.beginMany(rowInBatch + first.at, given.length);
  try {
    const results = call(given, ctx);
    const isLate = results instanceof Promise;
    return { value: isLate ? await open.follow(rowInBatch, results, (reason) => ctx.abort(reason)) : results };
  } catch {
    // Each row will tell by itself.
    return undefined;
  } finally {
    rows.progress.close();
  }
}

async function outcomeOf({ toOutcome }: WholeBatches, result: unknown, place: ResultPlace): Promise<Outcome> {
  try {
    return await toOutcome(result instanceof Promise ? await result : result, place);
  } catch (thrown) {
    return new Failed({ thrown });
  }
}
