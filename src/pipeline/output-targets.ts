/** Where a run writes: its output, its rejects, its summary, its metrics, its page, and the journal beside each. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RowmillError, UsageError } from "../errors.ts";
import { Journal, type JournalPlace, assertFree } from "../io/journal.ts";
import { PartFile, type PartState, leftOver, renamePart } from "../io/part-file.ts";
import { type FileTarget, STDOUT, fileTarget, shownBeside, statTarget } from "../io/sink.ts";
import { isRemote, shownName } from "../io/files.ts";
import { isObjectName } from "../io/s3/object-name.ts";
import { type JournalEntry, type RunEnding, partsIn } from "./checkpoint.ts";
import { placed } from "../io/start-folder.ts";
import { emitFilesOf } from "./options.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { SplitTemplate } from "../options/split-template.ts";
import { writerOf } from "../formats/registry.ts";
import type { AskedTable } from "../databases/table.ts";
import { askedTable } from "./asked-table.ts";

/** Where the results of a run go, and its rejects. */
export interface OutputTargets {
  /** Undefined for standard output, a device or a FIFO. */
  output: FileTarget | undefined;
  /** Path of the rejects file; undefined when there is none. */
  rejectsPath: string | undefined;
  rejects: FileTarget | undefined;
  summary: FileTarget | undefined;
  metrics: FileTarget | undefined;
  report: FileTarget | undefined;
  /** Rows go to many files: `output` stands for all of them, and is none. */
  split?: SplitTemplate | undefined;
  /** Rows go to a table of a database, and `output` is undefined. */
  table?: AskedTable | undefined;
  /** Files for emitted rows. */
  emits: { name: string; file: string; target: FileTarget }[];
}

/**
 * Finds out where a run writes.
 *
 * @param split Where rows go to many files.
 * @throws {RowmillError} `output`, when one of them cannot be a file.
 * @throws {UsageError} When the rejects have no place.
 */
export function outputTargets(options: RunOptions, split?: SplitTemplate): OutputTargets {
  const { output, onError, rejects, emit = {}, summary: log, metrics: figures, report: page } = options;
  const table = askedTable(options);
  if (table !== undefined) checkTable(table, split);
  else checkNoTable(options);
  const target = table !== undefined ? undefined : split === undefined ? singleTarget(output) : templateTarget(split);
  const summary = log === undefined ? undefined : ownTarget(log);
  const metrics = figures === undefined ? undefined : ownTarget(figures);
  const report = page === undefined ? undefined : ownTarget(page);
  const emits = emitFilesOf({ emit }).map(({ name, file }) => ({ name, file, target: emitTarget(name, file) }));
  const others = { output: target, summary, metrics, report, split, emits, table };
  if (onError !== "reject") return { ...others, rejectsPath: undefined, rejects: undefined };
  if (rejects === undefined && (target === undefined || split !== undefined)) {
    throw new UsageError("there is no place for the rejects", "name a file: --rejects FILE");
  }
  const rejectsPath = rejects ?? `${output}.rejects.jsonl`;
  return { ...others, rejectsPath, rejects: ownTarget(rejectsPath) };
}

function emitTarget(name: string, file: string): FileTarget {
  if (askedTable({ output: file }) !== undefined) {
    throw new UsageError(`--emit ${name}=${file}: rows are emitted to files, and not to tables`, "write a file: .csv");
  }
  const target = file === STDOUT ? undefined : ownTarget(file);
  if (target !== undefined) return target;
  throw new UsageError(`--emit ${name}=${file} is no file`, `name a file: --emit ${name}=${name}.csv`);
}

/** @throws {UsageError} When it does not say which table, or rows would go to several. */
function checkTable({ kind, name, table }: AskedTable, split: SplitTemplate | undefined): void {
  if (split !== undefined) {
    throw new UsageError(
      `--split-by writes files, and ${shownName(name)} is a table of a database`,
      "write all rows to one table; or a run for each value: --filter",
    );
  }
  if (table !== "") return;
  throw new UsageError(
    `cannot write ${shownName(name)}: it does not say to which table`,
    `name one: -o ${EXAMPLES[kind] ?? "DATABASE#TABLE"}`,
  );
}

const EXAMPLES: Readonly<Record<string, string>> = {
  sqlite: "app.db#TABLE",
  postgres: "'postgres://USER@HOST/DATABASE#TABLE'",
};

/** @throws {UsageError} When standard output is to be a table of a database. */
export function checkStdout({ to, output = STDOUT }: RunOptions): void {
  if (to === undefined || output !== STDOUT || writerOf(to).isDatabase !== true) return;
  throw new UsageError(
    `--to ${to} writes to a table, and not to standard output`,
    `name one: -o ${EXAMPLES[to] ?? "DATABASE#TABLE"}`,
  );
}

function checkNoTable({ replace, onConflict, output = STDOUT }: RunOptions): void {
  const flag = replace === true ? "--replace" : onConflict === undefined ? undefined : "--on-conflict";
  if (flag === undefined) return;
  throw new UsageError(
    `${flag} is for tables of a database, and ${output === STDOUT ? "standard output" : output} is none`,
    "name a table: -o app.db#TABLE",
  );
}

function singleTarget(output: string | undefined): FileTarget | undefined {
  return output === undefined || output === STDOUT || isObjectName(output) ? undefined : ownTarget(output);
}

/** What stands for many files: their journal lies beside it. */
function templateTarget({ text, folder, name }: SplitTemplate): FileTarget {
  if (isRemote(text)) {
    throw new RowmillError("output", `cannot write ${shownName(text)}: --split-by writes files`, {
      hint: "split into a folder, and copy that: aws s3 cp --recursive",
    });
  }
  if (statTarget(folder)?.isDirectory() === false) {
    throw new RowmillError("output", `cannot write ${text}: ${folder} is no folder`, { hint: "check the path" });
  }
  const target = join(placed(folder), name);
  return { path: text, target, part: `${target}.part`, replaced: undefined };
}

/** A file that is not on the way to become the output of another run. */
function ownTarget(path: string): FileTarget | undefined {
  if (isRemote(path)) {
    throw new RowmillError("output", `cannot write ${shownName(path)}: it is no file`, {
      hint: isObjectName(path) ? "an object can be the output, -o, and nothing else" : "write a file, and send that",
    });
  }
  const file = fileTarget(path);
  const [, other] = /^(.+)\.(?:part|journal)(?:\.new)?$/.exec(file?.target ?? "") ?? [];
  if (other === undefined || Journal.read(`${other}.journal`) === undefined) return file;
  const name = basename(other);
  throw new RowmillError("output", `cannot write ${path}: it belongs to a run that writes ${name}, or was cut off`, {
    hint: "name another file",
  });
}

/** The journals that say who writes there. */
export function journalPlaces({ output, rejects, summary, metrics, report }: OutputTargets): JournalPlace[] {
  return [output, rejects, summary, metrics, report].filter((target) => target !== undefined).map(journalPlace);
}

/**
 * Claims a file that has no journal of its own, before anything is written beside it: its journal says nothing but who
 * writes there.
 *
 * @param of The output that the run of the file belongs to, where that can be resumed.
 * @throws {OwnedError} When another run does.
 * @throws {RowmillError} `output`, when it is what another run has left of its output.
 */
export async function claimFile(
  target: FileTarget,
  { of, restart = false }: { of?: string | undefined; restart?: boolean | undefined },
): Promise<ClaimedFile> {
  const place = journalPlace(target);
  await assertFree(place);
  const left = Journal.read(place.path);
  if (left?.header !== undefined && !restart) throw leftOver(target, undefined);
  // That of a run which could not have been resumed is of no use.
  const isUseless = left !== undefined && left.entries.length === 0;
  const entries = of === undefined ? [] : [{ kind: "beside", output: of } satisfies JournalEntry];
  return { lock: await Journal.begin(place, undefined, { entries }), isFree: isUseless || restart };
}

/** A file that nobody else writes. */
export interface ClaimedFile {
  lock: Journal;
  /** A part that lies beside it is to be dropped. */
  isFree: boolean;
}

/** A run that had finished but for the renaming, and is finished now. */
export interface FinishedCommit {
  ending: RunEnding;
  /** Removes its journal: what belongs to the run was done. */
  release: () => void;
}

/** Finishes what an earlier run with the same output had left to rename; undefined when there is no such run. */
export async function finishCommit(targets: OutputTargets): Promise<FinishedCommit | undefined> {
  if (targets.output === undefined) return undefined;
  const place = journalPlace(targets.output);
  const { path } = place;
  const journal = Journal.read(path);
  const last = journal?.entries.at(-1) as JournalEntry | undefined;
  if (journal === undefined || last?.kind !== "commit") return undefined;
  await assertFree(place);
  if (targets.rejects !== undefined) await finishRejects(targets.rejects, targets.output.path, last.rejects);
  if (existsSync(targets.output.part)) renamePart(targets.output);
  const { paths } = partsIn(journal.entries as JournalEntry[]);
  if (paths.length > 0) {
    const { finishParts } = await import("../io/part-files.ts");
    finishParts(paths);
  }
  return { ending: last, release: () => Journal.removeLeft(path, journal) };
}

/** They may be written by another run by now, with an output of its own. */
async function finishRejects(rejects: FileTarget, of: string, state: PartState | undefined): Promise<void> {
  const { lock } = await claimFile(rejects, { of });
  try {
    if (state !== undefined && existsSync(rejects.part)) renameRejects(rejects, state);
  } finally {
    lock.remove();
  }
}

function renameRejects(rejects: FileTarget, state: PartState): void {
  const part = PartFile.reopen(rejects);
  const [isWhole] = part.verify([state]);
  part.close();
  if (isWhole !== true) {
    const name = shownBeside(rejects, rejects.part);
    throw new RowmillError("output", `cannot finish ${rejects.path}: ${name} is another run's`, {
      hint: `move ${name} away, and what is left is finished without it`,
    });
  }
  renamePart(rejects);
}

/** Whether the run of a journal is done but for the renaming. */
export function isCommitted(path: string): boolean {
  const last = Journal.read(path)?.entries.at(-1) as JournalEntry | undefined;
  return last?.kind === "commit";
}

/** The journal of an output, beside it. */
export function journalPlace(file: FileTarget): JournalPlace {
  const path = join(dirname(file.target), `${basename(file.target)}.journal`);
  return { path, shown: shownBeside(file, path), output: file.path };
}
