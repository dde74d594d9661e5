/** One of the two inputs of a diff: what its columns are, and how its rows are looked at. */
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { RowmillError, withDetails } from "../../errors.ts";
import { unlessRefused } from "../../io/file-identity.ts";
import { STDIN, fileOf, shownName } from "../../io/files.ts";
import { placed } from "../../io/start-folder.ts";
import { writeError } from "../../io/write-error.ts";
import type { RunOptions } from "../../options/run-options.ts";
import type { AskedOfRows } from "../../stages/digest/digest-stage.ts";
import { inputPlan } from "../options.ts";
import { REAL_PARTS, type RunParts } from "../prepare.ts";
import { RowSource } from "../row-source.ts";
import { runWith } from "../run.ts";
import type { RunSummary } from "../summary.ts";
import { expandInput } from "../expand-inputs.ts";

/** What is known of an input before its rows are looked at. */
export interface DiffInput {
  /** As it was named. */
  name: string;
  /** The file that is read: a stream is copied to one first, as it is read more than once. */
  path: string;
  /** Its columns, where it has a header and anything in it. */
  columns: readonly string[] | undefined;
  /** Each of its rows has keys of its own. */
  hasKeys: boolean;
  /** Its values have types of their own. */
  isTyped: boolean;
  /** The format in which its rows would be written. */
  format: string;
}

/** Opens an input for a look at its header; what is no file is copied to the folder. */
export async function openDiffInput(
  name: string,
  options: RunOptions,
  { folder, as }: { folder: string; as: string },
): Promise<DiffInput> {
  const path = isStream(name) ? await copied(name, join(folder, as), options.signal) : await expandInput(name);
  return await named({ name, path }, async () => {
    const { httpHeader } = options;
    const source = new RowSource([path], inputPlan({ ...options, inputs: [path] }), { httpHeader });
    try {
      await source.open();
      const { traits } = source;
      const hasKeys = traits.columns === "keys" || (traits.columns === "schema" && source.columns === undefined);
      const { format } = source.plan;
      return { name, path, columns: source.columns, hasKeys, isTyped: traits.values === "typed", format };
    } finally {
      source.close();
    }
  });
}

/** Looks at all rows of an input, in parallel; their parts are taken in order. */
export async function lookAtRows(
  { name, path }: Pick<DiffInput, "name" | "path">,
  options: RunOptions,
  { asked, take, parts, watch = unwatched }: LookParts,
): Promise<RunSummary> {
  const profiling = { asked, opened: () => {}, take };
  const own = { ...(await partsFor(parts, [path])), profiling };
  return await named({ name, path }, () => watch({ ...options, inputs: [path] }, (given) => runWith(given, own)));
}

/** Does a run, and shows how far it has come. */
export type WatchRun = (options: RunOptions, run: (options: RunOptions) => Promise<RunSummary>) => Promise<RunSummary>;

const unwatched: WatchRun = async (options, run) => await run(options);

interface LookParts {
  asked: AskedOfRows;
  /** Takes the parts of the rows, in their order. */
  take: (part: Uint8Array) => void;
  parts: RunParts;
  watch?: WatchRun | undefined;
}

/** What a run over these files is made of: short ones need no threads. */
export async function partsFor(parts: RunParts, inputs: string[]): Promise<RunParts> {
  if (parts !== REAL_PARTS) return parts;
  const { SHORT_PARTS, isShortRun } = await import("../run-thread.ts");
  return isShortRun({ inputs }) ? SHORT_PARTS : parts;
}

/** Has errors speak of an input by the name that it was given. */
async function named<Result>(
  { name, path }: Pick<DiffInput, "name" | "path">,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (name === path || !(error instanceof RowmillError) || error.place?.file !== path) throw error;
    throw withDetails(error, { place: { ...error.place, file: name } });
  }
}

/** Whether an input can be read once only. */
function isStream(name: string): boolean {
  if (name === STDIN) return true;
  if (fileOf(name) !== name) return false;
  // What is not there, whoever opens it says.
  const found = unlessRefused(() => statSync(placed(name), { throwIfNoEntry: false }));
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function copied(name: string, path: string, signal: AbortSignal | undefined): Promise<string> {
  const stream = name === STDIN ? Bun.stdin.stream() : Bun.file(placed(name)).stream();
  const fd = openSync(path, "wx", 0o600);
  try {
    for await (const bytes of stream) {
      signal?.throwIfAborted();
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      } catch (error) {
        throw writeError(error, `a copy of ${shownName(name)}: ${path}`);
      }
    }
  } finally {
    closeSync(fd);
  }
  return path;
}
