/** What all workers have seen of a run's joins: that no row has found its key is said at the end. */
import { quotedText, shownColumn } from "../formats/columns.ts";
import { addsColumns } from "../tables/asked.ts";
import type { PackedTable } from "../tables/packed-table.ts";
import type { JoinsSeen } from "../transform/wire.ts";
import type { RunTables } from "./tables.ts";

export class SeenJoins {
  readonly #seen: { hasMatched: boolean; firstMiss: string | undefined }[] = [];

  /** What one of them has seen so far; they are asked in the order of the input. */
  add(seen: JoinsSeen | undefined): void {
    for (const [at, { hasMatched, firstMiss }] of (seen ?? []).entries()) {
      const before = this.#seen[at];
      this.#seen[at] = {
        hasMatched: hasMatched || before?.hasMatched === true,
        firstMiss: before?.firstMiss ?? firstMiss,
      };
    }
  }

  /** What to say of tables in which no row has found its key. */
  notes({ joins, firstKeys, spilled }: RunTables, rowsIn: number): string[] {
    return joins.flatMap(({ kind, on, keys, table, isSpilled }, at) => {
      const seen = this.#seen[at];
      if (rowsIn === 0 || seen?.hasMatched !== false) return [];
      const { firstMiss } = seen;
      const named = shownKey(on);
      if (firstMiss === undefined)
        return addsColumns(kind) ? [`no row had a key for ${table.file}: ${named} is empty, or not there, in all`] : [];
      const wanted = meaning(firstMiss);
      const isAlike = (key: string): boolean => meaning(key) === wanted;
      const keyLike = (): string | undefined => (isSpilled ? spilled?.firstKey(at, isAlike) : firstKey(table, isAlike));
      const alike = keys.length === 1 ? keyLike() : undefined;
      // That none is there may be what was asked for.
      if (kind === "anti" && alike === undefined) return [];
      const first = alike === undefined ? "the first " : "";
      const key = alike ?? firstKeys[at];
      const found = `no row has found its key in ${table.file}`;
      if (key === undefined) return [`${found}, which has none`];
      const has = `${first}${shownKey(keys)} of the table ${quotedText(key)}`;
      return [`${found}: ${first}${named} of the rows is ${quotedText(firstMiss)}, ${has}; keys are compared as texts`];
    });
  }
}

function shownKey(columns: readonly string[]): string {
  return columns.map(shownColumn).join(", ");
}

/** The first key of a table for which a test is true. */
function firstKey({ keys }: PackedTable, is: (key: string) => boolean): string | undefined {
  const bytes = Buffer.from(keys.bytes.buffer, keys.bytes.byteOffset, keys.bytes.length);
  let start = 0;
  for (const end of keys.ends) {
    const key = bytes.toString("utf8", start, end);
    if (is(key)) return key;
    start = end;
  }
  return undefined;
}

/** What a text stands for, whatever its zeros, its blanks and its case. */
function meaning(text: string): string {
  const bare = text.trim().toLowerCase();
  const value = bare === "" ? Number.NaN : Number(bare);
  return Number.isFinite(value) ? String(value) : bare.normalize();
}
