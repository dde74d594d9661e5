/**
 * The source of a run: opens the inputs one after another, finds their columns, and cuts them into batches of whole
 * rows. It knows the index and the line of every batch's first row, and decodes nothing but headers.
 */
import { RowmillError, placeAt, withDetails } from "../errors.ts";
import { sameColumns } from "../formats/columns.ts";
import { bytesBeforeRow, commentLines } from "../formats/text/comment-lines.ts";
import { type FindPlaces, foundPlaces, isToBeFound } from "../formats/text/cut.ts";
import { REST_COLUMN } from "../formats/text/dialect.ts";
import { decodeUtf8 } from "../formats/utf8.ts";
import {
  type Bytes,
  type InputTraits,
  KEPT_LINE_BYTES,
  PLAIN_STATE,
  type Reader,
  type SchemaStart,
  type Split,
  type Splitter,
  countLines,
} from "../formats/format.ts";
import { type InputFormat, hasDialect, readerOf } from "../formats/registry.ts";
import { openMemory } from "../formats/memory.ts";
import { readingOf } from "../formats/row-reading.ts";
import { shownName } from "../io/files.ts";
import { placed } from "../io/start-folder.ts";
import { httpHeaders } from "../io/http-headers.ts";
import type { BlockPlaces } from "../io/bgzf/blocks.ts";
import type { OpenInput } from "../io/open-input.ts";
import type { Pulled } from "../scheduler/run-batches.ts";
import { type DataType, SAMPLE_BYTES as TYPE_SAMPLE_BYTES, SAMPLE_ROWS } from "../fields/data-types.ts";
import type { SourceColumn } from "../sources/source.ts";
import { type RowTest, testedNames } from "../code/row-test.ts";
import { type SkippedParts, skippedParts } from "./skipped-parts.ts";
import type { ReadCuts, ReadTable } from "./source-input.ts";
import type { DataTypes } from "../fields/typing.ts";
import type { BatchResult, JointRows, RowTask } from "../transform/wire.ts";
import { type BadSplit, badHeader, badRowResult, endResult, linesResult, skippedResult } from "./bad-row.ts";
import type { InputPosition } from "./checkpoint.ts";
import type { ReadStart } from "./dialect-advice.ts";
import type { LinesStart } from "./json-advice.ts";
import {
  DELIMITER_SAMPLE_BYTES,
  type FoundDelimiter,
  MAX_DELIMITER_SAMPLE_BYTES,
  findDelimiter,
  isPossible,
  shown,
} from "./delimiter.ts";
import { type InputShape, type KeptHead, SAMPLE_BYTES, firstLineStart } from "./detect.ts";
import {
  checkOneColumn,
  checkSameColumns,
  columnCount,
  columnNames,
  firstRows,
  madeUpNames,
  piecesOf,
  readFields,
  replacedRowNotice,
  withRest,
} from "./header.ts";
import { type StartedInput, startInput } from "./input-start.ts";
import type { InputCopies } from "./input-copies.ts";
import { inputPath } from "./told-format.ts";
import { InputSums } from "./input-sums.ts";
import { InputWindow } from "./input-window.ts";
import { nextSplit } from "./next-split.ts";
import { OpenInputs } from "./open-inputs.ts";
import { type InputPlan, convertedPlan } from "./options.ts";
import type { RunOptions } from "../options/run-options.ts";
import { LentMemory } from "./lent-memory.ts";
import { typesOfRows } from "./type-sample.ts";
import type { CertainSplit, BatchLimits } from "./split-request.ts";
import type { Slice, SliceEnd, SlicePlace } from "./slice.ts";

/**
 * A stream that brings nothing for so long is sampled as far as it has come: a log that is followed must not wait for
 * its thousandth row.
 */
const SAMPLE_QUIET_MS = 1000;

/** Nothing of a column that says that it is text makes it something else. */
const DATA_TYPES: Readonly<Record<SourceColumn["type"], DataType>> = {
  text: "text",
  number: "stated number",
  boolean: "stated boolean",
  json: "stated json",
};

const LF = 10;
const CR = 13;
const NO_LINES: Buffer = Buffer.alloc(0);

/** What is wrong with a row of which only a format knows what it should be has a place. */
function inPlace<T>(place: { file: string; line: number }, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw error instanceof RowmillError ? withDetails(error, { place }) : error;
  }
}

function withComments(dialect: InputPlan["dialect"], comments: readonly string[]): InputPlan["dialect"] {
  return comments.length === 0 ? dialect : { ...dialect, comments: [...dialect.comments, ...comments] };
}

/** The first row of an input, good or bad. */
type FirstRow = Exclude<CertainSplit, { kind: "end" | "none" }>;

/** Bytes of an input in which nobody has looked for rows, by their offsets. */
interface Unread {
  /** Index of the input. */
  file: number;
  /** Set where their order is not that of the first file. */
  columns?: string[];
  start: number;
}

/** Bytes of a file, which workers read themselves. */
export interface UnreadFile extends Unread {
  fd: number;
  /** As far as is known. */
  end: number;
  /** The file ends there. */
  isAll: boolean;
  /** Where they are, if they are packed in blocks. */
  places?: (from: number, to: number) => BlockPlaces;
}

/** Bytes of a stream, of which workers get the lines. */
export interface UnreadStream extends Unread {
  /** Where the next line begins that was not taken. */
  front: number;
  /** See {@linkcode InputWindow.takeLines}. */
  take: InputWindow["takeLines"];
}

/** One input that is being read. */
interface CurrentFile {
  input: OpenInput;
  index: number;
  window: InputWindow;
  /** Workers read it by its file descriptor: it stays open until the run ends. Of any other they get copies. */
  isShared: boolean;
  splitter: Splitter;
  /** Set where the order is not that of the first file. */
  columns: string[] | undefined;
  /** What it holds, where threads make text of it; and the number of rows before its first one. */
  table: { read: ReadTable; firstRow: number; isFleeting: boolean } | undefined;
}

/** One whose columns are not known yet. */
interface StartedFile extends Omit<CurrentFile, "splitter" | "columns"> {
  /** The delimiter that its first line says. */
  sepDelimiter: string | undefined;
}

/** So many bytes of so many inputs are kept, for advice on how to read them. */
const START_BYTES = 16 * 1024;
const MAX_STARTS = 16;
/** How long lines are shows in so many bytes; others may be longer by so much. */
const LINE_SAMPLE_BYTES = 4096;
const LINE_MARGIN = 1.25;
/** So many names are compared with one that was mistyped. */
const MAX_KEYS = 10_000;

function startLines(window: InputWindow): { lines: Buffer; isWhole: boolean } {
  const head = Buffer.from(window.head(START_BYTES));
  const isWhole = window.isFinal && head.length === window.length;
  return { lines: isWhole ? Buffer.concat([head, Buffer.from("\n")]) : head, isWhole };
}

/** The start of a text that threads make: nothing of it has to be found out. */
function startedText(plan: InputPlan, format: InputFormat): StartedInput {
  const shape: InputShape = { hasBom: false, hasCrlf: false, hasBracket: false, compression: undefined };
  const skipped = NO_LINES;
  return { plan: convertedPlan(plan, format), encoding: "utf-8", shape, line: 1, sepDelimiter: undefined, skipped };
}

/** The options of a run that a source heeds itself; the others are in its plan. */
type SourceOptions = Pick<RunOptions, "first" | "summary" | "union"> &
  InputAccessOptions & {
    /** Copies of inputs that can be read once only. */
    copies?: InputCopies | undefined;
  };

/** What servers are told that inputs come from. */
export interface InputAccessOptions {
  httpHeader?: RunOptions["httpHeader"] | undefined;
}

export class RowSource {
  readonly #names: readonly string[];
  /** So many of them are read. */
  #files: number;
  /** Where its slice begins, and the next one. */
  #from: SlicePlace | undefined;
  #until: SlicePlace | undefined;
  /** See `SlicePlace.fleeting`. */
  #fleeting = 0;
  /** So many rows are read. */
  readonly #first: number;
  /** Inputs may have different columns. */
  readonly #isUnion: boolean;
  readonly #memory = openMemory();
  /** Where the bytes of tasks are that cannot be read again. */
  readonly #lent = new LentMemory();
  readonly #inputs: OpenInputs;
  #nextFile = 0;
  #current: CurrentFile | undefined;
  /** A row that has no end in as many bytes as were looked at. */
  #longRow: { file: CurrentFile; position: number; bytes: number } | undefined;
  #line = 1;
  #batches = 0;
  #isClosed = false;
  #notesReplaced = false;
  /** Rows cut so far. */
  rows = 0;
  /** The first lines of the first inputs, as they are read. */
  readonly #starts = new Map<string, { lines: Buffer; isWhole: boolean; skippedLines: number }>();
  /** Checksums of what was read. */
  readonly sums: InputSums;
  /** Column names of the first input that has any; undefined for formats without a header, or when all are empty. */
  columns: string[] | undefined;
  /** The columns of all headers that were read so far, in the order in which they were first seen. */
  readonly allColumns: Set<string> = new Set();
  /** How inputs are read; its format is known when the first one is open. */
  plan: InputPlan;
  /** What a schema of the first input says of it, beside its columns. */
  #said: Partial<InputTraits> = {};
  /** The dialect as it was found. */
  dialect: InputPlan["dialect"];
  /** What becomes of fields behind the last column, in the first input. */
  extraFields: InputPlan["extraFields"];
  /** The encoding of the first input, as it was found. */
  encoding: string | undefined;
  /** What the data say of the columns; nothing where they are not asked. */
  dataTypes: DataTypes = {};
  /** How an input of another kind says that its columns are kept: see formats/column-type.ts. */
  statedTypes: Readonly<Record<string, string>> = {};
  /** The columns that somebody looks at, where that is known: of some inputs others are not read. */
  #wanted: ReadonlySet<string> | undefined;
  #isWantKnown = false;
  /** What rows must be that somebody wants, as far as it is known. */
  #test: RowTest | undefined;
  /** How many parts of tables need not be read, of those of which it could be told. */
  readonly parts = { skipped: 0, all: 0 };
  /** So many rows say it. */
  sampledRows = 0;
  /** What else the start of the first input shows; rewriting it in place keeps that. */
  shape: InputShape = { hasBom: false, hasCrlf: false, hasBracket: false, compression: undefined };
  /** Lines with nothing on them that were left out. */
  blankLines = 0;
  /** Lines before the table of the first input, where they are kept. */
  readonly head: KeptHead = { skipped: NO_LINES, comments: NO_LINES };
  /** The last line of the last input has no end. */
  endsOpen = false;
  /** How the delimiter was found; undefined where it was given. */
  foundDelimiter: FoundDelimiter | undefined;
  /** What was guessed of the inputs, for whoever started the run. */
  readonly notices: string[] = [];

  constructor(
    names: readonly string[],
    plan: InputPlan,
    { first = Number.POSITIVE_INFINITY, summary, union, httpHeader, copies }: SourceOptions,
  ) {
    this.#names = names;
    this.#files = names.length;
    this.#inputs = new OpenInputs({ headers: httpHeaders(httpHeader) }, copies);
    this.plan = plan;
    this.#first = first;
    this.#isUnion = union === true;
    this.sums = new InputSums({ keepsHashes: summary !== undefined });
    this.dialect = plan.dialect;
    this.extraFields = plan.extraFields;
  }

  get #reader(): Reader {
    return readerOf(this.plan.format);
  }

  /** Whether its inputs can be read twice, as far as they are known. */
  get canReadAgain(): boolean {
    return this.#names.every((name) => this.#inputs.canReadAgain(name));
  }

  /** What the rest of the run must know of the inputs' format. */
  get traits(): InputTraits {
    return { ...this.#reader.traits, ...this.#said };
  }

  /** Over how many connections the server of the input sends it that is read; undefined where none does. */
  get connections(): OpenInput["connections"] {
    return this.#current?.input.connections;
  }

  /** The start of an input, for advice on how to read it. */
  startOf(file: string): ReadStart | undefined {
    const start = this.#starts.get(file);
    const isOther = this.dialect.cut !== undefined || this.#reader.habits !== undefined;
    if (start === undefined || !hasDialect(this.plan.format) || isOther) return undefined;
    const width = this.columns?.length;
    const text = start.lines.toString("latin1");
    // A blank line below a title is none of its rows.
    const dialect = { ...this.dialect, keepsBlankLines: false };
    const isLater = this.#isLater(file);
    return { file, text, skippedLines: start.skippedLines, dialect, width, isLater };
  }

  /** The same of a file whose lines are JSON. */
  linesStart(file: string): LinesStart | undefined {
    const start = this.#starts.get(file);
    const { columns, rows } = this.traits;
    if (start === undefined || columns !== "keys" || rows !== "lines") return undefined;
    return { file, text: start.lines.toString("utf8"), isWhole: start.isWhole, isLater: this.#isLater(file) };
  }

  /** Whether other inputs were opened before it. */
  #isLater(file: string): boolean {
    return this.#starts.keys().next().value !== file;
  }

  /** Names in the first rows that stand where keys of JSON do. */
  readonly firstKeys = (): string[] => {
    const text = [...this.#starts.values()].map(({ lines }) => lines.toString("utf8")).join("\n");
    const found = [...text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map(([, key = ""]) => key);
    return [...new Set(found)].slice(0, MAX_KEYS);
  };

  /** Bytes still to be read, where they are known: not of a stream or a table, and not while other files follow. */
  get remaining(): number | undefined {
    if (this.#current?.table !== undefined) return undefined;
    if (this.#nextFile < this.#files) return undefined;
    return this.#current === undefined ? 0 : this.#current.window.remaining;
  }

  /** Where the next batch begins; undefined when the bytes before it cannot be read again. */
  get position(): InputPosition | undefined {
    const file = this.#current;
    if (file?.table !== undefined) return this.#tablePosition(file, file.table);
    if (file === undefined || !file.window.isSeekable) return undefined;
    return {
      file: file.index,
      offset: file.window.position,
      line: this.#line,
      rows: this.rows,
      splitter: file.splitter.state,
      crc: this.sums.crc,
      ...this.end,
    };
  }

  #tablePosition(
    { index, window: { position: offset }, splitter }: CurrentFile,
    { read: { cuts }, firstRow }: NonNullable<CurrentFile["table"]>,
  ): InputPosition | undefined {
    if (cuts?.digest === undefined) return undefined;
    const row = this.rows - firstRow;
    const place = { line: row + 1, rows: this.rows, splitter: splitter.state, table: cuts.at(offset, row) };
    return { file: index, offset, crc: cuts.digest, ...place, ...this.end };
  }

  /** What is known of a slice that ends here, beside where that is. */
  get end(): SliceEnd {
    return this.#fleeting === 0 ? {} : { fleeting: this.#fleeting };
  }

  /** The table that is read, where that can be done from the start of any of its parts on. */
  get cuts(): ReadCuts | undefined {
    return this.#current?.table?.read.cuts;
  }

  /**
   * Goes on where an earlier run stopped. The source must have been opened.
   *
   * @throws {RowmillError} `input`, when the bytes before are not those that the earlier run has read.
   */
  async resume(position: InputPosition): Promise<void> {
    const read = this.#names.slice(0, position.file + 1);
    if (position.table !== undefined) {
      this.sums.passed(this.#names.slice(0, position.file).map((name) => ({ name, path: pathOf(name) })));
      await this.slice({ from: position, to: undefined });
    } else {
      this.#nextFile = position.file;
      await this.#openNext();
      await this.sums.readAgain(read, position.offset);
    }
    const crc = position.table === undefined ? this.sums.crc : this.cuts?.digest;
    if (crc !== position.crc || this.#current?.index !== position.file) {
      throw new RowmillError("input", `cannot resume: what was read of ${read.join(", ")} is not the same any more`, {
        hint: "--restart drops what the earlier run left and starts over",
      });
    }
    if (position.table !== undefined) return;
    this.#current.window.resume(position.offset);
    this.#current.splitter.state = position.splitter;
    this.#line = position.line;
    this.rows = position.rows;
  }

  /** Goes on at the start of a slice, and ends at its end. The source must have been opened. */
  async slice({ from, to }: Slice): Promise<void> {
    this.#from = from;
    this.#until = to;
    if (to !== undefined) this.#files = to.offset === undefined && to.table === undefined ? to.file : to.file + 1;
    this.#nextFile = from.file;
    this.rows = from.rows;
    this.#line = from.line;
    this.#fleeting = from.fleeting ?? 0;
    if (from.file >= this.#files) {
      this.#current = undefined;
      return;
    }
    await this.#openNext();
    if (this.#current?.index !== from.file) return;
    if (from.table !== undefined) this.#current.window.position = from.offset ?? 0;
    if (from.offset === undefined || from.table !== undefined) return;
    this.#current.window.resume(from.offset);
    this.#current.splitter.state = from.splitter;
    this.#line = from.line;
  }

  /** Where the next row begins, for a slice that is to begin there. */
  get place(): SlicePlace {
    const { position } = this;
    if (position !== undefined) {
      const { file, offset, line, rows, splitter, table } = position;
      return { file, offset, line, rows, splitter, ...(table !== undefined && { table }), ...this.end };
    }
    const start = { line: 1, rows: this.rows, splitter: PLAIN_STATE, ...this.end };
    if (this.#current === undefined) return { ...start, file: this.#names.length };
    const { index: file, table, window } = this.#current;
    const cuts = table?.read.cuts;
    if (cuts === undefined) return { ...start, file };
    const { position: offset } = window;
    const row = this.rows - (table?.firstRow ?? 0);
    return { ...start, file, offset, line: row + 1, table: cuts.at(offset, row) };
  }

  /** Of a table: whether any row follows, as far as that can be said. */
  async hasMoreInTable(): Promise<boolean> {
    const { window } = this.#current ?? {};
    // What keeps it from being read is said when it is read.
    await window?.fill(1, 1).catch(() => {});
    return window === undefined || window.length > 0 || !window.isFinal;
  }

  /** Passes over a table that says how many rows its parts have. */
  async passTable(): Promise<void> {
    const { window, table } = this.#current ?? {};
    if (window === undefined) return;
    this.rows += table?.read.cuts?.rows?.reduce((sum, rows) => sum + rows, 0) ?? 0;
    await this.#leave(window);
  }

  /** Opens the first input that holds anything. Columns, their types and dialect are known afterwards. */
  async open(): Promise<void> {
    await this.#openNext();
    // A header alone says nothing of types: the first rows of all do.
    while (this.plan.typesByData && this.sampledRows === 0 && this.#nextFile < this.#names.length) {
      const { window } = this.#current ?? {};
      if (window?.isFinal !== true || window.length > 0) return;
      await this.#leave(window);
    }
  }

  /** Whether it pays to say which columns are wanted. */
  get skipsColumns(): boolean {
    return readerOf(this.plan.format).skipsColumns === true;
  }

  /**
   * Says which columns somebody looks at, undefined for all, and what rows must be that somebody wants, before rows are
   * pulled: some inputs read no others.
   */
  async want(columns: ReadonlySet<string> | undefined, test?: RowTest): Promise<void> {
    [this.#wanted, this.#test, this.#isWantKnown] = [columns, test, true];
    if (this.#current !== undefined) await this.#narrow(this.#current);
  }

  /** Has the rows of a table hold what somebody looks at, where that is known. */
  async #narrow(file: CurrentFile): Promise<void> {
    const { extraFields, isRagged } = this.plan;
    if (file.table === undefined || !this.#isWantKnown) return;
    const all = file.columns ?? this.columns ?? [];
    const skipped = await this.#skipped(file.table.read, all);
    const wanted = this.#wanted;
    // What has more fields, or fewer, than there are columns counts them.
    const isWhole = wanted === undefined || extraFields !== "error" || isRagged;
    const numbers = all.map((name, at) => (isWhole || wanted.has(name) ? at : -1));
    const coming = numbers.filter((number) => number >= 0);
    if (coming.length === all.length) {
      file.table.read.want(undefined, skipped);
      return;
    }
    const names = coming.map((number) => all[number] ?? "");
    // A line of one field might be blank.
    const others = all.filter((_, at) => numbers[at] === -1).slice(0, Math.max(0, 2 - coming.length));
    if (file.table.read.want([...coming, ...others.map(() => -1)], skipped)) file.columns = [...names, ...others];
  }

  /** Its parts of which no row is wanted. */
  async #skipped(table: ReadTable, columns: readonly string[]): Promise<SkippedParts> {
    if (this.#test === undefined || table.parts === 0) return new Map();
    const tested = testedNames(this.#test);
    const ranges = await table.ranges(tested.map((name) => columns.indexOf(name)));
    const skipped = skippedParts(this.#test, ranges, (name) => tested.indexOf(name));
    this.parts.all += table.parts;
    this.parts.skipped += skipped.size;
    return skipped;
  }

  /** Goes on to the next input: this one has no more rows. */
  async #leave(window: InputWindow): Promise<void> {
    window.consume(window.end);
    this.endsOpen = window.endsOpen;
    this.notices.push(...(this.#current?.table?.read.found() ?? []));
    this.#noteEnd(window);
    await this.#openNext();
  }

  /** A file of blocks may have been cut off between two of them. */
  #noteEnd(window: InputWindow): void {
    const { input } = this.#current ?? {};
    if (input === undefined || !window.lacksEnd) return;
    const said = "its last block is missing, by which BGZF ends: it may be cut off";
    this.notices.push(`${shownName(input.name)}: ${said}`);
  }

  /** Ends it, also while a pull is waiting for input: that one finds nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#inputs.close();
    this.sums.close();
  }

  /** The next batch, or undefined at the end. */
  async pull(wanted: BatchLimits): Promise<Pulled<RowTask, BatchResult> | undefined> {
    try {
      for (let asked = wanted; this.#current !== undefined && this.rows < this.#first;) {
        const pulled = await this.#cut(this.#current, asked);
        if (pulled !== undefined) return pulled;
        // What is no row may go on for long.
        if (asked.isCell !== true) asked = { ...wanted, bytes: Math.max(wanted.bytes, SAMPLE_BYTES) };
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof RowmillError)) throw error;
      // The input itself is at fault: it ends the run in its turn, behind the rows before it.
      this.#current = undefined;
      this.#batches++;
      return { kind: "result", result: endResult(error, this.rows), size: 0 };
    }
  }

  /**
   * Of the current input, what follows, where others may look for its rows themselves: as lines, and of a file by position. It is
   * open until the next one is.
   */
  get unread(): UnreadFile | UnreadStream | undefined {
    const file = this.#current;
    if (file === undefined || file.table !== undefined || file.splitter.state !== PLAIN_STATE) return undefined;
    if (this.traits.rows !== "lines" || this.plan.keepsComments) return undefined;
    const { index, columns, window } = file;
    const unread = { file: index, ...(columns !== undefined && { columns }), start: window.position };
    const { readable, untaken } = window;
    if (readable !== undefined) return { ...readable, ...unread };
    if (untaken === undefined) return undefined;
    return { ...unread, front: untaken, take: (until, mayPause) => window.takeLines(until, mayPause) };
  }

  /** The rows so far, and those that somebody else has found behind them; false where these are not behind them. */
  join({ begin, end, rows, lines, blanks, crc }: JointRows): boolean {
    const file = this.#current;
    if (file?.window.position !== begin || file.splitter.state !== PLAIN_STATE) return false;
    file.window.pass(end, crc);
    this.#line += lines;
    this.rows += rows;
    this.blankLines += blanks;
    return true;
  }

  /**
   * The next batch of rows of the current file that end up to an offset of it; undefined where there is none, or where it is
   * not worth to look: a row that is longer than stretches would be looked at from its start for each of them.
   */
  async pullUntil(until: number, wanted: BatchLimits): Promise<Pulled<RowTask, BatchResult> | undefined> {
    for (let file = this.#current; file !== undefined && file.window.position < until; file = this.#current) {
      if (until - file.window.position < 2 * this.#unended(file)) return undefined;
      const isLast = file.window.endsAt(until);
      const split = await this.#split(file, { ...wanted, until: isLast ? undefined : until });
      if (split.kind === "none" || split.kind === "end") return undefined;
      const pulled = this.#take(file, split);
      if (pulled !== undefined) return pulled;
    }
    return undefined;
  }

  /** Cuts a batch from the current file; undefined when there was none and one should look again. */
  async #cut(file: CurrentFile, wanted: BatchLimits): Promise<Pulled<RowTask, BatchResult> | undefined> {
    const before = this.#passOver(file);
    if (before !== undefined) return before;
    file.window.letGo();
    const split = await this.#split(file, wanted);
    // What came meanwhile may stand behind rows that are not read.
    const passed = this.#passOver(file);
    if (passed !== undefined) return passed;
    if (split.kind === "none") throw new Error("no row was found, and all were looked at");
    if (split.kind !== "end") return this.#take(file, split);
    await this.#leave(file.window);
    return undefined;
  }

  /** Takes what was split off; undefined where that is no row. */
  #take(file: CurrentFile, split: FirstRow): Pulled<RowTask, BatchResult> | undefined {
    const { window, input } = file;
    file.splitter.accept?.();
    if (split.kind === "rows") this.blankLines += split.blanks ?? 0;
    const { start } = window;
    const row = file.table?.read.placeOf(this.rows - file.table.firstRow);
    const firstLine = row?.line ?? this.#line;
    this.#line += split.lines;
    const size = split.end - start;
    if (split.kind === "bad") {
      const { columns = this.columns } = file;
      const reading = readingOf({ ...this.plan, traits: this.#reader.traits, dialect: this.dialect }, columns);
      const place = { file: input.name, line: firstLine, row: this.rows, reading };
      const result = badRowResult(split, this.#badBytes(file, split), place);
      this.#pass(file, split.end);
      this.rows++;
      this.#batches++;
      return { kind: "result", result, size };
    }
    if (split.rows === 0) {
      const bytes = this.plan.keepsComments ? Buffer.from(window.head(size)) : NO_LINES;
      const lines = split.isKept === true ? bytes : commentLines(bytes, this.dialect);
      this.#pass(file, split.end);
      if (lines.length === 0) return undefined;
      this.#batches++;
      return { kind: "result", result: linesResult(lines, this.rows), size };
    }
    const task: RowTask = {
      batch: this.#batches++,
      bytes:
        file.isShared && input.file !== undefined
          ? { kind: "range", fd: input.file.fd, start: window.position, end: window.position + size }
          : { kind: "copy", data: this.#lent.lend(window.head(size)) },
      file: file.index,
      ...(file.columns !== undefined && { columns: file.columns }),
      firstRow: this.rows,
      firstLine,
      ...(row !== undefined && { place: row.place }),
      rows: split.rows,
    };
    this.#pass(file, split.end);
    this.rows += split.rows;
    return { kind: "task", payload: task, size };
  }

  /** Nobody reads the bytes of a task any more. */
  giveBack({ bytes }: Pick<RowTask, "bytes">): void {
    if (bytes.kind === "copy") this.#lent.giveBack(bytes.data);
  }

  /** Goes on behind rows. */
  #pass({ window, table }: CurrentFile, end: number): void {
    if (table?.isFleeting === true) this.#fleeting = Bun.hash.crc32(window.head(end - window.start), this.#fleeting);
    window.consume(end);
  }

  async #split(file: CurrentFile, wanted: BatchLimits): Promise<CertainSplit> {
    for (;;) {
      const together = this.#together(file);
      const { position } = file.window;
      const until = wanted.endsWithPart === true ? file.table?.read.cuts?.endBehind(position) : wanted.until;
      const most = Math.min(
        wanted.rows ?? Number.POSITIVE_INFINITY,
        wanted.mostRows ?? Number.POSITIVE_INFINITY,
        together,
      );
      const split = await nextSplit(file.window, {
        ...wanted,
        // Of cells it follows from the bytes where they end.
        bytes: wanted.isCell === true ? wanted.bytes : Math.max(wanted.bytes, 2 * this.#unended(file)),
        until,
        // At least one: a header is read whatever is wanted.
        maxRows: Math.min(most, Math.max(1, this.#first - this.rows)),
        maxRowBytes: this.plan.maxRowBytes,
        split: (stretch) => this.#ask(file, { memory: this.#memory, ...stretch }),
      });
      if (split.kind === "none" && until !== undefined) {
        this.#longRow = { file, position, bytes: until - position };
      }
      // Rows that came meanwhile may have told where they stand, and where a part ends.
      if (split.kind !== "rows" && split.kind !== "bad") return split;
      if (wanted.endsWithPart === true && until === undefined) {
        const end = file.table?.read.cuts?.endBehind(position);
        if (end !== undefined && position + split.end - file.window.start > end) continue;
      }
      if (split.kind === "bad" || split.rows <= this.#together(file)) return split;
    }
  }

  /** The rows of a part that is not read, where they come next. */
  #passOver({ table }: CurrentFile): Pulled<RowTask, BatchResult> | undefined {
    const next = table?.read.placeOf(this.rows - table.firstRow);
    if (next?.isSkipped !== true) return undefined;
    const rows = Math.min(next.rows, this.#first - this.rows);
    const result = skippedResult(this.rows, rows);
    this.rows += rows;
    this.#batches++;
    return { kind: "result", result, size: 0 };
  }

  /** So many rows follow each other line by line, as those of a batch must. */
  #together({ table }: CurrentFile): number {
    return table?.read.placeOf(this.rows - table.firstRow).rows ?? Number.POSITIVE_INFINITY;
  }

  /** So many of the next bytes were looked at, and no row ends in them. */
  #unended(file: CurrentFile): number {
    const { bytes = 0, position, file: seen } = this.#longRow ?? {};
    return seen === file && position === file.window.position ? bytes : 0;
  }

  #ask({ splitter, input }: CurrentFile, bytes: Bytes): Split {
    // Closed while it waited for input.
    if (this.#isClosed) return { kind: "end" };
    try {
      return splitter.split(bytes);
    } catch (error) {
      throw placeAt(error, input.name, this.#line);
    }
  }

  async #openNext(): Promise<void> {
    if (this.#current?.isShared === false && !this.sums.readsFile) this.#current.input.close();
    this.#current = undefined;
    while (this.#nextFile < this.#files && !this.#isClosed) {
      const index = this.#nextFile++;
      const input = await this.#inputs.open(this.#names[index] ?? "-", this.plan);
      if (this.#isClosed) return;
      const { table } = input;
      if (table !== undefined) {
        this.notices.push(...table.notices);
      }
      const isFleeting = readerOf(input.format ?? this.plan.format).isOfOneMoment === true;
      const path = isFleeting ? undefined : pathOf(this.#names[index] ?? "-");
      this.sums.open(input, table && { path });
      const from = this.#from?.file === index ? this.#from : undefined;
      const until = this.#until?.file === index ? this.#until : undefined;
      if (from?.table !== undefined || until?.table !== undefined)
        table?.cuts?.narrow(from?.table && { ...from.table, offset: from.offset ?? 0 }, until?.table);
      const window = new InputWindow(this.#memory, input, this.sums, until?.offset);
      const given = { plan: this.plan, isOnly: this.#names.length === 1 };
      const { plan, encoding, shape, line, notice, sepDelimiter, skipped } =
        input.format === undefined ? await startInput(window, input, given) : startedText(this.plan, input.format);
      if (notice !== undefined) this.notices.push(notice);
      if (index === 0) this.extraFields = plan.extraFields;
      const { between = [] } = readerOf(plan.format).habits?.comments ?? {};
      if (index === 0) {
        [this.plan, this.shape, this.head.skipped] = [plan, shape, skipped];
        // It is opened once more where rows are gone on with: what its first rows have said of its dialect still holds.
        if (this.columns === undefined) this.dialect = withComments(plan.dialect, between);
      }
      this.encoding ??= encoding;
      const start = { ...startLines(window), skippedLines: line - 1 };
      if (this.#starts.size < MAX_STARTS) this.#starts.set(input.name, start);
      this.#line = line;
      const isShared = this.#inputs.share(window);
      const hasBytes = !window.isFinal || window.length > 0;
      const before = from?.table === undefined ? 0 : from.line - 1;
      const read = table && { read: table, firstRow: this.rows - before, isFleeting };
      const opened = { input, index, window, isShared, sepDelimiter, table: read };
      // Of a file that holds nothing else, the line that says the delimiter is kept as it is.
      if (!hasBytes && index === 0 && sepDelimiter !== undefined) await this.#findDialect(opened);
      if (hasBytes && (await this.#readHeader(opened))) return;
      window.consume(window.end);
      input.close();
    }
    // Without any row, names that were given are still those of the columns, and a schema may name them.
    const { columns } = this.#reader.traits;
    if (columns === "header") this.columns ??= this.plan.columns;
    if (columns === "schema" && this.columns === undefined) await this.#readSchema(undefined);
  }

  /** Finds the columns of a file with rows in it, and makes it the current one. */
  async #readHeader(opened: StartedFile): Promise<boolean> {
    const { traits } = this.#reader;
    const { window } = opened;
    if (traits.columns !== "header") {
      this.#current = { ...opened, splitter: this.#splitter(this.dialect), columns: undefined };
      return traits.columns === "keys" || (await this.#readSchema(this.#current));
    }
    if (this.columns === undefined) await this.#findDialect(opened);
    else this.#checkSepLine(opened);
    // Before a header nothing is a row.
    const { habits } = this.#reader;
    const headDialect = { ...withComments(this.dialect, habits?.comments.head ?? []), keepsBlankLines: false };
    const head = { ...opened, splitter: this.#splitter(headDialect), columns: undefined };
    const isFirst = this.columns === undefined;
    if (this.plan.keepsHead && (isFirst || habits !== undefined)) {
      const lines = await this.#takeHead(head, headDialect);
      if (isFirst) this.#noteHead(lines);
    }
    // Without a header all files have the columns of the first, whatever their rows are.
    const columns = this.plan.hasHeader
      ? await this.#passHeader(head)
      : (this.columns ?? (await this.#namesWithoutHeader(head)));
    if (columns === undefined) return false;
    if (this.columns === undefined) this.columns = columns;
    // Where there is one column, a line with nothing on it is a field.
    const width = columns.length - (this.plan.extraFields === "keep" ? 1 : 0);
    if (width === 1 || this.#isUnion) this.dialect = { ...this.dialect, keepsBlankLines: width === 1 };
    const splitter = this.#splitter(this.dialect);
    this.#current = { ...head, splitter, columns: sameColumns(columns, this.columns) ? undefined : columns };
    if (opened.table !== undefined) {
      if (isFirst) this.#takeTypes(opened.table.read, columns);
      await this.#narrow(this.#current);
    } else if (this.plan.typesByData && (isFirst || (this.sampledRows === 0 && this.rows === 0)))
      await this.#sampleTypes(window, columns);
    return true;
  }

  /** A table says itself what its columns are. */
  #takeTypes({ columns: given }: ReadTable, columns: readonly string[]): void {
    const types = columns.map((name, at): [string, SourceColumn["type"]] => [name, given[at]?.type ?? "text"]);
    const stated = columns.flatMap((name, at) => {
      const { writtenAs } = given[at] ?? {};
      return writtenAs === undefined ? [] : [[name, writtenAs] as const];
    });
    this.statedTypes = Object.fromEntries(stated);
    if (!this.plan.typesByData) return;
    this.dataTypes = Object.fromEntries(types.map(([name, type]) => [name, DATA_TYPES[type]]));
  }

  #splitter(dialect: InputPlan["dialect"]): Splitter {
    const { maxRowBytes, settings, isGuessed } = this.plan;
    return this.#reader.splitter({ dialect, maxRowBytes, settings, isGuessed });
  }

  /** The lines before the first row of all are kept, and may say how the rows are read. */
  #noteHead(lines: Buffer): void {
    this.head.comments = lines;
    const { settingsOf } = this.#reader.habits ?? {};
    const { settings } = this.plan;
    if (settingsOf !== undefined && Object.keys(settings).length > 0)
      this.plan = { ...this.plan, settings: { ...settings, ...settingsOf(lines) } };
  }

  /** Takes the lines before the first row of a file: it goes on behind them. */
  async #takeHead(file: CurrentFile, dialect: InputPlan["dialect"]): Promise<Buffer> {
    const { window } = file;
    const { hasHeader } = this.plan;
    // A blank line may be a row where nothing is a header.
    if (!hasHeader && dialect.comments.length === 0) {
      const first = await this.#split(file, { bytes: SAMPLE_BYTES, rows: 1 });
      if (first.kind === "rows" || first.kind === "bad") this.#noteLineEnd(window.head(first.end - window.start));
      return NO_LINES;
    }
    const kept: Buffer[] = [];
    const row = await this.#firstRow(file, kept);
    if (row !== undefined) {
      const bytes = Buffer.from(window.head(row.end - window.start));
      const { row: start, comments } = bytesBeforeRow(bytes, dialect);
      const before = bytes.subarray(0, hasHeader ? start : comments);
      kept.push(before);
      this.#noteLineEnd(bytes);
      window.consume(window.start + before.length);
      this.#line += countLines(before.toString("latin1"));
    }
    return Buffer.concat(kept);
  }

  /** The line end of the first row counts for all; before that was found, one in quotes may have been taken for it. */
  #noteLineEnd(row: Buffer): void {
    if (row.at(-1) === LF) this.shape = { ...this.shape, hasCrlf: row.at(-2) === CR };
  }

  /** Passes over the header of a file, and gives the names of its columns; undefined where there is none. */
  async #passHeader(file: CurrentFile): Promise<string[] | undefined> {
    const row = await this.#firstRow(file);
    if (row === undefined) return undefined;
    const { window, input } = file;
    const place = { file: input.name, line: this.#line, ...file.table?.read.header };
    if (row.kind === "bad") throw badHeader(row, this.#badBytes(file, row), { ...place, row: 0 });
    // Blank lines before it are none of its rows, in a later file of one column either.
    const form = { ...this.#form, dialect: { ...this.dialect, keepsBlankLines: false } };
    const fields = readFields(Buffer.from(window.head(row.end - window.start)), form, place);
    const named = inPlace(place, () => this.#reader.habits?.header?.(fields)) ?? fields;
    const columns = withRest(columnNames(named, this.plan, place), this.plan, place);
    if (this.columns !== undefined) {
      checkOneColumn(this.columns, columns, place);
      if (!this.#isUnion) checkSameColumns(this.columns, columns, place);
    }
    for (const name of columns) this.allColumns.add(name);
    window.consume(row.end);
    this.#line += row.lines;
    if (this.plan.columns !== undefined) this.#noteReplaced(fields, window, place);
    return columns;
  }

  /** The columns of a file without a header; undefined where nobody has named them, and there is no row. */
  async #namesWithoutHeader(file: CurrentFile): Promise<string[] | undefined> {
    const place = { file: file.input.name, line: this.#line };
    const { columns } = this.plan;
    const names = columns ?? (await this.#usualNames(file, place)) ?? madeUpNames(await this.#columnCount(file), place);
    return names.length === 0 ? undefined : withRest(names, this.plan, place);
  }

  /** The names that columns of the format have, as many as the first row has fields. */
  async #usualNames(file: CurrentFile, place: { file: string; line: number }): Promise<string[] | undefined> {
    const { names } = this.#reader.habits ?? {};
    if (names === undefined) return undefined;
    const row = await this.#firstRow(file);
    if (row === undefined) return [];
    const { window } = file;
    const fields = row.kind === "bad" ? [] : readFields(window.head(row.end - window.start), this.#form, place);
    return inPlace(place, () => names(fields.length, place.file));
  }

  /** How many columns a file has, by its first rows; 0 where it has none. What is wrong with one is said when it comes. */
  async #columnCount(file: CurrentFile): Promise<number> {
    const { window } = file;
    const count = await this.#countOfMost(window, SAMPLE_BYTES);
    if (count !== undefined) return count;
    // The first row is a long one, or all are bad.
    const row = await this.#firstRow(file);
    if (row === undefined) return 0;
    const size = row.end - window.start;
    return (await this.#countOfMost(window, size)) ?? piecesOf(window.head(size), this.dialect);
  }

  async #countOfMost(window: InputWindow, size: number): Promise<number | undefined> {
    // Where the longest row counts, a stream may pause before it comes.
    if (this.plan.isRagged) await window.fillOrQuiet(size, SAMPLE_QUIET_MS);
    else await window.fill(1, size);
    return columnCount(window.head(size), window.isFinal && window.length <= size, this.#form);
  }

  async #sampleTypes(window: InputWindow, columns: readonly string[]): Promise<void> {
    const reader = this.#reader;
    const { nullTexts, extraFields, settings, encodingErrors } = this.plan;
    // Extra fields stay texts.
    const named = extraFields === "keep" ? columns.filter((name) => name !== REST_COLUMN) : columns;
    const replacesInvalid = encodingErrors === "replace";
    const form = { ...this.#form, columns: named, settings, mostRows: SAMPLE_ROWS, replacesInvalid };
    for (const bytes of [this.#sampleBytes(window), TYPE_SAMPLE_BYTES]) {
      await window.fillOrQuiet(bytes, SAMPLE_QUIET_MS);
      const isWhole = window.isFinal && window.length <= bytes;
      const sampled = reader.sample?.(window.head(bytes), { ...form, isWhole }) ?? [];
      const rows = sampled instanceof Promise ? await sampled : sampled;
      const found = typesOfRows(rows, { columns: named, nullTexts });
      [this.dataTypes, this.sampledRows] = [{ ...found, ...this.#usualTypes(named) }, rows.length];
      // A stream that pauses is not waited for twice.
      if (rows.length === SAMPLE_ROWS || isWhole || window.length < bytes || bytes === TYPE_SAMPLE_BYTES) return;
    }
  }

  /** What the format says of its columns, whatever the first rows look like. */
  #usualTypes(columns: readonly string[]): DataTypes {
    const { typeOf } = this.#reader.habits ?? {};
    const types = columns.map((name): [string, DataType | undefined] => {
      const type = typeOf?.(name);
      return [name, type && DATA_TYPES[type]];
    });
    return Object.fromEntries(types.filter((pair): pair is [string, DataType] => pair[1] !== undefined));
  }

  /** So many bytes most likely hold the rows of a sample, by the length of the first lines: of most files those at hand. */
  #sampleBytes(window: InputWindow): number {
    const lines = Buffer.from(window.head(LINE_SAMPLE_BYTES)).toString("latin1").split("\n").length;
    const likely = Math.ceil((LINE_SAMPLE_BYTES / lines) * SAMPLE_ROWS * LINE_MARGIN);
    return Math.min(Math.max(likely, SAMPLE_BYTES), TYPE_SAMPLE_BYTES);
  }

  /** How lines become rows, with the dialect that was found. */
  get #form(): InputPlan {
    return { ...this.plan, dialect: this.dialect };
  }

  /** Names were given in place of the first line of a file: whether that was a header, somebody should know. */
  #noteReplaced(fields: readonly string[], window: InputWindow, place: { file: string; line: number }): void {
    if (this.#notesReplaced) return;
    const rows = firstRows(window.head(SAMPLE_BYTES), this.dialect);
    const notice = replacedRowNotice(fields, { rows, place });
    if (notice === undefined) return;
    this.#notesReplaced = true;
    this.notices.push(notice);
  }

  /** What the format says of the columns of a file; false where there is nothing in it that says it. */
  async #readSchema(file: CurrentFile | undefined): Promise<boolean> {
    const firstRow: SchemaStart["firstRow"] = async () => {
      const row = file && (await this.#firstRow(file));
      if (file === undefined || row === undefined) return undefined;
      const place = { file: file.input.name, line: this.#line };
      if (row.kind === "bad") throw badHeader(row, this.#badBytes(file, row), { ...place, row: 0 });
      return { bytes: file.window.head(row.end - file.window.start), place };
    };
    const schema = await this.#reader.schema?.({ given: this.plan, settings: this.plan.settings, firstRow });
    if (schema === undefined) return false;
    const isFirst = this.columns === undefined;
    this.columns ??= this.#named(schema.columns, file);
    this.#said = schema.traits ?? {};
    if (schema.form !== undefined) [this.dialect, this.extraFields] = [schema.form.dialect, schema.form.extraFields];
    if (isFirst && file !== undefined && this.columns !== undefined && this.plan.typesByData && this.#reader.sample)
      await this.#sampleTypes(file.window, this.columns);
    return true;
  }

  /** The columns of a schema by the names that were given; where each row says what it holds, it says what that is called. */
  #named(columns: string[] | undefined, file: CurrentFile | undefined): string[] | undefined {
    if (columns === undefined || this.#reader.traits.form === "row") return columns;
    return columnNames(columns, this.plan, { file: file?.input.name ?? this.#names[0] ?? "-", line: 1 });
  }

  async #findDialect({ input, window, sepDelimiter }: StartedFile): Promise<void> {
    if (!this.plan.detectsDelimiter) return;
    if (isToBeFound(this.dialect.cut)) {
      this.dialect = { ...this.dialect, cut: await this.#findPlaces(window, this.dialect.cut) };
      return;
    }
    this.foundDelimiter =
      sepDelimiter === undefined || !isPossible(sepDelimiter, this.dialect)
        ? findDelimiter(await this.#sample(window), {
            dialect: this.dialect,
            hasHeader: this.plan.hasHeader,
            isRagged: this.plan.isRagged,
            takesExtra: this.plan.extraFields !== "error",
            isWhole: window.isFinal && window.length <= DELIMITER_SAMPLE_BYTES,
          })
        : { delimiter: sepDelimiter, by: "first line", doubt: undefined };
    const { delimiter, doubt } = this.foundDelimiter;
    this.dialect = { ...this.dialect, delimiter };
    if (doubt === undefined) return;
    const said = `${shownName(input.name)}: rows are cut at ${shown(delimiter)}, in doubt: ${doubt}`;
    this.notices.push(`${said} (-d says which it is)`);
  }

  /** At which places columns stand, by the first rows: of a stream, those that come before it pauses. */
  async #findPlaces(window: InputWindow, how: FindPlaces): Promise<string> {
    await window.fillOrQuiet(SAMPLE_BYTES, SAMPLE_QUIET_MS);
    const bytes = window.head(SAMPLE_BYTES);
    const isWhole = window.isFinal && window.length <= SAMPLE_BYTES;
    const lines = (decodeUtf8(bytes) ?? bytes.toString("latin1")).split(/\r?\n/);
    // The last one may go on.
    if (!isWhole && lines.length > 1) lines.pop();
    const { comments } = this.dialect;
    const rows = lines.filter((line) => line.trim() !== "" && !comments.some((mark) => line.startsWith(mark)));
    return foundPlaces(rows.slice(0, SAMPLE_ROWS), how, this.plan.hasHeader);
  }

  /** The start of an input: two lines at the least, where it has them. */
  async #sample(window: InputWindow): Promise<Buffer> {
    let bytes = DELIMITER_SAMPLE_BYTES;
    for (;;) {
      const head = window.head(bytes);
      const first = head.indexOf(LF, firstLineStart(head, this.dialect.comments));
      const hasTwo = first >= 0 && head.includes(LF, first + 1);
      if (hasTwo || (window.isFinal && window.length <= bytes) || bytes >= MAX_DELIMITER_SAMPLE_BYTES) return head;
      const { length } = window;
      if (length >= bytes) bytes *= 2;
      // A header is no row yet. A row is not to wait for the next one.
      if (first < 0 || this.plan.hasHeader) await window.fill(Math.min(length + 1, bytes), bytes);
      else await window.fillOrQuiet(length + 1, SAMPLE_QUIET_MS);
      if (window.length === length && !window.isFinal) return head;
    }
  }

  /** All inputs of a run are cut at the same delimiter. */
  #checkSepLine({ input, sepDelimiter }: StartedFile): void {
    if (!this.plan.detectsDelimiter || sepDelimiter === undefined || sepDelimiter === this.dialect.delimiter) return;
    const [here, first] = [shown(sepDelimiter), shown(this.dialect.delimiter)];
    throw new RowmillError(
      "input",
      `its first line says that the delimiter is ${here}, that of the first input is ${first}`,
      {
        place: { file: input.name, line: 1 },
        hint: "read files of different dialects one by one",
      },
    );
  }

  /** The first row of a file, good or bad, not consumed; what comes before it is, and is added to `passed`. */
  async #firstRow(file: CurrentFile, passed: Buffer[] = []): Promise<FirstRow | undefined> {
    const { window } = file;
    for (;;) {
      const split = await this.#split(file, { bytes: SAMPLE_BYTES, rows: 1 });
      if (split.kind === "end" || split.kind === "none") return undefined;
      if (split.kind === "bad" || split.rows > 0) return split;
      if (this.plan.keepsHead) passed.push(Buffer.from(window.head(split.end - window.start)));
      window.consume(split.end);
      this.#line += split.lines;
    }
  }

  /** The raw bytes of a bad row; of a very long one only its start. */
  #badBytes({ window }: CurrentFile, { end }: BadSplit): Buffer {
    return window.head(Math.min(end - window.start, Math.max(this.plan.maxRowBytes, KEPT_LINE_BYTES)));
  }
}

/** The full path of an input; undefined where it is no file of this machine. */
function pathOf(name: string): string | undefined {
  const path = inputPath(name);
  return path === undefined ? undefined : placed(path);
}
