/** What a run would do, found out without running it: `--dry-run`. */
import type { FoundDelimiter } from "./delimiter.ts";
import { type ColumnType, typeName } from "../formats/column-type.ts";
import { type OutputFormat, writerOf } from "../formats/registry.ts";
import { BatchSize } from "../scheduler/batch-size.ts";
import type { CodePlan } from "../transform/wire.ts";
import type { RunOptions } from "../options/run-options.ts";
import { OPTIONS } from "../options/table.ts";
import { parquetPlan } from "./parquet-plan.ts";
import {
  type InputPlan,
  type OutputPlan,
  batchRowsOf,
  inputsOf,
  jobsOf,
  splitTemplateOf,
  withOutput,
} from "./options.ts";
import { REAL_PARTS, loadTransform, openRunWorkers, plannedCode, prepare } from "./prepare.ts";
import type { RowSource } from "./row-source.ts";
import type { KnownTable, AskedTable } from "../databases/table.ts";
import { expandInputs } from "./expand-inputs.ts";
import { checkStdout, outputTargets } from "./output-targets.ts";

/** The plan of a run. */
export interface RunPlan {
  inputs: string[];
  input: InputPlan;
  /** How the delimiter was found; undefined where it was given, or there is none. */
  foundDelimiter: FoundDelimiter | undefined;
  /** The encoding of the first input, as `TextDecoder` calls it; undefined when all are empty. */
  encoding: string | undefined;
  /** Over how many connections the server of the first input sends it; undefined where none does. */
  connections: RowSource["connections"];
  /** Column names, for formats that have a header. */
  columns: string[] | undefined;
  /** Those that the transform can read, as far as that is proven; without a header, names of fields. */
  reads: string[] | undefined;
  /** How many row groups of the first input are not read, where that can be told. */
  rowGroups: { skipped: number; all: number } | undefined;
  /** The columns that are no texts to the code, and whether `--types` or the data say so. */
  types: CodePlan["types"];
  /** The type that the transform's source gives its rows. */
  record: CodePlan["record"];
  /** What rows go through, and the way that they take. */
  explained: CodePlan["rows"];
  /** A schema says what rows are. */
  hasSchema: boolean;
  /** So many rows have said what columns are. */
  sampledRows: number;
  output: OutputPlan;
  /** How Parquet is written, where it is. */
  parquet: { codec: string; asked: PlannedType[]; stated: PlannedType[] } | undefined;
  /** Rows go to a file for each value in some columns. */
  split: { by: readonly string[]; what: "files" | "sheets"; into: string } | undefined;
  /** Output columns, where they are known before the first row. */
  outputColumns: string[] | undefined;
  jobs: number;
  /** Rows go to a table of a database: which, and what is there. */
  table: { setup: AskedTable; found: KnownTable | undefined } | undefined;
  /** Rows are folded: the output is what is made of all of them. */
  folds: boolean;
  /** Size of the first batch: rows where it is fixed, else bytes. */
  firstBatch: { rows: number } | { bytes: number };
}

/** The type of a column that is written, as `--parquet-types` calls it. */
interface PlannedType {
  name: string;
  type: string;
}

function plannedTypes(types: ReadonlyMap<string, ColumnType>): PlannedType[] {
  return [...types].map(([name, type]) => ({ name, type: typeName(type) }));
}

/** @param saidByInput The types that the input says of its columns. */
function parquetOf(
  options: RunOptions,
  saidByInput: Readonly<Record<string, string>>,
  { format, columns }: { format: OutputFormat; columns: readonly string[] | undefined },
): RunPlan["parquet"] {
  if (writerOf(format).settings?.includes("parquetCodec") !== true) return undefined;
  const { parquetCodec = OPTIONS.parquetCodec.default } = options;
  const { types, stated } = parquetPlan(options, saidByInput);
  const isWritten = ({ name }: PlannedType): boolean => !types.has(name) && columns?.includes(name) !== false;
  return { codec: parquetCodec, asked: plannedTypes(types), stated: plannedTypes(stated).filter(isWritten) };
}

function splitOf({ splitBy: by, output = "", outputTable }: RunOptions): RunPlan["split"] {
  if (by === undefined) return undefined;
  return outputTable === undefined
    ? { by, what: "files", into: output }
    : { by, what: "sheets", into: `${output}#${outputTable}` };
}

/**
 * Finds out what a run would do. Transform and input are opened, so that what is wrong with them is found.
 *
 * @throws {UsageError} If the options are wrong.
 * @throws {RowmillError} If the transform or the input cannot be used.
 */
export async function plan(asked: RunOptions): Promise<RunPlan> {
  const given = withOutput({ ...asked, inputs: await expandInputs(inputsOf(asked)) });
  const runWorkers = openRunWorkers(given, REAL_PARTS);
  try {
    const loaded = await loadTransform(given, runWorkers);
    await splitTemplateOf(loaded.options);
    const prepared = await prepare(loaded, runWorkers, { explains: true, stretchBytes: 0 });
    const { options, source, input, output, outputColumns, folds, hasBatch } = prepared;
    if (output === undefined) throw new Error("a run that is planned has an output");
    const { reads, rowTest, types, record, rows: explained } = await plannedCode(runWorkers, prepared);
    const isRead = new Set(reads);
    await source.want(reads && isRead, rowTest);
    source.close();
    const { columns, remaining } = source;
    const jobs = jobsOf(options);
    const size = new BatchSize({ ...REAL_PARTS.batchBytes, jobs }, remaining);
    const rows = batchRowsOf(options, hasBatch);
    const bytes = folds ? Math.min(REAL_PARTS.cellBytes, remaining ?? Infinity) : size.next(remaining);
    return {
      inputs: inputsOf(options),
      input: { ...input, dialect: source.dialect },
      encoding: source.encoding,
      connections: source.connections,
      columns,
      reads: reads === undefined ? columns : (columns?.filter((name) => isRead.has(name)) ?? reads),
      rowGroups: source.parts.all === 0 ? undefined : source.parts,
      foundDelimiter: source.foundDelimiter,
      types,
      record,
      explained,
      hasSchema: loaded.exports.hasSchema,
      sampledRows: source.sampledRows,
      output,
      parquet: parquetOf(options, source.statedTypes, {
        format: output.format,
        columns: outputColumns ?? (reads && columns?.filter((name) => isRead.has(name))),
      }),
      split: splitOf(options),
      outputColumns,
      table: await foundTable(options),
      jobs,
      folds,
      firstBatch: rows === undefined ? { bytes } : { rows },
    };
  } finally {
    runWorkers.pool.terminate();
  }
}

async function foundTable(options: RunOptions): Promise<RunPlan["table"]> {
  checkStdout(options);
  const { table } = outputTargets(options, (await splitTemplateOf(options)).files);
  if (table === undefined) return undefined;
  const { lookAtTable } = await import("../databases/look.ts");
  return { setup: table, found: await lookAtTable(table) };
}
