/** The tables of a run: read before its first row, and what they add to the columns of the input. */
import { RowmillError } from "../errors.ts";
import { shownColumn } from "../formats/columns.ts";
import { writerOf } from "../formats/registry.ts";
import { shownName } from "../io/files.ts";
import { columnHint } from "./column-checks.ts";
import type { RunOptions } from "../options/run-options.ts";
import { type JoinOption, addsColumns } from "../tables/asked.ts";
import type { JoinSetup, LookupSetup, RunSetup } from "../transform/wire.ts";
import { sizeOfTable } from "../tables/packed-table.ts";
import type { TableRoom } from "../tables/spilled-table.ts";
import { type InputPlan, type OutputPlan, isTypedByData, mostKept, roomForTables } from "./options.ts";
import { type ReadTable, type TableAccess, readTable } from "./read-table.ts";
import type { RowSource } from "./row-source.ts";
import { type SpilledJoin, SpilledJoins } from "./spilled-joins.ts";

/** Tables as workers get them. */
export type RunTables = Pick<RunSetup, "joins" | "lookups"> & {
  /** The columns of the rows: those of the input, and those that joins add to them. */
  columns: string[] | undefined;
  /** The key of the first row of each joined table. */
  firstKeys: readonly (string | undefined)[];
  /** Checksums of what was read, by file. */
  sums: Readonly<Record<string, string>>;
  /** Those of joined tables that have no room in memory, where there are any. */
  spilled: SpilledJoins | undefined;
};

/** What is between the fields of rows of text where the output does not say it. */
const USUAL_DELIMITER = ",";

/** The columns that must be equal: of the rows, and of the table. */
function pairsOf({ on }: Pick<JoinOption, "on">): { rows: string[]; table: string[] } {
  return typeof on === "string" ? { rows: [on], table: [on] } : { rows: Object.keys(on), table: Object.values(on) };
}

/**
 * Reads the tables of a run.
 *
 * @throws {RowmillError} `input`, when one cannot be read, or does not go with the columns of the input.
 */
export async function readTables(
  options: RunOptions,
  source: RowSource,
  plans: { input: InputPlan; output: OutputPlan | undefined },
): Promise<RunTables> {
  const spilled: SpilledJoin[] = [];
  try {
    return await readInto(spilled, options, { source, ...plans });
  } catch (error) {
    for (const { rows } of spilled) rows.close();
    throw error;
  }
}

/** @param spilled Gets the tables for which there is no room in memory. */
async function readInto(
  spilled: SpilledJoin[],
  options: RunOptions,
  { source, input, output }: { source: RowSource; input: InputPlan; output: OutputPlan | undefined },
): Promise<RunTables> {
  const { join = [], lookup = {}, tempDir } = options;
  let held = 0;
  const beyond = source.canReadAgain ? "file" : "anyhow";
  const columns = source.columns && [...source.columns];
  const joins: JoinSetup[] = [];
  const firstKeys: (string | undefined)[] = [];
  const sums: Record<string, string> = {};
  const isText = source.traits.values === "text";
  const { nullTexts } = input;
  for (const asked of join) {
    const { file, kind = "inner", prefix = "", unique = false } = asked;
    const { rows, table: keys } = pairsOf(asked);
    if (columns !== undefined) checkKeys(rows, columns, file);
    const named = (name: string): string => `${prefix}${name}`;
    const built = await readTable(
      "--on",
      {
        keys,
        rowKeys: rows,
        holds: addsColumns(kind) ? "keyless" : "nothing",
        form: isText ? "text" : "json",
        delimiter: packedDelimiter(output),
        isUnique: unique,
        nullTexts,
        signal: options.signal,
        httpHeader: options.httpHeader,
        isTypedByData: (name) => isTypedByData(named(name), options),
        room: { bytes: Math.max(0, roomForTables(options) - held), tempDir },
        beyond,
      },
      file,
    );
    const { packed, notices } = built;
    if (built.spilled !== undefined) spilled.push({ join: joins.length, rows: built.spilled.rows });
    held += sizeOfTable(packed);
    for (const notice of notices) options.onNote?.(notice);
    const names = packed.columns.map(named);
    if (columns !== undefined) {
      checkNew(names, columns, packed.file);
      columns.push(...names);
    }
    const types = Object.entries(built.dataTypes).filter(([name]) => isTypedByData(named(name), options));
    const dataTypes = isText ? Object.fromEntries(types.map(([name, type]) => [named(name), type])) : {};
    joins.push({
      kind,
      on: rows,
      keys,
      names,
      dataTypes,
      table: packed,
      isSpilled: built.spilled !== undefined,
      rewritten: built.spilled?.rewritten,
    });
    firstKeys.push(built.firstKey);
    sums[shownName(file)] = built.sum;
  }
  const lookups: Record<string, LookupSetup> = {};
  for (const [name, { file, key }] of Object.entries(lookup)) {
    const { signal, httpHeader } = options;
    const access = { signal, httpHeader, nullTexts, room: { bytes: Math.max(0, mostKept(options) - held), tempDir } };
    const { setup, sum, notices } = await lookupTable(file, [key].flat(), access);
    held += sizeOfTable(setup.table);
    for (const notice of notices) options.onNote?.(notice);
    lookups[name] = setup;
    sums[shownName(file)] = sum;
  }
  const inFiles =
    spilled.length === 0 ? undefined : new SpilledJoins(spilled, { bytes: roomForTables(options), tempDir });
  return { joins, lookups, columns, firstKeys, sums, spilled: inFiles };
}

async function lookupTable(
  file: string,
  keys: string[],
  given: { nullTexts: readonly string[] | undefined; room: TableRoom } & TableAccess,
): Promise<{ setup: LookupSetup } & Pick<ReadTable, "sum" | "notices">> {
  const form = { holds: "all", form: "json", delimiter: USUAL_DELIMITER, isUnique: false } as const;
  const { packed, isText, sum, notices } = await readTable(
    "--lookup",
    { ...form, ...given, keys, isTypedByData: () => true },
    file,
  );
  return { setup: { table: packed, keys: keys.length, isText }, sum, notices };
}

/** Rows that are written as fields are copied as they are packed. */
function packedDelimiter(output: OutputPlan | undefined): string {
  if (output === undefined || writerOf(output.format).traits.copies !== "fields") return USUAL_DELIMITER;
  const { delimiter } = output.dialect;
  return delimiter === '"' ? USUAL_DELIMITER : delimiter;
}

function checkKeys(keys: readonly string[], columns: readonly string[], file: string): void {
  const unknown = keys.find((name) => !columns.includes(name));
  if (unknown === undefined) return;
  const hint = columnHint(unknown, columns);
  const message = `--on of --join ${shownName(file)} names ${shownColumn(unknown)}, which is no column of the input`;
  throw new RowmillError("input", message, { hint, lacks: unknown });
}

function checkNew(names: readonly string[], columns: readonly string[], file: string): void {
  const known = new Set(columns);
  const twice = names.find((name) => known.has(name));
  if (twice === undefined) return;
  throw new RowmillError("input", `the rows have a column ${shownColumn(twice)}, and so has ${shownName(file)}`, {
    hint: "--prefix behind its --join stands before the names of its columns: --prefix t_",
  });
}
