/** Where a run writes: its output, its rejects, and the journal beside the output. */
import { existsSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import { STDIN } from "../io/files.ts";
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
 * @throws {UsageError} When the rejects have no place, or one that is taken.
 */
export function outputTargets(options: RunOptions): OutputTargets {
  const { output, onError, rejects, inputs } = options;
  const target = output === undefined || output === STDOUT ? undefined : fileTarget(output);
  if (onError !== "reject") return { output: target, rejectsPath: undefined, rejects: undefined };
  if (rejects === undefined && target === undefined) {
    throw new UsageError("there is no place for the rejects", "name a file: --rejects FILE");
  }
  const rejectsPath = rejects ?? `${output}.rejects.jsonl`;
  const file = fileTarget(rejectsPath);
  const others = [target, ...(inputs ?? []).map((name) => (name === STDIN ? undefined : fileTarget(name)))];
  if (file !== undefined && others.some((other) => other !== undefined && isSameFile(other, file))) {
    throw new UsageError(`${rejectsPath} is an input or the output as well`, "name another file for the rejects");
  }
  return { output: target, rejectsPath, rejects: file };
}

/** A run that had finished but for the renaming, and is finished now. */
export interface FinishedCommit {
  ending: RunEnding;
  /** Removes its journal: what belongs to the run was done. */
  release: () => void;
}

/** Finishes what an earlier run with the same output had left to rename; undefined when there is no such run. */
export function finishCommit(targets: OutputTargets): FinishedCommit | undefined {
  if (targets.output === undefined) return undefined;
  const { path } = journalPlace(targets.output);
  const last = Journal.read(path)?.entries.at(-1) as JournalEntry | undefined;
  if (last?.kind !== "commit") return undefined;
  assertFree(path);
  for (const file of [targets.rejects, targets.output]) {
    if (file !== undefined && existsSync(file.part)) renamePart(file);
  }
  return { ending: last, release: () => rmSync(path) };
}

function isSameFile(one: FileTarget, other: FileTarget): boolean {
  return resolve(one.target) === resolve(other.target);
}

/** The journal of an output, beside it. */
export function journalPlace({ target, path }: FileTarget): JournalPlace {
  return { path: join(dirname(target), `${basename(target)}.journal`), output: path };
}
