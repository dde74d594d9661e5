/** Looks at the rows of inputs, in parallel, and says what they hold: `rowmill schema`, `rowmill info`. */
import { mergeObjects } from "../stages/profile/merge-profiles.ts";
import { MAX_KEYS, type ObjectProfile, emptyProfile } from "../stages/profile/profile.ts";
import type { RowsProfile } from "../stages/profile/row-profiler.ts";
import type { FoundDelimiter } from "./delimiter.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { InputPlan } from "./options.ts";
import { REAL_PARTS } from "./prepare.ts";
import type { RowSource } from "./row-source.ts";
import { runWith } from "./run.ts";
import type { RunSummary } from "./summary.ts";

/** What inputs are, and what was seen in their rows. */
export interface SeenRows {
  input: InputPlan;
  /** How the delimiter was found; undefined where it was given, or there is none. */
  foundDelimiter: FoundDelimiter | undefined;
  /** As `TextDecoder` calls it; undefined when all inputs are empty. */
  encoding: string | undefined;
  shape: RowSource["shape"];
  /** Column names, for formats that have a header. */
  columns: string[] | undefined;
  rows: ObjectProfile;
  /** The first rows. */
  head: Record<string, unknown>[];
  summary: RunSummary;
  /** No row is behind those that were looked at. */
  isWhole: boolean;
}

/**
 * Looks at rows: all, or the first of them.
 *
 * @throws {UsageError} If the options are wrong.
 * @throws {RowmillError} If the input cannot be read; a row that is no row as well, unless `onError` says otherwise.
 */
export async function profileRows(options: RunOptions): Promise<SeenRows> {
  let opened: { source: RowSource; input: InputPlan } | undefined;
  let profiles: readonly RowsProfile[] = [];
  const profiling = {
    opened: (prepared: { source: RowSource; input: InputPlan }): void => void (opened = prepared),
    seen: (seen: readonly RowsProfile[]): void => void (profiles = seen),
  };
  // No row comes out: of JSON lines that is nothing at all.
  const summary = await runWith({ ...options, to: "jsonl" }, { ...REAL_PARTS, profiling });
  if (opened === undefined) throw new Error("the run has ended without an input");
  const { source, input } = opened;
  return {
    input: { ...input, dialect: source.dialect },
    foundDelimiter: source.foundDelimiter,
    encoding: source.encoding,
    shape: source.shape,
    columns: source.columns,
    rows: allRows(profiles, source.columns ?? []),
    head: profiles
      .flatMap(({ head }) => head)
      .toSorted((a, b) => a.index - b.index)
      .map(({ row }) => row),
    summary,
    isWhole: options.first === undefined || source.rows < options.first,
  };
}

/** One profile of all rows; the columns stand in it in their order, also without a row. */
function allRows(profiles: readonly RowsProfile[], columns: readonly string[]): ObjectProfile {
  const all: ObjectProfile = { count: 0, keys: new Map(), values: undefined };
  for (const [at, name] of columns.entries()) all.keys.set(name, { profile: emptyProfile(), first: { row: -1, at } });
  for (const { rows } of profiles) mergeObjects(all, rows, columns.length === 0 ? MAX_KEYS : Number.POSITIVE_INFINITY);
  return all;
}
