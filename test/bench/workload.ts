// What a workload is: inputs, contenders, what they must agree on, and the bounds that must hold.
//
// A contender is one whole process. Every ratio is one of two contenders of the same workload: the other's time divided
// by ours.
import type { InputName } from "./generate.ts";
import type { PeerName } from "./peers.ts";

/** How many cores every contender is given. The bounds are stated for two. */
export const JOBS = 2;

/** Where the things of a command lie. A run and a report have different ones. */
export interface Places {
  /** The words that start our binary. */
  ours: string[];
  /** The words that start a peer. */
  peer: (name: PeerName) => string[];
  input: (name: InputName) => string;
  /** A file of test/bench/transforms. */
  transform: (file: string) => string;
  /** A file of test/bench/peers. */
  script: (file: string) => string;
  /** A number of items, at the scale of the inputs. */
  count: (items: number) => number;
  /** Where the output goes. */
  out: string;
}

/** One process that does the work. */
export interface Contender {
  name: string;
  /** Our binary, or the peer that must be installed. */
  by: "rowmill" | PeerName;
  /** Further peers that the command needs. */
  needs?: readonly PeerName[];
  /** Leaves its result in `Places.out`, or on stdout, which then goes to that file. */
  writes: "file" | "stdout";
  command: (at: Places) => string[];
  /** A run of our binary and nothing else, which takes further options: its workers are looked at. */
  takesOptions?: true;
  /** Does less than the work: its output is not compared. */
  isFloor?: true;
}

/**
 * The time of `other` divided by the time of `ours` is at least `atLeast`, at most `atMost`; shown only, when both are
 * left out.
 */
export interface RatioBound {
  ours: string;
  other: string;
  atLeast?: number;
  atMost?: number;
}

/** The time of one contender in itself. */
interface TimeBound {
  ours: string;
  belowMs: number;
}

/** The size of our output divided by that of the other. */
interface SizeBound {
  ours: string;
  other: string;
  atMost: number;
}

/**
 * When two outputs agree: equal bytes; equal bytes once unpacked by gzip; equal rows once read as CSV (quoting is free,
 * and so are the kind of newline between rows and zeros at the end of a fraction; the text of every field and the order of
 * rows are not); the same rows and columns in any order, of one file or of all files in a folder; or equal figures: the rows of a small CSV
 * in any order, numbers but for the noise of adding in another order.
 */
export type Agreement = "bytes" | "unpacked-bytes" | "csv-rows" | "csv-set" | "figures";

/** One line of work that contenders are measured on. */
export interface Workload {
  name: string;
  title: string;
  inputs: readonly InputName[];
  contenders: readonly Contender[];
  /** None where contenders have different inputs: the outputs are not compared. */
  agreement: Agreement | "none";
  /** The exact output, where it is short. */
  expected?: string;
  ratios: readonly RatioBound[];
  times?: readonly TimeBound[];
  sizes?: readonly SizeBound[];
  /** More runs than the others have, for processes of a few milliseconds. */
  atLeastRuns?: number;
  /** There is little to do for a row: what the parent does for it is looked at, however short a run is. */
  isLight?: true;
  /** The extension of the outputs, when it is not that of the first input. */
  extension?: string;
}

/** Our binary with these words and an output file. */
export function rowmill(name: string, words: (at: Places) => string[], jobs: number = JOBS): Contender {
  const command = (at: Places): string[] => [...at.ours, ...words(at), "-j", String(jobs), "-o", at.out];
  return { name, by: "rowmill", writes: "file", command, takesOptions: true };
}

/** Our binary with a transform of test/bench/transforms. */
export function rowmillRun(name: string, transform: string, input: InputName): Contender {
  return rowmill(name, (at) => ["run", at.transform(transform), at.input(input)]);
}

/** DuckDB with a query whose result goes to the output, in a format of COPY. */
export function duckdb(query: (at: Places) => string, format = "csv, HEADER"): Contender {
  const sql = (at: Places): string => `COPY (${query(at)}) TO ${sqlText(at.out)} (FORMAT ${format})`;
  const command = (at: Places): string[] => [...at.peer("duckdb"), String(JOBS), sql(at)];
  return { name: "DuckDB", by: "duckdb", writes: "file", command };
}

/** A text of SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Miller from CSV to CSV. */
export function miller(input: InputName, words: string[]): Contender {
  const command = (at: Places): string[] => [...at.peer("miller"), "--icsv", "--ocsv", ...words, at.input(input)];
  return { name: "Miller", by: "miller", writes: "stdout", command };
}

/** One of the programs of peers/polars.mjs. */
export function polars(program: string, input: InputName): Contender {
  const command = (at: Places): string[] => [...at.peer("polars"), String(JOBS), program, at.input(input), at.out];
  return { name: "polars", by: "polars", writes: "file", command };
}

/** A script of test/bench/peers for Python, with its words before the paths of input and output. */
export function python(name: string, input: InputName, words: readonly string[]): Contender {
  const [script = "", ...rest] = words;
  const command = (at: Places): string[] => [
    ...at.peer("python"),
    at.script(script),
    ...rest,
    String(JOBS),
    at.input(input),
    at.out,
  ];
  return { name, by: "python", writes: "file", command };
}

/** GNU parallel, with a command for a shell that gets a piece of the input and keeps its place in the output. */
export function parallel(needs: "jq" | "mawk", input: InputName, command: string): Contender {
  return {
    name: `GNU parallel with ${needs}`,
    by: "parallel",
    needs: [needs],
    writes: "stdout",
    command: (at) => [
      ...at.peer("parallel"),
      "--will-cite",
      "--keep-order",
      `--jobs=${JOBS}`,
      "--pipepart",
      "--block=10M",
      `--arg-file=${at.input(input)}`,
      command,
    ],
  };
}
