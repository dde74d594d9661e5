/** The stage that looks at rows: what was seen in those of a batch is a part, and profiles merge. */
import { deserialize, serialize } from "bun:jsc";
import type { FoldingStage, PartTaker } from "../stage.ts";
import { keepBounded } from "./bounds.ts";
import { mergeObjects } from "./merge-profiles.ts";
import { MAX_KEYS, type ObjectProfile, emptyProfile } from "./profile.ts";
import { RowProfiler, type RowsProfile } from "./row-profiler.ts";
import type { ShapeTests } from "./text-shapes.ts";

/** Makes it. @param hasColumns Rows have a header: all of its names are keys, however many. */
export function profileStage(tests: ShapeTests, hasColumns: boolean): FoldingStage {
  return {
    kind: "folding",
    name: "profile",
    what: "",
    isAtomic: true,
    init: () => new RowProfiler(tests, hasColumns),
    step: (part, row, { index }) => {
      profilerOf(part).look(row as Record<string, unknown>, index);
      return part;
    },
    steps: (part, rows, { index }) => {
      for (const row of rows) profilerOf(part).look(row as Record<string, unknown>, index);
      return part;
    },
    // What it gives is memory that all threads share; a copy can be handed over.
    pack: (part) => new Uint8Array(serialize(profilerOf(part).result)).slice(),
    unpack: unpackProfile,
    taker: () => profileTaker(hasColumns ? [] : undefined),
  };
}

function profilerOf(part: unknown): RowProfiler {
  if (part instanceof RowProfiler) return part;
  throw new Error("the part is no profile");
}

export function unpackProfile(bytes: Uint8Array): RowsProfile {
  return deserialize(bytes) as RowsProfile;
}

interface ProfileTaker extends PartTaker {
  /** What was seen in all rows. */
  end(): RowsProfile;
}

/** Makes one profile of those of all batches. @param columns Those of a header stand in it in their order, also without a row. */
export function profileTaker(columns: readonly string[] | undefined): ProfileTaker {
  const rows: ObjectProfile = { count: 0, keys: new Map(), values: undefined };
  for (const [at, name] of (columns ?? []).entries())
    rows.keys.set(name, { profile: emptyProfile(), first: { row: -1, at } });
  const all: RowsProfile = { rows, head: [], kept: { texts: 0, keys: 0 } };
  return {
    take: (part) => {
      const { rows: more, head, kept } = part as RowsProfile;
      mergeObjects(rows, more, columns === undefined ? MAX_KEYS : Number.POSITIVE_INFINITY);
      all.head.push(...head);
      all.kept.texts += kept.texts;
      all.kept.keys += kept.keys;
      keepBounded(all);
    },
    end: () => all,
  };
}
