/** Random runs for test/fuzz/rows.ts: files, options, and the command line that says them. */
import type { Random } from "../faults/random.ts";
import { SLOW_CSV, type SlowDialect } from "../formats/csv/slow-csv.ts";
import { type FileShape, csvFile, jsonlFile, randomNames, smallFile } from "./random-rows.ts";
import type { RowsRun } from "./slow-reader.ts";

/** A run, and how it is to be carried out. */
export interface RandomRun extends RowsRun {
  jobs: number;
  batch: number | undefined;
  concurrency: number | undefined;
  hasOutput: boolean;
  /** About how many rows its files hold. */
  rows: number;
}

/** What the binary under test can do. */
export interface Abilities {
  policies: readonly RowsRun["policy"][];
  replaces: boolean;
}

export function randomRun(random: Random, { policies, replaces }: Abilities): RandomRun {
  const isSmall = random.chance(0.3);
  const isJsonl = random.chance(0.25);
  const isSample = isSmall && random.chance(0.5);
  const dialect = isJsonl || isSample ? SLOW_CSV : randomDialect(random);
  const noHeaders = !isJsonl && !isSample && random.chance(0.2);
  const names = isJsonl || isSample ? ["a", "b"] : randomNames(random, dialect);
  const hasColumns = !isJsonl && !isSample && random.chance(0.15);
  const damageEvery = random.pick(isSmall ? [Infinity, 3, 10] : [Infinity, 50, 300, 300, 2000]);
  const goesOn = !isSmall && policies.length > 1 && damageEvery < Infinity;
  const policy = random.pick(goesOn ? policies.slice(1) : policies);
  const shape: FileShape = {
    rows: isSmall ? random.below(40) : random.chance(0.3) ? random.between(300, 1500) : random.between(5000, 12_000),
    damageEvery: policy === "fail" && !isSmall ? Infinity : damageEvery,
    hasBom: random.chance(0.15),
    skipLines: isSample ? 0 : random.pick([0, 0, 0, 2]),
    hasHeader: !noHeaders,
    hasLongRows: random.chance(0.2),
  };
  const inputs = random.pick([1, 1, 1, 2, 3]);
  const stdin = random.chance(0.3) ? random.below(inputs) : -1;
  const files = Array.from({ length: inputs }, (_, at) => ({
    name: at === stdin ? "-" : `${at}.${isJsonl ? "jsonl" : "csv"}`,
    bytes: makeFile(random, {
      shape,
      isJsonl,
      isSample,
      dialect,
      names: at === 1 && !hasColumns ? names.toReversed() : names,
    }),
  }));
  const isIdentity = random.chance(0.25);
  const hasOutput = random.chance(0.3);
  return {
    format: isJsonl ? "jsonl" : "csv",
    // Objects of any keys rarely make columns.
    to: random.pick(isJsonl && random.chance(0.8) ? ["jsonl", "json"] : ["csv", "csv", "jsonl", "json"]),
    dialect,
    // A file of the format that is read has its dialect.
    outDialect: hasOutput ? dialect : SLOW_CSV,
    isRagged: !isJsonl && random.chance(0.15),
    extraFields: isJsonl ? "error" : random.pick(["error", "error", "error", "drop", "keep"]),
    noHeaders,
    columns: hasColumns ? names.map((_, at) => `column ${at}`) : undefined,
    skipLines: shape.skipLines,
    first: random.chance(0.2) ? random.below(shape.rows * inputs + 10) : Infinity,
    nullText: !isJsonl && random.chance(0.2) ? random.pick(["NA", "0", "-"]) : undefined,
    maxRowBytes: shape.hasLongRows ? random.pick([300, 1000, 70_000, Infinity]) : Infinity,
    replaces: replaces && random.chance(0.2),
    policy,
    maxErrors: policy !== "fail" && random.chance(0.15) ? random.pick(["0", "5", "100", "3%", "20%"]) : undefined,
    isIdentity,
    args: {
      // Under the policy fail, a fault is the end.
      rate: String(policy === "fail" ? (isSmall ? 20 : 20_000) : random.pick([10, 100, 1000])),
      deaths: random.chance(0.1) && shape.rows < 2000 ? "1" : "0",
    },
    files,
    jobs: random.between(1, 4),
    batch: random.chance(0.5) ? random.pick(isSmall ? [1, 2, 7] : [10, 100, 999, 4000]) : undefined,
    concurrency: random.pick([undefined, undefined, 1, 3, 50]),
    hasOutput,
    rows: shape.rows * inputs,
  };
}

function makeFile(
  random: Random,
  of: { shape: FileShape; isJsonl: boolean; isSample: boolean; dialect: SlowDialect; names: string[] },
): Buffer {
  if (of.isSample) return smallFile(random, of.isJsonl ? "jsonl" : "csv");
  return of.isJsonl ? jsonlFile(random, of.shape) : csvFile(random, of.shape, of.dialect, of.names);
}

function randomDialect(random: Random): SlowDialect {
  const delimiter = random.pick([",", ",", ",", ";", "\t", "|", "\u001f"]);
  const quote = random.pick(['"', '"', '"', "'", ""]);
  const isKernel = random.chance(0.6);
  return {
    delimiter,
    quote,
    escape: !isKernel && quote !== "" && random.chance(0.4) ? "\\" : quote,
    comments: !isKernel && random.chance(0.4) ? random.pick([["#"], ["#", "%%"]]) : [],
    lazyQuotes: !isKernel && random.chance(0.3),
    trim: !isKernel && random.chance(0.3) ? random.pick(["left", "both"]) : "none",
    hasEscapes: false,
  };
}

/** The arguments that say it, and the module that goes with them. */
export function commandLine(run: RandomRun): string[] {
  const { dialect } = run;
  const args = run.isIdentity ? ["-e", "r => r"] : ["map.ts"];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) args.push(name, String(value));
  };
  args.push(...run.files.map(({ name }) => name));
  add("--from", run.format);
  // Rows that come out as they went in have the bytes of their fields, whatever these are; code is given texts.
  if (!run.isIdentity || run.to !== "csv") args.push("--types", "text");
  add("--to", run.to);
  if (run.format === "csv") {
    add("-d", dialect.delimiter);
    if (dialect.quote !== '"') add("--quote", dialect.quote);
    if (dialect.escape !== dialect.quote) add("--escape", dialect.escape);
    for (const comment of dialect.comments) add("--comment", comment);
    if (dialect.lazyQuotes) args.push("--lazy-quotes");
    if (dialect.trim !== "none") args.push(dialect.trim === "left" ? "--trim=left" : "--trim");
    if (run.isRagged) args.push("--ragged");
    if (run.extraFields !== "error") args.push("--extra-fields", run.extraFields);
    if (run.noHeaders) args.push("-n");
    add("--columns", run.columns?.join(","));
    add("--null", run.nullText);
  }
  if (run.skipLines > 0) add("--skip-lines", run.skipLines);
  if (run.first < Infinity) add("--first", run.first);
  if (run.maxRowBytes < Infinity) add("--max-row-bytes", run.maxRowBytes);
  if (run.replaces) add("--encoding-errors", "replace");
  if (run.policy !== "fail") add("--on-error", run.policy);
  add("--max-errors", run.maxErrors);
  for (const [name, value] of Object.entries(run.args)) add("--arg", `${name}=${value}`);
  add("-j", run.jobs);
  add("-b", run.batch);
  add("--concurrency", run.concurrency);
  if (run.hasOutput) add("-o", "out");
  else if (run.format === "csv") add("--out-quote", run.outDialect.quote);
  return args;
}
