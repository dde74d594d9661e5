/**
 * What a run leaves behind: the output, the rejects file and, beside an output that is a file, the journal. They are
 * committed together: until then the old files stand, and behind a checkpoint a later run can go on.
 */
import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { RowmillError } from "../errors.ts";
import { type Claim, Journal, type JournalContent, type JournalPlace, STOPPED, assertFree } from "../io/journal.ts";
import { PartFile, type PartState, leftOver } from "../io/part-file.ts";
import type { NumberedState, PartFiles } from "../io/part-files.ts";
import { type FileTarget, STDOUT, type Sink, shownBeside, stdoutSink, streamSink } from "../io/sink.ts";
import { errorCode, writeError } from "../io/write-error.ts";
import { outputCompression } from "../io/compression.ts";
import { isObjectName } from "../io/s3/object-name.ts";
import type { TextEncoding } from "../formats/text-encoding.ts";
import type { FileHashes } from "../code/loaded-files.ts";
import { type CompressionPlan, CompressingSink } from "./compressing-sink.ts";
import {
  type Checkpoint,
  type JournalEntry,
  type RunEnding,
  type RunState,
  fromEarlyWire,
  type Parts,
  partsIn,
  toEarlyWire,
} from "./checkpoint.ts";
import { sameColumns } from "../formats/columns.ts";
import type { BatchResult } from "../transform/wire.ts";
import type { RunOptions } from "../options/run-options.ts";
import { type ClaimedFile, type OutputTargets, claimFile, isCommitted, journalPlace } from "./output-targets.ts";
import type { CheckFile } from "./file-roles.ts";
import { type RunIdentity, firstDifference } from "./run-identity.ts";
import { firstChangedFile } from "./transform-files.ts";

export interface OutputParts {
  targets: OutputTargets;
  /** Undefined when the output is no file. */
  identity: RunIdentity | undefined;
  /** Why the run cannot be resumed; undefined when it can. */
  obstacle: string | undefined;
  form: OutputForm;
  /** Checks files that are only known when rows come. */
  checkFile: CheckFile;
}

/** What becomes of the output's text on its way to the file. */
export interface OutputForm {
  /** How it is compressed; undefined when it is not. */
  compression: CompressionPlan | undefined;
  /** Threads for files beside it that are compressed. */
  threads: number;
  /** Of gzip, BGZF is wanted. */
  isBgzf: boolean | undefined;
  /** Its encoding, where that is not UTF-8. */
  encoding: TextEncoding | undefined;
}

/** What the journal says of its run. */
interface JournalHeader {
  identity: RunIdentity;
  obstacle: string | undefined;
}

/**
 * Opens the outputs of a run, afresh or where an earlier one stopped.
 *
 * @throws {RowmillError} `output`, when another run writes there or has left something, or when the run to resume is
 * not this one.
 */
export async function openRunOutput(given: RunOptions, parts: OutputParts): Promise<RunOutput> {
  const { targets } = parts;
  const options = leavesNothing(targets, parts) ? { ...given, restart: true } : given;
  const { rejects } = targets;
  const of = targets.output?.path;
  // Whose output it is says more than whose rejects.
  if (targets.output !== undefined) await assertFree(journalPlace(targets.output));
  const claimed = rejects && (await claimFile(rejects, { of, restart: options.restart }));
  try {
    return await openClaimed(options, parts, claimed);
  } catch (error) {
    claimed?.lock.remove();
    throw error;
  }
}

/** Why a run is not resumed that is done again with no loss. */
export const DONE_AGAIN = "what shards have done is merged again";

/** What an earlier run has left is of no use: it would be done again as this one. */
function leavesNothing({ output }: OutputTargets, { obstacle }: OutputParts): boolean {
  if (output === undefined || obstacle !== DONE_AGAIN) return false;
  const before = Journal.read(journalPlace(output).path)?.header as JournalHeader | undefined;
  return before?.obstacle === DONE_AGAIN;
}

/** The output of a run that is a step of another one: who has asked for its rows takes them. */
export function rowsTaken(write: Sink["write"]): RunOutput {
  const sink: Sink = {
    write,
    commit: () => {},
    abandon: () => {},
  };
  const form: OutputForm = { compression: undefined, threads: 1, isBgzf: undefined, encoding: undefined };
  return new RunOutput({ output: sink, rejects: undefined, journal: undefined, lock: undefined, form });
}

/** As {@linkcode openRunOutput}, when nobody else writes the rejects. */
async function openClaimed(
  options: RunOptions,
  parts: OutputParts,
  claimed: ClaimedFile | undefined,
): Promise<RunOutput> {
  const { output, resume, restart, signal } = options;
  const { targets, identity, obstacle, form, checkFile } = parts;
  const lock = claimed?.lock;
  if (claimed?.isFree === true && targets.rejects !== undefined && !isOwnPart(targets)) {
    removeAll([targets.rejects.part], targets.rejects.path);
  }
  if (targets.output === undefined || identity === undefined) {
    // Rejects first: what keeps them from being written is to be known before rows come out.
    const rejects = await openRejects(targets, signal);
    try {
      const files = hasFiles(targets) ? await openFiles(checkFile, () => undefined) : undefined;
      if (files !== undefined && restart === true) {
        const { dropParts } = await import("../io/part-files.ts");
        dropParts(
          targets.emits.map(({ file }) => file),
          [],
        );
      }
      return new RunOutput({
        output: await openSink(output, targets, signal),
        files,
        rejects,
        journal: undefined,
        lock,
        form,
      });
    } catch (error) {
      await rejects?.abandon();
      throw error;
    }
  }
  const place = journalPlace(targets.output);
  if (restart === true) assertNothingHalfDone(options, place);
  // From here on nobody else takes over what is left, nor makes a copy of it.
  const claim = await claimPlace(place, restart === true ? leftFiles(targets) : []);
  try {
    const left = leftFiles(targets);
    // What another run has left of its rejects is not for this one to go on with.
    if (targets.rejects !== undefined && left.length === 1 && left[0] === targets.rejects.part && restart !== true) {
      throw leftOver(targets.rejects, undefined);
    }
    const found = left.length === 0 ? undefined : Journal.read(place.path);
    if (left.length > 0 && restart !== true && resume !== true) {
      const { obstacle: why } = (found?.header ?? {}) as Partial<JournalHeader>;
      throw new RowmillError("output", `a run that was cut off left ${shownLeft(targets, left).join(" and ")}`, {
        hint:
          why === undefined
            ? "--resume goes on where it stopped, --restart starts over"
            : `it cannot be resumed (${why}): --restart drops it and starts over`,
      });
    }
    const common = { claim, now: { identity, obstacle }, form, signal, lock, checkFile };
    // A journal that was only a lock says nothing of a run.
    return resume === true && found?.header !== undefined
      ? await resumeOutput(targets, targets.output, { ...common, journal: found })
      : await createOutput(targets, targets.output, { ...common, left, restart });
  } catch (error) {
    claim?.drop();
    throw error;
  }
}

/**
 * Claims the journal; nothing where its folder is still to be made.
 *
 * @param left What is to be dropped.
 */
async function claimPlace(place: JournalPlace, left: readonly string[]): Promise<Claim | undefined> {
  if (!existsSync(dirname(place.path))) return undefined;
  try {
    return await Journal.claim(place);
  } catch (error) {
    // What is to be dropped may be what fills the disk.
    if (left.length === 0 || !isFull(error)) throw error;
    removeAll(partsOf(left, place), place.output);
    return await Journal.claim(place);
  }
}

function isFull(error: unknown): boolean {
  return errorCode(Reflect.get(Object(error), "cause")) === "ENOSPC";
}

/** Without the journal, which tells of them. */
function partsOf(left: readonly string[], { path }: JournalPlace): string[] {
  return left.filter((file) => file !== path);
}

/** The sink of an output that is no file. */
async function openSink(
  output: string | undefined,
  { table }: OutputTargets,
  signal: AbortSignal | undefined,
): Promise<Sink> {
  if (table !== undefined) {
    const { TableSink } = await import("./table-sink.ts");
    return await TableSink.open(table);
  }
  if (output === undefined || output === STDOUT) return stdoutSink(signal);
  if (!isObjectName(output)) return await streamSink(output, signal);
  const { ObjectSink } = await import("../io/s3/upload.ts");
  return await ObjectSink.open(output, signal);
}

/** The part of the rejects may belong to what is to be resumed. */
function isOwnPart({ output }: OutputTargets): boolean {
  return output !== undefined && existsSync(journalPlace(output).path);
}

/** What an earlier run with the same output has left. */
function leftFiles({ output, rejects }: OutputTargets): string[] {
  if (output === undefined) return [];
  return [journalPlace(output).path, output.part, rejects?.part ?? ""].filter((file) => existsSync(file));
}

function shownLeft({ output, rejects }: OutputTargets, left: readonly string[]): string[] {
  return left.map((file) => {
    const target = file === rejects?.part ? rejects : output;
    return target === undefined ? file : shownBeside(target, file);
  });
}

/** What was transformed in place would be transformed once more. */
function assertNothingHalfDone({ inPlace }: RunOptions, { path, output }: JournalPlace): void {
  if (inPlace !== true || !isCommitted(path)) return;
  throw new RowmillError("output", `cannot start over: an earlier run has finished ${output} but for its last step`, {
    hint: "--resume does that step",
  });
}

function removeAll(files: readonly string[], output: string): void {
  try {
    for (const file of files) rmSync(file, { force: true });
  } catch (error) {
    throw writeError(error, output);
  }
}

/** What there is to know when an output is opened. */
interface OpeningOutput {
  claim: Claim | undefined;
  now: JournalHeader;
  form: OutputForm;
  signal: AbortSignal | undefined;
  lock: Journal | undefined;
  checkFile: CheckFile;
}

async function createOutput(
  targets: OutputTargets,
  target: FileTarget,
  {
    claim,
    now,
    form,
    signal,
    left,
    lock,
    checkFile,
    restart,
  }: OpeningOutput & { left: readonly string[]; restart: boolean | undefined },
): Promise<RunOutput> {
  const place = journalPlace(target);
  const recorded = (Journal.read(place.path)?.entries ?? []) as JournalEntry[];
  const old = oldParts(recorded, restart === true ? targets.emits.map(({ file }) => file) : []);
  const dropParts = old === undefined ? undefined : (await import("../io/part-files.ts")).dropParts;
  const dropLeft = (): void => {
    removeAll(partsOf(left, place), target.path);
    if (old !== undefined) dropParts?.(old.paths, old.folders);
  };
  let journal: Journal | undefined;
  const files = hasFiles(targets) ? await openFiles(checkFile, () => journal) : undefined;
  let part: PartFile | undefined;
  try {
    if (targets.split !== undefined) files?.makeFolder(targets.split.folder);
    const folders = files?.madeFolders ?? [];
    const entries: JournalEntry[] = [
      ...(old === undefined ? [] : [{ kind: "dropped" as const, ...old }]),
      ...(folders.length === 0 ? [] : [{ kind: "parts" as const, paths: [], folders }]),
    ];
    journal = await Journal.begin(place, now, { entries, claim }).catch(async (error: unknown) => {
      // What is to be dropped may be what fills the disk.
      if (left.length === 0 || !isFull(error)) throw error;
      dropLeft();
      return await Journal.begin(place, now, { entries });
    });
    // Only now is it certain that no other process is about to do the same.
    dropLeft();
    part = targets.split === undefined ? await PartFile.create(target) : undefined;
    const rejects = await openRejects(targets, signal);
    return new RunOutput({ output: part ?? NO_SINK, files, rejects, journal, lock, form });
  } catch (error) {
    part?.abandon();
    files?.abandon();
    journal?.remove();
    throw error;
  }
}

/** Whether rows go to files beside the output, or in its place. */
function hasFiles({ split, emits }: OutputTargets): boolean {
  return split !== undefined || emits.length > 0;
}

/** All files that an earlier run may have left beside its output. */
function oldParts(entries: readonly JournalEntry[], others: readonly string[]): Parts | undefined {
  const [parts, dropped] = [partsIn(entries, "parts"), partsIn(entries, "dropped")];
  const paths = [...new Set([...parts.paths, ...dropped.paths, ...others])];
  const folders = [...new Set([...parts.folders, ...dropped.folders])];
  return paths.length + folders.length === 0 ? undefined : { paths, folders };
}

/** Files whose names are known when rows come: the journal tells of them before they are made. */
async function openFiles(check: CheckFile, journal: () => Journal | undefined): Promise<PartFiles> {
  const { PartFiles: Made } = await import("../io/part-files.ts");
  const announce = (paths: readonly string[], folders: readonly string[]): void => {
    journal()?.note({ kind: "parts", paths, folders } satisfies JournalEntry);
    // After a power cut there must be no part that it does not tell of.
    journal()?.sync();
  };
  return new Made({ check, announce });
}

/** Rows go elsewhere. */
const NO_SINK: Sink = { write: (_bytes, written) => written?.(), commit: () => {}, abandon: () => {} };

async function openRejects(
  { rejectsPath, rejects }: OutputTargets,
  signal: AbortSignal | undefined,
): Promise<Sink | undefined> {
  if (rejectsPath === undefined) return undefined;
  return rejects === undefined ? await streamSink(rejectsPath, signal) : await PartFile.create(rejects);
}

/** Goes on behind the last checkpoint that what is left agrees with; at the start when there is none. */
async function resumeOutput(
  targets: OutputTargets,
  target: FileTarget,
  { journal: found, claim, now, form, signal, lock, checkFile }: OpeningOutput & { journal: JournalContent },
): Promise<RunOutput> {
  const isDead = claim?.before.isDead === true;
  const before = found.header as JournalHeader;
  if (before.obstacle !== undefined) throw cannotResume(target.path, before.obstacle);
  const difference = firstDifference(before.identity, now.identity);
  if (difference !== undefined) throw cannotResume(target.path, difference);
  const recorded = found.entries as JournalEntry[];
  const checkpoints = recorded.flatMap((entry) => (entry.kind === "checkpoint" ? [entry.checkpoint] : []));
  const lateFiles: FileHashes = {};
  for (const entry of recorded) if (entry.kind === "files") Object.assign(lateFiles, entry.files);
  const late = firstChangedFile(lateFiles);
  if (late !== undefined) throw cannotResume(target.path, `the transform's file ${late} has changed`);
  const many = partsIn(recorded);
  let journal: Journal | undefined;
  const files = hasFiles(targets) ? await openFiles(checkFile, () => journal) : undefined;
  await files?.reopen(many.paths, { folders: many.folders, isDead });
  const part = targets.split === undefined ? await reopen(target, isDead) : undefined;
  const rejects = targets.rejects === undefined ? undefined : await reopen(targets.rejects, isDead);
  const agreesInOutput = part?.verify(checkpoints.map(({ output }) => output));
  const agreeing = files === undefined ? checkpoints.length : agreeingCheckpoints(checkpoints, files);
  const agreesInRejects = rejects?.verify(checkpoints.map((checkpoint) => checkpoint.rejects ?? NOTHING));
  const at = checkpoints.findLastIndex(
    (_, index) => index < agreeing && agreesInOutput?.[index] !== false && agreesInRejects?.[index] !== false,
  );
  const last = checkpoints[at];
  const states = statesAt(checkpoints.slice(0, at + 1));
  const entries: JournalEntry[] = [{ kind: "files", files: lateFiles }];
  if (many.paths.length + many.folders.length > 0) entries.push({ kind: "parts", ...many });
  const dropped = partsIn(recorded, "dropped");
  if (dropped.paths.length > 0) entries.push({ kind: "dropped", ...dropped });
  if (last !== undefined) {
    const all = [...states].map(([file, { bytes, crc }]): NumberedState => [file, bytes, crc]);
    entries.push({ kind: "checkpoint", checkpoint: { ...last, ...(all.length > 0 && { files: all }) } });
  }
  const suspects = suspectsOf(found.entries as JournalEntry[], last);
  if (suspects !== undefined) entries.push({ kind: "begun", rows: suspects });
  const early = earlyOf(recorded, last);
  for (const result of early) entries.push({ kind: "early", result: toEarlyWire(result) });
  journal = await Journal.begin(journalPlace(target), now, { entries, claim });
  part?.rewind(last?.output ?? NOTHING);
  files?.rewind(states);
  const known = new Set(many.paths);
  // What an earlier run began to remove, and nobody has made since.
  const stale = dropped.paths.filter((path) => !known.has(path));
  if (stale.length > 0) (await import("../io/part-files.ts")).dropParts(stale, []);
  rejects?.rewind(last?.rejects ?? NOTHING);
  const outputs = {
    output: part ?? NO_SINK,
    files,
    rejects: rejects ?? (await openRejects(targets, signal)),
    journal,
    form,
  };
  return new RunOutput({ ...outputs, lock }, { checkpoint: last, suspects, early, lateFiles });
}

/** How many checkpoints, from the first, the bytes of the files beside the output agree with. */
function agreeingCheckpoints(checkpoints: readonly Checkpoint[], files: PartFiles): number {
  const found = new Map<number, { at: number; state: PartState }[]>();
  for (const [at, { files: changed = [] }] of checkpoints.entries()) {
    for (const [file, bytes, crc] of changed) {
      const states = found.get(file);
      if (states === undefined) found.set(file, [{ at, state: { bytes, crc } }]);
      else states.push({ at, state: { bytes, crc } });
    }
  }
  let end = checkpoints.length;
  for (const [file, states] of found) {
    const agreeing = files.agreesWith(
      file,
      states.map(({ state }) => state),
    );
    end = Math.min(end, states[agreeing]?.at ?? end);
  }
  return end;
}

/** How far each file beside the output had come at the last of these checkpoints. */
function statesAt(checkpoints: readonly Checkpoint[]): Map<number, PartState> {
  const states = new Map<number, PartState>();
  for (const { files = [] } of checkpoints) for (const [file, bytes, crc] of files) states.set(file, { bytes, crc });
  return states;
}

/** A checkpoint of many files comes so many times as long after the one before as that has taken. */
const FILES_PAUSE = 20;

/** How often it is looked whether the files are still this run's, while they are written. */
const LOOK_MS = 200;

const NOTHING = { bytes: 0, crc: 0 };

/**
 * A run may have been cut off before it made its part files. Where it is not certain that it has ended, what it may
 * still write must go nowhere.
 */
async function reopen(target: FileTarget, isDead: boolean): Promise<PartFile> {
  if (!existsSync(target.part)) return await PartFile.create(target);
  return isDead ? PartFile.reopen(target) : await PartFile.copy(target);
}

function cannotResume(path: string, why: string): RowmillError {
  return new RowmillError("output", `cannot resume ${path}: ${why}`, {
    hint: "--restart drops what the earlier run left and starts over",
  });
}

/** What an earlier run has left. */
interface LeftRun {
  checkpoint: Checkpoint | undefined;
  suspects: number | undefined;
  early: BatchResult[];
  lateFiles: FileHashes;
}

const NOTHING_LEFT: LeftRun = { checkpoint: undefined, suspects: undefined, early: [], lateFiles: {} };

/** So much of what comes too early is kept. */
const MAX_EARLY_BYTES = 16 * 1024 * 1024;

/** What is left of rows behind the last checkpoint, in their order. */
function earlyOf(entries: readonly JournalEntry[], last: Checkpoint | undefined): BatchResult[] {
  // Without one it is not certain how their columns are.
  if (last === undefined) return [];
  let end = last.input.rows + (last.input.done ?? 0);
  const found = entries.flatMap((entry) => (entry.kind === "early" ? [fromEarlyWire(entry.result)] : []));
  return found
    .toSorted((a, b) => a.firstRow - b.firstRow)
    .filter(({ firstRow, rowsIn, columns }) => {
      if (firstRow < end || !sameColumns(columns ?? [], last.columns ?? [])) return false;
      end = firstRow + rowsIn;
      return true;
    });
}

/** Notes of what is begun come about so often: sooner ones tell of more rows at once. */
const NOTE_MS = 100;

/** The first row that the earlier run had surely not begun; undefined where none of those before can have ended it. */
function suspectsOf(entries: readonly JournalEntry[], last: Checkpoint | undefined): number | undefined {
  if (entries.at(-1)?.kind === STOPPED.kind) return undefined;
  const begun = entries.reduce((most, entry) => (entry.kind === "begun" ? Math.max(most, entry.rows) : most), 0);
  const done = last === undefined ? 0 : last.input.rows + (last.input.done ?? 0);
  return begun > done ? begun : undefined;
}

/** The sinks of a run. With a journal the output is a part file. */
interface OpenOutputs {
  output: Sink;
  /** Those beside it, where there may be any. */
  files?: PartFiles | undefined;
  rejects: Sink | undefined;
  journal: Journal | undefined;
  /** What keeps its rejects from being written by two. */
  lock: Journal | undefined;
  form: OutputForm;
}

/** The outputs of a run. */
export class RunOutput {
  readonly #output: Sink;
  readonly #files: PartFiles | undefined;
  readonly #form: OutputForm;
  /** How long the last checkpoint of them has taken, and when it was written. */
  #filesMs = 0;
  #filesAtMs = Number.NEGATIVE_INFINITY;
  /** They are taking their names: what is left of that is to be done. */
  #isCommitting = false;
  /** What compresses on the way to it. */
  readonly #compressing: CompressingSink | undefined;
  /** What encodes before that. */
  readonly #encoding: TextEncoding | undefined;
  readonly #rejects: Sink | undefined;
  readonly #journal: Journal | undefined;
  readonly #lock: Journal | undefined;
  /** Where an earlier run stopped. */
  readonly resumed: Checkpoint | undefined;
  /** Rows before this one may have ended an earlier run. */
  readonly suspects: number;
  /** What came of rows behind others that were not done, in the order of the rows. */
  readonly early: readonly BatchResult[];
  #earlyBytes = 0;
  /** Rows before this one may have been begun, as far as the journal knows. */
  #begun = 0;
  #begunAtMs = Number.NEGATIVE_INFINITY;
  /** So many rows more are noted than are begun, so that a quick run notes some of its batches only. */
  #ahead = 0;
  /** What its transform imported late. */
  readonly lateFiles: FileHashes;
  /** The last checkpoint, while the journal does not have it. */
  #pending: Checkpoint | undefined;
  /** Later ones, up to which not all is written yet. */
  readonly #waiting: Checkpoint[] = [];
  /** The journal has a checkpoint. */
  #isResumable: boolean;
  /** When it was looked whether the files are still this run's. */
  #ownAtMs = Number.NEGATIVE_INFINITY;
  /** Rows have come out. */
  #hasWritten = false;
  /** Committed or abandoned: a batch that was just being written comes too late. */
  #isOver = false;

  constructor(
    { output, files, rejects, journal, lock, form }: OpenOutputs,
    { checkpoint, suspects, early, lateFiles }: LeftRun = NOTHING_LEFT,
  ) {
    this.#output = output;
    this.#encoding = form.encoding;
    this.#files = files;
    this.#form = form;
    // Many files are compressed one after another, at the end.
    if (output !== NO_SINK && form.compression !== undefined)
      this.#compressing = new CompressingSink(output, form.compression);
    this.#rejects = rejects;
    this.#journal = journal;
    this.#lock = lock;
    this.resumed = checkpoint;
    this.suspects = suspects ?? 0;
    this.early = early;
    this.lateFiles = lateFiles;
    this.#isResumable = checkpoint !== undefined;
  }

  /** @param written Called when the output is where it goes, or its bytes are on their way as others. */
  async write(output: Uint8Array, rejects: Uint8Array, written?: () => void): Promise<void> {
    if (rejects.length > 0 && !this.#isOver) await this.#rejects?.write(rejects);
    if (!this.#isOver) await (this.#compressing ?? this.#output).write(this.#encoded(output), written);
    if (output.length > 0 || rejects.length > 0) this.#hasWritten = true;
  }

  /** @throws {RowmillError} `output`, when a name of a column has characters for which there are no bytes. */
  #encoded(output: Uint8Array): Uint8Array {
    return this.#encoding === undefined ? output : this.#encoding.encode(output);
  }

  /** Takes away the end of the last line, where there is one, unless that is all there is of a row. All is written. */
  dropLineEnd(): void {
    const written = this.#compressing ?? (this.#output instanceof PartFile ? this.#output : undefined);
    if (written === undefined) return;
    const lineEnds = ["\r\n", "\n"].map((end) => this.#encoded(Buffer.from(end)));
    const end = lineEnds.find((bytes) => written.endsWith(bytes));
    if (end === undefined || written.endsWith(Buffer.concat([end, end])) || written.length === end.length) return;
    written.drop(end.length);
  }

  /** Where a file of notes may lie for the moment until it is open; only a run with a journal has something to note. */
  get notesPath(): string | undefined {
    return this.#journal?.notesPath;
  }

  /** What of the files that are replaced could not be kept. */
  get notices(): string[] {
    const many = this.#files?.lost ?? [];
    return [...this.#parts, ...many].flatMap(({ lost, name }) =>
      lost.length === 0
        ? []
        : [`${name} is written, but could not keep all of the file it replaced: ${lost.join(", ")}`],
    );
  }

  get #parts(): PartFile[] {
    return [this.#output, this.#rejects].filter((sink) => sink instanceof PartFile);
  }

  /** How far the file of the output has come; undefined where it is none, or compressed. */
  get state(): PartState | undefined {
    return this.#output instanceof PartFile && this.#compressing === undefined ? this.#output.state : undefined;
  }

  /** The file of the output, where others may write in it what they have made: there it stands as it is. */
  get shareable(): PartFile | undefined {
    const isPlain = this.#compressing === undefined && this.#encoding === undefined;
    return this.#output instanceof PartFile && isPlain ? this.#output : undefined;
  }

  /** Others write what is next in the output. */
  place(place: () => void): void {
    if (!this.#isOver) place();
    this.#hasWritten = true;
  }

  /** The output is complete, or not there at all. */
  get isWhole(): boolean {
    return this.#journal !== undefined || this.#output.isWhole === true;
  }

  /** What is to be said of it when it is committed. */
  get lastNotices(): readonly string[] {
    return this.#output.notices ?? [];
  }

  /** The transform has imported more files: what is written from now on may come of them. */
  noteFiles(files: FileHashes): void {
    if (!this.#isOver) this.#journal?.append({ kind: "files", files } satisfies JournalEntry);
  }

  /**
   * Rows before this one are about to be begun: that is noted, so that a later run knows which ones may have ended this one.
   */
  begin(rows: number): void {
    if (rows <= this.#begun || this.#isOver || this.#journal === undefined) return;
    const now = performance.now();
    this.#ahead = now - this.#begunAtMs < NOTE_MS ? this.#ahead * 2 + rows - this.#begun : 0;
    this.#begun = rows + this.#ahead;
    this.#begunAtMs = now;
    this.#journal.note({ kind: "begun", rows: this.#begun } satisfies JournalEntry);
  }

  /** What came of rows behind others that are not done: a later run need not run them again. Tells whether it is kept. */
  keepEarly(result: BatchResult): boolean {
    this.#earlyBytes += result.output.length + result.rejects.length;
    if (this.#isOver || this.#journal === undefined || this.#earlyBytes > MAX_EARLY_BYTES) return false;
    try {
      this.#journal.note({ kind: "early", result: toEarlyWire(result) } satisfies JournalEntry);
      return true;
    } catch (error) {
      // There is no room for it: what is in order stands.
      if (!(error instanceof RowmillError)) throw error;
      return false;
    }
  }

  /** Files beside the output, or in its place. */
  get files(): PartFiles | undefined {
    return this.#files;
  }

  /** What was written so far belongs to this state. */
  checkpoint(state: RunState): Promise<void> | void {
    // What compresses holds back what was written last.
    if (this.#isOver || this.#journal === undefined || this.#compressing !== undefined) return;
    if (!(this.#output instanceof PartFile) && this.#output !== NO_SINK) return;
    this.#assertOwnNow();
    this.#files?.point();
    this.#waiting.push({
      ...state,
      output: this.#output instanceof PartFile ? this.#output.state : NOTHING,
      rejects: this.#rejects instanceof PartFile ? this.#rejects.state : undefined,
    });
    this.#takeWritten();
    if (!this.#journal.isDue) return;
    if (this.#files === undefined || this.#files.all.length === 0) {
      this.#record(this.#journal);
    } else if (performance.now() - this.#filesAtMs >= this.#filesMs * FILES_PAUSE) {
      return this.#recordFiles(this.#journal, this.#files);
    }
  }

  /** The last state up to which all is written is the one that the journal is to tell. */
  #takeWritten(): void {
    const written = this.#output instanceof PartFile ? this.#output.written : 0;
    while (this.#waiting[0] !== undefined && this.#waiting[0].output.bytes <= written)
      this.#pending = this.#waiting.shift();
  }

  /** What waits in memory is in the files before the journal tells of it. */
  async #recordFiles(journal: Journal, files: PartFiles): Promise<void> {
    const begun = performance.now();
    await files.flush();
    this.#record(journal);
    this.#filesAtMs = performance.now();
    this.#filesMs = this.#filesAtMs - begun;
  }

  /**
   * All is written: make it stand. `check` may object when everything is on the disk. The journal stays until the run is
   * {@linkcode RunOutput.release | released}.
   */
  async commit(ending: RunEnding, check: () => Promise<void>): Promise<void> {
    this.#isOver = true;
    await this.#compressing?.finish();
    await this.#files?.flush();
    await this.#files?.pack((to, path) => new CompressingSink(to, this.#packingOf(path)));
    if (this.#journal === undefined) {
      if (this.#output.isWhole === true) await check();
      await this.#output.commit();
      this.#lock?.assertOwn();
      await this.#rejects?.commit();
      this.#files?.commit();
      this.#lock?.remove();
      return;
    }
    for (const part of this.#parts) part.sync();
    await this.#files?.sync();
    await check();
    this.#assertOwn();
    this.#files?.assertOwn();
    this.#files?.dropEmpty();
    const rejects = this.#rejects instanceof PartFile ? this.#rejects.state : undefined;
    this.#journal.append({ kind: "commit", ...ending, rejects } satisfies JournalEntry);
    this.#journal.sync();
    this.#assertOwn();
    this.#isCommitting = this.#files !== undefined && this.#files.all.length > 0;
    await this.#rejects?.commit();
    await this.#output.commit();
    this.#files?.commit();
    this.#lock?.remove();
  }

  #packingOf(path: string): CompressionPlan {
    const { threads, isBgzf } = this.#form;
    return { compression: outputCompression(path, isBgzf) ?? "gzip", threads };
  }

  /** @throws {RowmillError} `taken-over`, when another run has put its own files in their place. */
  #assertOwn(): void {
    this.#journal?.assertOwn();
    this.#lock?.assertOwn();
    for (const part of this.#parts) part.assertOwn();
  }

  /** As often as it is worth while: the last time, before the commit, is the one that counts. */
  #assertOwnNow(): void {
    const now = performance.now();
    if (now - this.#ownAtMs < LOOK_MS) return;
    this.#ownAtMs = now;
    this.#assertOwn();
  }

  /** What belongs to a committed run was done: there is nothing to go on with. */
  release(): void {
    this.#journal?.remove();
  }

  /** The run failed. With `keeps`, what is needed to go on stays; tells whether it does. */
  async abandon(keeps: boolean): Promise<boolean> {
    this.#isOver = true;
    if (this.#journal === undefined) {
      try {
        const { isWhole = false } = this.#output;
        if (isWhole) this.#compressing?.stop();
        else await this.#compressing?.settle();
        await this.#output.abandon();
        this.#files?.abandon();
        // They belong to rows that have come out; where none have, the old ones stand.
        if (!this.#hasWritten || isWhole) await this.#rejects?.abandon();
        else if (this.#lock?.isOwn !== false) await this.#rejects?.commit();
      } finally {
        this.#lock?.remove();
      }
      return false;
    }
    this.#compressing?.stop();
    if (!this.#isCommitting && !(keeps && (await this.#keep(this.#journal)))) {
      await this.#output.abandon();
      await this.#rejects?.abandon();
      this.#lock?.remove();
      this.#journal.remove();
      this.#files?.abandon();
      return false;
    }
    this.#files?.close();
    for (const part of [this.#output, this.#rejects]) {
      if (part instanceof PartFile) part.close();
      else await part?.abandon();
    }
    this.#lock?.remove();
    this.#journal.close();
    return true;
  }

  /** Brings the journal up to date, as far as the disk allows; tells whether it has a checkpoint. */
  async #keep(journal: Journal): Promise<boolean> {
    try {
      this.#takeWritten();
      if (this.#pending !== undefined) await this.#files?.flush();
      this.#record(journal);
      journal.stop();
    } catch (error) {
      // The checkpoints before it stand.
      if (!(error instanceof RowmillError)) throw error;
    }
    return this.#isResumable;
  }

  #record(journal: Journal): void {
    if (this.#pending === undefined) return;
    const changed = this.#files?.changedStates() ?? [];
    const checkpoint = { ...this.#pending, ...(changed.length > 0 && { files: changed }) };
    journal.append({ kind: "checkpoint", checkpoint } satisfies JournalEntry);
    this.#files?.told();
    this.#pending = undefined;
    this.#isResumable = true;
  }
}
