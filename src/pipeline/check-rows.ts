/** Looks at whether rows are what a transform wants them to be: `rowmill check` with data. */
import { type ObjectProfile, emptyProfile } from "../stages/profile/profile.ts";
import type { CodePlan } from "../transform/wire.ts";
import type { RunOptions } from "../options/run-options.ts";
import { plan } from "./plan.ts";
import { REAL_PARTS } from "./prepare.ts";
import { profileRows } from "./profile-rows.ts";
import { runWith } from "./run.ts";
import type { RunSummary } from "./summary.ts";

/** The fields that a transform's function gets. */
export interface GivenRows {
  /** Column names, for formats that have a header. */
  columns: string[] | undefined;
  /** The columns that are no texts to the code. */
  types: CodePlan["types"];
  record: CodePlan["record"];
  /** A schema says what rows are. */
  hasSchema: boolean;
  /** What was seen in the rows. */
  seen: ObjectProfile;
  /** Some fields are null, by `--null`. */
  nullTexts: readonly string[] | undefined;
  /** What is wrong with the code, whatever the row. */
  failure: unknown;
}

/** Reads rows as a run would, and calls no function: how many do not fit, and the first of them. */
export async function checkRows(options: RunOptions): Promise<RunSummary> {
  return await runWith({ ...options, onError: "skip" }, { ...REAL_PARTS, isDry: true });
}

/**
 * What the function of a transform gets.
 *
 * @throws {RowmillError} If the transform cannot be loaded, or the input cannot be read.
 */
export async function givenRows(options: RunOptions): Promise<GivenRows> {
  let failure: unknown;
  const { transform: _, ...bare } = options;
  const planned = await plan(options).catch(async (error: unknown) => {
    failure = error;
    return await plan(bare);
  });
  const { columns, types, record, hasSchema, input } = planned;
  const { rows } = await profileRows({ ...bare, onError: "skip" });
  for (const name of columns ?? []) {
    if (!rows.keys.has(name)) rows.keys.set(name, { profile: emptyProfile(), first: { row: 0, at: 0 } });
  }
  return { columns, types, record, hasSchema, seen: rows, nullTexts: input.nullTexts, failure };
}
