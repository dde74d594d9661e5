/** The worker's role in a run: loads the transform, takes batches of rows, answers with bytes. */
import { writeSync } from "node:fs";
import { RowmillError, UsageError, toWire } from "../errors.ts";
import { fileHash } from "../io/file-hash.ts";
import { adoptCode } from "../formats/memory-code.ts";
import { openMemory } from "../formats/memory.ts";
import { readerOf, writerOf } from "../formats/registry.ts";
import type { RowGrouper } from "../formats/row-groups.ts";
import { type BrokenMessage, NOTED_BYTES, type TaskMessage, type WantedMessage } from "../scheduler/messages.ts";
import { NotedProgress, Progress, TaskServer } from "../scheduler/serve-tasks.ts";
import type { Strays } from "../scheduler/strays.ts";
import type { OpenMessage } from "../spawn.ts";
import { userFrames } from "../code/frames.ts";
import { BatchRunner } from "./batch-runner.ts";
import type { WorkerContext } from "../code/context.ts";
import { checkMembers, treeOfExpression, tryParse } from "../code/expression.ts";
import { ANYTHING, type Lasting, type MakeLast, lastingRows, lastingValues } from "./lasting-results.ts";
import { functionTree } from "../code/function-tree.ts";
import { KeptOutput } from "./kept-output.ts";
import { inputReads, joinedSetup, keysToo } from "./joined-setup.ts";
import { LoadedFiles } from "../code/loaded-files.ts";
import { fixedColumns, fixingExport, loadModule, transformOf } from "./load.ts";
import { LINKED_TRANSFORM, linkedFile } from "../code/linked.ts";
import type { KeptResults } from "./cache/kept-results.ts";
import { Rate } from "./rate.ts";
import type { Taken } from "./taken-rows.ts";
import { planRows } from "./plan/plan.ts";
import { reducingOf } from "./reduce/reducing.ts";
import type { Copying } from "./copied-rows.ts";
import { Noted, type RowFunction } from "./outcome.ts";
import { type PlacedSteps, asOne, placedSteps, stagesOf } from "../stages/registry.ts";
import { CODE_WINDOW } from "../stages/rewriting/asked.ts";
import type { ArrangingStage, PickingStage, StepFacts } from "../stages/stage.ts";
import { readingOf } from "../formats/row-reading.ts";
import type { LateFailures } from "./rewriting/late-failures.ts";
import type { Encoder, Row } from "../formats/format.ts";
import type { HandedOn } from "../code/handed-on.ts";
import { outputStep, rowFunction } from "./row-function.ts";
import { SharedResults } from "./shared-results.ts";
import { plainFields } from "../fields/schema/plain-fields.ts";
import type { TypedRows } from "../fields/typed-rows.ts";
import type { ProvenCode } from "./proven-code.ts";
import { redirectOutput } from "../code/user-output.ts";
import { CallWatch, checkGives } from "./watched-calls.ts";
import { moduleMayGoOn } from "../code/aftermath.ts";
import { whatLasts } from "./what-lasts.ts";
import type { BatchResult, FromWorker, LoadedFirst, RowTask, RunSetup, ToWorker, TransformSource } from "./wire.ts";
import type { LoadedTransform } from "./transform.ts";
import {
  checkTextFields,
  codeMayGoOn,
  compiled,
  filterOf,
  givesNothingThatChanges,
  handedOn,
  inWords,
  isHarmless,
  isShortWork,
  objectsLookedAt,
  keepsOrder,
  keysToWatch,
  looksAt,
  lostWordsOf,
  notesOn,
  proofOf,
  recordPlan,
  resultKeys,
  runReads,
  runTyping,
  seenKeys,
  sortedByData,
  stateNotes,
  typedFields,
  uncalled,
  watched,
  withGivenTypes,
} from "./code-facts.ts";

/** What a transform has begun and nobody waits for is waited for so long when all rows are done. */
const LEAVE_MS = 1_000;
/** In so many steps: a thread that does not get its turn on a busy machine has longer. */
const LEAVE_LOOKS = 20;

type ModuleSource = Extract<TransformSource, { kind: "module" }>;
type Incoming = ToWorker | TaskMessage<RowTask> | WantedMessage;

export { listenForStrays } from "../scheduler/serve-tasks.ts";
export { provideRowmill } from "../code/built-in-rowmill.ts";
export { quickenNumber } from "../code/quick-number.ts";

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

/** What a role has where the thread is its own, or that it is not. */
interface OwnThread {
  strays?: Strays;
  attend?: ((how: "listens" | "leaves") => void) | undefined;
  /** The thread is that of the run: code that may take long or do anything beside is refused, unread. */
  isOfRun?: boolean;
}

/** Sends a message to the parent; `transfer` lists memory that goes along. */
export type PostMessage = (message: object, transfer: ArrayBuffer[]) => void;

/**
 * Opens the role; the function that it returns takes the parent's messages.
 *
 * @param notesFd A file in which a worker that is a process notes what it has open.
 * @param strays Errors that nobody caught in this thread, where it is the role's own.
 * @param attend Has the thread listen to its parent or not: it would end then when nothing is under way.
 * @param isOfRun The thread is that of the run. It refuses a setup (`refused`) whose code is not proven to be short work.
 */
export function serveTransform(
  { worker, progress, kernel }: OpenMessage,
  post: PostMessage,
  { notesFd, ...thread }: { notesFd?: number | undefined } & OwnThread = {},
): (message: { type: string }) => void {
  if (kernel !== undefined) adoptCode(kernel);
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
  transform: LoadedTransform;
  context: WorkerContext;
  /** Takes parts, where rows are folded. */
  taken: Taken | undefined;
  /** Maps rows; undefined in a worker that does nothing but take parts. */
  maps: { runner: BatchRunner; server: TaskServer<RowTask, BatchResult> } | undefined;
  /** Results that are kept, where they are. */
  kept: KeptResults | undefined;
}

class TransformWorker {
  readonly #worker: number;
  readonly #progress: Progress;
  readonly #post: PostMessage;
  readonly #strays: Strays | undefined;
  readonly #attend: OwnThread["attend"];
  readonly #isOfRun: boolean;
  readonly #abort = new AbortController();
  /** Made here, and not with the setup, because the worker has nothing else to do until that comes. */
  readonly #memory = openMemory();
  #module: Promise<LoadedTransform> | undefined;
  /** Those of a transform that has files. */
  #files: LoadedFiles | undefined;
  #settingUp: Promise<void> | undefined;
  #ready: Ready | undefined;
  /** Keeps output, where this worker is to write it. */
  #output: KeptOutput | undefined;
  /** The output columns, where they became known before this worker was set up. */
  #columns: string[] | undefined;
  /** What the code begins may go on when it has returned: then errors that nobody caught are waited for. */
  #mayGoOn = true;

  constructor(worker: number, progress: Progress, { post, thread }: { post: PostMessage; thread: OwnThread }) {
    this.#worker = worker;
    this.#progress = progress;
    this.#post = post;
    this.#strays = thread.strays;
    this.#attend = thread.attend;
    this.#isOfRun = thread.isOfRun === true;
  }

  hear(message: Incoming): void {
    switch (message.type) {
      case "load":
        this.#guard(() => this.#load(message));
        break;
      case "setup":
        this.#guard(() => (this.#settingUp = this.#setUp(message)));
        break;
      case "task":
        // What it was told to write since then comes first: it lies in memory until that is done.
        if (this.#output === undefined) this.#ready?.maps?.server.take(message);
        else setImmediate(() => this.#ready?.maps?.server.take(message));
        break;
      case "wanted":
        if (message.wants !== undefined) this.#progress.want(message.wants);
        this.#ready?.maps?.runner.want();
        if (this.#progress.isStopped) this.#ready?.maps?.server.stop();
        break;
      case "memory":
        this.#ready?.maps?.runner.takeMemory(message.memory);
        break;
      case "output":
        this.#output = new KeptOutput(message.sharing, {
          tell: (told) => this.#tell(told),
          free: (memory) => this.#ready?.maps?.runner.takeMemory(memory),
        });
        break;
      case "place":
        this.#output?.place(message);
        break;
      case "columns":
        this.#settleColumns(message.columns);
        break;
      case "take":
      case "give":
        this.#guard(() => this.#take(message));
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

  async #load({ source, filter }: LoadedFirst): Promise<void> {
    // The setup follows when the parent has read the header: meanwhile the syntax is looked at.
    if (filter !== undefined) tryParse(filter);
    if (source.kind === "expression") {
      if (source.expression !== undefined) tryParse(source.expression);
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
    // Here as well.
    if (!transform.isPassedOn && transform.batch === undefined) functionTree(transform.call);
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

  async #setUp({ setup: run, columns, does }: Extract<ToWorker, { type: "setup" }>): Promise<void> {
    const setup = joinedSetup(run);
    if (this.#isOfRun && !(await isShortWork(setup))) {
      this.#tell({ type: "refused" });
      return;
    }
    this.#mayGoOn = codeMayGoOn(setup);
    const loaded = withGivenTypes(await this.#transform(setup), setup.input.types);
    const watch = new CallWatch(await keysToWatch(loaded, setup));
    const filter = await filterOf(setup, loaded, watch);
    const typing = runTyping(loaded, setup);
    const isDry = setup.source.kind === "module" && setup.source.isDry;
    const called = isDry ? uncalled(loaded) : loaded;
    const context: WorkerContext = {
      args: setup.args,
      state: undefined,
      worker: this.#worker,
      signal: this.#abort.signal,
      log: (...values) => this.#log(values),
      lookup: await lookupOf(setup),
    };
    const ofWindow = await windowOf(loaded, setup, context);
    const steps = await stagesOf(sortedByData({ transform: loaded, typing }, setup), ofWindow?.steps);
    const reducing = await reducingOf(called, setup, steps);
    // Behind rows that are folded, all of them run where those come out.
    const placed = placedSteps(reducing === undefined ? steps : []);
    const picking = await asOne(placed.before);
    const rewriting = await rewritingOf(placed, setup, ofWindow?.late);
    const taken = reducing?.taken ?? rewriting?.taken;
    const settled = this.#columns ?? columns;
    if (settled !== undefined) taken?.settle(settled);
    const { transform } = reducing ?? { transform: called };
    if (transform.setup !== undefined) {
      this.#tell({ type: "calling", what: "setup" });
      context.state = await transform.setup(context);
    }
    await this.#assertNoStray(transform.setup === undefined ? "the transform" : "setup");
    if (does === "takes") {
      this.#ready = { transform, context, taken, maps: undefined, kept: undefined };
      this.#post({ type: "ready" }, []);
      return;
    }
    const plain = plainFields(transform.schema);
    // Rows that are passed on to a step are looked at by that alone.
    const isOfStep = reducing !== undefined && loaded.isPassedOn;
    const proof = reducing?.proof ?? (isOfStep ? undefined : proofOf(loaded, plain, setup));
    await checkTextFields(setup, transform);
    const code: ProvenCode = {
      transform,
      fields: plain,
      proof,
      filter,
      typing,
      objects: await objectsLookedAt(setup),
      lostWords: lostWordsOf(loaded, setup),
    };
    const { policy } = setup;
    const retries = { count: 0 };
    const rate = policy.rate === undefined ? undefined : new Rate(policy.rate);
    const kept = setup.cache && (await keptResults(loaded, setup, rate));
    const joining = setup.joins.length === 0 ? undefined : await import("./joined-rows.ts");
    const seenByCode = runReads(code, setup.input);
    const joins = joining === undefined ? [] : setup.joins.map((join) => new joining.OpenJoin(join, setup, seenByCode));
    // Where results are kept, it is the calls for others that take turns.
    const turn = kept === undefined && rate ? (): Promise<void> => rate.turn() : undefined;
    const functions = {
      input: setup.input,
      joined: joining && ((call: RowFunction): RowFunction => joining.withJoins(call, { joins, turn })),
      ...typedFields(code, setup, { isFolded: reducing !== undefined }),
      onRetry: () => retries.count++,
      keepsOrder: keepsOrder(code, setup),
    };
    const lasting = whatLasts(code, setup, {
      isFolded: reducing !== undefined && (setup.isProfiled || reducing.fold.rowsReason === undefined),
    });
    const isOwnAlone = lasting.isNew && lasting.unsure?.length === 0;
    const isUnshared = isOwnAlone || (await givesNothingThatChanges(loaded, setup));
    const shared = isUnshared ? undefined : new SharedResults({ areNew: lasting.isNew });
    const handed = reducing === undefined && setup.output !== undefined ? await handedOn(code, setup) : undefined;
    const emits =
      setup.emits.length === 0 ? undefined : new (await import("./emits.ts")).Emits(setup.emits, functions.typed);
    const makeLastBy = (known: Lasting): MakeLast => {
      if (reducing !== undefined) return lastingValues(known);
      if (rewriting !== undefined) return rewriting.makeLast(known, handed, picking);
      const lasts = setup.output === undefined ? lastingValues(known) : lastingRows(setup.output, known, handed);
      return picking === undefined ? lasts : noting(picking, lasts);
    };
    const makeLast = makeLastBy(lasting);
    // An iterator of its own may give one object many times; of a generator it is known what it gives.
    const makeItemLast = lasting.isNew && !isGenerator(loaded.call) ? makeLastBy(ANYTHING) : makeLast;
    const plan = await planRows(code, setup, {
      fold: reducing?.fold,
      handedOn: handed,
      reads: runReads(code, setup.input),
      areRewritten: rewriting !== undefined,
    });
    const { weaving, copiesRows } = plan;
    const batch = plan.kind === "batch" ? transform.batch : undefined;
    const refilled = weaving?.from === "fields" ? weaving.refilled : undefined;
    const ownCall = refilled?.noting(transform.call) ?? kept?.wrap(transform.call) ?? transform.call;
    const watchedCall = watched(ownCall, watch, { code, setup });
    const rowsBy = (by: Copying): RowFunction =>
      rowFunction(
        { ...transform, call: by.call },
        {
          ...functions,
          filter: by.filter,
          retries: policy.retries,
          makeLast,
          makeItemLast,
          shared,
          givesRows: lasting.areRows && kept === undefined,
          emits,
        },
      );
    const watchedCode = { call: watchedCall, filter: filter?.call };
    const ownCode = { call: ownCall, filter: filter?.unwatched };
    const reads = inputReads(copiesRows ? looksAt(code) : runReads(code, setup.input), setup);
    const mayGuess = setup.mayGuess && (await isHarmless(code, setup, { plan, watch }));
    const runner = new BatchRunner(
      this.#memory,
      run,
      {
        joins,
        joinedWay: weaving?.from === "joined" ? (await import("./woven-joins.ts")).joinedWay : undefined,
        rowColumns: setup.input.columns,
        call: rowsBy(watchedCode),
        makeDecoder: await readerOf(setup.input.format).decoder(),
        context,
        progress: this.#progress,
        shared,
        strays: this.#strays,
        reads,
        copiesRows,
        looksAt: keysToo(seenKeys(code, setup, { isFolded: reducing !== undefined }), setup.joins),
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
              makeItemLast: (row) => row,
              shared: undefined,
              givesRows: false,
            },
          ),
          toOutcome: outputStep(transform, { typed: functions.typed, makeLast, makeItemLast, shared: undefined }),
        },
        picking,
        packs: placed.behind.length > 0 ? rewriting?.packs : undefined,
        grouperFor: await grouperMaker(setup),
        reducing,
        watch,
        retries,
        kept,
        rate: kept === undefined ? rate : undefined,
        stretches: mayGuess ? await import("./stretch-reader.ts") : undefined,
      },
      this.#columns ?? columns ?? fixedColumns(transform),
    );
    const server = new TaskServer<RowTask, BatchResult>(
      this.#progress,
      (task) => {
        const answer = runner.run(task);
        return answer instanceof Promise ? answer : (this.#output?.keep(answer) ?? answer);
      },
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
        reads: reads && inOrder(reads, run.input.columns),
        rowTest:
          readerOf(setup.input.format).skipsRows === true && setup.filter !== undefined
            ? (await import("./row-test.ts")).rowTest(code, setup)
            : undefined,
        types: types.map(({ name, type, isGiven }) => ({ name, type, isGiven })),
        record: recordPlan(transform),
        rows: setup.explains
          ? await inWords(plan, code, {
              setup,
              ordered: [reducing?.stage, ...steps].filter((stage) => stage !== undefined),
              reads: seenByCode,
            })
          : undefined,
        mayGuess,
      },
      mayGoOn: this.#mayGoOn,
      notes,
    });
    this.#ready = { transform, context, taken, maps: { runner, server }, kept };
    this.#post({ type: "ready" }, []);
  }

  async #transform({ source, input, record }: RunSetup): Promise<LoadedTransform> {
    if (source.kind === "module") {
      const loaded = await (this.#module ?? this.#loadModuleLater(source));
      return record === undefined || loaded.schema !== undefined ? loaded : { ...loaded, record };
    }
    if (source.expression === undefined) return transformOf((row) => row);
    const call = await compiled(source.expression, input.columns);
    checkMembers(source.expression, input.columns);
    checkGives(treeOfExpression(source.expression), source.expression.trim(), {
      who: "the function",
      gives: "a row",
    });
    return transformOf(call);
  }

  /** In a worker that is not the first. */
  async #loadModuleLater(source: ModuleSource): Promise<LoadedTransform> {
    const transform = await this.#loadModule(source);
    this.#tellFiles("start");
    return transform;
  }

  #settleColumns(columns: string[]): void {
    this.#columns = columns;
    this.#ready?.taken?.settle(columns);
    const settled = this.#ready?.maps?.runner.settleColumns(columns) ?? [];
    for (const result of settled) {
      this.#tell({ type: "reencoded", firstRow: result.firstRow, result }, [
        result.output.buffer,
        result.rejects.buffer,
      ]);
    }
  }

  /** Takes a part, or gives rows; one comes at a time. */
  async #take(message: Extract<ToWorker, { type: "take" | "give" }>): Promise<void> {
    await this.#settingUp;
    const taken = this.#ready?.taken;
    if (taken === undefined) throw new Error("there is nothing that takes parts");
    const hasReduce = this.#ready?.transform.reduce !== undefined;
    try {
      if (message.type === "take") {
        const rows = taken.take(message.part, message.marks);
        await this.#assertNoStray(hasReduce ? "merge of reduce" : "the window");
        if (rows === undefined) this.#tell({ type: "taken" });
        else this.#tell({ type: "taken", rows }, [rows.output.buffer]);
      } else {
        const rows = await taken.nextRows();
        await this.#assertNoStray(hasReduce ? "finish of reduce" : "the window");
        this.#tell({ type: "taken", rows }, [rows.output.buffer]);
      }
    } catch (error) {
      this.#tell({ type: "taken", error: toWire(error) });
    }
  }

  async #finish(): Promise<void> {
    const ready = this.#ready;
    await ready?.maps?.server.idle;
    ready?.kept?.close();
    this.#abort.abort();
    this.#tell({ type: "calling", what: "teardown" });
    try {
      await ready?.transform.teardown?.(ready.context.state, ready.context);
      await this.#assertNoStray("teardown");
      this.#tell({ type: "finished" });
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
      // A thread that ends takes its time, and the process is about to end as a whole.
      attend("listens");
      // What the last of it has rejected, the runtime has not reported yet.
      setImmediate(() => this.#tell({ type: "left", isInTime: true }));
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

/** What keeps the results of a run: most have none that are kept. */
async function keptResults(
  loaded: LoadedTransform,
  setup: RunSetup,
  rate: Rate | undefined,
): Promise<KeptResults | undefined> {
  const { openKept } = await import("./cache/kept-results.ts");
  return await openKept(loaded, setup, rate);
}

/** What a run needs that has steps which rewrite rows, and no fold before them. */
async function rewritingOf(
  steps: PlacedSteps,
  { output, limit, steps: asked }: RunSetup,
  late: LateFailures | undefined,
): Promise<Rewriting | undefined> {
  const { local, behind } = steps;
  if (output === undefined || local.length + behind.length === 0) return undefined;
  const { rewritingLast } = await import("./rewriting/last-rows.ts");
  const { takenPacked } = await import("./rewriting/rewritten-rows.ts");
  const { packingEncoder } = await import("./rewriting/packed-rows.ts");
  const { carriedColumns, carryingEncoder } = await import("./rewriting/carried-rows.ts");
  const askedBehind = behind.length === 0 ? [] : asked.slice(-behind.length);
  const carried = carriedColumns(askedBehind, output);
  const carrying = carried && { looksAt: carried, asked: askedBehind };
  return {
    taken: behind.length === 0 ? undefined : await takenPacked({ setup: output, steps: behind, limit, late }, carrying),
    packs: (columns) =>
      carried === undefined ? packingEncoder(output, columns) : carryingEncoder(output, columns, carried),
    makeLast: (known, handed, picking) => rewritingLast({ output, known, handedOn: handed, steps, picking }),
  };
}

/** What the window of a transform needs, where it has one. */
async function windowOf(
  { window }: LoadedTransform,
  { output, input, steps, tellsPlaces, policy, mostBytes }: RunSetup,
  context: WorkerContext,
): Promise<{ steps: Pick<StepFacts, "codeWindow">; late: LateFailures | undefined } | undefined> {
  if (!steps.some(({ stage }) => stage === CODE_WINDOW) || output === undefined) return undefined;
  if (window === undefined)
    throw new UsageError(
      "a window is asked for, and the transform has none",
      "export default window(…), in the transform",
    );
  const { codeWindow } = await import("./rewriting/code-window.ts");
  const { LateFailures: Made } = await import("./rewriting/late-failures.ts");
  const late = tellsPlaces ? new Made(policy, readingOf(input, input.columns)) : undefined;
  const run = { output, inputColumns: input.columns, context, late, mostBytes };
  return { steps: { codeWindow: () => codeWindow(window, run) }, late };
}

interface Rewriting {
  /** What takes rows, where they are rewritten at one place. */
  taken: Taken | undefined;
  /** Packs rows for that. */
  packs: (columns: readonly string[]) => Encoder;
  makeLast: (
    known: Lasting,
    handed: HandedOn | undefined,
    picking: PickingStage | ArrangingStage | undefined,
  ) => MakeLast;
}

/** What gives the tables of a run by name: most have none. */
async function lookupOf(setup: RunSetup): Promise<WorkerContext["lookup"]> {
  if (Object.keys(setup.lookups).length > 0) return (await import("./lookups.ts")).lookupsOf(setup);
  return (name) => {
    throw new RowmillError("row-lookup", `there is no table ${JSON.stringify(name)} to look things up in`, {
      hint: `--lookup ${name}=FILE:COLUMN gives it one`,
    });
  };
}

/** What makes groups of rows that go to the same file. */
async function grouperMaker({
  output,
  splitBy,
}: RunSetup): Promise<((columns: readonly string[]) => RowGrouper) | undefined> {
  if (splitBy === undefined || output === undefined) return undefined;
  const [{ RowGrouper: Made }, finder] = await Promise.all([
    import("../formats/row-groups.ts"),
    writerOf(output.format).finder?.(),
  ]);
  return finder && ((columns) => new Made(finder(output, columns, splitBy)));
}

function isGenerator(call: LoadedTransform["call"]): boolean {
  return Object.prototype.toString.call(call).endsWith("GeneratorFunction]");
}

/** Results with what a stage that picks rows has to know of them. */
function noting(stage: PickingStage | ArrangingStage, makeLast: MakeLast): MakeLast {
  return (value, row, spelling) => {
    const lasting = makeLast(value, row, spelling);
    // What is no object has no fields: its encoder says so.
    return typeof value === "object" && value !== null ? new Noted(lasting, stage.note(value as Row)) : lasting;
  };
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

/** Names in the order of the columns, where there is one. */
function inOrder(names: ReadonlySet<string>, columns: readonly string[] | undefined): string[] {
  return columns?.filter((name) => names.has(name)) ?? [...names];
}

/** Rows are read for a function that takes many: it is its results that are finished. */
function onlyRead(typed: TypedRows): TypedRows {
  return { ...typed, finish: (result) => result };
}
