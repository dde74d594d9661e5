/** What a run with joins is to its code, and what it reads: little, as every worker loads it. */
import type { LooksAt } from "../formats/format.ts";
import type { OpenJoin } from "./joined-rows.ts";
import type { Reads } from "./reads.ts";
import type { JoinsSeen, RunSetup } from "./wire.ts";

/** What a run's code sees: the columns of its tables stand behind those of its input. */
export function joinedSetup(setup: RunSetup): RunSetup {
  const { joins, input } = setup;
  if (joins.length === 0) return setup;
  const added = joins.flatMap(({ names }) => names);
  const types = joins.flatMap(({ dataTypes }) => Object.entries(dataTypes));
  return {
    ...setup,
    input: {
      ...input,
      columns: input.columns && [...input.columns, ...added],
      dataTypes: { ...input.dataTypes, ...Object.fromEntries(types) },
    },
  };
}

/** The columns of the input that must be read where code reads these: keys too, but none of a table. */
export function inputReads(reads: Reads, { joins }: RunSetup): Reads {
  if (reads === undefined || joins.length === 0) return reads;
  const added = new Set(joins.flatMap(({ names }) => names));
  const keys = joins.flatMap(({ on }) => on).filter((name) => !added.has(name));
  return new Set([...[...reads].filter((name) => !added.has(name)), ...keys]);
}

/** Keys of JSON whose values are looked at: those of joins as well. */
export function keysToo(looksAt: LooksAt | undefined, joins: RunSetup["joins"]): LooksAt | undefined {
  const keys = new Set(joins.flatMap(({ on }) => on));
  return looksAt && keys.size > 0 ? (key) => keys.has(key) || looksAt(key) : looksAt;
}

/** What has been seen of the joins of a run so far. */
export function seenOf(joins: readonly OpenJoin[]): JoinsSeen | undefined {
  if (joins.length === 0) return undefined;
  return joins.map(({ seen }) => seen);
}
