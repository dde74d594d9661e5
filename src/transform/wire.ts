/** What the pipeline and its workers say to each other, beside the scheduler's envelopes. */
import type { ErrorWire } from "../errors.ts";
import type { DecoderSetup, OutputSetup } from "../formats/format.ts";
import type { RowTest } from "../code/row-test.ts";
import type { RecordAnswer } from "../fields/record-type/shape.ts";
import type { BlockPlaces } from "../io/bgzf/blocks.ts";
import type { SharedFile, WriterBook } from "../io/placed-writes.ts";
import type { HeldBytes, SharedBlocks } from "../io/shared-blocks.ts";
import type { FileHashes } from "../code/loaded-files.ts";
import type { AskedStep } from "../stages/registry.ts";
import type { AskedOfRows } from "../stages/digest/digest-stage.ts";
import type { SurveyAsked } from "../stages/survey/survey.ts";
import type { Grouping } from "../stages/grouping/grouping.ts";
import type { JoinKeysAsked } from "./join-keys.ts";
import type { BlocksByWay, WayKind } from "./plan/ways.ts";
import type { StageTimes } from "./stage-clock.ts";
import type { FieldType } from "../fields/typed-fields.ts";
import type { DataTypes } from "../fields/typing.ts";
import type { JoinKind } from "../tables/asked.ts";
import type { PackedTable } from "../tables/packed-table.ts";
import type { Rewritten } from "../tables/rewritten-row.ts";
import type { RowGroups } from "../formats/row-groups.ts";

/** What is loaded before the input is known. */
export interface LoadedFirst {
  source: TransformSource;
  filter: string | undefined;
}

/** Where the function comes from. */
export type TransformSource =
  /**
   * `at` is its full path: a worker may start when the process is in another folder. Of a dry one no function is called:
   * rows are read and checked.
   */
  | { kind: "module"; path: string; at: string; isDry: boolean }
  /** Without an expression every row is passed on as it is. */
  | { kind: "expression"; expression: string | undefined };

/** How rows are read, and their fields. */
export interface InputSetup extends DecoderSetup {
  /** Typed fields, by column. */
  types: Record<string, FieldType>;
  /** What the data say of the other columns. */
  dataTypes: DataTypes;
}

/** A table that is joined to the rows. */
export interface JoinSetup {
  kind: JoinKind;
  /** The columns of the row that are its key, in the order of those of the table. */
  on: readonly string[];
  /** What the table calls them. */
  keys: readonly string[];
  /** What the columns of the table are called in the row, in their order; none where they do not come to it. */
  names: readonly string[];
  /** What the data say of them, where rows are texts. */
  dataTypes: DataTypes;
  table: PackedTable;
  /** There is no room for it in memory: tasks bring what their rows may find. */
  isSpilled: boolean;
  /** How rows are to be rewritten that tasks bring. */
  rewritten: Rewritten | undefined;
}

/** A table that code looks things up in. */
export interface LookupSetup {
  table: PackedTable;
  /** How many columns its key has. */
  keys: number;
  /** Its file holds texts: what is empty there is missing, and no null. */
  isText: boolean;
}

/** All that a worker must know of a run. */
export interface RunSetup {
  source: TransformSource;
  /** Tables that come to the rows before anything else looks at these, in this order. */
  joins: readonly JoinSetup[];
  /** Those that code looks things up in, by name. */
  lookups: Readonly<Record<string, LookupSetup>>;
  /** Rows for which this expression is not true are dropped before the function is called. */
  filter: string | undefined;
  /** What comes out are figures of groups of the results. */
  grouping: Grouping | undefined;
  /** Which of the rows that come out go on, or in which order, step by step. */
  steps: readonly AskedStep[];
  /** Rows that wait for a window in code know where they come from. */
  tellsPlaces: boolean;
  /** Rows are looked at: `rowmill schema`, `rowmill info`. */
  isProfiled: boolean;
  /** What is asked of rows that are looked at, where that is no profile: `rowmill diff`, keys of joins. */
  asked: AskedOfRows | SurveyAsked | JoinKeysAsked | undefined;
  input: InputSetup;
  /** How results are written; undefined where none comes out. */
  output: OutputSetup | undefined;
  /** The columns by which output rows go to files of their own, where they are put together by their workers. */
  splitBy: readonly string[] | undefined;
  /** Outputs of their own for rows that a function emits. */
  emits: readonly EmitSetup[];
  args: Record<string, string>;
  /** What the source of a module says of its rows, where it has no schema. */
  record: RecordAnswer | undefined;
  /** Variables of a module that its function changes are looked for: nobody has said that they do not matter. */
  checksState: boolean;
  /** So many bytes may be kept of what does not go to a file. */
  mostBytes: number;
  /** So many rows of output are wanted. */
  limit: number | undefined;
  /** Names of the inputs, as messages and `ctx.file` show them. */
  files: string[];
  policy: RowPolicySetup;
  /** Where results are kept, if they are. */
  cache: CacheSetup | undefined;
  /** The way that rows must take; for tests. */
  way: string | undefined;
  /** The plan is told in words. */
  explains: boolean;
  /** The input is one whose rows workers might find themselves. */
  mayGuess: boolean;
}

/** `--cache`. */
interface CacheSetup {
  /** Its full path, and as it was given. */
  folder: string;
  shown: string;
  /** Checksums of the tables that code looks things up in, by file. */
  tables: Readonly<Record<string, string>>;
  /** Rows are run. */
  isUsed: boolean;
  /** Nobody has said that variables which the function changes do not matter. */
  checksState: boolean;
}

/** What became of rows that were looked up in a cache. */
export interface CacheCounts {
  /** Results that were there. */
  hits: number;
  /** Calls of the function. */
  misses: number;
  /** Results, or rows, that cannot be kept. */
  unkept: number;
  /** Why the run goes on without it. */
  trouble?: string;
}

/** An output for rows that a function emits. */
export interface EmitSetup {
  name: string;
  output: OutputSetup;
  /** Its columns, where they are given. */
  columns: string[] | undefined;
}

/** Rows that were emitted, in their order. */
export interface EmittedRows {
  bytes: Uint8Array<ArrayBuffer>;
  /** Rows of one output with the same columns that lie together. */
  stretches: {
    /** The number of their output. */
    emit: number;
    /** Those that they were written with, where the output has columns. */
    columns: string[] | undefined;
    /** Of each, which row of the result has emitted it. */
    rows: number[];
    /** In which line of which file that of the first stands. */
    file: string;
    line: number;
    /** Where each ends. */
    ends: number[];
  }[];
}

/** What rows go through, and the way that they take. */
export interface RowsExplained {
  /** From the input to the output. */
  stages: { name: string; what: string }[];
  kind: WayKind;
  because: string;
  /** Ways that are quicker, and what stands in theirs. */
  unfit: { kind: WayKind; because: string }[];
}

/** How rows are run, and what becomes of those that fail. */
export interface RowPolicySetup {
  /** A batch ends behind so many failed rows: 1 under `fail`. */
  stopsAt: number;
  /** Failed rows are described for the rejects file. */
  keepsRecords: boolean;
  /**
   * The results say what had come out before some rows, so that the output can be cut there: before each failed row, or
   * before every thousandth row of the run.
   */
  marks: MarkedRows;
  /** Rows under way at once in a worker, for functions that return promises. */
  concurrency: number;
  /** A row whose function threw or rejected is tried so many times more. */
  retries: number;
  /** A row may take so long only; tasks say how long. */
  hasTimeout: boolean;
  /** Calls a second over all workers, and the clock that they share. */
  rate: RateSetup | undefined;
}

export interface RateSetup {
  perSecond: number;
  /** One word: when the next call may start, in microseconds since 1970. */
  clock: BigInt64Array;
}

/** What a worker is for: it maps rows (and may take parts as well), or does nothing but take parts. */
export type WorkerJob = "maps" | "takes";

/** Parent to worker, beside tasks. */
export type ToWorker =
  | ({ type: "load" } & LoadedFirst)
  | { type: "setup"; setup: RunSetup; columns: string[] | undefined; does: WorkerJob }
  /** Memory of a result that was written, for those to come. */
  | { type: "memory"; memory: ArrayBuffer }
  /** From now on it keeps output, and writes it where it is told. */
  | { type: "output"; sharing: OutputSharing }
  | PlaceMessage
  /** The output columns are known from now on. */
  | { type: "columns"; columns: string[] }
  /**
   * Of rows that are folded or rewritten: the part of those behind all others so far. `marks`: numbers of rows of the input
   * before which what has come out may have to be cut.
   */
  | { type: "take"; part: Uint8Array; marks?: readonly number[] }
  /** No more parts come, and the next output rows are wanted. */
  | { type: "give" }
  /** No more tasks will come: run teardown. */
  | { type: "finish" }
  /** Nothing more will come at all: say when nothing is under way any more. */
  | { type: "leave" };

/** What a worker that writes shares with the parent. */
export interface OutputSharing {
  /** Its number among those that have ever written. */
  writer: number;
  file: SharedFile;
  book: WriterBook;
  /** Hold what it has kept. */
  blocks: SharedBlocks;
  /** It keeps output of so many bytes, or more. */
  keepsFrom: number;
}

/** Output that a worker has kept goes to this position of the file. */
export interface PlaceMessage {
  type: "place";
  kept: HeldBytes;
  position: number;
}

/** What a worker has found out of the code that it runs. */
export interface CodePlan {
  /** The input columns that will be decoded, undefined for all. */
  reads: string[] | undefined;
  /** What the filter asks of a row, where rows for which it is not true need not be read. */
  rowTest: RowTest | undefined;
  /** The columns that are no texts to the code, in their order. */
  types: { name: string; type: FieldType; isGiven: boolean }[];
  /** The type that the transform's source gives its rows: its fields, or why it is not used. */
  record: RecordPlan | undefined;
  /** Where it is to be told. */
  rows: RowsExplained | undefined;
  /** Workers may find the rows of a stretch themselves: it does no harm that a guess is wrong. */
  mayGuess: boolean;
}

type RecordPlan =
  | { name: string; place: string; fields: { name: string; type: string }[] }
  | { name: string; place: string; why: string };

/** Worker to parent, beside answers to tasks. */
export type FromWorker =
  | { type: "loaded"; exports: TransformExports }
  /** Set up; `notes` is what its author should know; `mayGoOn`: what the code begins may go on when it has returned. */
  | { type: "planned"; plan: CodePlan; mayGoOn: boolean; notes: string[] }
  /** The thread of the run is not to run this code: somebody else is to be set up. */
  | { type: "refused" }
  /** Files of the transform that this worker has loaded: at first, or later, before what it answers next. */
  | { type: "files"; at: "start" | "later"; files: FileHashes }
  | { type: "log"; text: string }
  /** It is about to call this, and hears nothing meanwhile. */
  | { type: "calling"; what: "setup" | "teardown" }
  /** A result kept for its columns, encoded again. */
  | { type: "reencoded"; firstRow: number; result: BatchResult }
  /** The answer to `take`, and, with rows, to `give`. */
  | { type: "taken"; error?: ErrorWire; rows?: LateRows }
  | { type: "finished"; error?: ErrorWire }
  /** It cannot write: the code of the system's error; undefined where another program has written to the file. */
  | { type: "unwritten"; code: string | undefined }
  /** Nothing is under way any more, no timer and no connection; or something still is that took too long. */
  | { type: "left"; isInTime: boolean };

/** What a transform module exports, as far as the parent must know. */
export interface TransformExports {
  /** Output columns that the module fixes. */
  columns: string[] | undefined;
  /** The export by which it does that. */
  fixedBy: "output" | "columns" | undefined;
  hasSchema: boolean;
  hasTeardown: boolean;
  /** Rows are folded: what comes out is what is made of all of them. */
  hasReduce: boolean;
  /** Its function takes many rows at once. */
  hasBatch: boolean;
  /** Defaults for options; checked by the command line. */
  options: unknown;
  /** The module and all files that it imports. */
  modules: FileHashes;
}

/** Whole rows: a range of a file, or bytes where the input cannot be read twice. */
export type RowBytes = { kind: "range"; fd: number; start: number; end: number } | { kind: "copy"; data: Uint8Array };

/**
 * A stretch of an input in which nobody has looked for rows yet: it holds those that end behind `start`, and not behind `end`.
 * Offsets are in bytes.
 */
export interface Stretch {
  kind: "stretch";
  /** The file, or, of a stream, the bytes from `begin` on. */
  from: number | Uint8Array;
  start: number;
  end: number;
  /** Where they are, if they are packed in blocks: offsets are of what is unpacked. */
  places?: BlockPlaces;
  /** Where the first of them begins, where that is known, or taken to be known. */
  begin: number | undefined;
  /** The input ends with it. */
  isLast: boolean;
}

/** The rows of a stretch as they were found: where they begin, if that was no wrong guess, and where they end. */
export interface JointRows {
  begin: number;
  end: number;
  rows: number;
  lines: number;
  /** Lines with nothing on them that are no rows. */
  blanks: number;
  /** CRC-32 of their bytes. */
  crc: number;
}

/** How rows are found in an input that has no lines of text: `row 17 of row group 3`. */
export interface RowPlaces {
  /** Before and behind the number; undefined where that is the number of a line, and all that there is to say. */
  words: { before: string; behind: string } | undefined;
  /** What is taken from a line to have the number. */
  offset: number;
}

/** Rows that go to a worker together. */
export interface RowTask {
  /** Number of the batch in the run. */
  batch: number;
  /** Of a stretch the task says no index and no line of its rows, and not how many they are. */
  bytes: RowBytes | Stretch;
  /** Index into `RunSetup.files`. */
  file: number;
  /** Column names of this file, where their order is not that of the first. */
  columns?: string[];
  /** Index of the first row over all inputs, from 0. */
  firstRow: number;
  /** Physical line on which the bytes begin, from 1. */
  firstLine: number;
  /** Set where each row is a line of its input, whatever its bytes hold: how that is told. */
  place?: RowPlaces;
  /** How many rows the bytes hold. */
  rows: number;
  /** Rows before this number were done by an earlier run, or are not wanted. @default 0 */
  from?: number;
  /** Nor are rows from this number on. @default rows */
  to?: number;
  /** Of tables that have no room in memory, by the number of their join: what these rows may find there. */
  found?: readonly (Uint8Array | undefined)[];
  /** Where the run ends with a number of output rows: so many are missing. */
  missingOut?: number;
  /** The last of them may be among these rows, if each gives one at most. */
  mayEnd?: boolean;
}

/** One row that failed. */
export interface RowFailure {
  /** Index over all inputs, from 0. */
  row: number;
  /** Physical line on which the row starts. The place of the error may be a later one. */
  line: number;
  error: ErrorWire;
}

/** Rows by what became of them: taken from the input = mapped + dropped + failed. */
export interface RowCounts {
  /** Rows taken from the input. */
  rowsIn: number;
  /** Rows with output: one row or more. */
  rowsMapped: number;
  /** Rows for which there is no output, and no failure either. */
  rowsDropped: number;
  rowsFailed: number;
  /** Rows of output. */
  rowsOut: number;
}

export const NO_ROWS: Readonly<RowCounts> = { rowsIn: 0, rowsMapped: 0, rowsDropped: 0, rowsFailed: 0, rowsOut: 0 };

/** Rows before which the output may be cut. */
export type MarkedRows = "none" | "failed" | "thousandth";

/** A share of failed rows is looked at after so many rows, and at the end. */
export const CHECKED_ROWS = 1000;

/** A place in a batch before a row: what had come out by then. */
export interface RowMark {
  /** Index of the row over all inputs, from 0. */
  row: number;
  /** What is wrong with the row, where marks are those of failed rows. */
  failure: RowFailure | undefined;
  counts: RowCounts;
  /** Bytes of output, and of records for the rejects file. */
  outputBytes: number;
  rejectsBytes: number;
}

/** Of each join, whether a row has found its key so far, and the first key that was not found. */
export type JoinsSeen = readonly { hasMatched: boolean; firstMiss: string | undefined }[];

/** What a worker has seen of the calls that it has made so far. */
export interface WatchedCalls {
  /** Keys that no row has had; undefined where there was none to look at. */
  lacking: readonly string[] | undefined;
  /** A text of which a date was made, and that has no zone, with its column. */
  localDate: { column: string; text: string } | undefined;
  /** Whether a call has given anything; undefined where none was looked at. */
  gave: "something" | "nothing" | undefined;
}

/**
 * The counts behind each row of output, and the bytes of output and records, one after another: of many rows, numbers
 * cross threads sooner than objects.
 */
type OutputCuts = Uint32Array<ArrayBuffer>;

/** What a cut consists of, in this order. */
type CutPart = Exclude<keyof RowCounts, "rowsOut"> | "outputBytes" | "rejectsBytes";
export const CUT_PARTS: readonly CutPart[] = [
  "rowsIn",
  "rowsMapped",
  "rowsDropped",
  "rowsFailed",
  "outputBytes",
  "rejectsBytes",
];

/** Some of the rows that come out behind those that are folded. */
export interface LateRows {
  output: Uint8Array<ArrayBuffer>;
  rowsOut: number;
  /** Rows of the input that were dropped, as it seemed, and of which some of these come. */
  rowsMapped?: number;
  /** The columns that they were encoded with, where the format has columns and there are rows. */
  columns: string[] | undefined;
  /** No more follow. */
  isLast: boolean;
  /** Rows that have failed in a window in code; undefined where there is none. */
  late?: LateTold | undefined;
}

/** What has come out of steps at some place. */
export interface LateCut {
  rowsOut: number;
  bytes: number;
}

export interface LateTold {
  failures: LateFailure[];
  /** What had come out before each of the rows that were marked. */
  cuts: LateCut[];
}

/** A row that failed when its function was long done. */
export interface LateFailure extends LateCut {
  /** Undefined where nobody reads it. */
  failure: RowFailure | undefined;
  /** Its line of the rejects file, where it is kept. */
  record: string;
  /** The row of the input that had come last: by that, what failed before it and behind is told apart. */
  after: number;
}

/** Output that its worker has kept, in memory that it shares. */
export interface KeptBytes extends HeldBytes {
  /** Number of the worker, among those that have ever written. */
  writer: number;
  /** CRC-32 of them. */
  crc: number;
}

/** What became of a batch, or of some of its rows that lie together. */
export interface BatchResult extends RowCounts {
  /** Number in the run of the first row that it tells of. */
  firstRow: number;
  /** Rows as text. */
  output: Uint8Array<ArrayBuffer>;
  /** Output that is not there because its worker has kept it. */
  kept?: KeptBytes | undefined;
  /** How they lie there by the file that they go to; undefined where they are in their order. */
  groups?: RowGroups | undefined;
  /** What rows have emitted, where any has. */
  emits?: EmittedRows | undefined;
  /** What the rows come to for a stage that takes them in order, where there is one, and anything to take. */
  part?: Uint8Array<ArrayBuffer> | undefined;
  /** The first failed row. */
  failure: RowFailure | undefined;
  /** Failed rows as lines of the rejects file, as far as they are kept. */
  rejects: Uint8Array<ArrayBuffer>;
  /** Marks in ascending order, as far as they are kept. */
  marks: RowMark[];
  /** What was seen of calls so far, where they are watched. */
  watched?: WatchedCalls | undefined;
  /** What was seen of joins so far, where there are any. */
  joins?: JoinsSeen | undefined;
  /** Where the output can be cut behind each of its rows; undefined where nobody may want that. */
  cuts?: OutputCuts | undefined;
  /** What is behind these rows cannot be read: the run ends here. */
  end: ErrorWire | undefined;
  /**
   * Of a stretch: where its rows are, as its worker found them; "misfit" where it has to be read with certainty, and all
   * else says nothing.
   */
  joint?: JointRows | "misfit" | undefined;
  /** The columns that the output was encoded with, where it has columns and rows. */
  columns: string[] | undefined;
  /** Rows that were under way at once: 1 for functions that answer at once. */
  concurrency: number;
  /** Calls beyond the first, because that one threw or rejected. */
  retries: number;
  /** What was looked up in a cache, where there is one. */
  cache?: CacheCounts;
  times: StageTimes;
  /** The ways that blocks took. */
  blocks: BlocksByWay;
  /** The columns were guessed from this batch alone: the worker keeps the results until it knows better. */
  isProvisional: boolean;
}
