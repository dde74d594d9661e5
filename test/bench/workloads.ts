// The timed workloads as data: inputs, contenders, what they must agree on, and the ratios that must hold.
//
// A contender is one whole process. Every bound is a ratio of two contenders of the same workload: the other's time
// divided by ours.
import { extname } from "node:path";
import { fileOf, type InputName } from "./generate.ts";
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
}

/** The time of `other` divided by the time of `ours` is at least `atLeast`; shown only, when that is left out. */
export interface RatioBound {
  ours: string;
  other: string;
  atLeast?: number;
}

/** The time of one contender in itself. */
export interface TimeBound {
  ours: string;
  belowMs: number;
}

/**
 * When two outputs agree: equal bytes, or equal rows once read as CSV (quoting is free, and so is the kind of newline
 * between rows; the text of every field and the order of rows are not).
 */
export type Agreement = "bytes" | "csv-rows";

/** One line of work that contenders are measured on. */
export interface Workload {
  name: string;
  title: string;
  inputs: readonly InputName[];
  contenders: readonly Contender[];
  agreement: Agreement;
  /** The exact output, where it is short. */
  expected?: string;
  ratios: readonly RatioBound[];
  times?: readonly TimeBound[];
  /** More runs than the others have, for processes of a few milliseconds. */
  atLeastRuns?: number;
}

function duckdb(sql: (at: Places) => string): Contender {
  const command = (at: Places): string[] => [...at.peer("duckdb"), String(JOBS), sql(at)];
  return { name: "DuckDB", by: "duckdb", writes: "file", command };
}

function miller(input: InputName, verbs: string[]): Contender {
  const command = (at: Places): string[] => [...at.peer("miller"), "--icsv", "--ocsv", ...verbs, at.input(input)];
  return { name: "Miller", by: "miller", writes: "stdout", command };
}

/** Our binary with a transform of test/bench/transforms. */
function ours(name: string, transform: string, input: InputName, jobs: number = JOBS): Contender {
  const command = (at: Places): string[] => [
    ...at.ours,
    "run",
    at.transform(transform),
    at.input(input),
    "-j",
    String(jobs),
    "-o",
    at.out,
  ];
  return { name, by: "rowmill", writes: "file", command };
}

/** A path as an SQL string. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

const WIDE: Workload = {
  name: "wide",
  title: "two of ten columns and arithmetic, 2 M rows, 220 MB",
  inputs: ["wide"],
  agreement: "csv-rows",
  contenders: [
    ours("Rowmill", "ages.ts", "wide"),
    duckdb(
      (at) =>
        `COPY (SELECT name, 2017 - born AS age FROM read_csv(${quoted(at.input("wide"))})) TO ${quoted(at.out)} (FORMAT csv, HEADER)`,
    ),
    miller("wide", ["cut", "-f", "name,born", "then", "put", "$age = 2017 - $born", "then", "cut", "-x", "-f", "born"]),
    {
      name: "Python Pool.imap",
      by: "python",
      writes: "file",
      command: (at) => [...at.peer("python"), at.script("pool_imap.py"), String(JOBS), at.input("wide"), at.out],
    },
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 },
    { ours: "Rowmill", other: "Miller", atLeast: 6 },
    { ours: "Rowmill", other: "Python Pool.imap", atLeast: 20 },
  ],
};

const SPREAD: Workload = {
  name: "spread",
  title: "every column and one more, 1 M rows × 5",
  inputs: ["narrow"],
  agreement: "csv-rows",
  contenders: [
    ours("Rowmill", "spread.ts", "narrow"),
    duckdb(
      (at) =>
        `COPY (SELECT *, 2017 - born AS age FROM read_csv(${quoted(at.input("narrow"))})) TO ${quoted(at.out)} (FORMAT csv, HEADER)`,
    ),
    miller("narrow", ["put", "$age = 2017 - $born"]),
  ],
  ratios: [
    { ours: "Rowmill", other: "Miller", atLeast: 3 },
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 / 1.2 },
  ],
};

const HEAVY: Workload = {
  name: "heavy",
  title: "a heavy function (1,000 rounds a row), 100,000 rows",
  inputs: ["heavy"],
  agreement: "bytes",
  contenders: [
    ours("Rowmill -j 2", "heavy.ts", "heavy", 2),
    ours("Rowmill -j 1", "heavy.ts", "heavy", 1),
    {
      name: "plain Bun, one core",
      by: "bun",
      writes: "file",
      command: (at) => [...at.peer("bun"), at.script("plain-heavy.ts"), at.input("heavy"), at.out],
    },
  ],
  ratios: [
    { ours: "Rowmill -j 2", other: "Rowmill -j 1", atLeast: 1.85 },
    { ours: "Rowmill -j 2", other: "plain Bun, one core", atLeast: 1.8 },
  ],
};

const EIGHT: Workload = {
  name: "eight",
  title: "eight rows that keep a core busy for 500 ms each",
  inputs: ["eight"],
  agreement: "bytes",
  expected: "id\n1\n2\n3\n4\n5\n6\n7\n8\n",
  contenders: [ours("Rowmill -j 2", "busy.ts", "eight", 2)],
  ratios: [],
  times: [{ ours: "Rowmill -j 2", belowMs: 2300 }],
};

const START: Workload = {
  name: "start",
  title: "start: the seven scientists",
  inputs: ["scientists"],
  agreement: "bytes",
  expected:
    "name,age\nAda Lovelace,202\nEmmy Noether,135\nMarie Curie,150\nTu Youyou,87\nAda Yonath,78\nVera Rubin,89\nSally Ride,66\n",
  atLeastRuns: 21,
  contenders: [
    {
      name: "Rowmill -e",
      by: "rowmill",
      writes: "stdout",
      command: (at) => [...at.ours, "-e", "{ name, age: 2017 - born }", at.input("scientists")],
    },
    {
      name: "Rowmill, zod schema",
      by: "rowmill",
      writes: "stdout",
      command: (at) => [...at.ours, "run", at.transform("scientists.ts"), at.input("scientists")],
    },
    {
      name: "Python Pool",
      by: "python",
      writes: "stdout",
      command: (at) => [...at.peer("python"), at.script("scientists.py")],
    },
  ],
  ratios: [
    { ours: "Rowmill -e", other: "Python Pool", atLeast: 4 },
    { ours: "Rowmill, zod schema", other: "Python Pool", atLeast: 2 },
  ],
};

const JQ_PROGRAM = "{name, age: (2017 - .born)}";

const JSONL: Workload = {
  name: "jsonl",
  title: "JSONL map, 1 M records",
  inputs: ["records"],
  agreement: "bytes",
  contenders: [
    ours("Rowmill", "ages.ts", "records"),
    {
      name: "jq",
      by: "jq",
      writes: "stdout",
      command: (at) => [...at.peer("jq"), "-c", JQ_PROGRAM, at.input("records")],
    },
    {
      name: "GNU parallel with jq",
      by: "parallel",
      needs: ["jq"],
      writes: "stdout",
      // The words after the options are one command for a shell, hence the quotes around jq's program.
      command: (at) => [
        ...at.peer("parallel"),
        "--will-cite",
        "--keep-order",
        `--jobs=${JOBS}`,
        "--pipepart",
        "--block=10M",
        `--arg-file=${at.input("records")}`,
        `jq -c '${JQ_PROGRAM}'`,
      ],
    },
  ],
  // Shown only: no bound is set.
  ratios: [
    { ours: "Rowmill", other: "jq" },
    { ours: "Rowmill", other: "GNU parallel with jq" },
  ],
};

/** Every timed workload, in the order of the report. */
export const WORKLOADS: readonly Workload[] = [WIDE, SPREAD, HEAVY, EIGHT, START, JSONL];

/** The extension of a workload's output: that of its first input, as formats follow from extensions. */
export function outputExtension({ inputs }: Workload): string {
  return inputs[0] === undefined ? "" : extname(fileOf(inputs[0]));
}
