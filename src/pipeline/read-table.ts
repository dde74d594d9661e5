/** Reads a table beside the input, of any format that is read, in the thread of the run: once, for all workers. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { RowmillError, fromWire, placeAt, withDetails } from "../errors.ts";
import { hasHidden, shownColumn } from "../formats/columns.ts";
import { namesWord } from "../formats/command-words.ts";
import { INPUT_START, openMemory } from "../formats/memory.ts";
import { readerOf } from "../formats/registry.ts";
import { shownName } from "../io/files.ts";
import { didYouMean, nearest } from "../nearest.ts";
import { columnHint } from "./column-checks.ts";
import { type BuiltTable, TableBuilder, type TableSetup } from "../tables/table-builder.ts";
import { batchBytes } from "../transform/batch-bytes.ts";
import { taskLines } from "../transform/line-counter.ts";
import { StageClock } from "../transform/stage-clock.ts";
import type { RowTask } from "../transform/wire.ts";
import { inputPlan } from "./options.ts";
import { type InputAccessOptions, RowSource } from "./row-source.ts";
import { expandInput } from "./expand-inputs.ts";

/** Bytes that are decoded together. */
const PIECE_BYTES = 1024 * 1024;

/** What is heeded while a table is read. */
export interface TableAccess extends InputAccessOptions {
  signal: AbortSignal | undefined;
}

/** What was seen of the rows of a table. */
interface SeenRows {
  rows: number;
  /** Their keys, where rows have keys. */
  names: ReadonlySet<string>;
}

/** A table, and the checksum of its file. */
export interface ReadTable extends BuiltTable {
  sum: string;
  /** What was guessed of it. */
  notices: readonly string[];
}

/**
 * Reads a table and packs it.
 *
 * @param flag The option that asks for it, for messages.
 * @throws {RowmillError} `input`, when it cannot be read, one of its rows is bad, or it lacks a column of the key.
 */
export async function readTable(
  flag: string,
  setup: Omit<TableSetup, "file"> & TableAccess & { rowKeys?: readonly string[] },
  named: string,
): Promise<ReadTable> {
  const file = await expandInput(named);
  const source = new RowSource([file], inputPlan({ inputs: [file], types: "text" }), { httpHeader: setup.httpHeader });
  try {
    await source.open();
    const { columns, traits } = source;
    if (columns === undefined && traits.columns === "header")
      throw new RowmillError("input", `${shownName(file)} is empty: a table needs a header`, {
        hint: "check the path",
      });
    const { keys, rowKeys } = setup;
    const lacking = columns && setup.keys.find((name) => !columns.includes(name));
    if (columns !== undefined && lacking !== undefined) throw noColumn({ flag, file, keys, rowKeys }, lacking, columns);
    const builder = new TableBuilder({ ...setup, file: shownName(file) }, columns, traits.values);
    const seen = await readAll(source, builder, { file, signal: setup.signal });
    const missing =
      columns === undefined && seen.rows > 0 ? setup.keys.find((name) => !seen.names.has(name)) : undefined;
    if (missing !== undefined) {
      builder.close();
      throw noColumn({ flag, file, keys, rowKeys }, missing, [...seen.names]);
    }
    return { ...builder.take(), notices: source.notices, sum: `${source.sums.crc} of ${source.sums.bytes} bytes` };
  } catch (error) {
    const { advisedTable } = await import("./table-advice.ts");
    throw advisedTable(error, { flag, file, source });
  } finally {
    source.close();
  }
}

/** Reads all rows; a key that must be there once is looked for among those before what is wrong with a row, too. */
async function readAll(
  source: RowSource,
  builder: TableBuilder,
  { file, signal }: { file: string; signal: AbortSignal | undefined },
): Promise<SeenRows> {
  const checkUnique = async (): Promise<void> => {
    for (const _ of builder.checkUnique()) {
      await nextTurn();
      signal?.throwIfAborted();
    }
  };
  try {
    const seen = await addRows(source, builder, { file, signal });
    await checkUnique();
    return seen;
  } catch (error) {
    try {
      if (signal?.aborted !== true) await checkUnique();
    } finally {
      builder.close();
    }
    throw error;
  }
}

/** A row that is missing, of which nothing is told. */
const UNREADABLE = { code: "input", message: "a row cannot be read", hint: undefined } as const;

interface AskedKeys {
  flag: string;
  file: string;
  keys: readonly string[];
  /** The columns of the rows that these are compared with. */
  rowKeys: readonly string[] | undefined;
}

function noColumn({ flag, file, keys, rowKeys }: AskedKeys, name: string, columns: readonly string[]): RowmillError {
  const near = nearest(name, columns);
  // One name stands for both sides: that of the rows is right.
  const isBoth = rowKeys?.[keys.indexOf(name)] === name;
  const hint =
    isBoth && near !== undefined && !hasHidden(near)
      ? didYouMean(`${flag} ${namesWord([`${name}=${near}`])}`)
      : columnHint(name, columns, "its");
  return new RowmillError("input", `${flag} names ${shownColumn(name)}, which is no column of ${shownName(file)}`, {
    hint,
    lacks: name,
  });
}

async function addRows(
  source: RowSource,
  builder: TableBuilder,
  { file, signal }: { file: string; signal: AbortSignal | undefined },
): Promise<SeenRows> {
  const { plan, columns, traits, dialect, extraFields } = source;
  const memory = openMemory();
  const makeDecoder = await readerOf(plan.format).decoder();
  const input = {
    ...plan,
    traits,
    dialect,
    extraFields,
    columns,
    replacesInvalid: false,
  };
  const decoder = makeDecoder(memory, input, {
    columns: columns ?? [],
    reads: undefined,
    wantsFields: false,
    internsTexts: false,
    copiesRows: false,
    keepsSpelling: true,
    looksAt: undefined,
  });
  const clock = new StageClock();
  const names = new Set<string>();
  let count = 0;
  const addTask = (task: RowTask): void => {
    if (task.bytes.kind === "stretch") throw new Error("rows of a table are found by the parent");
    const needsLineEnd = traits.rows === "lines";
    const { end, load } = batchBytes(memory, task.bytes, { name: shownName(file), needsLineEnd, clock });
    if (decoder.loadsByPieces !== true) load(end);
    let [lines, rowsBefore] = [0, 0];
    for (const block of decoder.blocks(INPUT_START, end, load)) {
      const lineOf = taskLines(task, block, { lines, rows: rowsBefore });
      const { rows, faults, spellings } = block;
      for (let at = 0; at < block.count; at++) {
        const row = rows[at];
        if (row === undefined) {
          const { code, message, hint } = faults.get(at) ?? UNREADABLE;
          const place = { file: shownName(file), line: lineOf(at) };
          throw new RowmillError(code, message, { place, ...(hint !== undefined && { hint }) });
        }
        if (columns === undefined) for (const name of Object.keys(row)) names.add(name);
        builder.add(row, spellings?.get(at), lineOf(at));
        count++;
      }
      lines += block.lines;
      rowsBefore += block.count;
    }
  };
  for (;;) {
    // An interrupt is heard between pieces.
    await nextTurn();
    signal?.throwIfAborted();
    const pulled = await source.pull({ bytes: PIECE_BYTES, rows: undefined });
    if (pulled === undefined) return { rows: count, names };
    if (pulled.kind === "task") {
      try {
        addTask(pulled.payload);
        source.giveBack(pulled.payload);
      } catch (error) {
        throw error instanceof RowmillError ? placeAt(error, shownName(file), pulled.payload.firstLine) : error;
      }
      continue;
    }
    const { failure, end } = pulled.result;
    if (end !== undefined) throw fromWire(end);
    if (failure === undefined) continue;
    // Without one of its rows a table would give other results, in silence.
    const error = fromWire(failure.error) as RowmillError;
    throw withDetails(error, { place: { file: shownName(file), line: error.place?.line ?? failure.line } });
  }
}
