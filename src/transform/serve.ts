/** The worker's role in a run: loads the transform, takes batches of rows, answers with bytes. */
import { writeSync } from "node:fs";
import { RowmillError, toWire } from "../errors.ts";
import { fileHash } from "../io/file-hash.ts";
import type { LooksAt } from "../formats/json/values.ts";
import { Kernel, adoptKernel } from "../formats/kernel/host.ts";
import { type BrokenMessage, NOTED_BYTES, type TaskMessage, type WantedMessage } from "../scheduler/messages.ts";
import { NotedProgress, Progress, TaskServer } from "../scheduler/serve-tasks.ts";
import type { Strays } from "../scheduler/strays.ts";
import type { OpenMessage } from "../spawn.ts";
import { userFrames } from "./frames.ts";
import { BatchRunner } from "./batch-runner.ts";
import type { WorkerContext } from "./context.ts";
import { literalKeys } from "./literal-keys.ts";
import { loadZod } from "./built-in-zod.ts";
import { type ColumnUses, functionUses, unionOfUses } from "./column-uses.ts";
import {
  checkMembers,
  compileExpression,
  keysOfExpression,
  notesOnExpression,
  proofOfExpression,
  treeOfExpression,
  tryParse,
  usesOfExpression,
} from "./expression.ts";
import { functionTree } from "./function-tree.ts";
import { lastingRows, lastingValues } from "./lasting-results.ts";
import { LoadedFiles } from "./loaded-files.ts";
import { dateColumns, namesIn } from "./local-dates.ts";
import { fixedColumns, fixingExport, loadModule, transformOf } from "./load.ts";
import { LINKED_TRANSFORM, linkedFile } from "./linked.ts";
import type { HandedOn } from "./handed-on.ts";
import type { RowProfiler } from "./profile/row-profiler.ts";
import { Rate } from "./rate.ts";
import { PASSES_ROWS_ON, type Proof, proveFunction } from "./proof.ts";
import { NOTHING_AROUND, expressionAround } from "./proof-subject.ts";
import { recordNames, recordColumns } from "./record-type/record-rows.ts";
import { type RecordType, fieldShape, shownShape } from "./record-type/shape.ts";
import { type Reads, proofReads, schemaReads, unionOfReads } from "./reads.ts";
import type { Merging } from "./reduce/merging.ts";
import { type FoldCode, type RowsPlan, planRows } from "./plan/plan.ts";
import { passesOnToGroups, reducingOf, stepOf } from "./reduce/reducing.ts";
import type { Copying } from "./copied-rows.ts";
import type { RowFunction } from "./outcome.ts";
import { type RowFunctionSetup, outputStep, rowFunction } from "./row-function.ts";
import { SharedResults } from "./shared-results.ts";
import { plainFields } from "./schema/plain-fields.ts";
import { checkState } from "./state-check.ts";
import { type TypedRows, typedRows } from "./typed-rows.ts";
import { type DataTypes, type Typing, typingOf } from "./typing.ts";
import { readKeys, unknownColumn, unknownColumnError } from "./unknown-columns.ts";
import type { ProvenCode } from "./weaving.ts";
import { redirectOutput } from "./user-output.ts";
import { CallWatch, checkGives, mayGiveNothing } from "./watched-calls.ts";
import { mayGoOn, moduleMayGoOn } from "./aftermath.ts";
import { treeOf, whatLasts } from "./what-lasts.ts";
import type {
  BatchResult,
  CodePlan,
  FromWorker,
  RowTask,
  RowsExplained,
  RunSetup,
  ToWorker,
  TransformSource,
} from "./wire.ts";
import type { LoadedTransform } from "./transform.ts";

/** What a transform has begun and nobody waits for is waited for so long when all rows are done. */
const LEAVE_MS = 1_000;
/** In so many steps: a thread that does not get its turn on a busy machine has longer. */
const LEAVE_LOOKS = 20;

type ModuleSource = Extract<TransformSource, { kind: "module" }>;
type Incoming = ToWorker | TaskMessage<RowTask> | WantedMessage;

export { listenForStrays } from "../scheduler/serve-tasks.ts";
export { provideRowmill } from "./built-in-rowmill.ts";

/**
 * Has all that the user's code prints go to the parent. Returns what messages are to be posted by: what was printed before
 * one comes before it.
 */
export function redirectConsole(post: PostMessage): PostMessage {
  const output = redirectOutput((text) => post({ type: "log", text }, []));
  return (message, transfer) => {
    output.flush();
    post(message, transfer);
  };
}

function shownValues(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "string" ? value : Bun.inspect(value))).join(" ");
}

/** What a role has where the thread is its own. */
interface OwnThread {
  strays?: Strays;
  attend?: ((how: "listens" | "leaves") => void) | undefined;
}

/** Sends a message to the parent; `transfer` lists memory that goes along. */
export type PostMessage = (message: object, transfer: ArrayBuffer[]) => void;

/**
 * Opens the role; the function that it returns takes the parent's messages.
 *
 * @param notesFd A file in which a worker that is a process notes what it has open.
 * @param strays Errors that nobody caught in this thread, where it is the role's own.
 * @param attend Has the thread listen to its parent or not: it would end then when nothing is under way.
 */
export function serveTransform(
  { worker, progress, kernel }: OpenMessage,
  post: PostMessage,
  { notesFd, ...thread }: { notesFd?: number | undefined } & OwnThread = {},
): (message: { type: string }) => void {
  if (kernel !== undefined) adoptKernel(kernel);
  const book = notesFd === undefined ? new Progress(progress) : new NotedProgress(progress, notesIn(notesFd));
  const role = new TransformWorker(worker, book, { post, thread });
  return (message) => role.hear(message as Incoming);
}

/** Writes what is open to a file, in which it outlives this process. */
function notesIn(fd: number): (book: Int32Array) => void {
  return (book) => void writeSync(fd, book, 0, NOTED_BYTES, 0);
}

/** A transform that was set up for a run. */
interface Ready {
  runner: BatchRunner;
  server: TaskServer<RowTask, BatchResult>;
  transform: LoadedTransform;
  context: WorkerContext;
  /** Joins accumulators, where rows are folded. */
  merging: Merging | undefined;
}

class TransformWorker {
  readonly #worker: number;
  readonly #progress: Progress;
  readonly #post: PostMessage;
  readonly #strays: Strays | undefined;
  readonly #attend: OwnThread["attend"];
  readonly #abort = new AbortController();
  /** Made here, and not with the setup, because the worker has nothing else to do until that comes. */
  readonly #kernel = new Kernel();
  #module: Promise<LoadedTransform> | undefined;
  /** Those of a transform that has files. */
  #files: LoadedFiles | undefined;
  #settingUp: Promise<void> | undefined;
  #ready: Ready | undefined;
  /** The output columns, where they became known before this worker was set up. */
  #columns: string[] | undefined;
  #profiler: RowProfiler | undefined;
  /** What the code begins may go on when it has returned: then errors that nobody caught are waited for. */
  #mayGoOn = true;

  constructor(worker: number, progress: Progress, { post, thread }: { post: PostMessage; thread: OwnThread }) {
    this.#worker = worker;
    this.#progress = progress;
    this.#post = post;
    this.#strays = thread.strays;
    this.#attend = thread.attend;
  }

  hear(message: Incoming): void {
    switch (message.type) {
      case "load":
        this.#guard(() => this.#load(message.source));
        break;
      case "setup":
        this.#guard(() => (this.#settingUp = this.#setUp(message.setup, message.columns)));
        break;
      case "task":
        this.#ready?.server.take(message);
        break;
      case "wanted":
        if (message.wants !== undefined) this.#progress.want(message.wants);
        this.#ready?.runner.want();
        if (this.#progress.isStopped) this.#ready?.server.stop();
        break;
      case "memory":
        this.#ready?.runner.takeMemory(message.memory);
        break;
      case "columns":
        this.#settleColumns(message.columns);
        break;
      case "merge":
      case "reduce":
        this.#guard(() => this.#reduce(message));
        break;
      case "finish":
        this.#guard(() => this.#finish());
        break;
      case "leave":
        this.#leave();
        break;
    }
  }

  /** What fails here would fail in every worker: the run cannot go on. */
  #guard(work: () => Promise<void>): void {
    const done = this.#strays === undefined ? work() : this.#strays.during(work);
    done.catch((error: unknown) => this.#post({ type: "broken", error: toWire(error) }, []));
  }

  /** What the user's code has begun, and nobody waits for, must not have failed. */
  async #assertNoStray(what: string): Promise<void> {
    if (!this.#mayGoOn) return;
    const stray = await this.#strays?.take();
    if (stray !== undefined) throw runError(`${what}: ${stray.message}`, stray);
  }

  async #load(source: TransformSource): Promise<void> {
    if (source.kind !== "module") {
      // The setup follows when the parent has read the header: meanwhile the syntax is looked at.
      if (source.kind === "expression" && source.expression !== undefined) tryParse(source.expression);
      return;
    }
    this.#mayGoOn = source.path === LINKED_TRANSFORM || moduleMayGoOn(source.path);
    this.#module = this.#loadModule(source);
    const transform = await this.#module;
    await this.#assertNoStray("the transform");
    this.#tell({
      type: "loaded",
      exports: {
        columns: fixedColumns(transform),
        fixedBy: fixingExport(transform),
        hasSchema: transform.schema !== undefined,
        hasTeardown: transform.teardown !== undefined,
        hasReduce: transform.reduce !== undefined,
        hasBatch: transform.batch !== undefined,
        options: transform.options,
        modules: this.#files?.take() ?? { [linkedFile()]: fileHash(linkedFile()) },
      },
    });
  }

  async #loadModule({ path, at }: ModuleSource): Promise<LoadedTransform> {
    const transform = await loadModule(path, at);
    // The one that is linked into the program is the same in all workers.
    if (path !== LINKED_TRANSFORM) this.#files = new LoadedFiles();
    return transform;
  }

  /** Says which files were imported since the last time. */
  #tellFiles(at: "start" | "later"): void {
    const files = this.#files?.take();
    if (files === undefined || (at === "later" && Object.keys(files).length === 0)) return;
    this.#tell({ type: "files", at, files });
  }

  async #setUp(setup: RunSetup, columns: string[] | undefined): Promise<void> {
    this.#mayGoOn = codeMayGoOn(setup);
    const loaded = withGivenTypes(await this.#transform(setup), setup.input.types);
    const watch = new CallWatch(await keysToWatch(loaded, setup));
    const filter = await filterOf(setup, loaded, watch);
    const typing = runTyping(loaded, setup);
    const isDry = setup.source.kind === "module" && setup.source.isDry;
    const called = isDry ? uncalled(loaded) : loaded;
    const reducing = await reducingOf(called, setup);
    const { transform } = reducing ?? { transform: called };
    const context: WorkerContext = {
      args: setup.args,
      state: undefined,
      worker: this.#worker,
      signal: this.#abort.signal,
      log: (...values) => this.#log(values),
    };
    if (transform.setup !== undefined) {
      this.#tell({ type: "calling", what: "setup" });
      context.state = await transform.setup(context);
    }
    await this.#assertNoStray(transform.setup === undefined ? "the transform" : "setup");
    const plain = plainFields(transform.schema);
    const proof = reducing?.proof ?? proofOf(loaded, plain, setup);
    const code: ProvenCode = { transform, fields: plain, proof, filter, typing };
    const { policy } = setup;
    const retries = { count: 0 };
    const functions = {
      input: setup.input,
      ...typedFields(code, setup, { isFolded: reducing !== undefined }),
      onRetry: () => retries.count++,
      keepsOrder: keepsOrder(code, setup),
    };
    const lasting = whatLasts(code, setup);
    const isOwnAlone = lasting.isNew && lasting.unsure?.length === 0;
    const shared = isOwnAlone ? undefined : new SharedResults({ areNew: lasting.isNew });
    const makeLast =
      reducing === undefined ? lastingRows(setup.output, lasting, await handedOn(code, setup)) : lastingValues(lasting);
    const plan = await planRows(code, setup, reducing?.fold);
    const { weaving, copiesRows } = plan;
    const batch = plan.kind === "batch" ? transform.batch : undefined;
    const ownCall = weaving?.refilled?.noting(transform.call) ?? transform.call;
    const watchedCall = watched(ownCall, watch, { code, setup });
    const rowsBy = (by: Copying): RowFunction =>
      rowFunction(
        { ...transform, call: by.call },
        { ...functions, filter: by.filter, retries: policy.retries, makeLast, shared, givesRows: lasting.areRows },
      );
    const watchedCode = { call: watchedCall, filter: filter?.call };
    const ownCode = { call: ownCall, filter: filter?.unwatched };
    const reads = copiesRows ? looksAt(code) : runReads(code, setup.input);
    const runner = new BatchRunner(
      this.#kernel,
      setup,
      {
        call: rowsBy(watchedCode),
        context,
        progress: this.#progress,
        shared,
        strays: this.#strays,
        reads,
        copiesRows,
        looksAt: seenKeys(code, setup, { isFolded: reducing !== undefined }),
        resultKeys: resultKeys(code, setup),
        isOfSchema: transform.schema !== undefined,
        copying: plan.isCopied ? watchedCode : undefined,
        unwatched: { call: rowsBy(ownCode), copying: plan.isCopied ? ownCode : undefined },
        weaving,
        fold: plan.fold,
        whole: batch && {
          call: batch,
          prepare: rowFunction(
            { ...transform, call: (row) => row, output: undefined },
            {
              ...functions,
              filter: filter?.call,
              typed: functions.typed && onlyRead(functions.typed),
              retries: 0,
              makeLast: (row) => row,
              shared: undefined,
              givesRows: false,
            },
          ),
          toOutcome: outputStep(transform, { typed: functions.typed, makeLast, shared: undefined }),
        },
        reducing,
        watch,
        retries,
        rate: policy.rate === undefined ? undefined : new Rate(policy.rate),
      },
      this.#columns ?? columns ?? fixedColumns(transform),
    );
    const server = new TaskServer<RowTask, BatchResult>(
      this.#progress,
      (task) => runner.run(task),
      (message, transfer) => {
        this.#tellFiles("later");
        this.#post(message, transfer);
      },
      this.#strays === undefined || !this.#mayGoOn
        ? undefined
        : {
            strays: this.#strays,
            // In its turn, behind the rows before it.
            end: ({ value, transfer }, stray) => ({
              value: { ...value, end: toWire(runError(stray.message, stray)) },
              transfer,
            }),
          },
    );
    const notes = [...new Set([...notesOn(code, setup), ...(await stateNotes(loaded, setup))])];
    const types = [...typing.values()].filter(({ type }) => type !== "string");
    this.#tell({
      type: "planned",
      plan: {
        reads: reads && inOrder(reads, setup.input.columns),
        types: types.map(({ name, type, isGiven }) => ({ name, type, isGiven })),
        record: recordPlan(transform),
        rows: setup.explains ? await inWords(plan, code, { setup, fold: reducing?.fold, reads }) : undefined,
      },
      mayGoOn: this.#mayGoOn,
      notes,
    });
    this.#ready = { runner, server, transform, context, merging: reducing?.merging };
    this.#post({ type: "ready" }, []);
  }

  async #transform({ source, input, record }: RunSetup): Promise<LoadedTransform> {
    if (source.kind === "module") {
      const loaded = await (this.#module ?? this.#loadModuleLater(source));
      return record === undefined || loaded.schema !== undefined ? loaded : { ...loaded, record };
    }
    if (source.kind === "profile") return await this.#profile(input);
    if (source.expression === undefined) return transformOf((row) => row);
    const call = await compiled(source.expression, input.columns);
    checkMembers(source.expression, input.columns);
    checkGives(treeOfExpression(source.expression), source.expression.trim(), "the function");
    return transformOf(call);
  }

  /** In a worker that is not the first. */
  async #loadModuleLater(source: ModuleSource): Promise<LoadedTransform> {
    const transform = await this.#loadModule(source);
    this.#tellFiles("start");
    return transform;
  }

  /** A transform that looks at rows and gives none. */
  async #profile({ columns }: RunSetup["input"]): Promise<LoadedTransform> {
    const { RowProfiler } = await import("./profile/row-profiler.ts");
    const { shapeTests } = await import("./profile/text-shapes.ts");
    const profiler = new RowProfiler(shapeTests(await loadZod()), columns !== undefined);
    this.#profiler = profiler;
    return transformOf((row, { index }) => profiler.look(row, index));
  }

  #settleColumns(columns: string[]): void {
    this.#columns = columns;
    const settled = this.#ready?.runner.settleColumns(columns) ?? [];
    for (const result of settled) {
      this.#tell({ type: "reencoded", firstRow: result.firstRow, result }, [
        result.output.buffer,
        result.rejects.buffer,
      ]);
    }
  }

  /** Carries out one part of the end of a reduce; one comes at a time. */
  async #reduce(message: Extract<ToWorker, { type: "merge" | "reduce" }>): Promise<void> {
    await this.#settingUp;
    const merging = this.#ready?.merging;
    if (merging === undefined) throw new Error("there is nothing to merge");
    try {
      if (message.type === "merge") {
        merging.merge(message.accumulator);
        await this.#assertNoStray("merge of reduce");
        this.#tell({ type: "reduced" });
      } else {
        const rows = await merging.nextRows();
        await this.#assertNoStray("finish of reduce");
        this.#tell({ type: "reduced", rows }, [rows.output.buffer]);
      }
    } catch (error) {
      this.#tell({ type: "reduced", error: toWire(error) });
    }
  }

  async #finish(): Promise<void> {
    const ready = this.#ready;
    await ready?.server.idle;
    this.#abort.abort();
    this.#tell({ type: "calling", what: "teardown" });
    try {
      await ready?.transform.teardown?.(ready.context.state, ready.context);
      await this.#assertNoStray("teardown");
      this.#tell({ type: "finished", ...(this.#profiler !== undefined && { profile: this.#profiler.result }) });
    } catch (error) {
      this.#tell({ type: "finished", error: toWire(error) });
    }
  }

  /** What the transform has begun, and nobody waits for, comes to its end first. */
  #leave(): void {
    const attend = this.#attend;
    if (attend === undefined) {
      this.#tell({ type: "left", isInTime: true });
      return;
    }
    let looks = 0;
    const look = (): void => {
      if (++looks > LEAVE_LOOKS) this.#tell({ type: "left", isInTime: false });
      else setTimeout(look, LEAVE_MS / LEAVE_LOOKS).unref();
    };
    look();
    process.once("beforeExit", () => {
      this.#tell({ type: "left", isInTime: true });
      // A thread that ends takes its time, and the process is about to end as a whole.
      attend("listens");
    });
    attend("leaves");
  }

  #log(values: unknown[]): void {
    this.#tell({ type: "log", text: shownValues(values) });
  }

  #tell(message: FromWorker, transfer: ArrayBuffer[] = []): void {
    this.#post(message, transfer);
  }
}

/** An error that nobody caught, as one of the run. */
function runError(message: string, { hint = "catch it", cause }: RowmillError): RowmillError {
  const frames = userFrames(cause);
  return new RowmillError("transform", message, { hint, ...(frames !== undefined && { frames }), cause });
}

/** What the parent is told of one that belongs to no row. */
export function brokenBy(stray: RowmillError): BrokenMessage {
  return { type: "broken", error: toWire(runError(stray.message, stray)) };
}

/** Whether what the code of a run begins may go on when it has returned. */
function codeMayGoOn({ source, filter }: RunSetup): boolean {
  if (filter !== undefined && mayGoOn(filter)) return true;
  if (source.kind === "module") return source.path === LINKED_TRANSFORM || moduleMayGoOn(source.path);
  return source.kind === "expression" && source.expression !== undefined && mayGoOn(source.expression);
}

/** Names in the order of the columns, where there is one. */
function inOrder(names: ReadonlySet<string>, columns: readonly string[] | undefined): string[] {
  return columns?.filter((name) => names.has(name)) ?? [...names];
}

/** The filter of a run, and what is proven of it. */
async function filterOf(
  { filter, input }: RunSetup,
  { schema }: LoadedTransform,
  watch: CallWatch,
): Promise<ProvenCode["filter"]> {
  if (filter === undefined) return undefined;
  const call = await compiled(filter, input.columns);
  await checkFilter(filter, input.columns);
  // What a schema gives may have other fields.
  if (schema === undefined) checkMembers(filter, input.columns);
  const looking = watch.lookingAtDates(call, expressionDates(filter, input.columns));
  return { call: watch.lookingAtKeys(looking), unwatched: call, proof: proofOfExpression(filter, input.columns) };
}

/** The keys that the code of a run reads of rows of JSON. */
async function keysToWatch(
  { call, schema, batch, isPassedOn, reduce }: LoadedTransform,
  { source, filter, input }: RunSetup,
): Promise<string[]> {
  if (input.columns !== undefined || schema !== undefined || batch !== undefined || source.kind === "profile")
    return [];
  // What does not compile is said in words that help.
  if (filter !== undefined) await compiled(filter, undefined);
  const keys = filter === undefined ? [] : keysOfExpression(filter);
  if (source.kind === "expression" && source.expression !== undefined)
    keys.push(...keysOfExpression(source.expression));
  if (source.kind === "module" && !isPassedOn && (reduce === undefined || filter === undefined)) {
    const parsed = functionTree(call);
    if (parsed !== undefined) keys.push(...readKeys(parsed.tree, parsed.source, { rowNames: [], bareNames: [] }));
  }
  return [...new Set(keys)];
}

/** The function of a run, as far as its calls are watched. */
function watched(
  call: LoadedTransform["call"],
  watch: CallWatch,
  { code: { transform, proof, filter }, setup }: { code: ProvenCode; setup: RunSetup },
): LoadedTransform["call"] {
  const { batch, isPassedOn } = transform;
  const { source } = setup;
  const isOwn = source.kind === "module" ? !isPassedOn && batch === undefined : source.kind === "expression";
  if (!isOwn) return call;
  const dated = watch.lookingAtDates(call, datesOf(transform, setup));
  // A filter has seen the rows before.
  const looking = filter === undefined ? watch.lookingAtKeys(dated) : dated;
  if (proof?.result !== undefined) return looking;
  const tree = source.kind === "module" ? functionTree(transform.call)?.tree : expressionTree(source);
  return tree !== undefined && mayGiveNothing(tree) ? watch.lookingAtResults(looking) : looking;
}

/** The columns of which the function of a run makes dates. */
function datesOf({ call, schema }: LoadedTransform, { source, input }: RunSetup): string[] {
  if (source.kind === "expression" && source.expression !== undefined)
    return expressionDates(source.expression, input.columns);
  if (source.kind !== "module" || schema !== undefined) return [];
  const parsed = functionTree(call);
  return parsed?.source.includes("Date") === true ? dateColumns(parsed.tree, NOTHING_AROUND) : [];
}

function expressionDates(expression: string, columns: readonly string[] | undefined): string[] {
  if (!expression.includes("Date") || columns?.includes("Date") === true) return [];
  const tree = treeOfExpression(expression);
  return dateColumns(tree, expressionAround(columns ?? namesIn(tree)));
}

function expressionTree(source: TransformSource): ReturnType<typeof treeOfExpression> | undefined {
  return source.kind === "expression" && source.expression !== undefined
    ? treeOfExpression(source.expression)
    : undefined;
}

/** One sign of equality gives a value, and compares nothing. */
async function checkFilter(filter: string, columns: readonly string[] | undefined): Promise<void> {
  if (!/[^=!<>]=[^=>]/.test(filter)) return;
  const { checkTest } = await import("./filter-test.ts");
  checkTest(treeOfExpression(filter), filter, columns);
}

/** The keys of the results of a run's code in its order, as far as it says. */
function resultKeys(code: ProvenCode, setup: RunSetup): string[] | undefined {
  // A schema gives fields of its own.
  const { schema, output, batch } = code.transform;
  const tree = batch === undefined && output === undefined ? treeOf(code, setup) : undefined;
  return tree && literalKeys(tree, schema === undefined ? setup.input.columns : undefined);
}

/** An expression, compiled. What is wrong with one is explained by code that others need not load. */
async function compiled(
  expression: string,
  columns: readonly string[] | undefined,
): Promise<ReturnType<typeof compileExpression>> {
  try {
    return compileExpression(expression, columns);
  } catch (error) {
    const { explained } = await import("./misread-names.ts");
    throw explained(error, expression, columns);
  }
}

/**
 * What whoever wrote the code should know of it before it runs.
 *
 * @throws {RowmillError} `transform`, where a module reads a column that the input has not, whatever the row.
 */
function notesOn({ transform }: ProvenCode, { source, filter, input }: RunSetup): string[] {
  const expressions = [source.kind === "expression" ? source.expression : undefined, filter];
  const notes = expressions.flatMap((text) => (text === undefined ? [] : notesOnExpression(text, input.columns)));
  const { schema, batch, call, isPassedOn } = transform;
  if (source.kind === "module" && batch === undefined && !isPassedOn) {
    const parsed = functionTree(call);
    if (parsed !== undefined) checkGives(parsed.tree, parsed.source, `${source.path}: the function`);
  }
  const getsRows = source.kind === "module" && schema === undefined && batch === undefined && !isPassedOn;
  if (!getsRows) return notes;
  // A field of the row's type may be missing in all rows.
  const record = recordOf(transform);
  const own = record === undefined ? [] : record.fields.map(({ name }) => name);
  const known = input.columns && [...new Set([...input.columns, ...own])];
  return [...notes, ...notesOnMembers(call, source.path, known)];
}

/**
 * What is known of variables of the module that its function changes.
 *
 * @throws {RowmillError} `transform`, where results depend on them.
 */
async function stateNotes(loaded: LoadedTransform, { source, checksState }: RunSetup): Promise<string[]> {
  // The file of a program's own transform was looked at when the program was made.
  if (source.kind !== "module" || source.path === LINKED_TRANSFORM || !checksState) return [];
  return await checkState(source.path, loaded);
}

/** The columns that a module's function reads of the row and the input has not. */
function notesOnMembers(call: LoadedTransform["call"], path: string, columns: readonly string[] | undefined): string[] {
  const parsed = columns && functionTree(call);
  if (columns === undefined || parsed === undefined) return [];
  const unknown = unknownColumn(parsed.tree, parsed.source, { columns, rowNames: [] });
  if (unknown === undefined) return [];
  const error = unknownColumnError(unknown, path, columns);
  // Other inputs may take the way on which it is read.
  if (!unknown.isConditional) throw error;
  return [`${error.message}; ${error.hint ?? ""}`];
}

/** What is proven of the function of a run; `fields` are those of its rows, where a schema makes them. */
function proofOf(
  { call }: LoadedTransform,
  fields: ProvenCode["fields"],
  { source, input }: RunSetup,
): Proof | undefined {
  if (source.kind === "module") return proveFunction(call, fields === undefined ? input.columns : [...fields.keys()]);
  if (source.kind === "profile") return undefined;
  return source.expression === undefined ? PASSES_ROWS_ON : proofOfExpression(source.expression, input.columns);
}

/** The plan in words, by code that only those load who read them. */
async function inWords(
  plan: RowsPlan,
  code: ProvenCode,
  facts: { setup: RunSetup; fold: FoldCode | undefined; reads: Reads },
): Promise<RowsExplained> {
  const { explainRows } = await import("./plan/explain.ts");
  return explainRows(plan, code, { ...facts, looksAt: looksAt(code) });
}

/** The keys of JSON whose values are looked at: not those that are handed on with their row, nor those that become texts. */
function seenKeys(
  code: ProvenCode,
  { source, input }: RunSetup,
  { isFolded }: { isFolded: boolean },
): LooksAt | undefined {
  if (input.columns !== undefined) return undefined;
  const { transform, proof, filter } = code;
  const isProven = proof !== undefined && (filter === undefined || filter.proof !== undefined);
  // What folds the results of a function looks at what that hands on.
  const hasFunction =
    source.kind === "module" ? !transform.isPassedOn : source.kind === "expression" && source.expression !== undefined;
  const isOwn = transform.batch === undefined && transform.schema === undefined && !(isFolded && hasFunction);
  const seen = isOwn && isProven ? looksAt(code) : undefined;
  const { types } = input;
  const isText = (key: string): boolean => Object.hasOwn(types, key) && types[key] === "string";
  if (seen === undefined && !Object.keys(types).some(isText)) return undefined;
  const record = recordOf(transform);
  const checked = new Set(record === undefined ? [] : recordNames(record));
  return (key) => checked.has(key) || (!isText(key) && (seen?.has(key) ?? true));
}

/** What the code hands on, where that may be spelled in a way of its own: rows of JSON, or columns of JSON. */
async function handedOn(code: ProvenCode, setup: RunSetup): Promise<HandedOn | undefined> {
  const { input, source } = setup;
  if (input.columns !== undefined && !Object.values(input.types).includes("json")) return undefined;
  const tree = treeOf(code, setup);
  if (tree === undefined) return undefined;
  const { handedOnBy } = await import("./handed-on.ts");
  return handedOnBy(tree, source.kind === "expression");
}

/** Whether rows of JSON that a schema gives may be written as a whole: then the order of their keys counts. */
function keepsOrder({ transform, proof }: ProvenCode, { input }: RunSetup): boolean {
  return input.columns === undefined && handsOnWhole(transform, proof);
}

function handsOnWhole({ schema }: LoadedTransform, proof: Proof | undefined): boolean {
  return schema !== undefined && proof?.result?.kind !== "object";
}

/** The columns that code which passes rows on can look at. */
function looksAt({ proof, filter }: ProvenCode): Reads {
  const byFilter = filter?.proof?.result?.kind === "row" ? filter.proof.looksAt : proofReads(filter?.proof);
  return unionOfReads([proof?.looksAt, filter === undefined ? new Set<string>() : byFilter]);
}

/** The columns that a run must decode: those that schema or function, filter and typed fields read. */
function runReads({ transform, proof, filter }: ProvenCode, input: RunSetup["input"]): Reads {
  if (input.columns === undefined && (input.format !== "jsonl" || handsOnWhole(transform, proof))) return undefined;
  const { schema } = transform;
  const byFunction = schema === undefined ? proofReads(proof) : schemaReads(schema);
  const byFilter = filter === undefined ? new Set<string>() : proofReads(filter.proof);
  const record = recordOf(transform);
  const byRecord = record === undefined ? [] : recordNames(record);
  return unionOfReads([byFunction, byFilter, new Set([...Object.keys(input.types), ...byRecord])]);
}

/** Whether fields may stand for null. */
function hasNulls({ nullTexts, dialect }: RunSetup["input"]): boolean {
  return nullTexts !== undefined || dialect.hasEscapes;
}

/** What the columns of the input are to the code of a run, and to its filter. */
function runTyping(transform: LoadedTransform, setup: RunSetup): Typing {
  const { columns, isRagged, dataTypes } = setup.input;
  const record = recordOf(transform);
  if (record === undefined || columns === undefined) return typingByUse(transform, setup, dataTypes);
  const own = new Set(recordNames(record));
  const others = Object.fromEntries(Object.entries(dataTypes).filter(([name]) => !own.has(name)));
  const typing = new Map(typingByUse(transform, setup, others));
  for (const column of recordColumns(record, columns, { mayLack: isRagged || hasNulls(setup.input) }))
    typing.set(column.name, column);
  return typing;
}

function typingByUse(
  { call, batch, reduce, schema, isPassedOn }: LoadedTransform,
  { source, input, filter }: RunSetup,
  dataTypes: DataTypes,
): Typing {
  const { columns, types } = input;
  // Rows that are looked at are looked at as texts, and a schema decides alone.
  const byData = schema === undefined && source.kind !== "profile" ? dataTypes : {};
  // Uses do not matter to types that are given, but for null.
  const isGivenOnly = Object.keys(byData).length === 0 && (Object.keys(types).length === 0 || !hasNulls(input));
  if (columns === undefined || isGivenOnly) return typingOf({ types, dataTypes: byData, uses: new Map() });
  const uses: ColumnUses[] = [];
  if (filter !== undefined) uses.push(usesOfExpression(filter, columns));
  if (source.kind === "module") {
    if (!isPassedOn && batch === undefined) uses.push(functionUses(call));
    if (reduce !== undefined && isPassedOn) uses.push(functionUses(stepOf(reduce), 1));
  } else if (source.kind === "expression" && source.expression !== undefined)
    uses.push(usesOfExpression(source.expression, columns));
  return typingOf({ types, dataTypes: byData, uses: unionOfUses(uses) });
}

/** A transform that only reads rows as its functions want them. */
function uncalled(transform: LoadedTransform): LoadedTransform {
  return {
    ...transform,
    call: () => undefined,
    batch: undefined,
    reduce: undefined,
    output: undefined,
    setup: undefined,
    teardown: undefined,
  };
}

/** What `--types` says of a column stands in place of what the source says. */
function withGivenTypes(transform: LoadedTransform, types: RunSetup["input"]["types"]): LoadedTransform {
  const { record } = transform;
  if (record?.kind !== "used") return transform;
  const fields = record.type.fields.filter(({ name }) => !Object.hasOwn(types, name));
  return { ...transform, record: { ...record, type: { ...record.type, fields } } };
}

/** The type that the transform's source gives its rows, where there is one that can be used. */
function recordOf({ record }: LoadedTransform): RecordType | undefined {
  return record?.kind === "used" ? record.type : undefined;
}

function recordPlan({ record }: LoadedTransform): CodePlan["record"] {
  if (record?.kind !== "used") return record && { name: record.name, place: record.place, why: record.why };
  const { name, place, fields } = record.type;
  return { name, place, fields: fields.map((field) => ({ name: field.name, type: shownShape(fieldShape(field)) })) };
}

/** Rows are read for a function that takes many: it is its results that are finished. */
function onlyRead(typed: TypedRows): TypedRows {
  return { ...typed, finish: (result) => result };
}

/** How the fields of rows are typed that are objects of their own. */
function typedFields(
  { transform, proof, filter, typing }: ProvenCode,
  setup: RunSetup,
  { isFolded }: { isFolded: boolean },
): Pick<RowFunctionSetup, "typed" | "typesFilterOnly"> {
  const { output } = setup;
  const isGrouped = setup.grouping !== undefined;
  const passesOn = isGrouped && passesOnToGroups(setup);
  const isText = output.format === "csv" || output.format === "tsv";
  // Where texts are written, fields that nobody looks at stay texts; elsewhere a number is written as one.
  const byFilter = filter === undefined ? new Set<string>() : filter.proof?.looksAt;
  const looked = passesOn ? byFilter : unionOfReads([proof?.looksAt, byFilter]);
  const isRead = (name: string): boolean => (!isText && !isGrouped) || looked === undefined || looked.has(name);
  const used = new Map([...typing].filter(([name, { isGiven }]) => isGiven || isRead(name)));
  if (used.size === 0) return { typed: undefined, typesFilterOnly: false };
  const handsOn = (!isFolded || isGrouped) && transform.schema === undefined;
  return {
    typed: typedRows(used, {
      isText: setup.input.columns !== undefined,
      mayLack: (name) => setup.input.isRagged && (looked === undefined || looked.has(name)),
      handingOn: handsOn
        ? {
            result: proof?.result,
            as: isGrouped ? "text" : "field",
            marksMissing: isGrouped || !isText || output.dialect.nullText !== "",
            keepsJson: (name) => isText && looked?.has(name) === false,
          }
        : undefined,
    }),
    typesFilterOnly: passesOn,
  };
}
