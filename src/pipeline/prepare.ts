/**
 * What comes before the first batch: starts the workers, loads the transform, opens the input, and settles what a run
 * reads and writes.
 */
import { RowmillError, UsageError, withoutSecrets } from "../errors.ts";
import { whenCompiled } from "../formats/memory-code.ts";
import { namesWord, shellWord } from "../formats/command-words.ts";
import type { Format } from "../formats/format.ts";
import { CSV } from "../formats/text/dialect.ts";
import {
  FORMATS,
  FORMAT_ENTRIES,
  type OutputFormat,
  hasColumns,
  isOutput,
  readerOf,
  writerOf,
} from "../formats/registry.ts";
import { textEncoding } from "../formats/text-encoding.ts";
import type { BatchSizeLimits } from "../scheduler/batch-size.ts";
import { WorkerPool } from "../scheduler/worker-pool.ts";
import { spawnWorker } from "../spawn.ts";
import { userFrames } from "../code/frames.ts";
import type { AskedOfRows } from "../stages/digest/digest-stage.ts";
import type { SurveyAsked } from "../stages/survey/survey.ts";
import { groupedColumns, groupingOf } from "../stages/grouping/grouping.ts";
import { isIdentity } from "../code/identity.ts";
import type { JoinKeysAsked } from "../transform/join-keys.ts";
import type {
  BatchResult,
  RateSetup,
  RowTask,
  RunSetup,
  TransformExports,
  TransformSource,
} from "../transform/wire.ts";
import { uncompressedName } from "../io/compression.ts";
import { STDOUT, type Sink } from "../io/sink.ts";
import { fileHash } from "../io/file-hash.ts";
import { shownName } from "../io/files.ts";
import { placed } from "../io/start-folder.ts";
import { checkOptions } from "../options/check-options.ts";
import { LINKED_TRANSFORM } from "../code/linked.ts";
import type { RecordAnswer } from "../fields/record-type/shape.ts";
import type { AskedEmit } from "./emit-outputs.ts";
import { checkGrouping, checkTypes, checkWindow } from "./column-checks.ts";
import { EarlySource } from "./early-source.ts";
import type { InputCopies } from "./input-copies.ts";
import { FailedRows } from "./failed-rows.ts";
import { moduleOptions } from "../options/module-options.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { Option } from "../options/option.ts";
import { OPTIONS, type OptionName } from "../options/table.ts";
import {
  type FoundShape,
  type InputPlan,
  type OutputPlan,
  batchRowsOf,
  concurrencyOf,
  emitFilesOf,
  hasHabits,
  inputPlan,
  inputsOf,
  isTypedByData,
  jobsOf,
  limitOf,
  mostKept,
  outputPlan,
  stepsOf,
  timeoutMsOf,
  typesOf,
} from "./options.ts";
import { ratePerSecond } from "../options/quantities.ts";
import type { KeepingLimits } from "./kept-outputs.ts";
import { RowSource } from "./row-source.ts";
import type { SpareMemory } from "./stored-results.ts";
import type { RunIdentity } from "./run-identity.ts";
import type { SliceRun } from "./slice.ts";
import { nearestEnding } from "./told-format.ts";
import type { RunTables } from "./tables.ts";
import type { ToldWindow } from "../code/window.ts";
import type { AskedStep } from "../stages/registry.ts";
import {
  CODE_WINDOW,
  columnsOfNothing,
  isRewriting,
  isRowLocal,
  rewritesRows,
  stepWords,
  tellsPlaces,
} from "../stages/rewriting/asked.ts";
import { SAID_AFTER_MS, type SpawnTransform, TransformWorkers } from "./transform-workers.ts";

/** What a run is made of beside its options. */
export interface RunParts {
  spawn: SpawnTransform;
  /** Sizes of batches, in bytes. */
  batchBytes: Omit<BatchSizeLimits, "jobs">;
  /** Rows of a batch, until it is known how long one takes. */
  firstRows: number | undefined;
  /** The grid of the input on which batches lie whose rows are folded. */
  cellBytes: number;
  /** Cells become larger up to this size; without it, all are of one size. */
  mostCellBytes?: number | undefined;
  /** The least stretch of an input in which workers are to find the rows themselves. */
  stretchBytes: number;
  /** How much of what comes of stretches their workers keep, to write it themselves. */
  keeping: KeepingLimits;
  /** They find none any more behind so many stretches that had to be read again. @default 2 */
  mostWrong?: number | undefined;
  /** Largest batch while output columns are a guess, and results are kept for that. */
  guessBytes: number;
  /** It is a step of another one. */
  inner?: InnerRun;
  /** It does a slice of its inputs. */
  slice?: SliceRun;
  /** What others have done of it, slice by slice. */
  merging?: Merging;
  /** Rows are looked at, in place of a transform. */
  profiling?: Profiling;
  /** Rows are read and checked as the transform wants them, and its functions are not called. */
  isDry?: boolean;
  /** Tables that somebody else has read, and closes. */
  tables?: RunTables;
  /** Copies of inputs that can be read once only: somebody else has made, and removes them. */
  copies?: InputCopies;
}

/** What a run is told of which it is a step. */
interface InnerRun {
  /** The columns of its output. */
  outputColumns: readonly string[];
  /** Why it cannot be resumed. */
  obstacle: string;
  /** How its rows are written, and who takes them in place of an output: what stands around them is added there. */
  rows?: { output: OutputPlan; write: Sink["write"] };
}

/** A run whose rows others have mapped. */
interface Merging {
  results: AsyncIterable<BatchResult>;
  /** Takes the memory of rows that were written. */
  memory: SpareMemory;
  /** Rows of the inputs, and lines with nothing on them. */
  rows: number;
  blankLines: number;
  /** The columns of the results. */
  columns: string[] | undefined;
  /** Version, code, inputs and tables as they were. */
  identity: RunIdentity;
  /** That of those who have mapped them, for digests. */
  secret: Uint8Array;
}

/** A run that profiles its rows, and maps none: what it is told of on the way. */
export interface Profiling {
  /** What is asked of them, where that is no profile. */
  asked?: AskedOfRows | SurveyAsked | JoinKeysAsked;
  /** The input is open. */
  opened(prepared: Prepared): void;
  /** Takes what was seen in the rows of the next batch. @param before In it, rows are counted from behind so many. */
  take(part: Uint8Array, before: number): void;
}

/**
 * The largest batch: the parent does something for each, and the runtime compiles what it does often. With batches of 1 MiB
 * a run over 220 MB takes 4 % longer; batches of 4 MiB are not faster, and take more memory.
 */
export const MAX_BATCH_BYTES: number = 2 * 1024 * 1024;

/**
 * What is folded into one accumulator, or handed to a function of many rows at once: a figure that results depend on. Of
 * 20-byte rows, folded into a Map of 400 objects, sending and merging it costs 4 % of the folding.
 */
const CELL_BYTES: number = 1024 * 1024;

export const REAL_PARTS: RunParts = {
  spawn: (options) => spawnWorker(options),
  batchBytes: {
    first: 128,
    max: MAX_BATCH_BYTES,
    last: 64 * 1024,
  },
  // A slow function shows soon, and no worker is at rows for long that come far behind those of another one.
  firstRows: 1,
  guessBytes: 64 * 1024,
  stretchBytes: 64 * 1024,
  keeping: { from: 64 * 1024, most: 4 * MAX_BATCH_BYTES, block: 256 * 1024 },
  cellBytes: CELL_BYTES,
};

/** The workers of a run, and the pool that gives them tasks. */
export interface RunWorkers {
  pool: WorkerPool<RowTask, BatchResult>;
  workers: TransformWorkers;
}

/** Makes the workers of a run; no worker is started yet. */
export function openRunWorkers(options: RunOptions, { spawn }: RunParts): RunWorkers {
  checkOptions(options);
  const onLog = onLogOf(options);
  const workers = new TransformWorkers({ onLog, onNote: (text) => options.onNote?.(text) }, spawn);
  const pool = new WorkerPool<RowTask, BatchResult>({
    jobs: jobsOf(options),
    open: (index, progress, onEvent) => workers.open(index, progress, onEvent),
    onStrayDeath: (error) => onLog(strayWarning(error)),
    outside: { name: INIT, afterMs: SAID_AFTER_MS, onWait: () => workers.sayLate(INIT) },
  });
  return { pool, workers };
}

/** What a batch begins with that belongs to no row. */
const INIT = "init of reduce";

/** Who hears what is said beside results. */
export function onLogOf({ onLog }: RunOptions): (text: string) => void {
  return onLog ?? ((text) => void process.stderr.write(`${text}\n`));
}

/** An error that came when its row was long done (a timer, a stray promise): it costs a worker, and no row. */
function strayWarning(error: Error): string {
  const frames = userFrames(error.cause ?? error);
  return `warning: ${error.message}, outside of any row${frames === undefined ? "" : `\n${frames}`}`;
}

/** A transform that was loaded, and the options with its own defaults among them. */
export interface Loaded {
  options: RunOptions;
  transform: TransformSource;
  exports: TransformExports;
  /** What the source of a module says of its rows. */
  record: RecordAnswer | undefined;
  /** The input, opened meanwhile. */
  early: EarlySource | undefined;
}

/** Starts the first worker, and loads the transform in it. */
export async function loadTransform(
  given: RunOptions,
  { pool, workers }: RunWorkers,
  { isDry = false }: Pick<RunParts, "isDry"> = {},
): Promise<Loaded> {
  await whenCompiled();
  // The others follow when there is work for them.
  pool.start(1);
  const transform = transformSource(given, isDry);
  const loading = workers.load({ source: transform, filter: given.filter });
  if (transform.kind !== "module") {
    return { ...withExports(given, NO_EXPORTS, pool), transform, record: undefined, early: undefined };
  }
  const reading = recordOf(transform);
  const early = new EarlySource(given);
  try {
    const loaded = await loading;
    const record = loaded.hasSchema ? undefined : await reading;
    const types = Object.fromEntries((record?.files ?? []).map((path) => [path, fileHash(path)]));
    const modules = { ...loaded.modules, ...types };
    const exports = isDry ? { ...NO_EXPORTS, options: loaded.options, modules } : { ...loaded, modules };
    return { ...withExports(given, exports, pool), transform, record, early };
  } catch (error) {
    early.close();
    throw error;
  }
}

function withExports(
  given: RunOptions,
  exports: TransformExports,
  pool: RunWorkers["pool"],
): Pick<Loaded, "options" | "exports"> {
  const options = mergeOptions(given, exports);
  if (exports.hasReduce && groupingOf(options) !== undefined) {
    throw new UsageError("the transform has a reduce, and figures are asked for", "leave one of them out");
  }
  if (toldWindowOf(options)?.isDefault === true && groupingOf(options) !== undefined) {
    throw new UsageError(
      "the transform is a window, and groups are made before",
      "do one behind the other: rowmill run TRANSFORM.ts FILE | rowmill --group-by COLUMN",
    );
  }
  pool.resize(jobsOf(options));
  return { options, exports };
}

/** The window of a module, as it has told it. */
function toldWindowOf({ window }: RunOptions): ToldWindow | undefined {
  return window as ToldWindow | undefined;
}

/** Reads the type of a module's rows while a worker loads the module; what is wrong with that comes first. */
function recordOf({ path, at }: Extract<TransformSource, { kind: "module" }>): Promise<RecordAnswer | undefined> {
  // The one that is linked into a program has it with it.
  if (path === LINKED_TRANSFORM) return Promise.resolve(undefined);
  const reading = import("../fields/record-type/module-record.ts").then(({ moduleRecord }) => moduleRecord(at));
  reading.catch(() => {});
  return reading;
}

/** A run that is about to stream. */
export interface Prepared {
  options: RunOptions;
  source: RowSource;
  /** The input as it is read: the dialect is the one that was found. */
  input: InputPlan;
  /** How rows are written; undefined where none comes out. */
  output: OutputPlan | undefined;
  /** Output columns, where they are known before the first row. */
  outputColumns: string[] | undefined;
  /** The export of the transform by which they are. */
  fixedBy: TransformExports["fixedBy"];
  /** Rows come out as they went in, or not at all: their columns are those of the input. */
  passesOn: boolean;
  /** Output columns when there is no row at all, beside those. */
  emptyColumns: string[] | undefined;
  /** Rows are folded: what comes out of them comes at the end. */
  folds: boolean;
  /** The steps that pick of the rows that come out, or arrange them, in their order. */
  steps: readonly AskedStep[];
  /** Rows that wait for a window in code know where they come from, and may fail there. */
  tellsPlaces: boolean;
  /** Rows are rewritten where they are taken: those that come out may have other columns than those that go in. */
  rewrites: boolean;
  /** What comes out comes at the end: rows are folded, or arranged. */
  isLate: boolean;
  /** The function takes many rows at once. */
  hasBatch: boolean;
  /** Workers may find rows themselves, if what they do with them allows it. */
  mayGuess: boolean;
  failed: FailedRows;
  tables: RunTables;
  /** Copies of inputs that can be read once only, where they are read twice. */
  copies: InputCopies | undefined;
  /** The columns of the output are those of all rows: these first; of rows that are passed on, those of the inputs. */
  union: { columns: readonly string[]; isPassedOn: boolean } | undefined;
  /** Outputs for rows that the function emits. */
  emits: readonly AskedEmit[];
}

type PrepareParts = { explains?: boolean } & Pick<
  RunParts,
  "profiling" | "isDry" | "stretchBytes" | "inner" | "tables" | "copies" | "slice" | "merging"
>;

/** Opens the input, and hands the workers all they need. */
export async function prepare(
  { options, transform, exports, record, early }: Loaded,
  { workers }: RunWorkers,
  { explains = false, stretchBytes, profiling, isDry, inner, slice, merging, ...given }: PrepareParts,
): Promise<Prepared> {
  const opened = await early?.take(options);
  const copies = given.copies ?? (await copiesFor(options));
  const source = opened ?? new RowSource(inputsOf(options), inputPlan(options), { ...options, copies });
  let tables: RunTables | undefined;
  try {
    if (opened === undefined) await source.open();
    const isProfiled = profiling !== undefined;
    const folds = isProfiled || foldsRows(options, exports);
    const isPassedOn = !folds && passesOnAsTheyAre(options, source.columns);
    const givesRows = !isProfiled && isDry !== true;
    const output = givesRows
      ? (inner?.rows?.output ??
        plannedOutput(options, { ...foundShape(source, isPassedOn), isOfFile: merging !== undefined }))
      : undefined;
    const isUnion = options.union === true && output !== undefined && hasColumns(output.format);
    if (options.inPlace !== true && (output?.format !== source.plan.format || folds || movesRows(options)))
      source.plan = { ...source.plan, keepsComments: false };
    const input = source.plan;
    if (options.objects === true && readerOf(input.format).settings?.includes("objects") !== true)
      throw new UsageError("--objects is for VCF, GFF and GTF", `the input is ${input.format}: leave it out`);
    if (output !== undefined && inner === undefined) checkInPlace(options, { input, output, folds });
    tables = given.tables ?? (await tablesOf(options, source, { input, output }));
    if (output !== undefined && inner === undefined) {
      await checkSplit(options, output, tables.columns);
      noteEnding(options, output);
    }
    const emits = output === undefined ? [] : await emitsOf(options, foundShape(source, isPassedOn));
    if (output !== undefined && inner === undefined) {
      checkOwnOptions(options, [output.format, ...emits.map((emit) => emit.plan.format)]);
      checkPacked(options.output ?? STDOUT, output);
      for (const { file, plan: emitted } of emits) checkPacked(file, emitted);
    }
    if (emits.length > 0 && exports.hasBatch)
      throw new UsageError(
        "--emit is for a function of one row, and the transform exports batch",
        "leave one of them out",
      );
    const window = toldWindowOf(options);
    // A schema gives fields of its own, and other inputs may have other columns.
    if (window?.isDefault === true && givesRows && !exports.hasSchema && options.union !== true)
      checkWindow(window, tables.columns);
    const failed = new FailedRows(options.onError ?? OPTIONS.onError.default, limitOf(options));
    const { hasBatch, fixedBy } = exports;
    const asked = profiling?.asked;
    // Which row of its input one is, what is asked may hang on. Who takes parts of a survey says it afterwards.
    const needsRow = asked !== undefined && asked.kind !== "survey";
    const isByRow = hasBatch || explains || needsRow || tables.spilled !== undefined;
    const mayGuess = isByRow ? false : mayGuessRows(options, source, failed, stretchBytes);
    const isInner = inner !== undefined || asked !== undefined;
    // Rows that others write wait in their order.
    const isSliced = slice !== undefined;
    const secret = slice?.secret ?? merging?.secret;
    const code = {
      transform,
      record,
      explains,
      isProfiled,
      asked,
      mayGuess,
      isInner,
      isUnion,
      isSliced,
      folds,
      secret,
    };
    const cache = isProfiled || isDry === true ? undefined : await cacheOf(options, tables, { isUsed: !explains });
    const setup = runSetup({ ...code, options, source, tables, input, output, failed, emits, cache });
    const { grouping, steps } = setup;
    const columns = grouping === undefined ? exports.columns : groupedColumns(grouping);
    const isTable = output !== undefined && hasColumns(output.format) && !isUnion;
    const isLocal = !folds && isRowLocal(steps[0]);
    const fixed = inner?.outputColumns.slice() ?? slice?.columns ?? merging?.columns ?? columns;
    const outputColumns = isTable && !isLocal ? fixed : undefined;
    const passesOn = passesRowsOn(options, tables.columns);
    // What is passed on has the columns of the input: workers need not wait for a row to know them.
    const known = passesOn && !folds && isTable && !isLocal ? tables.columns : undefined;
    workers.setUp(setup, outputColumns ?? known, { timeoutMs: timeoutMsOf(options) });
    // A file that is rewritten in place does not lose its header with its last row.
    const emptyColumns = (options.inPlace === true && !folds) || passesOn ? tables.columns : undefined;
    const firstColumns = columns ?? emptyColumns ?? windowColumns(steps);
    return {
      options,
      source,
      input,
      output,
      outputColumns,
      fixedBy,
      passesOn,
      emptyColumns: firstColumns && columnsOfNothing(steps, firstColumns),
      folds,
      steps,
      tellsPlaces: setup.tellsPlaces,
      rewrites: rewritesRows(steps, { folds }),
      isLate: folds || steps.some(({ isLate }) => isLate),
      hasBatch,
      mayGuess,
      failed,
      tables,
      copies,
      union: isUnion
        ? {
            columns: columns ?? [],
            isPassedOn: passesOn && !folds && tables.joins.length === 0 && !steps.some(isRewriting),
          }
        : undefined,
      emits,
    };
  } catch (error) {
    source.close();
    if (given.tables === undefined) tables?.spilled?.close();
    if (given.copies === undefined) copies?.remove();
    throw await withAdvice(error, { source, options });
  }
}

/** A run with large tables reads its input twice: most runs have none. */
async function copiesFor(options: RunOptions): Promise<InputCopies | undefined> {
  if (options.join === undefined) return undefined;
  const { copiesOf } = await import("./input-copies.ts");
  return await copiesOf(options);
}

/** The columns that a window in code has, where its module fixes them: with no row at all they are those of the output. */
function windowColumns(steps: readonly AskedStep[]): string[] | undefined {
  const { names = [] } = steps.find(({ stage }) => stage === CODE_WINDOW) ?? {};
  return names.length === 0 ? undefined : [...names];
}

/** Most runs have no tables, and load nothing that reads them. */
async function tablesOf(
  options: RunOptions,
  source: RowSource,
  plans: { input: InputPlan; output: OutputPlan | undefined },
): Promise<RunTables> {
  if (options.join === undefined && options.lookup === undefined)
    return { joins: [], lookups: {}, columns: source.columns, firstKeys: [], sums: {}, spilled: undefined };
  const { readTables } = await import("./tables.ts");
  return await readTables(options, source, plans);
}

/** Where results are kept, if they are: made, and looked at, before anything is called. */
async function cacheOf(
  { cache, lookup = {}, state }: RunOptions,
  { sums }: RunTables,
  { isUsed }: { isUsed: boolean },
): Promise<RunSetup["cache"]> {
  if (cache === undefined) return undefined;
  const folder = placed(cache);
  if (isUsed) {
    const { makeStore } = await import("../transform/cache/store.ts");
    makeStore(folder, cache);
  }
  const files = new Set(Object.values(lookup).map(({ file }) => shownName(file)));
  const tables = Object.entries(sums).filter(([name]) => files.has(name));
  return { folder, shown: cache, tables: Object.fromEntries(tables), isUsed, checksState: state === undefined };
}

/** Whether rows go elsewhere than one after the other into one output: comments between them have no place. */
function movesRows(options: RunOptions): boolean {
  return (
    options.splitBy !== undefined ||
    options.emit !== undefined ||
    options.union === true ||
    options.unordered === true ||
    stepsOf(options).length > 0
  );
}

/** What is rewritten in place must be able to stay what it is. */
function checkInPlace(
  options: RunOptions,
  { input, output, folds }: { input: InputPlan; output: OutputPlan; folds: boolean },
): void {
  const { inPlace, inputs: [name = ""] = [] } = options;
  if (inPlace !== true) return;
  const hint = "write to another file: -o FILE";
  // Records of rejects come out as the rows that they hold.
  if (!isOutput(input.format) && readerOf(input.format).traits.form === "file")
    throw new UsageError(`--in-place keeps the format of a file, and ${input.format} can only be read`, hint);
  const obstacle =
    input.dialect.cut === undefined
      ? readerOf(input.format).notInPlace?.(input.settings)
      : "nothing is written between its fields as it stands there";
  if (obstacle !== undefined) throw new UsageError(`${name} cannot be rewritten in place: ${obstacle}`, hint);
  const [step] = stepsOf(options);
  if (input.keepsComments && (folds || step !== undefined || options.union === true)) {
    const which = folds ? "rows that are folded leave" : `${stepWords(step?.stage ?? "union")} leaves`;
    throw new UsageError(`--in-place keeps comments between the rows, and ${which} no such place`, hint);
  }
  if (output.encoding === undefined || textEncoding(output.encoding) !== undefined) return;
  throw new UsageError(`${name} is in ${output.encoding}, in which nothing can be written`, hint);
}

/** The outputs for emitted rows, as they are written. */
async function emitsOf(options: RunOptions, found: FoundShape): Promise<AskedEmit[]> {
  const asked = emitFilesOf(options);
  return await Promise.all(
    asked.map(async ({ name, file, columns }) => {
      const { to: _, ...others } = options;
      const plan = outputPlan({ ...others, output: file, inPlace: false, keepHead: false }, found);
      const writer = writerOf(plan.format);
      // Rows of others are put together of fields that lie there.
      const finder = writer.traits.copies === "nothing" ? undefined : await writer.finder?.();
      if (finder === undefined)
        throw new UsageError(
          `--emit ${name}=${file} cannot write ${plan.format}`,
          "name a .csv, .tsv, .jsonl or .json",
        );
      return { name, file, columns, plan, finder };
    }),
  );
}

/** Options that are of one format are given where it is written. */
function checkOwnOptions(options: RunOptions, written: readonly OutputFormat[]): void {
  for (const [name, { writer }] of FORMAT_ENTRIES) {
    const given = writer?.settings?.find((setting) => Reflect.get(options, setting) !== undefined);
    if (given === undefined || written.some((format) => format === name)) continue;
    const { flag = given }: Option = OPTIONS[given as OptionName];
    throw new UsageError(
      `${flag.replace(/ .*/, "")} is for ${name}, and the output is ${written[0]}`,
      `name one: -o out.${name}`,
    );
  }
}

/** A name with an ending of no format says nothing of how it is written; it may be meant to. */
function noteEnding({ output, to, onNote }: RunOptions, { format }: OutputPlan): void {
  if (output === undefined || output === STDOUT || to !== undefined) return;
  const near = nearestEnding(output);
  if (near !== undefined) onNote?.(`${output} is written as ${format}: did you mean ${near}? --to says it, too`);
}

/** What is compressed within is read by its places, which are not to be found in what is compressed around it. */
function checkPacked(name: string, { format, compression }: OutputPlan): void {
  const { reader }: Format = FORMATS[format];
  if (compression === undefined || reader?.isConverted !== true) return;
  const plain = uncompressedName(name);
  throw new UsageError(
    `${name}: ${format} is compressed within, and nothing reads it compressed once more`,
    `-o ${shellWord(plain)}`,
  );
}

/** Rows must be such that they can be told apart when they are written. */
async function checkSplit(
  { splitBy, output: path = "", onNote }: RunOptions,
  { format, dialect }: OutputPlan,
  columns: readonly string[] = [],
): Promise<void> {
  if (splitBy !== undefined) {
    const finder = await writerOf(format).finder?.();
    if (finder === undefined)
      throw new UsageError(`--split-by cannot write ${format}`, "write CSV, TSV or JSON: --to csv");
    finder({ format, dialect }, splitBy, splitBy);
  } else if (path.includes("{")) {
    const named = columns.find((name) => path.includes(`{${name}}`));
    if (named !== undefined)
      onNote?.(`there is no --split-by ${namesWord([named])}: all rows go to one file called ${path}`);
  }
}

/** What workers make of the code. What is wrong with it is said with what is known of the input. */
export async function plannedCode(
  { workers }: RunWorkers,
  { source, options, fixedBy }: Prepared,
): ReturnType<RunWorkers["workers"]["planned"]> {
  try {
    return await workers.planned();
  } catch (error) {
    throw await withAdvice(error, { source, options, fixedBy });
  }
}

/** The error of a run, with what to do about a row that cannot be read, or a result that cannot be written. */
export async function withAdvice(
  error: unknown,
  {
    source,
    options,
    fixedBy,
  }: { source: RowSource | undefined; options: RunOptions; fixedBy?: TransformExports["fixedBy"] },
): Promise<unknown> {
  if (!(error instanceof RowmillError) || source === undefined) return error;
  // That another delimiter was meant is the likelier.
  const { foundDelimiter } = source;
  if (foundDelimiter?.hasRival === true) for (const notice of source.notices) options.onNote?.(notice);
  if (error.code === "row-new-column" || error.code === "row-result") {
    const { advisedResult } = await import("./result-advice.ts");
    return advisedResult(error, options, { columns: source.columns, fixedBy });
  }
  const { transform, expression } = options;
  const isPlain = transform === undefined && expression === undefined;
  if (isPlain && error.message.startsWith("no row has a column")) {
    const lines = source.linesStart(inputsOf(options)[0] ?? "");
    if (lines === undefined) return error;
    const { advisedKey } = await import("./json-advice.ts");
    return advisedKey(error, options, lines);
  }
  if (error.lacks !== undefined && options.noHeaders !== true && options.columns === undefined) {
    const start = source.startOf(error.place?.file ?? inputsOf(options)[0] ?? "");
    if (start === undefined) return error;
    const { advisedColumn } = await import("./dialect-advice.ts");
    return advisedColumn(error, start);
  }
  if (error.place === undefined) return error;
  if (error.code === "row-json") {
    const lines = source.linesStart(error.place.file);
    if (lines === undefined) return error;
    const { advisedLine } = await import("./json-advice.ts");
    return advisedLine(error, lines);
  }
  const start = source.startOf(error.place.file);
  if (start === undefined) return error;
  const { advised } = await import("./dialect-advice.ts");
  return advised(error, start);
}

/** How rows are written. With `--union` fields behind the last column have no place of their own. */
function plannedOutput(options: RunOptions, found: FoundShape): OutputPlan {
  const plan = outputPlan(options, found);
  return options.union === true ? { ...plan, dialect: { ...plan.dialect, rest: undefined } } : plan;
}

/** Whether the rows of a run are folded. */
export function foldsRows(options: RunOptions, { hasReduce }: Pick<TransformExports, "hasReduce">): boolean {
  return hasReduce || groupingOf(options) !== undefined;
}

/** Whether rows come out with the columns that they have, if they come out. */
function passesOnAsTheyAre(options: RunOptions, columns: readonly string[] | undefined): boolean {
  const isSame = passesRowsOn(options, columns) && options.join === undefined && !stepsOf(options).some(isRewriting);
  return options.inPlace === true || isSame;
}

function foundShape(source: RowSource, isPassedOn: boolean): FoundShape {
  const { format, settings } = source.plan;
  const { shape, dialect, extraFields, columns, head, encoding = "utf-8" } = source;
  const found = { columns, dialect, hasBracket: shape.hasBracket, settings, isPassedOn };
  const written = readerOf(format).outputFormat?.(found) ?? format;
  if (!isOutput(written)) throw new TypeError(`${format} names no format for its output`);
  // What cuts lines at places, or where an expression matches, is never written.
  const kept = dialect.cut === undefined && (written === format || !hasHabits(format)) ? dialect : CSV;
  return { ...shape, head, encoding, format: written, inputFormat: format, isPassedOn, dialect: kept, extraFields };
}

const NO_EXPORTS: TransformExports = {
  columns: undefined,
  fixedBy: undefined,
  hasSchema: false,
  hasTeardown: false,
  hasReduce: false,
  hasBatch: false,
  options: undefined,
  modules: {},
};

function transformSource({ transform, expression }: RunOptions, isDry: boolean): TransformSource {
  return transform === undefined
    ? { kind: "expression", expression }
    : { kind: "module", path: transform, at: placed(transform), isDry };
}

/** What the caller said wins over what the transform says of itself. */
function mergeOptions(given: RunOptions, exports: TransformExports): RunOptions {
  // What the caller said has been checked.
  if (exports.options === undefined) return given;
  const merged = { ...moduleOptions(exports.options, given.transform ?? ""), ...given };
  checkOptions(merged);
  return merged;
}

function runSetup(parts: {
  options: RunOptions;
  transform: TransformSource;
  record: RecordAnswer | undefined;
  source: RowSource;
  tables: RunTables;
  input: InputPlan;
  output: OutputPlan | undefined;
  failed: FailedRows;
  emits: readonly AskedEmit[];
  explains: boolean;
  isProfiled: boolean;
  asked: AskedOfRows | SurveyAsked | JoinKeysAsked | undefined;
  mayGuess: boolean;
  isInner: boolean;
  isUnion: boolean;
  isSliced: boolean;
  folds: boolean;
  secret: Uint8Array | undefined;
  cache: RunSetup["cache"];
}): RunSetup {
  const {
    options,
    transform,
    record,
    source,
    tables,
    input,
    output,
    failed,
    emits,
    explains,
    isProfiled,
    asked,
    mayGuess,
    isInner,
    isUnion,
    isSliced,
    folds,
    secret,
    cache,
  } = parts;
  const { joins, lookups, columns } = tables;
  checkTypes(options, columns);
  const passesOn = passesRowsOn(options, columns);
  // Others than the first input may have other columns.
  const isFirstAlone = options.union !== true || inputsOf(options).length === 1;
  const grouping = groupingOf(options);
  const steps = isFirstAlone || grouping !== undefined ? stepsOf(options) : [];
  if (passesOn) checkGrouping(options, columns, steps);
  const areKnown = passesOn && isFirstAlone && columns !== undefined;
  const asSteps = { steps: stepsOf(options, areKnown), secret };
  const askedSteps = isProfiled || output === undefined ? [] : stepsTo(output, source, asSteps);
  return {
    source: transform,
    joins,
    lookups,
    record,
    filter: options.filter,
    grouping,
    steps: askedSteps,
    tellsPlaces: tellsPlaces(askedSteps, { folds }),
    isProfiled,
    asked,
    input: {
      format: input.format,
      traits: source.traits,
      settings: input.settings,
      // Where each row says how it is read, what is said of all of them wins.
      dialect: source.traits.form === "row" ? input.dialect : source.dialect,
      columns: source.columns,
      isRagged: input.isRagged,
      extraFields: input.extraFields,
      nullTexts: input.nullTexts,
      hasHeader: input.hasHeader,
      keepsComments: input.keepsComments,
      replacesInvalid: input.encodingErrors === "replace",
      maxRowBytes: input.maxRowBytes,
      types: typesOf(options),
      dataTypes: Object.fromEntries(Object.entries(source.dataTypes).filter(([name]) => isTypedByData(name, options))),
    },
    output: output && {
      format: output.format,
      dialect: output.dialect,
      encoding: output.encoding,
      union: isUnion ? { order: source.columns } : undefined,
    },
    splitBy: groupsInWorkers(options, failed) && !isSliced ? options.splitBy : undefined,
    emits: emits.map(({ name, plan: { format, dialect }, ...one }) => ({
      name,
      output: { format, dialect },
      columns: one.columns,
    })),
    args: options.args ?? {},
    checksState: options.jobs !== 1 && options.state === undefined,
    mostBytes: mostKept(options),
    limit: options.limit,
    files: inputsOf(options).map(withoutSecrets),
    policy: {
      stopsAt: failed.stopsAt,
      marks: failed.marks,
      keepsRecords: options.onError === "reject",
      concurrency: concurrencyOf(options),
      retries: options.retries ?? OPTIONS.retries.default,
      hasTimeout: timeoutMsOf(options) !== undefined,
      rate: rateSetup(options),
    },
    cache,
    way: isInner ? undefined : process.env["ROWMILL_WAY"],
    explains,
    mayGuess,
  };
}

/**
 * Steps, with what their rows are and what the output makes of them.
 *
 * @param asked `secret`: that of all processes that do the run, where there are several.
 */
function stepsTo(
  { format, dialect }: OutputPlan,
  { traits }: RowSource,
  { steps, secret }: { steps: readonly AskedStep[]; secret: Uint8Array | undefined },
): AskedStep[] {
  const areTexts = traits.values === "text";
  const emptyIsNothing = areTexts && hasColumns(format) && dialect.nullText === "";
  return steps.map((step) => ({ ...step, areTexts, emptyIsNothing, secret: secret ?? step.secret }));
}

/** Whether rows are put together by their workers: not where the output may be cut between any two, or is arranged later. */
function groupsInWorkers(options: RunOptions, { marks }: FailedRows): boolean {
  return options.limit === undefined && marks === "none" && stepsOf(options).length === 0;
}

/** An input of so many stretches is worth that workers find its rows themselves. */
const WORTH_STRETCHES = 8;

/** Whether the input and what becomes of its rows are such that workers may find them, before it is known where they are. */
function mayGuessRows(options: RunOptions, source: RowSource, { marks }: FailedRows, stretchBytes: number): boolean {
  const countsRows =
    options.limit !== undefined || options.first !== undefined || batchRowsOf(options, false) !== undefined;
  if (countsRows || options.unordered === true || timeoutMsOf(options) !== undefined || marks === "thousandth")
    return false;
  if (inputsOf(options).length > 1) return true;
  const { unread } = source;
  if (unread === undefined) return false;
  // Nobody knows how long a stream is that has not ended.
  return "take" in unread || unread.end - unread.start >= WORTH_STRETCHES * stretchBytes;
}

/** The clock that all workers share. */
function rateSetup({ rate }: RunOptions): RateSetup | undefined {
  if (rate === undefined) return undefined;
  const clock = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  return { perSecond: ratePerSecond("--rate", rate), clock };
}

/** With no row at all, the header of the input is that of the output where every row would have passed as it is. */
function passesRowsOn({ transform, expression }: RunOptions, columns: readonly string[] | undefined): boolean {
  return transform === undefined && (expression === undefined || isIdentity(expression, columns));
}
