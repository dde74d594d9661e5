/** Reads a table beside the input, of any format that is read, in the thread of the run: once, for all workers. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { RowmillError, fromWire, placeAt } from "../errors.ts";
import { shownColumn } from "../formats/columns.ts";
import { INPUT_START, openMemory } from "../formats/memory.ts";
import { readerOf } from "../formats/registry.ts";
import { shownName } from "../io/files.ts";
import { nearHint } from "./column-checks.ts";
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
  setup: Omit<TableSetup, "file"> & TableAccess,
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
    const lacking = columns && setup.keys.find((name) => !columns.includes(name));
    if (columns !== undefined && lacking !== undefined) throw noColumn({ flag, file }, lacking, columns);
    const builder = new TableBuilder({ ...setup, file: shownName(file) }, columns, traits.values);
    const seen = await readAll(source, builder, { file, signal: setup.signal });
    const missing =
      columns === undefined && seen.rows > 0 ? setup.keys.find((name) => !seen.names.has(name)) : undefined;
    if (missing !== undefined) {
      builder.close();
      throw noColumn({ flag, file }, missing, [...seen.names]);
    }
    return { ...builder.take(), notices: source.notices, sum: `${source.sums.crc} of ${source.sums.bytes} bytes` };
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

function noColumn(
  { flag, file }: { flag: string; file: string },
  name: string,
  columns: readonly string[],
): RowmillError {
  return new RowmillError("input", `${flag} names ${shownColumn(name)}, which is no column of ${shownName(file)}`, {
    hint: nearHint(name, columns, "its"),
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
          const fault = faults.get(at);
          throw badRow(fault?.message ?? "a row cannot be read", { file, line: lineOf(at), hint: fault?.hint });
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
    const { message, place, hint } = fromWire(failure.error) as RowmillError;
    throw badRow(message, { file, line: place?.line ?? failure.line, hint });
  }
}

/** Without one of its rows a table would give other results, in silence. */
function badRow(
  message: string,
  { file, line, hint }: { file: string; line: number; hint: string | undefined },
): RowmillError {
  // Options are those of the input.
  const own = hint?.includes("--") === false ? hint : undefined;
  return new RowmillError("input", `a row of the table cannot be read: ${message}`, {
    place: { file: shownName(file), line },
    hint: own ?? "put it right first; rowmill -e row FILE --on-error skip leaves such rows out",
  });
}
