/** `rowmill plan`: cuts the inputs of a run into shards, and writes down all that is needed to do them anywhere. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { RowmillError, UsageError, fromWire } from "../errors.ts";
import { hasColumns, writerOf } from "../formats/registry.ts";
import { STDIN, isRemote, shownName } from "../io/files.ts";
import { placed, startHere } from "../io/start-folder.ts";
import type { RunOptions } from "../options/run-options.ts";
import { batchRowsOf, inputsOf } from "../pipeline/options.ts";
import {
  type Loaded,
  type Prepared,
  REAL_PARTS,
  type RunParts,
  loadTransform,
  openRunWorkers,
  prepare,
  plannedCode,
} from "../pipeline/prepare.ts";
import { runWith } from "../pipeline/run.ts";
import { runIdentity } from "../pipeline/run-identity.ts";
import type { RowSource } from "../pipeline/row-source.ts";
import type { SlicePlace } from "../pipeline/slice.ts";
import { inputPath } from "../pipeline/told-format.ts";
import { wantColumns } from "../pipeline/wanted-columns.ts";
import { VERSION } from "../version.ts";
import { Measure } from "./measure.ts";
import { Work, type WorkPlan, planId } from "./work.ts";

/** How the work is cut. */
export interface PlanOptions {
  /** The folder. */
  folder: string;
  /** So many shards, about. */
  shards?: number | undefined;
  /** Bytes of a shard, about. @default 1 GiB */
  shardBytes?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((rows: number, bytes: number) => void) | undefined;
}

const SHARD_BYTES = 1024 ** 3;
/** Bytes that are looked at together: a shard ends with them. It has so many of them at least. */
const STEP_BYTES = 1024 * 1024;
const STEPS_A_SHARD = 4;
const STEPS_A_TURN = 64;
/** Files that are not cut make up a shard when they are so much of one. */
const WHOLE_FILES = 0.9;
/** So many rows are tried at first for one that comes out, and so many times as many each time that none does. */
const PROBE_ROWS = 1000;
const PROBE_GROWTH = 16;

/** What stands for the output until it is known: results are those of a file. */
export const LATER_OUTPUT = "rows";

/** Options that mean nothing, or another thing, where many processes do a run. */
export const REFUSED: readonly { name: keyof RunOptions; flag: string; why: string }[] = [
  { name: "inPlace", flag: "--in-place", why: "what is merged is a file of its own" },
  { name: "unordered", flag: "--unordered", why: "rows are merged in their order" },
  { name: "rate", flag: "--rate", why: "each shard would have a rate of its own" },
  { name: "resume", flag: "--resume", why: "a shard goes on by itself, where it was" },
  { name: "cache", flag: "--cache", why: "one cache is for the processes of one machine" },
  { name: "wait", flag: "--wait", why: "a shard waits for nobody" },
  { name: "replace", flag: "--replace", why: "what is merged is a file" },
  { name: "onConflict", flag: "--on-conflict", why: "what is merged is a file" },
];

/**
 * Plans the work.
 *
 * @throws {UsageError} When the run is none that can be spread.
 * @throws {RowmillError} When the inputs cannot be read, or the folder is in use.
 */
export async function makePlan(given: RunOptions, how: PlanOptions): Promise<Work> {
  startHere();
  checkOptions(given);
  const folder = resolve(how.folder);
  checkFolder(folder, how.folder);
  const options: RunOptions = { ...given, output: LATER_OUTPUT };
  const runWorkers = openRunWorkers(options, REAL_PARTS);
  let found: Omit<WorkPlan, "id" | "columns" | "code" | "identity">;
  let loaded: Loaded;
  let needsColumns: boolean;
  let tables: Readonly<Record<string, string>>;
  try {
    loaded = await loadTransform(options, runWorkers);
    checkOptions(loaded.options);
    const prepared = await prepare(loaded, runWorkers, { stretchBytes: REAL_PARTS.stretchBytes });
    await plannedCode(runWorkers, prepared);
    await wantColumns(prepared, runWorkers);
    const { output, outputColumns, folds } = prepared;
    tables = prepared.tables.sums;
    if (prepared.tables.spilled !== undefined)
      throw new UsageError(
        "a table has no room in memory, and shards keep tables there",
        "give them more with --memory, or join what is merged",
      );
    if (output === undefined) throw new Error("what is planned has an output");
    if (writerOf(output.format).isDatabase === true)
      throw new UsageError(
        `--to ${output.format} is not for work that is spread: what is merged is a file`,
        "write what is merged to the table: rowmill merge run/ | rowmill -e row -o app.db#TABLE",
      );
    if (loaded.options.limit !== undefined && !prepared.isLate && !prepared.rewrites)
      throw new UsageError(
        "--limit is not for work that is spread: which rows come first is known when all before them are done",
        "take them of what is merged: rowmill merge run/ | head",
      );
    needsColumns = hasColumns(output.format) && outputColumns === undefined && !folds && prepared.union === undefined;
    found = { ...(await cutInputs(prepared, how)), options: kept({ ...given, to: output.format }) };
  } finally {
    runWorkers.pool.terminate();
  }
  const modules = loaded.exports.modules;
  const identity = { ...(await runIdentity({ ...loaded.options, ...found.options }, modules)), tables };
  const columns = needsColumns ? await firstColumns(found, how.signal) : undefined;
  mkdirSync(join(folder, "parts"), { recursive: true });
  mkdirSync(join(folder, "work"), { recursive: true });
  const code = copyCode(Object.keys(modules), folder);
  const all = { ...found, identity, code, ...(columns !== undefined && { columns }) };
  const plan: WorkPlan = { ...all, id: planId(all) };
  const path = join(folder, "plan.json");
  writeFileSync(`${path}.new`, `${JSON.stringify(plan)}\n`, { flush: true });
  renameSync(`${path}.new`, path);
  return new Work(how.folder, plan);
}

function checkOptions(options: RunOptions): void {
  const wrong = REFUSED.find(({ name }) => options[name] !== undefined && options[name] !== false);
  if (wrong !== undefined)
    throw new UsageError(`${wrong.flag} is not for work that is spread: ${wrong.why}`, "leave it out");
  const stream = inputsOf(options).find((name) => name === STDIN);
  if (stream !== undefined)
    throw new UsageError("standard input cannot be planned: each shard reads its inputs itself", "name files");
}

function checkFolder(folder: string, shown: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) throw new RowmillError("output", `${shown} is no folder`, { hint: "name another one" });
  if (existsSync(join(folder, "plan.json")))
    throw new RowmillError("output", `${shown} has a plan already`, {
      hint: "name another folder, or remove that one",
    });
  if (readdirSync(folder).length > 0)
    throw new RowmillError("output", `${shown} is not empty`, { hint: "name a folder of its own for the plan" });
}

/** Options as they are kept: those that are data. */
export function kept(options: RunOptions): RunOptions {
  const { output: _, signal: __, onLog: ___, onNote: ____, onProgress: _____, ...others } = options;
  return others;
}

type Cut = Pick<
  WorkPlan,
  "rowmill" | "created" | "cwd" | "hasCells" | "rows" | "blankLines" | "bytes" | "shards" | "end"
>;

/** Reads the inputs once, and finds where shards may begin. */
async function cutInputs({ source, options, folds, hasBatch }: Prepared, how: PlanOptions): Promise<Cut> {
  const hasCells = hasBatch || folds;
  const target = targetBytes(options, how);
  const wanted = hasCells
    ? { bytes: REAL_PARTS.cellBytes, rows: batchRowsOf(options, hasBatch), isCell: true }
    : { bytes: Math.min(STEP_BYTES, Math.ceil(target / STEPS_A_SHARD)), rows: undefined, endsWithPart: true };
  // An array of JSON is not cut: what stands behind a place in it is none.
  const cutsFiles = source.traits.rows === "lines";
  const shards: SlicePlace[] = [cutsFiles ? source.place : { file: 0, line: 1, rows: 0, splitter: "" }];
  const measure = new Measure(source, sizesOf(options));
  let begun = 0;
  let due = target;
  const begin = (place: SlicePlace, bytes: number): void => {
    shards.push(place);
    begun = bytes;
    // One that was longer than it was to be, up to the end of a row, makes none of the others later: there are as many as wanted.
    due = (Math.round(bytes / target) + 1) * target;
  };
  let file = shards[0]?.file ?? 0;
  const isCut = (): boolean => cutsFiles && source.position !== undefined && source.cuts === undefined;
  /** A table says how many rows its parts have: they need not be read. */
  const passTable = async (): Promise<void> => {
    for (const place of partPlaces(source)) {
      const bytes = measure.bytes + measure.ofParts(place.table.part);
      if (bytes >= due) begin(place, bytes);
    }
    await source.passTable();
  };
  try {
    for (let step = 1; ; step++) {
      if (step % STEPS_A_TURN === 0) await new Promise(setImmediate);
      how.signal?.throwIfAborted();
      const isPassed = source.cuts?.rows !== undefined && !hasCells && options.first === undefined;
      if (isPassed) await passTable();
      const [before, start] = [measure.bytes, { line: 1, rows: source.rows, splitter: "", ...source.end }];
      if (!isPassed) {
        const pulled = await source.pull(wanted);
        if (pulled === undefined) break;
        if (pulled.kind === "task") source.giveBack(pulled.payload);
        else if (pulled.result.end !== undefined) throw fromWire(pulled.result.end);
      }
      how.onProgress?.(source.rows, measure.bytes);
      const { file: now } = source.place;
      if (now !== file) {
        file = now;
        // Where a file begins that is not cut, a shard may.
        if (now < inputsOf(options).length && !isCut() && before - begun >= target * WHOLE_FILES)
          begin({ ...start, file }, before);
      }
      if (measure.bytes < due) continue;
      if (isCut() ? !isAtEnd(source) : await isAtPart(source, { hasCells, last: shards.at(-1) }))
        begin(source.place, measure.bytes);
    }
    return {
      rowmill: VERSION,
      created: new Date().toISOString(),
      cwd: process.cwd(),
      hasCells,
      rows: source.rows,
      blankLines: source.blankLines,
      bytes: Math.round(measure.bytes),
      shards,
      end: source.end,
    };
  } finally {
    source.close();
  }
}

/** Where the parts of a table begin that says how many rows they have; a shard may begin with any but the first one. */
function partPlaces({ place, cuts }: RowSource): (SlicePlace & Required<Pick<SlicePlace, "table">>)[] {
  // Where it is in the text, nobody has counted, and only cells go by that.
  const { offset: _, ...start } = place;
  let row = 0;
  return (cuts?.rows ?? []).flatMap((rows, part) => {
    const found = { ...start, line: row + 1, rows: start.rows + row, table: { part, bytes: 0, row } };
    row += rows;
    return part === 0 ? [] : [found];
  });
}

/**
 * Whether a shard may begin in a table where it has come to: at the start of a part. What is made cell by cell goes on behind
 * the cell in which a part begins; what of that part is before is then made twice, and dropped.
 */
async function isAtPart(
  source: RowSource,
  { hasCells, last }: { hasCells: boolean; last: SlicePlace | undefined },
): Promise<boolean> {
  if (source.cuts === undefined || !(await source.hasMoreInTable())) return false;
  const { file, table } = source.place;
  if (table === undefined) return false;
  return hasCells ? last?.file !== file || last.table?.part !== table.part : table.bytes === 0;
}

/** Whether no byte follows. */
function isAtEnd({ remaining }: RowSource): boolean {
  return remaining === 0;
}

function targetBytes(options: RunOptions, { shards, shardBytes }: PlanOptions): number {
  if (shards === undefined) return shardBytes ?? SHARD_BYTES;
  const sizeOf = sizesOf(options);
  const sizes = inputsOf(options).map((name, file) => {
    const size = sizeOf(file);
    if (size !== undefined) return size;
    throw new UsageError(
      `how large ${isRemote(name) ? "an input of a server" : shownName(name)} is, nobody knows beforehand`,
      "say how large a shard is to be, in place of how many there are: --shard-bytes 1G",
    );
  });
  return Math.max(1, Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / shards));
}

/** How many bytes the files of inputs have, by their numbers; undefined for what is no file. */
function sizesOf(options: RunOptions): (file: number) => number | undefined {
  const sizes = inputsOf(options).map((name) => {
    const path = inputPath(name);
    const stat = path === undefined ? undefined : statSync(placed(path), { throwIfNoEntry: false });
    return stat?.isFile() === true ? stat.size : undefined;
  });
  return (file) => sizes[file];
}

/** The columns of the first row that comes out: those of all. */
async function firstColumns(
  { options, shards, rows }: Pick<WorkPlan, "options" | "shards" | "rows">,
  signal: AbortSignal | undefined,
): Promise<string[] | undefined> {
  const [from] = shards;
  if (from === undefined) return undefined;
  const { rejects: _, emit: __, splitBy: ___, summary: ____, metrics: _____, report: ______, ...others } = options;
  for (let most = PROBE_ROWS; ; most *= PROBE_GROWTH) {
    let columns: string[] | undefined;
    const parts: RunParts = {
      ...REAL_PARTS,
      slice: {
        slice: { from, to: undefined },
        of: "probe",
        columns: undefined,
        file: undefined,
        onColumns: (found) => {
          columns = found;
        },
      },
    };
    const quiet: RunOptions = {
      ...others,
      first: Math.min(most, others.first ?? rows),
      onError: "skip",
      output: LATER_OUTPUT,
      onLog: () => {},
      ...(signal && { signal }),
    };
    await runWith(quiet, parts);
    if (columns !== undefined || most >= rows) return columns;
  }
}

/** The files of the code go along: a node that does not see them runs these. */
function copyCode(paths: readonly string[], folder: string): Record<string, string> {
  const copies: Record<string, string> = {};
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const copy = join("code", path.replace(/^([a-z]):/i, "$1"));
    mkdirSync(dirname(join(folder, copy)), { recursive: true });
    copyFileSync(path, join(folder, copy));
    copies[path] = copy;
  }
  return copies;
}
