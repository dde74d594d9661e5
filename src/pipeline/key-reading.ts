/**
 * The reading of an input for the keys of its joins, by a run of its own. What is wrong with the input is said by the run
 * that maps its rows, in its place.
 */
import { RowmillError } from "../errors.ts";
import type { RunOptions } from "../options/run-options.ts";
import { OPTION_ENTRIES } from "../options/table.ts";
import type { Prepared, RunParts } from "./prepare.ts";
import type { KeyReading } from "./spilled-joins.ts";

/** The input is read in cells of so many bytes: a batch brings what those need that it has rows of. */
const CELL_BYTES = 128 * 1024;

/** @param run Does a run. */
export function keyReading(
  { options, source, tables, copies }: Pick<Prepared, "options" | "source" | "tables" | "copies">,
  parts: RunParts,
  run: (options: RunOptions, parts: RunParts) => Promise<{ rowsIn: number }>,
): KeyReading {
  const { joins } = tables;
  const { columns, traits } = source;
  const nullTexts = [options.null ?? []].flat();
  const own: RunParts = {
    ...parts,
    ...(copies !== undefined && { copies }),
    cellBytes: Math.min(parts.cellBytes, CELL_BYTES),
  };
  return {
    joins,
    columns,
    signal: options.signal,
    read: async (wanted) => {
      const keys = wanted.joins.map((join) => joins[join]?.on ?? []);
      let failure: { error: unknown } | undefined;
      const take = (part: Uint8Array): void => {
        try {
          wanted.take(part);
        } catch (error) {
          failure = { error };
          throw error;
        }
      };
      try {
        const { rowsIn } = await run(readingOptions(options, traits.values === "text" ? "text" : keys.flat()), {
          ...own,
          profiling: { asked: { kind: "join keys", joins: keys, nullTexts }, opened: () => {}, take },
          tables: { ...tables, joins: joins.slice(0, wanted.before), lookups: {} },
        });
        return rowsIn;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (failure !== undefined) throw failure.error;
        if (!(error instanceof RowmillError) || error.code === "spill") throw error;
        // The input ends there.
        return Number.POSITIVE_INFINITY;
      }
    },
  };
}

/** Options that say how rows of the input are read, and how many. */
const READ_BY: ReadonlySet<string> = new Set([
  ...OPTION_ENTRIES.flatMap(([name, { group }]) => (group === "Input" ? [name] : [])),
  "inputs",
  "first",
  "union",
  "jobs",
]);

/** @param texts Columns whose numbers are wanted as they are spelled; "text" where all fields are texts. */
function readingOptions({ signal, ...options }: RunOptions, texts: "text" | readonly string[]): RunOptions {
  return {
    ...Object.fromEntries(Object.entries(options).filter(([name]) => READ_BY.has(name))),
    types: texts === "text" ? "text" : Object.fromEntries(texts.map((name) => [name, "string" as const])),
    // A row that cannot be read has no key.
    onError: "skip",
    onLog: () => {},
    ...(signal !== undefined && { signal }),
  };
}
