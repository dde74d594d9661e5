/**
 * What a run leaves behind: the output, the rejects file and, beside an output that is a file, the journal. They are
 * committed together: until then the old files stand, and behind a checkpoint a later run can go on.
 */
import { existsSync, rmSync } from "node:fs";
import { RowmillError } from "../errors.ts";
import { Journal, type JournalContent, assertFree } from "../io/journal.ts";
import { PartFile } from "../io/part-file.ts";
import { type FileTarget, STDOUT, type Sink, stdoutSink, streamSink } from "../io/sink.ts";
import { writeError } from "../io/write-error.ts";
import type { Checkpoint, JournalEntry, RunEnding, RunState } from "./checkpoint.ts";
import type { RunOptions } from "./options.ts";
import { type OutputTargets, journalPlace } from "./output-targets.ts";
import { type RunIdentity, firstDifference } from "./run-identity.ts";

export interface OutputParts {
  targets: OutputTargets;
  /** Undefined when the output is no file. */
  identity: RunIdentity | undefined;
  /** Why the run cannot be resumed; undefined when it can. */
  obstacle: string | undefined;
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
export function openRunOutput({ output, resume, restart }: RunOptions, parts: OutputParts): RunOutput {
  const { targets, identity, obstacle } = parts;
  if (targets.output === undefined || identity === undefined) {
    const sink = output === undefined || output === STDOUT ? stdoutSink() : streamSink(output);
    return new RunOutput({ output: sink, rejects: openRejects(targets), journal: undefined });
  }
  const path = journalPlace(targets.output).path;
  assertFree(path);
  const left = [path, targets.output.part, targets.rejects?.part ?? ""].filter((file) => existsSync(file));
  const journal = resume === true ? Journal.read(path) : undefined;
  if (journal !== undefined) return resumeOutput(targets, targets.output, { journal, now: { identity, obstacle } });
  if (restart === true || resume === true) {
    removeAll(left, targets.output.path);
  } else if (left.length > 0) {
    throw new RowmillError("output", `a run that was cut off left ${left.join(" and ")}`, {
      hint: "--resume goes on where it stopped, --restart starts over",
    });
  }
  return createOutput(targets, targets.output, { identity, obstacle });
}

function removeAll(files: readonly string[], output: string): void {
  try {
    for (const file of files) rmSync(file);
  } catch (error) {
    throw writeError(error, output);
  }
}

function createOutput(targets: OutputTargets, target: FileTarget, header: JournalHeader): RunOutput {
  const journal = Journal.begin(journalPlace(target), header, []);
  let part: PartFile | undefined;
  try {
    part = PartFile.create(target);
    return new RunOutput({ output: part, rejects: openRejects(targets), journal });
  } catch (error) {
    part?.abandon();
    journal.remove();
    throw error;
  }
}

function openRejects({ rejectsPath, rejects }: OutputTargets): Sink | undefined {
  if (rejectsPath === undefined) return undefined;
  return rejects === undefined ? streamSink(rejectsPath) : PartFile.create(rejects);
}

/** Goes on behind the last checkpoint that what is left agrees with; at the start when there is none. */
function resumeOutput(
  targets: OutputTargets,
  target: FileTarget,
  { journal: found, now }: { journal: JournalContent; now: JournalHeader },
): RunOutput {
  const before = found.header as JournalHeader;
  if (before.obstacle !== undefined) throw cannotResume(target.path, before.obstacle);
  const difference = firstDifference(before.identity, now.identity);
  if (difference !== undefined) throw cannotResume(target.path, difference);
  const checkpoints = (found.entries as JournalEntry[]).flatMap((entry) =>
    entry.kind === "checkpoint" ? [entry.checkpoint] : [],
  );
  const part = reopen(target);
  const rejects = targets.rejects === undefined ? undefined : reopen(targets.rejects);
  const agreesInOutput = part.verify(checkpoints.map(({ output }) => output));
  const agreesInRejects = rejects?.verify(checkpoints.map((checkpoint) => checkpoint.rejects ?? NOTHING));
  const last = checkpoints.findLast((_, at) => agreesInOutput[at] === true && agreesInRejects?.[at] !== false);
  const entries = last === undefined ? [] : [{ kind: "checkpoint", checkpoint: last } satisfies JournalEntry];
  const journal = Journal.begin(journalPlace(target), now, entries);
  // Only now is it certain that no other process is about to do the same.
  part.rewind(last?.output ?? NOTHING);
  rejects?.rewind(last?.rejects ?? NOTHING);
  return new RunOutput({ output: part, rejects: rejects ?? openRejects(targets), journal }, last);
}

const NOTHING = { bytes: 0, crc: 0 };

/** A run may have been cut off before it made its part files. */
function reopen(target: FileTarget): PartFile {
  return existsSync(target.part) ? PartFile.reopen(target) : PartFile.create(target);
}

function cannotResume(path: string, why: string): RowmillError {
  return new RowmillError("output", `cannot resume ${path}: ${why}`, {
    hint: "--restart drops what the earlier run left and starts over",
  });
}

/** The sinks of a run. With a journal the output is a part file. */
interface OpenOutputs {
  output: Sink;
  rejects: Sink | undefined;
  journal: Journal | undefined;
}

/** The outputs of a run. */
export class RunOutput {
  readonly #output: Sink;
  readonly #rejects: Sink | undefined;
  readonly #journal: Journal | undefined;
  /** Where an earlier run stopped. */
  readonly resumed: Checkpoint | undefined;
  /** The last checkpoint, while the journal does not have it. */
  #pending: Checkpoint | undefined;
  /** The journal has a checkpoint. */
  #isResumable: boolean;
  /** Committed or abandoned: a batch that was just being written comes too late. */
  #isOver = false;

  constructor({ output, rejects, journal }: OpenOutputs, resumed?: Checkpoint) {
    this.#output = output;
    this.#rejects = rejects;
    this.#journal = journal;
    this.resumed = resumed;
    this.#isResumable = resumed !== undefined;
  }

  async write(output: Uint8Array, rejects: Uint8Array): Promise<void> {
    if (rejects.length > 0 && !this.#isOver) await this.#rejects?.write(rejects);
    if (!this.#isOver) await this.#output.write(output);
  }

  /** The output is a file, complete or not there at all. */
  get isFile(): boolean {
    return this.#journal !== undefined;
  }

  /** What was written so far belongs to this state. */
  checkpoint(state: RunState): void {
    if (this.#isOver || this.#journal === undefined || !(this.#output instanceof PartFile)) return;
    this.#pending = {
      ...state,
      output: this.#output.state,
      rejects: this.#rejects instanceof PartFile ? this.#rejects.state : undefined,
    };
    if (this.#journal.isDue) this.#record(this.#journal);
  }

  /**
   * All is written: make it stand. `check` may object when everything is on the disk. The journal stays until the run is
   * {@linkcode RunOutput.release | released}.
   */
  async commit(ending: RunEnding, check: () => void): Promise<void> {
    this.#isOver = true;
    if (this.#journal === undefined) {
      await this.#output.commit();
      await this.#rejects?.commit();
      return;
    }
    for (const part of [this.#output, this.#rejects]) if (part instanceof PartFile) part.sync();
    check();
    this.#journal.append({ kind: "commit", ...ending } satisfies JournalEntry);
    this.#journal.sync();
    await this.#rejects?.commit();
    await this.#output.commit();
  }

  /** What belongs to a committed run was done: there is nothing to go on with. */
  release(): void {
    this.#journal?.remove();
  }

  /** The run failed. With `keeps`, what is needed to go on stays; tells whether it does. */
  async abandon(keeps: boolean): Promise<boolean> {
    this.#isOver = true;
    if (this.#journal === undefined) {
      await this.#output.abandon();
      // They belong to rows that have come out.
      await this.#rejects?.commit();
      return false;
    }
    if (!keeps || !this.#keep(this.#journal)) {
      await this.#output.abandon();
      await this.#rejects?.abandon();
      this.#journal.remove();
      return false;
    }
    for (const part of [this.#output, this.#rejects]) {
      if (part instanceof PartFile) part.close();
      else await part?.abandon();
    }
    this.#journal.close();
    return true;
  }

  /** Brings the journal up to date, as far as the disk allows; tells whether it has a checkpoint. */
  #keep(journal: Journal): boolean {
    try {
      this.#record(journal);
    } catch (error) {
      // The checkpoints before it stand.
      if (!(error instanceof RowmillError)) throw error;
    }
    return this.#isResumable;
  }

  #record(journal: Journal): void {
    if (this.#pending === undefined) return;
    journal.append({ kind: "checkpoint", checkpoint: this.#pending } satisfies JournalEntry);
    this.#pending = undefined;
    this.#isResumable = true;
  }
}
