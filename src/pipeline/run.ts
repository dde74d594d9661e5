/**
 * The whole way of the data on one screen: source → batches → workers → reorder → sink.
 *
 * The parent finds batch boundaries, schedules and writes; workers read, decode, transform and encode. What one row does
 * is in transform/, how tasks are spread is in scheduler/, what rows look like in bytes is in formats/.
 */
import { RowmillError, UsageError, fromWire, withDetails } from "../errors.ts";
import { sameColumns } from "../formats/columns.ts";
import { hasColumns, writerOf } from "../formats/registry.ts";
import { textEncoding } from "../formats/text-encoding.ts";
import { reach } from "../io/files.ts";
import { STDOUT, fileTarget } from "../io/sink.ts";
import { type Journal, OwnedError, takenOver, whenFree } from "../io/journal.ts";
import { isObjectName } from "../io/s3/object-name.ts";
import { placed, startHere } from "../io/start-folder.ts";
import { ClosedPipeError, errorCode } from "../io/write-error.ts";
import { type BatchResult, NO_ROWS, type LateRows, type LateTold } from "../transform/wire.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { EmitOutputs } from "./emit-outputs.ts";
import type { EarlySource } from "./early-source.ts";
import { cutAt, cutBehind } from "./failed-rows.ts";
import type { FileHashes } from "../code/loaded-files.ts";
import { type CheckFile, checkRoles } from "./file-roles.ts";
import type { SliceRun } from "./slice.ts";
import { wantColumns } from "./wanted-columns.ts";
import { ResultsDigest, TornError, storedResult } from "./stored-results.ts";
import { storedStream } from "./stored-stream.ts";
import { recordsInOrder } from "./late-failures.ts";
import type { Framing, Target } from "../formats/format.ts";
import { endOf, outputFraming } from "./framing.ts";
import { aborted, canGoOn, interrupted, stillResumable, unlessAborted } from "./interrupted.ts";
import { type DonePlace, type StreamParts, streamBatches } from "./stream-batches.ts";
import { columnsOfNothing } from "../stages/rewriting/asked.ts";
import { type Taker, takerOf } from "./takers.ts";
import type { RunningStream } from "../scheduler/run-batches.ts";
import { isWithin } from "../scheduler/wait.ts";
import type { RunOptions } from "../options/run-options.ts";
import { groupingOf } from "../stages/grouping/grouping.ts";
import type { SplitTemplate, TableTemplate } from "../options/split-template.ts";
import { OPTIONS } from "../options/table.ts";
import { compressionThreads, inputsOf, jobsNotice, jobsOf, splitTemplateOf, withOutput } from "./options.ts";
import type { KeptOutputs } from "./kept-outputs.ts";
import type { LoneRows } from "./lone-rows.ts";
import { OutputColumns } from "./output-columns.ts";
import {
  type OutputTargets,
  checkStdout,
  claimFile,
  finishCommit,
  journalPlaces,
  outputTargets,
} from "./output-targets.ts";
import {
  type RunWorkers,
  type Prepared,
  REAL_PARTS,
  type RunParts,
  loadTransform,
  onLogOf,
  openRunWorkers,
  withAdvice,
  prepare,
  foldsRows,
} from "./prepare.ts";
import type { RowSource } from "./row-source.ts";
import type { SplitOutput, SplitPlaces } from "./split-output.ts";
import { parquetPlan } from "./parquet-plan.ts";
import { type FileRole, Targets } from "./target-thread.ts";
import { type RunIdentity, checkUnchanged, firstDifference, resumeObstacle, runIdentity } from "./run-identity.ts";
import { DONE_AGAIN, type OutputForm, type RunOutput, openRunOutput, rowsTaken } from "./run-output.ts";
import type { Stretches } from "./stretches.ts";
import { SeenJoins } from "./seen-joins.ts";
import type { UnionRows } from "./union-rows.ts";
import { Watched } from "./watched.ts";
import { expandInputs } from "./expand-inputs.ts";
import type { InputHash } from "./input-sums.ts";
import { LOG_START, type RunLog, type RunSummary, Tally, isLogOrFree, summaryText, writeLog } from "./summary.ts";

/** See `run` in library-run.ts, which loads this module. */
export async function run(options: RunOptions): Promise<RunSummary> {
  return await runWith(options, REAL_PARTS);
}

/** As {@linkcode run}, with other workers and batch sizes: for tests. */
export async function runWith(options: RunOptions, parts: RunParts): Promise<RunSummary> {
  startHere();
  // Not waited for: it only has the thread that opens files started early.
  void reach(options.inputs?.slice(0, 1) ?? []);
  await Promise.race([reach([options.output]), aborted(options.signal)]);
  const inputs = options.inputs && (await Promise.race([expandInputs(options.inputs), aborted(options.signal)]));
  return await new Run(withOutput({ ...options, ...(inputs && { inputs }) }), parts).run();
}

/** A run that is streaming. */
interface Stream {
  prepared: Prepared;
  output: RunOutput;
  framing: Framing;
  /** Rows go to many files, in place of the output. */
  split: SplitOutput | undefined;
  /** Where emitted rows go. */
  emits: EmitOutputs | undefined;
  columns: OutputColumns;
  /** Takes what batches come to; known when it streams. */
  taker: Taker | undefined;
  /** The columns of rows that come out behind others, where these have other ones. */
  lateColumns: string[] | undefined;
  /** What makes it the same run when it is resumed; undefined when it cannot be. */
  identity: RunIdentity | undefined;
  /** Why it cannot be resumed. */
  obstacle: string | undefined;
  /** Throws when an input is not what it was at the start. */
  checkInputs: () => Promise<void>;
}

class Run {
  readonly #given: RunOptions;
  readonly #parts: RunParts;
  readonly #runWorkers: RunWorkers;
  readonly #tally = new Tally();
  #source: RowSource | undefined;
  /** The input, opened while the transform was loaded. It is opened again where it cannot be used. */
  #early: EarlySource | undefined;
  /** It has been checked that no file of the run is two things. */
  #hasRoles = false;
  /** All rows have been through the function. */
  #hasAllRows = false;
  /** What was seen of the calls. */
  readonly #watched = new Watched();
  #hasCacheTrouble = false;
  readonly #joins = new SeenJoins();
  /** Runs rows that may have ended the process of an earlier run. */
  #lone: LoneRows | undefined;
  /** What went wrong when all rows were done. */
  #lateFailure: { error: unknown } | undefined;
  /** Keep two runs from writing one summary, or another such file: by their paths. */
  readonly #logLocks = new Map<string, Journal>();
  /** Has the rows until all are there, where their columns are those of all. */
  #union: UnionRows | undefined;
  /** What workers have kept to write it themselves, where they do. */
  #outputs: KeptOutputs | undefined;
  /** Removes the journal when the very last step is done: until then `--resume` can finish a run that was cut off. */
  #release: () => void = () => {};
  /** Where rows go to many files, or to many tables of one. */
  #split: SplitTemplate | undefined;
  #tables: TableTemplate | undefined;
  /** Makes files that are no text. */
  #targetThread: Targets | undefined;
  /** Rows go to a table of a database. */
  #isTable = false;
  /** Rows before those of its slice. */
  #sliceRows = 0;
  /** What its slice has come to. */
  #stored: ResultsDigest | undefined;

  constructor(options: RunOptions, parts: RunParts) {
    this.#given = options;
    this.#parts = parts;
    this.#runWorkers = openRunWorkers(options, parts);
  }

  async run(): Promise<RunSummary> {
    if (this.#given.report !== undefined) {
      const { RunTimeline } = await import("./run-timeline.ts");
      this.#tally.timeline = new RunTimeline(performance.now());
    }
    let failure: { error: unknown } | undefined;
    let stream: Stream | undefined;
    try {
      // The input may be a terminal that waits for its first line: an interrupt must end that as well.
      stream = await this.#openUnlessAborted();
      if (stream !== undefined) await this.#stream(stream);
    } catch (error) {
      const told = await withAdvice(error, {
        source: this.#source,
        options: this.#given,
        fixedBy: stream?.prepared.fixedBy,
      });
      failure = { error: this.#given.resume === true ? stillResumable(told) : told };
    }
    // Workers may be set up even where the run ended before its first row.
    if (failure !== undefined) await this.#leave();
    failure ??= this.#lateFailure;
    this.#runWorkers.pool.terminate();
    this.#lone?.terminate();
    this.#targetThread?.close();
    this.#runWorkers.workers.end();
    for (const { worker, ms } of this.#outputs?.writing ?? []) this.#tally.wroteInWorker(worker, ms);
    this.#tally.noteFirst(stream?.prepared.failed.first);
    this.#tally.blankLines = this.#source?.blankLines ?? 0;
    if (this.#source !== undefined && this.#source.parts.all > 0) this.#tally.rowGroups = this.#source.parts;
    // Who has read the inputs of a merge has made no sums of them. Of others, some are still read for that.
    const sums = this.#parts.merging === undefined ? this.#source?.sums : undefined;
    const inputs = (await sums?.hashes(this.#given.signal)) ?? [];
    this.#source?.close();
    this.#early?.close();
    try {
      await this.#writeLogs(stream, inputs, failure);
    } catch (error) {
      const { signal } = this.#given;
      failure ??= { error: signal?.aborted === true ? interrupted(this.#tally.counts, { cause: error }) : error };
    } finally {
      for (const lock of this.#logLocks.values()) lock.remove();
    }
    this.#union?.remove();
    this.#closeTables(stream);
    await this.#settleCache();
    this.#release();
    if (failure !== undefined) throw failure.error;
    return this.#tally.summary;
  }

  #closeTables(stream: Stream | undefined): void {
    if (this.#parts.tables === undefined) stream?.prepared.tables.spilled?.close();
    if (this.#parts.copies === undefined) stream?.prepared.copies?.remove();
  }

  /** An interrupt ends the opening; what was being opened is abandoned. */
  async #openUnlessAborted(): Promise<Stream | undefined> {
    const opening = this.#open();
    try {
      return await Promise.race([opening, aborted(this.#given.signal)]);
    } catch (error) {
      const isLate = Bun.sleep(LAST_MS).then(() => undefined);
      const late = await Promise.race([opening.catch(() => undefined), isLate]);
      const isKept = await late?.output.abandon(true);
      this.#closeTables(late);
      throw isKept === true ? stillResumable(error) : error;
    }
  }

  async #writeLogs(stream: Stream | undefined, inputs: InputHash[], failure: RunLog["failure"]): Promise<void> {
    const { summary, metrics, report, signal } = this.#given;
    if (summary === undefined && metrics === undefined && report === undefined) return;
    // Where the usage is wrong, nothing is done.
    const isRefused = signal?.aborted === true || failure?.error instanceof UsageError;
    // A run that ended before all its files were known may not say which ones are not to be written over.
    const isFree = (path: string, start: string): boolean => this.#hasRoles || (!isRefused && isLogOrFree(path, start));
    const write = async (path: string, text: string): Promise<void> => {
      await this.#claimLog(path);
      await writeLog(path, text, { lock: this.#logLocks.get(path), signal });
    };
    const options = stream?.prepared.options ?? this.#given;
    if (summary !== undefined && isFree(summary, LOG_START)) {
      const modules = stream?.identity?.modules;
      await write(summary, summaryText(this.#tally.describe({ options, modules, inputs, failure })));
    }
    const measured = { ...this.#tally.measured, failure };
    if (metrics !== undefined) {
      const { METRICS_START, metricsText } = await import("./metrics.ts");
      if (isFree(metrics, METRICS_START)) await write(metrics, metricsText(metrics, measured));
    }
    if (report === undefined) return;
    const { RUN_PAGE_START, runPage } = await import("./run-page.ts");
    if (isFree(report, RUN_PAGE_START)) await write(report, runPage({ ...measured, options }));
  }

  async #claimLogs(): Promise<void> {
    const { summary, metrics, report } = this.#given;
    for (const path of [summary, metrics, report]) if (path !== undefined) await this.#claimLog(path);
  }

  /** Once: what another run writes is not written over, also not by a run that fails early. */
  async #claimLog(path: string): Promise<void> {
    const target = fileTarget(path);
    if (target === undefined || this.#logLocks.has(path)) return;
    const { lock } = await claimFile(target, { restart: this.#given.restart });
    this.#logLocks.set(path, lock);
  }

  /** Opens all that the run reads and writes; undefined when an earlier run had finished but for the renaming. */
  async #open(): Promise<Stream | undefined> {
    const loaded = await loadTransform(this.#given, this.#runWorkers, this.#parts);
    this.#early = loaded.early;
    const { options } = loaded;
    const { rejects, summary, metrics, report } = options;
    const written = [options.output, rejects, summary, metrics, report].filter((path) => path !== undefined);
    if (written.length > 0) await reach([...written, ...inputsOf(options)]);
    const { slice } = this.#parts;
    if (slice === undefined) ({ files: this.#split, tables: this.#tables } = await splitTemplateOf(options));
    if (this.#parts.inner === undefined) checkStdout(options);
    let targets = this.#targets(options);
    const checkFiles = (modules: object): CheckFile =>
      checkRoles(slice === undefined ? options : sliceOptions(options, slice), targets, Object.keys(modules));
    let checkFile = checkFiles(loaded.exports.modules);
    this.#hasRoles = true;
    this.#tally.rejects = targets.rejectsPath;
    if (options.wait === true) {
      await this.#waitForOthers(targets);
      targets = this.#targets(options);
    }
    if (slice === undefined) await this.#inTurn(options, () => this.#claimLogs());
    const finished = options.resume === true ? await finishCommit(targets) : undefined;
    if (finished !== undefined) {
      this.#tally.resume(finished.ending.counts, 0);
      this.#tally.noteFirst(finished.ending.firstFailure);
      this.#release = finished.release;
      return undefined;
    }
    const { merging } = this.#parts;
    this.#isTable = targets.table !== undefined;
    const isWhole = targets.output !== undefined || this.#isTable || isObjectName(options.output ?? "");
    const needsIdentity = isWhole || options.summary !== undefined || merging !== undefined;
    const known = needsIdentity ? await this.#identity(options, loaded.exports.modules) : undefined;
    const folds = foldsRows(options, loaded.exports);
    const obstacle =
      this.#obstacle ??
      (known === undefined || slice !== undefined ? undefined : resumeObstacle(options, known, { folds }));
    const prepared = await prepare(loaded, this.#runWorkers, this.#parts);
    const identity = known && { ...known, tables: prepared.tables.sums };
    const planned = merging?.identity ?? slice?.identity;
    if (planned !== undefined && identity !== undefined) checkSameWork(planned, identity, prepared.source);
    this.#parts.profiling?.opened(prepared);
    this.#source = prepared.source;
    this.#sliceRows = slice?.slice.from.rows ?? 0;
    if (merging !== undefined) {
      prepared.source.rows = merging.rows;
      prepared.source.blankLines = merging.blankLines;
    }
    options.signal?.throwIfAborted();
    // What is kept of a slice is no output yet.
    const { compression, encoding } = (slice === undefined ? prepared.output : undefined) ?? {};
    const form: OutputForm = {
      compression: compression && { compression, threads: compressionThreads(options) },
      threads: compressionThreads(options),
      isBgzf: options.bgzf,
      encoding: encoding === undefined ? undefined : textEncoding(encoding),
    };
    const rows = slice !== undefined && slice.file === undefined ? NO_ONE : this.#parts.inner?.rows;
    const output =
      rows === undefined
        ? await this.#inTurn(options, (places) =>
            openRunOutput(slice === undefined ? options : sliceOptions(options, slice), {
              targets: places,
              identity,
              obstacle,
              form,
              checkFile: (path, target) => checkFile(path, target),
            }),
          )
        : rowsTaken(rows.write);
    const { resumed } = output;
    const { union } = prepared;
    const isTable = prepared.output !== undefined && hasColumns(prepared.output.format) && union === undefined;
    const fixed = isTable ? prepared.outputColumns : [];
    const given = slice?.columns ?? merging?.columns;
    this.#union = slice === undefined ? union && (await this.#unionRows(options)) : undefined;
    const makes = this.#maker(prepared);
    const framing =
      targets.split === undefined && slice === undefined
        ? outputFraming(rows === undefined ? prepared.output : undefined, {
            hasBegun: resumed?.hasBegun ?? false,
            target: makes("whole"),
          })
        : NO_FRAMING;
    const stream: Stream = {
      prepared,
      output,
      framing,
      split: await splitOf({ targets, tables: this.#tables, framing, makes }, prepared, output),
      emits: await emitsTo(prepared, output, makes("emitted")),
      columns: new OutputColumns(resumed?.columns ?? given ?? fixed),
      taker: undefined,
      lateColumns: undefined,
      identity,
      obstacle,
      checkInputs: () => checkUnchanged(identity),
    };
    this.#runWorkers.workers.files.watchLate(output.lateFiles, (files) => {
      // Until that is checked, the summary must not be written: it might overwrite one of them.
      this.#hasRoles = false;
      checkFile = checkFiles({ ...loaded.exports.modules, ...files });
      for (const { path, target } of output.files?.all ?? []) checkFile(path, target);
      this.#hasRoles = true;
      output.noteFiles(files);
    });
    if (given !== undefined) this.#runWorkers.workers.settle(given);
    if (slice !== undefined) await this.#slice(stream, slice, { resumed, part: targets.output?.part });
    else if (resumed !== undefined) await this.#resume(stream, resumed);
    return stream;
  }

  /** Has threads make files. */
  #maker({ source, options }: Prepared): MakeTarget {
    const open = (): Targets =>
      (this.#targetThread ??= new Targets({
        tempDir: options.tempDir,
        threads: jobsOf(options),
        parquet: parquetPlan(options, source.statedTypes),
      }));
    return (role) => (kind) => open().open(kind, role);
  }

  /** Where it writes. */
  #targets(options: RunOptions): OutputTargets {
    const { slice } = this.#parts;
    return slice === undefined ? outputTargets(options, this.#split) : outputTargets(sliceOptions(options, slice));
  }

  /** Why it cannot be resumed, as far as that is no matter of its options. */
  get #obstacle(): string | undefined {
    if (this.#parts.merging !== undefined) return DONE_AGAIN;
    return this.#parts.inner?.obstacle;
  }

  async #identity(options: RunOptions, modules: FileHashes): Promise<RunIdentity> {
    const { slice } = this.#parts;
    const identity = await runIdentity(options, modules);
    return slice === undefined ? identity : { ...identity, options: { ...identity.options, slice: slice.of } };
  }

  /** Begins at the start of a slice, or where an earlier run of it has stopped. */
  async #slice(
    { prepared, output }: Stream,
    { slice, seal }: SliceRun,
    { resumed, part }: { resumed: Checkpoint | undefined; part: string | undefined },
  ): Promise<void> {
    const hasCells = prepared.hasBatch || prepared.folds;
    const areOfBatches = !hasCells && prepared.steps.length > 0;
    if (seal !== undefined) this.#stored = new ResultsDigest({ hasCells, areOfBatches });
    try {
      await prepared.source.slice(resumed === undefined ? slice : { from: resumed.input, to: slice.to });
      if (resumed === undefined) return;
      if (part !== undefined) this.#stored?.addStored(part, resumed.output.bytes);
    } catch (error) {
      await output.abandon(true);
      // It was as it is to be a moment ago.
      throw part !== undefined && isTakenAway(error) ? takenOver(part) : error;
    }
    this.#tally.resume(resumed.counts, 0);
    prepared.failed.first = resumed.firstFailure;
  }

  /** Waits for other runs that write the same files. What they have left is looked at afterwards. */
  async #waitForOthers(targets: OutputTargets): Promise<void> {
    const { signal } = this.#given;
    const onWait = (why: string): void => onLogOf(this.#given)(`waiting: ${why}`);
    for (const place of journalPlaces(targets)) {
      const isOwn = [...this.#logLocks.values()].some(({ path }) => path === place.path);
      if (!isOwn) await whenFree(place, { signal, onWait });
    }
  }

  /** With `--wait`, another run may be quicker: it is waited for as well. */
  async #inTurn<Taken>(options: RunOptions, take: (targets: OutputTargets) => Promise<Taken>): Promise<Taken> {
    for (;;) {
      const targets = this.#targets(options);
      try {
        return await take(targets);
      } catch (error) {
        if (!(error instanceof OwnedError) || options.wait !== true) throw error;
        await this.#waitForOthers(targets);
      }
    }
  }

  async #resume({ prepared, output }: Stream, { input, counts, firstFailure, columns }: Checkpoint): Promise<void> {
    try {
      await prepared.source.resume(input);
    } catch (error) {
      await output.abandon(true);
      throw error;
    }
    if (columns !== undefined) this.#runWorkers.workers.settle(columns);
    this.#tally.resume(counts, prepared.source.sums.bytes);
    prepared.failed.first = firstFailure;
  }

  async #stream(to: Stream): Promise<void> {
    const { options, failed } = to.prepared;
    const { output, framing, columns } = to;
    const { workers } = this.#runWorkers;
    const { suspects, notesPath } = output;
    if (suspects > 0 && notesPath !== undefined) {
      const { LoneRows } = await import("./lone-rows.ts");
      this.#lone = new LoneRows(workers, {
        first: jobsOf(options) + 1,
        jobs: jobsOf(options),
        notes: notesPath,
      });
    }
    const { slice, merging } = this.#parts;
    const taker = slice === undefined ? await takerOf(to.prepared, this.#runWorkers, this.#parts.profiling) : undefined;
    to.taker = taker;
    const { resumed } = output;
    const isFresh =
      resumed === undefined && output.early.length === 0 && this.#lone === undefined && merging === undefined;
    const mayStretch = isFresh && to.prepared.mayGuess;
    const outputs = mayStretch ? await this.#keptOutputs(to) : undefined;
    this.#outputs = outputs;
    const streamParts: StreamParts = {
      prepared: to.prepared,
      runWorkers: this.#runWorkers,
      parts: this.#parts,
      taker,
      columns,
      tally: this.#tally,
      resumed: output.resumed?.input,
      stretches: mayStretch ? await this.#stretches(to.prepared) : undefined,
      outputs,
      lone: this.#lone && { rows: this.#lone, before: output.suspects },
      early: to.prepared.hasBatch ? [] : output.early,
      begin: (rows) => {
        if (to.obstacle === undefined) output.begin(rows);
      },
      write: (result, isLast) => this.#write(result, isLast, to),
      written: (place) => this.#written(place, to),
    };
    if (merging === undefined) await this.#findInTables(to);
    const interrupt = aborted(options.signal);
    await Promise.race([wantColumns(to.prepared, this.#runWorkers), interrupt.catch(() => {})]);
    const stream = merging === undefined ? streamBatches(streamParts) : storedStream(streamParts, merging.results);
    try {
      workers.changed.catch((error: unknown) => stream.stop(error));
      outputs?.failed.catch((error: unknown) => stream.stop(error));
      await Promise.race([stream.done, interrupt]);
      outputs?.settle();
      // Without a row no worker has answered yet: what is wrong with the transform must be said all the same.
      await workers.planned();
      this.#hasAllRows = true;
      if (taker !== undefined) await this.#writeLate(taker.end(), to);
      this.#checkCounts(to.prepared);
      slice?.onColumns?.(columns.value);
      if (this.#parts.inner === undefined && slice === undefined)
        await this.#watched.check(this.#tally.counts.rowsIn, options.expression);
      // Rows under way behind the last one that is wanted do not count.
      const hasEnough = this.#hasEnough && !to.prepared.isLate;
      if (hasEnough) this.#runWorkers.pool.stop();
      const bounds = hasEnough ? { rowsMs: LAST_ROWS_MS } : {};
      this.#lateFailure = teardownFailure(await Promise.race([workers.tearDown(bounds), interrupt]));
      const isLeft = hasEnough || (await Promise.race([workers.leave(), interrupt]));
      if (!isLeft) options.onNote?.(STILL_UNDER_WAY);
      const written = this.#union === undefined ? this.#writtenColumns(to) : await this.#writeUnion(this.#union, to);
      await to.split?.end(this.#rowColumns(to));
      await to.emits?.end();
      this.#tally.emitted = to.emits?.rows;
      this.#tally.files = to.split?.files ?? 0;
      if (slice === undefined) {
        for await (const piece of endOf(framing, written)) await output.write(piece, NO_BYTES);
      } else await output.write(this.#sealed(slice, output), NO_BYTES);
      if (options.inPlace === true && to.prepared.source.endsOpen && !this.#hasEnough) output.dropLineEnd();
      const { notices } = to.prepared.source;
      const ofJobs = jobsNotice(options);
      this.#tally.notices = [
        ...(ofJobs === undefined ? [] : [ofJobs]),
        ...notices,
        ...output.notices,
        ...(framing.notices ?? []),
        ...(to.split?.notices ?? []),
      ];
      // Whoever reads a table keeps others from changing it.
      if (this.#isTable) to.prepared.source.close();
      await output.commit({ counts: this.#tally.counts, firstFailure: failed.first }, to.checkInputs);
      this.#tally.notices = [...this.#tally.notices, ...output.lastNotices];
      this.#release = () => output.release();
      this.#noteWatched(to.prepared);
    } catch (error) {
      if (this.#hasAllRows) this.#noteWatched(to.prepared);
      await this.#end(error, to, stream);
    } finally {
      taker?.close?.();
    }
  }

  /** Tables that have no room in memory are asked before the first row what all rows will ask of them. */
  async #findInTables({ prepared, output }: Stream): Promise<void> {
    const { spilled } = prepared.tables;
    if (spilled === undefined || this.#parts.tables !== undefined) return;
    try {
      const { keyReading } = await import("./key-reading.ts");
      await spilled.find(keyReading(prepared, this.#parts, runWith));
    } catch (error) {
      await output.abandon(true);
      throw error;
    }
  }

  /** The columns of the output, where there are any. */
  #writtenColumns({ prepared, columns, lateColumns }: Stream): readonly string[] | undefined {
    const { rewrites, steps, emptyColumns } = prepared;
    const ofSteps = rewrites
      ? (lateColumns ?? (columns.value && columnsOfNothing(steps, columns.value)))
      : columns.value;
    return ofSteps ?? emptyColumns;
  }

  /** The columns of the rows that are written, where they have come. */
  #rowColumns({ prepared, columns, lateColumns }: Stream): string[] | undefined {
    return prepared.rewrites ? lateColumns : columns.value;
  }

  async #stretches({ source, folds, options }: Prepared): Promise<Stretches> {
    const { Stretches: Made } = await import("./stretches.ts");
    const { cellBytes: bytes, mostCellBytes: mostBytes, mostWrong, profiling, slice } = this.#parts;
    // Groups are the same however their rows are cut; what is made of a slice is told apart by its parts.
    const isFree = groupingOf(options) !== undefined && profiling === undefined && slice === undefined;
    const cells = { bytes, mostBytes, most: isFree ? MOST_CELLS : 1, jobs: jobsOf(options) };
    const stretches = new Made(source, folds ? cells : undefined, mostWrong);
    this.#tally.stretches = stretches.counts;
    return stretches;
  }

  /** Workers write what comes of stretches, where it goes to the file as they have made it, in the order of the input. */
  async #keptOutputs({ prepared, output, framing, split, emits, taker }: Stream): Promise<KeptOutputs | undefined> {
    const { shareable } = output;
    const isOwnFile = this.#parts.slice === undefined && this.#union === undefined && split === undefined;
    const isAsMade = taker === undefined && emits === undefined && framing.addsNothing !== undefined;
    if (shareable === undefined || prepared.output === undefined || !isOwnFile || !isAsMade) return undefined;
    const { KeptOutputs: Made } = await import("./kept-outputs.ts");
    const outputs = new Made(shareable, this.#parts.keeping, jobsOf(prepared.options));
    this.#runWorkers.workers.writeTo(outputs);
    return outputs;
  }

  /** Says once that a cache is of no use any more. */
  #noteCache({ cache }: BatchResult, options: RunOptions): void {
    if (cache?.trouble === undefined || this.#hasCacheTrouble) return;
    this.#hasCacheTrouble = true;
    options.onNote?.(cache.trouble);
  }

  /** Workers that are ended leave what they wrote beside the cache. */
  async #settleCache(): Promise<void> {
    const { cache } = this.#given;
    if (cache === undefined || (this.#tally.cache?.misses ?? 0) === 0) return;
    const { settleStore } = await import("../transform/cache/store.ts");
    await settleStore(placed(cache));
  }

  #noteWatched({ options, source, tables }: Prepared): void {
    if (this.#parts.inner !== undefined || this.#parts.slice !== undefined) return;
    for (const note of this.#watched.notes(source.firstKeys)) options.onNote?.(note);
    for (const note of this.#joins.notes(tables, this.#tally.counts.rowsIn)) options.onNote?.(note);
  }

  /** What is done comes out as far as it can, and workers that are set up are torn down. */
  async #leave(): Promise<void> {
    const { pool, workers } = this.#runWorkers;
    const isInterrupted = this.#given.signal?.aborted === true;
    pool.stop();
    this.#lone?.stop();
    const bounds = isInterrupted ? { rowsMs: LAST_ROWS_MS, teardownMs: LAST_TEARDOWN_MS } : { rowsMs: LAST_ROWS_MS };
    const quiet = isInterrupted ? isWithin(LAST_ROWS_MS, Promise.all([pool.quiet(), this.#lone?.quiet()])) : undefined;
    const [failures] = await Promise.all([workers.tearDown(bounds), quiet]);
    for (const { message } of failures) onLogOf(this.#given)(`warning: ${message}`);
  }

  /** All batches are written: every row has come to something, and not too many have failed. */
  #checkCounts({ failed, source }: Prepared): void {
    const end = this.#parts.slice === undefined ? failed.end(this.#tally.counts) : undefined;
    if (end !== undefined) throw end.error;
    if (!this.#hasEnough) this.#tally.check(source.rows - this.#sliceRows);
  }

  /** All rows of output that are wanted of rows that are mapped have come out. */
  get #hasEnough(): boolean {
    const { limit } = this.#given;
    // What of a slice comes out is known when all slices are there.
    if (this.#parts.slice !== undefined) return false;
    return limit !== undefined && this.#tally.counts.rowsOut >= limit;
  }

  /** Writes the rows that come out when all batches are taken. */
  async #writeLate(parts: AsyncGenerator<LateRows>, to: Stream): Promise<void> {
    this.#checkCounts(to.prepared);
    const { signal } = to.prepared.options;
    for (;;) {
      const next = await unlessAborted(parts.next(), signal);
      if (next.done === true) return;
      await this.#writeRows(next.value, to);
    }
  }

  async #writeRows(rows: LateRows, to: Stream): Promise<void> {
    if (rows.late !== undefined) {
      await this.#writeKnown(undefined, rows, to);
      return;
    }
    const { output: bytes, rowsOut, rowsMapped = 0, columns: own } = rows;
    if (rowsMapped > 0) this.#tally.add({ ...NO_ROWS, rowsMapped, rowsDropped: -rowsMapped });
    if (rowsOut === 0) return;
    const { prepared, output, columns } = to;
    this.#tally.add({ ...NO_ROWS, rowsOut });
    if (prepared.rewrites) to.lateColumns ??= own;
    else if (columns.value === undefined) columns.offer(0, own ?? []);
    await output.write(await this.#handedOn({ output: bytes, groups: undefined }, to, this.#rowColumns(to)), NO_BYTES);
  }

  /** Hands rows to where they go: they wait for all others, go to many files, or are what it returns, for the output. */
  async #handedOn(
    rows: Pick<BatchResult, "output" | "groups">,
    { framing, split }: Stream,
    columns: string[] | undefined,
  ): Promise<Uint8Array> {
    if (this.#union !== undefined) {
      this.#union.add(rows.output);
      return NO_BYTES;
    }
    if (split === undefined) return await framing.batch(rows.output, columns);
    split.checkColumns(columns);
    await split.write(rows, columns);
    return NO_BYTES;
  }

  async #unionRows(options: RunOptions): Promise<UnionRows> {
    const { UnionRows: Made } = await import("./union-rows.ts");
    const { slice: _, merging: __, ...parts } = this.#parts;
    return new Made({ options, parts, run: runWith });
  }

  /** All rows are there: they are written with the columns that they have. Returns these. */
  async #writeUnion(rows: UnionRows, { prepared, output, framing }: Stream): Promise<string[] | undefined> {
    const { source, union, emptyColumns, output: plan } = prepared;
    if (union === undefined || plan === undefined) throw new Error("rows of a union without an output");
    const { columns: ofFirst = [], allColumns, traits } = source;
    const passedOn = union.isPassedOn ? [...allColumns, ...ofFirst] : [];
    // What is passed on of tables has the columns of these, and no other keys.
    const areKnown = union.isPassedOn && traits.columns === "header";
    const found = areKnown ? [] : await rows.columns();
    const columns = [...new Set([...union.columns, ...passedOn, ...found])];
    if (this.#tally.counts.rowsOut === 0) return columns.length === 0 ? emptyColumns : columns;
    const interrupt = aborted(prepared.options.signal);
    const write = async (bytes: Uint8Array, written?: () => void): Promise<void> => {
      if (bytes.length === 0) return;
      const framed = await framing.batch(bytes, columns);
      await output.write(framed, NO_BYTES, framed === bytes ? written : undefined);
    };
    await Promise.race([rows.write(columns, plan, write), interrupt]);
    return columns;
  }

  /** A batch was written, up to this place in the inputs. */
  #written(place: DonePlace | undefined, to: Stream): Promise<void> | void {
    if (place === undefined) return;
    const { input, bytes } = place;
    const { counts } = this.#tally;
    const { options, failed } = to.prepared;
    this.#tally.bytes = bytes;
    options.onProgress?.({ ...counts, bytes });
    if (input === undefined || to.obstacle !== undefined) return;
    const { hasBegun, isHolding } = to.framing;
    if (isHolding === true) return;
    const emitColumns = to.emits?.columns;
    return to.output.checkpoint({
      input,
      counts,
      firstFailure: failed.first,
      columns: to.columns.value,
      hasBegun,
      ...(emitColumns !== undefined && { emitColumns }),
    });
  }

  /**
   * Keeps results of rows behind others that are not done, so that they need not be run again. Returns how many rows.
   */
  #keepEarly(
    stream: RunningStream<BatchResult>,
    { output, prepared, columns }: Pick<Stream, "output" | "prepared" | "columns">,
  ): number {
    const { hasBatch, options } = prepared;
    const endsAtFailed = (options.onError ?? OPTIONS.onError.default) === "fail";
    const known = columns.value;
    // Where a run ends at a row of output, what comes early may be cut.
    if (hasBatch || known === undefined || options.limit !== undefined) return 0;
    let rows = 0;
    for (const result of stream.undelivered()) {
      // What came of a stretch is of certain rows only when it is joined with those before it.
      const isCertain = result.joint === undefined;
      const isWhole = result.rowsIn > 0 && result.end === undefined && !(endsAtFailed && result.rowsFailed > 0);
      if (!isCertain || !isWhole || !sameColumns(result.columns ?? [], known)) continue;
      if (output.keepEarly({ ...result, isProvisional: false })) rows += result.rowsIn;
    }
    return rows;
  }

  /** Ends a run that did not come to its end. */
  async #end(
    error: unknown,
    { output, prepared, obstacle, columns }: Stream,
    stream: RunningStream<BatchResult>,
  ): Promise<void> {
    const isInterrupted = prepared.options.signal?.aborted === true;
    stream.drain();
    await this.#leave();
    if (isInterrupted) await isWithin(LAST_DELIVERY_MS, stream.delivered());
    const keepsEarly = isInterrupted && obstacle === undefined;
    const early = keepsEarly ? this.#keepEarly(stream, { output, prepared, columns }) : 0;
    stream.stop(error);
    if (isInterrupted) this.#settleKept();
    // A thread does not end at once: nothing of it may come behind what is left.
    this.#outputs?.close();
    this.#runWorkers.pool.terminate();
    this.#lone?.terminate();
    const isKept = await output.abandon(isInterrupted || canGoOn(error));
    if (error instanceof ClosedPipeError) this.#tally.isCutShort = true;
    else if (isInterrupted) {
      const isLost = output.isWhole && !isKept;
      const hint = `nothing was kept${obstacle === undefined ? "" : `: ${obstacle}`}`;
      const { counts } = this.#tally;
      throw interrupted(
        { ...counts, rowsIn: counts.rowsIn + early },
        { cause: error, isResumable: isKept, ...(isLost && { hint }) },
      );
    } else throw isKept && error instanceof RowmillError ? withDetails(error, { isResumable: true }) : error;
  }

  /** What workers have kept and not written counts as done, if it can be written. */
  #settleKept(): void {
    try {
      this.#outputs?.settle();
    } catch (error) {
      // What is written before it stands.
      if (!(error instanceof RowmillError)) throw error;
    }
  }

  /** Writes a batch's output, up to the row that ends the run if there is one. */
  async #write(given: BatchResult, isLast: () => boolean, to: Stream): Promise<void> {
    const { prepared, output, emits, taker } = to;
    const kept = to.framing.addsNothing === true ? given.kept : undefined;
    const whole = kept === undefined ? this.#fetched(given) : given;
    const { failed, options } = prepared;
    // Of rows that others come of, it is for those.
    const isLate = prepared.isLate || taker?.rewrite !== undefined;
    const missing = isLate || options.limit === undefined ? undefined : options.limit - this.#tally.counts.rowsOut;
    const result = missing === undefined ? whole : cutBehind(whole, missing);
    // Errors of the code come first, even where bad rows are found that no worker sees.
    await this.#runWorkers.workers.planned();
    if (this.#parts.slice !== undefined) {
      await this.#store(result, { isWhole: result === whole, to });
      return;
    }
    this.#watched.add(result.watched);
    this.#noteCache(result, options);
    this.#joins.add(result.joins);
    if (taker?.rewrite !== undefined && prepared.tellsPlaces) {
      await emits?.write(result);
      await this.#rewriteKnown(result, isLast, { rewrite: taker.rewrite, to });
      return;
    }
    const end = failed.take(result, this.#tally.counts);
    const taken = end?.mark === undefined ? result : cutAt(result, end.mark);
    this.#tally.timeline?.wrote(result, taken, this.#tally.counts.rowsIn);
    await emits?.write(taken);
    if (taker?.rewrite !== undefined) {
      await this.#rewrite(
        { taken, isLast, endsHere: end !== undefined || result.end !== undefined },
        taker.rewrite,
        to,
      );
      if (end !== undefined) throw end.error;
      if (result.end !== undefined) throw fromWire(result.end);
      return;
    }
    this.#tally.add(taken);
    if (kept === undefined) await this.#writeOutput({ whole, taken }, to);
    else {
      output.place(() => this.#outputs?.place(kept));
      this.#tally.stretches.placed++;
    }
    if (end !== undefined) throw end.error;
    if (result.end !== undefined) throw fromWire(result.end);
  }

  /** Writes what is taken of a result. */
  async #writeOutput({ whole, taken }: { whole: BatchResult; taken: BatchResult }, to: Stream): Promise<void> {
    const { prepared, output, columns } = to;
    const begun = performance.now();
    // Comments come without rows too; what is folded is no output yet.
    const isWritten = taken.rowsOut > 0 || (prepared.input.keepsComments && taken.output.length > 0);
    const bytes = isWritten ? await this.#handedOn(taken, to, columns.value) : NO_BYTES;
    if (isWritten && to.split !== undefined) this.#giveBack(whole.output);
    // What the framing made of it may hold on to it.
    const isFree = bytes === whole.output;
    await output.write(bytes, taken.rejects, () => {
      if (isFree) this.#giveBack(whole.output);
    });
    this.#tally.times.write += performance.now() - begun;
  }

  /** With the output that its worker has kept. */
  #fetched(result: BatchResult): BatchResult {
    const { kept } = result;
    if (kept === undefined || this.#outputs === undefined) return result;
    return { ...result, output: this.#outputs.take(kept), kept: undefined };
  }

  /** The memory of what was written is for results to come. */
  #giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    const { merging } = this.#parts;
    if (merging === undefined) this.#runWorkers.workers.giveBack(bytes);
    else merging.memory.give(bytes);
  }

  /** Keeps what a batch came to. A row that ends the run, and an input that cannot be read, end that of its slice as well. */
  async #store(
    result: BatchResult,
    { isWhole, to: { prepared, output } }: { isWhole: boolean; to: Stream },
  ): Promise<void> {
    const end = prepared.failed.isOver(result, this.#tally.counts);
    if (end !== undefined) throw end;
    if (result.end !== undefined) throw fromWire(result.end);
    this.#tally.add(result);
    this.#stored?.add(result);
    for (const piece of storedResult(result))
      await output.write(piece, NO_BYTES, () => {
        if (piece === result.output && isWhole) this.#giveBack(piece);
      });
  }

  /** What stands behind all that is kept. */
  #sealed({ seal }: SliceRun, { state }: RunOutput): Uint8Array {
    if (seal === undefined || this.#stored === undefined || state === undefined) return NO_BYTES;
    return seal({ ...state, counts: this.#stored.counts, digest: this.#stored.take() }, this.#source?.end ?? {});
  }

  /** Hands the rows of a result on to where others come of them, and writes those that there are. */
  async #rewrite(
    { taken, isLast, endsHere }: { taken: BatchResult; isLast: () => boolean; endsHere: boolean },
    rewrite: NonNullable<Taker["rewrite"]>,
    to: Stream,
  ): Promise<void> {
    this.#tally.add({ ...taken, rowsOut: 0 });
    await to.output.write(NO_BYTES, taken.rejects);
    const { output: packed } = taken;
    // A message takes all of the memory along in which its bytes lie.
    const own = packed.length === packed.buffer.byteLength ? packed : packed.slice();
    const rows = own.length === 0 ? undefined : await rewrite.hand(own, isLast);
    if (rows !== undefined) await this.#writeRows(rows, to);
    const last = endsHere ? await rewrite.flush() : undefined;
    if (last !== undefined) await this.#writeRows(last, to);
  }

  /**
   * The same for rows that may fail there. What comes of those of a result is waited for: what failed in the function and what
   * failed later is counted together.
   */
  async #rewriteKnown(
    result: BatchResult,
    isLast: () => boolean,
    { rewrite, to }: { rewrite: NonNullable<Taker["rewrite"]>; to: Stream },
  ): Promise<void> {
    const { output: packed, marks } = result;
    const own = packed.length === packed.buffer.byteLength ? packed : packed.slice();
    let rows: LateRows | undefined;
    if (own.length > 0) {
      await rewrite.hand(
        own,
        isLast,
        marks.map(({ row }) => row),
      );
      rows = await rewrite.flush();
    }
    await this.#writeKnown(result, rows ?? NO_LATE_ROWS, to);
    if (result.end !== undefined) throw fromWire(result.end);
  }

  /** Writes rows of which some have failed in a window, and records of these, up to where the run ends with them. */
  async #writeKnown(result: BatchResult | undefined, rows: LateRows, to: Stream): Promise<void> {
    const { late = NO_LATE } = rows;
    const { counts } = this.#tally;
    const end = to.prepared.failed.takeWithLate(result, late, counts);
    const failedLate = late.failures.length;
    const { rowsMapped, ...others } = result ?? NO_ROWS;
    this.#tally.add({
      ...others,
      rowsMapped: rowsMapped - failedLate,
      rowsFailed: others.rowsFailed + failedLate,
      rowsOut: 0,
    });
    await to.output.write(NO_BYTES, recordsInOrder(result?.rejects ?? NO_BYTES, late, end));
    const { rowsOut, bytes } = end?.cut ?? { rowsOut: rows.rowsOut, bytes: rows.output.length };
    await this.#writeRows({ ...rows, rowsOut, output: rows.output.subarray(0, bytes), late: undefined }, to);
    if (end !== undefined) throw end.error;
  }
}

function isTakenAway(error: unknown): boolean {
  return error instanceof TornError || errorCode(error) === "ENOENT";
}

/** @throws {RowmillError} `input`, when something has changed since work was planned. */
function checkSameWork(planned: RunIdentity, now: RunIdentity, source: RowSource): void {
  const difference = firstDifference({ ...planned, options: now.options }, now);
  if (difference === undefined) return;
  source.close();
  throw new RowmillError("work-changed", `this is not the work that was planned: ${difference}`, {
    hint: "put back what has changed, or plan again in another folder",
  });
}

/** Nobody takes the rows. */
const NO_ONE = { write: (_bytes: Uint8Array, written?: () => void): void => written?.() };

/** The options of a slice, as far as it writes anything: what comes of it is kept in a file, and nothing beside it. */
function sliceOptions(options: RunOptions, { file }: SliceRun): RunOptions {
  const {
    rejects: _,
    emit: __,
    splitBy: ___,
    summary: ____,
    metrics: _____,
    report: ______,
    inPlace: _______,
    ...others
  } = options;
  return { ...others, ...(options.onError === "reject" && { onError: "skip" }), output: file ?? STDOUT };
}

const STILL_UNDER_WAY =
  "when all rows were done, the transform had something under way (a timer, a connection) that did not end within a second: it is cut off (await it in its row, or end it in teardown)";

/** How long an interrupted opening is waited for: a file that takes longer may never open. */
const LAST_MS = 1_000;

const NO_BYTES = new Uint8Array(0);

/** A worker makes one part of so many cells, where groups are made: each has all groups in it, and is joined to those before. */
const MOST_CELLS = 8;
const NO_LATE_ROWS: LateRows = { output: NO_BYTES, rowsOut: 0, columns: undefined, isLast: false };
const NO_LATE: LateTold = { failures: [], cuts: [] };

/** Of an output that is no file. */
const NO_FRAMING: Framing = { hasBegun: true, batch: (output) => output, end: () => NO_BYTES };

/** Where emitted rows go. */
async function emitsTo(
  { emits }: Prepared,
  output: RunOutput,
  target: (kind: string) => Target,
): Promise<EmitOutputs | undefined> {
  const { files, resumed } = output;
  if (emits.length === 0 || files === undefined) return undefined;
  const { EmitOutputs: Made } = await import("./emit-outputs.ts");
  try {
    const made = new Made(emits, { files, before: resumed?.emitColumns, target });
    // What keeps them from being written is to be known before rows come.
    await files.flush();
    return made;
  } catch (error) {
    await output.abandon(true);
    throw error;
  }
}

/** Makes what begins a file of some kind, for one that has this role. */
type MakeTarget = (role: FileRole) => (kind: string) => Target;

/** Where rows go to many files, or to many tables of one. */
async function splitOf(
  {
    targets: { split, emits },
    tables,
    framing,
    makes,
  }: {
    targets: OutputTargets;
    tables: TableTemplate | undefined;
    framing: Framing;
    makes: MakeTarget;
  },
  { output: plan }: Prepared,
  { files }: RunOutput,
): Promise<SplitOutput | undefined> {
  if (plan === undefined) return undefined;
  const writer = writerOf(plan.format);
  const names = writer.tables;
  const places = async (): Promise<SplitPlaces | undefined> => {
    if (tables !== undefined && names !== undefined) {
      const { SplitTables } = await import("./split-tables.ts");
      return new SplitTables(tables, { framing, names });
    }
    if (split === undefined || files === undefined) return undefined;
    const { SplitFiles } = await import("./split-files.ts");
    const taken = new Set(emits.flatMap(({ target: { target: path, part } }) => [path, part, `${path}.part`]));
    return new SplitFiles(split, plan, { files, taken, target: makes("split") });
  };
  const found = await places();
  const finder = found && (await writer.finder?.());
  if (found === undefined || finder === undefined) return undefined;
  const { SplitOutput: Made } = await import("./split-output.ts");
  return new Made(split?.by ?? tables?.by ?? [], plan, { places: found, finder });
}

/** How long a run that ends early waits for rows that are under way, and for the last results to be written. */
const LAST_ROWS_MS = 700;
const LAST_DELIVERY_MS = 150;
/** How long `teardown` may take in a run that was interrupted. */
const LAST_TEARDOWN_MS = 400;

/** All rows are done and written: that is said as well. */
function teardownFailure([failure]: readonly RowmillError[]): { error: RowmillError } | undefined {
  return failure && { error: withDetails(failure, { hint: "all rows are done, and the output is complete" }) };
}
