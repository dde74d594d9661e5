/** Looks at the rows of inputs, in parallel, and says what they hold: `rowmill schema`, `rowmill info`. */
import type { InputTraits } from "../formats/format.ts";
import type { ObjectProfile } from "../stages/profile/profile.ts";
import type { RowsProfile } from "../stages/profile/row-profiler.ts";
import type { SurveyAsked } from "../stages/survey/survey.ts";
import { profileTaker, unpackProfile } from "../stages/profile/profile-stage.ts";
import type { FoundDelimiter } from "./delimiter.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { InputPlan } from "./options.ts";
import { type Profiling, REAL_PARTS } from "./prepare.ts";
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
  /** What its format is like. */
  traits: InputTraits;
  /** Column names, for formats that have columns. */
  columns: string[] | undefined;
  rows: ObjectProfile;
  /** The first rows. */
  head: Record<string, unknown>[];
  summary: RunSummary;
  /** No row is behind those that were looked at. */
  isWhole: boolean;
}

/** What is asked of rows beside their profile. */
export interface MoreAsked {
  asked: SurveyAsked;
  /** See `RunParts`. */
  mostCellBytes: number;
  /** The input is open. */
  opened: (columns: readonly string[] | undefined) => void;
  /** Takes what was seen in the next rows, and gives the profiles that are in it. See `Profiling` for `before`. */
  unpack: (part: Uint8Array, before: number) => RowsProfile[];
}

/**
 * Looks at rows: all, or the first of them.
 *
 * @throws {UsageError} If the options are wrong.
 * @throws {RowmillError} If the input cannot be read; a row that is no row as well, unless `onError` says otherwise.
 */
export async function profileRows(options: RunOptions, more?: MoreAsked): Promise<SeenRows> {
  let opened: { source: RowSource; input: InputPlan } | undefined;
  let taker: ReturnType<typeof profileTaker> | undefined;
  const profiling: Profiling = {
    ...(more !== undefined && { asked: more.asked }),
    opened: (prepared: { source: RowSource; input: InputPlan }): void => {
      opened = prepared;
      taker = profileTaker(prepared.source.columns);
      more?.opened(prepared.source.columns);
    },
    take: (part, before) => {
      for (const profile of more?.unpack(part, before) ?? [unpackProfile(part)]) taker?.take(profile);
    },
  };
  const summary = await runWith(options, { ...REAL_PARTS, mostCellBytes: more?.mostCellBytes, profiling });
  if (opened === undefined || taker === undefined) throw new Error("the run has ended without an input");
  const { source, input } = opened;
  const { rows, head } = taker.end();
  return {
    input: { ...input, dialect: source.dialect },
    foundDelimiter: source.foundDelimiter,
    encoding: source.encoding,
    shape: source.shape,
    traits: source.traits,
    columns: source.columns,
    rows,
    head: head.map(({ row }) => row),
    summary,
    isWhole: options.first === undefined || source.rows < options.first,
  };
}
