/** Where a run writes: its output, its rejects, and the journal beside the output. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { Journal, type JournalPlace, assertFree } from "../io/journal.ts";
import { renamePart } from "../io/part-file.ts";
import { type FileTarget, STDOUT, fileTarget } from "../io/sink.ts";
import type { JournalEntry, RunEnding } from "./checkpoint.ts";
import type { RunOptions } from "./options.ts";

/** Where the results of a run go, and its rejects. */
export interface OutputTargets {
  /** Undefined for standard output, a device or a FIFO. */
  output: FileTarget | undefined;
  /** Path of the rejects file; undefined when there is none. */
  rejectsPath: string | undefined;
  rejects: FileTarget | undefined;
}

/**
 * Finds out where a run writes.
 *
 * @throws {RowmillError} `output`, when one of them cannot be a file.
 * @throws {UsageError} When the rejects have no place.
 */
export function outputTargets({ output, onError, rejects }: RunOptions): OutputTargets {
  const target = output === undefined || output === STDOUT ? undefined : fileTarget(output);
  if (onError !== "reject") return { output: target, rejectsPath: undefined, rejects: undefined };
  if (rejects === undefined && target === undefined) {
    throw new UsageError("there is no place for the rejects", "name a file: --rejects FILE");
  }
  const rejectsPath = rejects ?? `${output}.rejects.jsonl`;
  return { output: target, rejectsPath, rejects: fileTarget(rejectsPath) };
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
  const { path } = journalPlace(targets.output);
  const journal = Journal.read(path);
  const last = journal?.entries.at(-1) as JournalEntry | undefined;
  if (journal === undefined || last?.kind !== "commit") return undefined;
  await assertFree(path);
  for (const file of [targets.rejects, targets.output]) {
    if (file !== undefined && existsSync(file.part)) renamePart(file);
  }
  return { ending: last, release: () => Journal.removeLeft(path, journal) };
}

/** Whether the run of a journal is done but for the renaming. */
export function isCommitted(path: string): boolean {
  const last = Journal.read(path)?.entries.at(-1) as JournalEntry | undefined;
  return last?.kind === "commit";
}

/** The journal of an output, beside it. */
export function journalPlace({ target, path }: FileTarget): JournalPlace {
  return { path: join(dirname(target), `${basename(target)}.journal`), output: path };
}
