/**
 * What a format is to the pipeline: a splitter on the parent's side, a decoder and an encoder on the worker's. `Format`, at
 * the end, is the interface that each has; registry.ts lists them.
 *
 * The parent never decodes rows: it finds where they end. A worker never looks for boundaries: it is given whole rows.
 */
import type { ErrorCode } from "../errors.ts";
import type { BlockEncoder } from "./block-encoder.ts";
import type { Dialect, ExtraFields, RowForm, RowReading } from "./text/dialect.ts";
import type { OutputDialect } from "./text/output-dialect.ts";
import type { ObjectSpelling } from "./values/spelling-tree.ts";
import type { Memory } from "./memory.ts";

/** A plain row: own enumerable properties only. */
export type Row = Record<string, unknown>;

/** Why one row failed, before it is known where it stands. */
export interface RowFault {
  code: ErrorCode;
  message: string;
  /** The input column to blame, where there is one. */
  column?: string;
  hint?: string;
}

/** What a splitter found at the start of the bytes it was given. */
export type Split =
  /**
   * Whole rows up to `end`: `rows` of them (0: only blank lines, comments), spanning `lines` line feeds. With
   * `isBeforeBad` the row behind them is bad: more bytes bring no more rows. `blanks` are lines with nothing on them. What
   * `isKept` is no row, and goes to the output where comments do.
   */
  | { kind: "rows"; end: number; rows: number; lines: number; blanks?: number; isBeforeBad?: boolean; isKept?: boolean }
  /** One bad row up to `end`, the end of its first physical line. `faultLine`: lines from its start to the fault. */
  | { kind: "bad"; end: number; lines: number; fault: RowFault; faultLine: number }
  /** No whole row yet: more bytes are needed. */
  | { kind: "more" }
  /** Nothing of the input counts from here on. */
  | { kind: "end" };

/** The bytes that a splitter may look at. */
export interface Bytes {
  memory: Memory;
  start: number;
  end: number;
  /** No byte follows `end`. The last line feed may be missing: the caller has put one behind `end` where it is. */
  isFinal: boolean;
  maxRows: number;
}

/** What a splitter knows beside the bytes it is given: where it is in an array, or in a line that it passes over. */
export type SplitterState = string;

/** The state of a splitter that has nothing to remember. */
export const PLAIN_STATE: SplitterState = "";
/** A line that was too long is being passed over: nothing counts up to its line feed. */
export const PASSING_STATE: SplitterState = "passing";

/** The first line of a bad row is kept for the rejects file up to so many bytes, or to those of the longest row. */
export const KEPT_LINE_BYTES: number = 1024 * 1024;

/** Whether more bytes are waited for, because the end of a bad row's line is not among these. */
export function mayBringLine({ start, end, isFinal }: Bytes): boolean {
  return !isFinal && end - start < KEPT_LINE_BYTES;
}

/** Finds the ends of rows. One a file; keeps no bytes. */
export interface Splitter {
  /** Between two calls; may be set to what it was in an earlier run. */
  state: SplitterState;
  /** Looks at the bytes; may be asked again with more of them from the same start. */
  split(bytes: Bytes): Split;
  /** What the last call found was taken: the next bytes begin behind it. */
  accept?(): void;
}

/** Where the fields of a block lie in the kernel's memory: its index counts bytes. */
export interface BlockFields {
  /** Address of the block. */
  start: number;
  /** Each row has all columns; there are no blank lines between them. */
  rows: number;
  /** Bytes of the block. */
  bytes: number;
  /** Makes the index anew, where rows have been made of the block since. */
  reindex(): void;
}

/** Where the objects of a block of JSONL lie in the kernel's memory: all may be copied, or their wanted values read. */
export interface BlockObjects {
  /** Address of the block. */
  start: number;
  rows: number;
  /** Bytes of the block. */
  bytes: number;
  /** What the values of wanted keys are cut from: made when it is asked for, while the block is the last one. */
  readonly text: string;
  /** The strings of the table of texts, by number. */
  strings: readonly string[];
  /** A row of which the kernel is certain, as a whole, and how it is spelled where JSON.stringify would spell it otherwise. */
  parse(row: number): { row: Row; spelling: ObjectSpelling | undefined };
}

/** Rows of one block, valid until the next block is asked for. */
export interface DecodedBlock {
  /**
   * Fields that can be copied as they are, quotes aside: UTF-8, and no line end in a field that is not quoted. Undefined
   * where there are none, or nobody asked for them.
   */
  fields?: BlockFields | undefined;
  /**
   * Undefined where nobody asked for them, or one cannot be taken as it lies there: it must be encoded where rows are passed
   * on as they are, or the kernel is not certain of it.
   */
  objects?: BlockObjects | undefined;
  /** Undefined where `faults` says why. */
  rows: (Row | undefined)[];
  count: number;
  faults: Map<number, RowFault>;
  /** How a row is read again, where each has its own way; undefined where its fields have no names. */
  reading?(row: number): RowReading | undefined;
  /** Line feeds in the block. */
  lines: number;
  /** The block's text, or its bytes as latin1: whatever line feeds can be counted in. */
  source: string;
  /** Where a row starts in `source`. */
  offset(row: number): number;
  /** The raw text of a row. */
  text(row: number): string;
  /** Its raw bytes, in a block that holds bytes that are not UTF-8. */
  bytes?(row: number): Uint8Array;
  /** How rows were spelled that JSON.stringify would spell otherwise, by number; where somebody asked for it. */
  spellings?: ReadonlyMap<number, ObjectSpelling> | undefined;
  /** Comments that stand before a row, or behind the last one (by the count); where they are kept. */
  comments?: ReadonlyMap<number, Uint8Array> | undefined;
  /** Rows whose bytes are what their format's encoder would write; in a run that passes rows on as they are. */
  copies?: RowCopies | undefined;
  /** From here on `source`, `offset` and `text` stay valid when the next block is asked for. */
  keep(): void;
}

/** Where rows stand that may be copied. */
export interface RowCopies {
  bytes: Uint8Array;
  /** Address in `bytes` of a row's first byte; -1 when it must be encoded. */
  from(row: number): number;
  /** Behind its last byte; line end or comma are no part of it. */
  to(row: number): number;
}

/** Turns bytes of whole rows in the kernel's memory into rows. */
export interface Decoder {
  blocks(start: number, end: number, load: LoadBytes): Iterable<DecodedBlock>;
  /**
   * Calls `load` before it looks at bytes, with the address behind them: what is read piece by piece is still in the cache
   * then. Of any other decoder the caller loads all bytes beforehand.
   */
  loadsByPieces?: boolean;
  /**
   * Finds the first rows of bytes as a splitter would, and decodes them; undefined where there is no whole row, where
   * something may be wrong with one, or one may be too long. What it gives is valid until the next call.
   */
  certify?(start: number, end: number): CertifiedBlock | undefined;
}

/** Whole rows, found and decoded at once. */
export interface CertifiedBlock {
  /** Behind the last of them. */
  end: number;
  rows: number;
  /** Line feeds up to `end`, and lines with nothing on them that are no rows. */
  lines: number;
  blanks: number;
  /** Undefined where there are only such lines. */
  block: DecodedBlock | undefined;
}

/** Brings bytes into the kernel's memory, up to an address. */
export type LoadBytes = (to: number) => void;

/** How many line feeds a text holds. */
export function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/** What the rest of a run must know of an input, whatever its format is called. */
export interface InputTraits {
  /**
   * Where the names of columns come from: a line of the file, and `--columns`; what the format says of itself (`schema`);
   * nowhere: each row has keys of its own.
   */
  columns: "header" | "schema" | "keys";
  /** Fields are texts, which are read as something else, or values with types of their own. */
  values: "text" | "typed";
  /** A row ends with a line end, which the last one may lack, or with its own last character. */
  rows: "lines" | "values";
  /** What of a row can go to the output as the bytes that it is: single fields, whole objects of JSON. */
  copies: "fields" | "objects" | "nothing";
  /** Only the fields that are read are made. */
  projects: boolean;
  /** It is said for the file as a whole how its rows are read, or each says it for itself. */
  form: "file" | "row";
}

/** The options of a format that are its own, by name, as they were given. */
export type Settings = Readonly<Record<string, unknown>>;

/** How an input is told to be of a format. */
interface Told {
  /** Of file names, with the dot. */
  extensions?: readonly string[];
  mediaTypes?: readonly string[];
  /** What addresses of it begin with: `postgres:`. */
  schemes?: readonly string[];
  /** The first bytes of its files, one character a byte; of what is converted. */
  signature?: string;
  /** Its files are read by position, on servers too. */
  isFar?: boolean;
  /** Its files are zip archives in which there is a member of this name. */
  member?: string;
  /** What media types of it end with. */
  mediaSuffix?: string;
  /** Its first bytes say it. */
  content?: ToldByContent;
  /** Other names that people use for it. */
  aliases?: readonly string[];
  /** A name says no more than that: which of the two it is, the input says where there is one. */
  variantOf?: string;
  /** In a sentence: "is read as lines of JSON". @default its name */
  called?: string;
}

/** Formats whose first bytes tell them from all others, and from each other. */
export interface ToldByContent {
  /** Which of them an input is, whatever it is called; undefined where it is none. `isWhole`: nothing follows. */
  find(head: Buffer, isWhole: boolean): string | undefined;
  /** Which of them it is, where it is known to be one. */
  among(named: string, head: Buffer, isWhole: boolean): string;
  /** The one whose reader takes all of them. */
  widest: string;
}

/** What is usual of the tables of a format, beside its dialect. */
export interface TableHabits {
  /** Lines that begin so are no rows: those before the rows, and those between them. They go to an output of the same format. */
  comments: { head: readonly string[]; between: readonly string[] };
  /** The names of columns that have no header. @throws {RowmillError} Without a place, when there are too few, or too many. */
  names: (width: number, file: string) => string[];
  /** The names that the fields of a header stand for; undefined where there is none. @throws {RowmillError} As above. */
  header?: (fields: readonly string[]) => string[];
  extraFields?: ExtraFields;
  /** What the fields of a column are, whatever the first rows look like. */
  typeOf: (column: string) => "number" | "text" | undefined;
  /** What lines before the rows say, for its decoder. */
  settingsOf?: (head: Buffer) => Settings;
}

/** What the parent knows when it looks for the ends of rows. */
interface SplitForm {
  dialect: Dialect;
  maxRowBytes: number;
  settings: Settings;
  /** The settings were guessed. */
  isGuessed?: boolean;
}

/** What the first bytes of an input say of its format's own options. */
export interface Guess {
  /** Undefined: nothing. */
  settings: Settings | undefined;
  /** What is read by them, and why: "the rows of items, its only array of objects". */
  called: string;
  /** What says so, and what says something else: "--records items", "--records . reads …". */
  flag: string;
  instead: string;
  /** Before that holds: nothing; more bytes, up to those that are looked at; that nothing but white space follows. */
  needs: "nothing" | "more" | "end";
}

/** The start of an input, for a format that knows its columns. */
export interface SchemaStart {
  given: RowForm;
  settings: Settings;
  /** The bytes of the first row, and its place; undefined where there is none. What is wrong with it ends the run. */
  firstRow: () => Promise<{ bytes: Uint8Array; place: { file: string; line: number } } | undefined>;
}

/** What such a format says of an input. */
export interface InputSchema {
  /** Undefined: rows have keys of their own after all. */
  columns: string[] | undefined;
  /** How rows were written, where that is not as the options say. */
  form?: Pick<RowForm, "dialect" | "extraFields">;
  traits?: Partial<InputTraits>;
}

/** Rows at the start of an input, for what the data say of its columns. */
export interface SampleSetup extends RowForm {
  columns: readonly string[];
  settings: Settings;
  /** Nothing follows the bytes. */
  isWhole: boolean;
  mostRows: number;
  /** Rows that are not UTF-8 are taken. */
  replacesInvalid: boolean;
}

/** What is known of an input when something else than its rows is to be said of it. */
interface FoundInput {
  columns: readonly string[] | undefined;
  dialect: Dialect;
  /** It begins with the bracket of an array. */
  hasBracket: boolean;
  settings: Settings;
  /** Its rows come out with the columns that they have, if they come out. */
  isPassedOn: boolean;
}

/** How the bytes of rows are read. */
export interface DecoderSetup extends RowForm {
  /** Its name in the registry. */
  format: string;
  traits: InputTraits;
  settings: Settings;
  /** Column names of the first file, where there are any; `_rest` behind them where extra fields are kept. */
  columns: string[] | undefined;
  /** Its columns have their names from a line of it. */
  hasHeader: boolean;
  /** Comments go to the output, where they stand. */
  keepsComments: boolean;
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
  /** A longer row is bad. The splitter sees to that, but for rows that stand in records, and those of JSON that is no lines. */
  maxRowBytes: number;
  /** Bytes that are decoded at once; for tests. @default what suits the format */
  blockBytes?: number;
}

/** Whether somebody looks at the values of a key; what nobody looks at is only handed on. */
export type LooksAt = (key: string) => boolean;

/** Reads the text of one row, without its line end. */
export type ReadRow = (text: string) => { row: Row } | { fault: RowFault };
/** @param columns Names of its fields, in their order. */
export type MakeRowReader = (settings: Settings, columns: readonly string[]) => ReadRow;

/** What is to be decoded of a file. */
export interface FileColumns {
  columns: readonly string[];
  /** The columns that are read, undefined for all: fields of others need not become strings. */
  reads: ReadonlySet<string> | undefined;
  /** Blocks say where their fields lie, where that can be. */
  wantsFields: boolean;
  /** Short texts of JSON are strings that are made once: few different ones are expected. */
  internsTexts: boolean;
  /** Rows leave as they came, and are copied where that is possible; only `reads` is looked at. */
  copiesRows: boolean;
  /** Values of rows may be handed on: how they are spelled counts. */
  keepsSpelling: boolean;
  /** Whose values are looked at, of JSON; undefined for all. */
  looksAt: LooksAt | undefined;
  /** What nobody looks at goes to the output as its text: no object need be made of it. */
  handsOnTexts?: boolean;
}

export type MakeDecoder = (memory: Memory, input: DecoderSetup, file: FileColumns) => Decoder;

/** By the names of their columns. */
export type ObjectFields = ReadonlyMap<string, ((text: string) => unknown) | undefined>;

/** The keys of an object that somebody looks at, by its column; undefined for all. */
export type KeysOf = (column: string) => ReadonlySet<string> | undefined;

/** How a format is read. */
export interface Reader {
  readonly traits: InputTraits;
  /** What of its dialect is usual, where that is another than CSV's. */
  readonly dialect?: Partial<Pick<Dialect, "delimiter" | "quote" | "hasEscapes" | "emptyIsNull">>;
  readonly habits?: TableHabits;
  /** The delimiter is found out by the first rows, where it is not given. */
  readonly detectsDelimiter?: boolean;
  /**
   * Its bytes are no rows: a thread makes CSV of it (src/sources), with a header, types of columns, and places of rows. All
   * else here is of that text.
   */
  readonly isConverted?: boolean;
  /** Its rows hold the columns only that somebody looks at: to read one takes long. */
  readonly skipsColumns?: boolean;
  /** It may know of rows, without reading them, between which values theirs are. */
  readonly skipsRows?: boolean;
  /** Why a run over it cannot be resumed, in words, where that is so for every input. */
  readonly notResumable?: string;
  /** What is read of an input is of one moment: whoever writes to it meanwhile does no harm. */
  readonly isOfOneMoment?: boolean;
  /** It is what programs export as a table: a line may say the delimiter, and other kinds of text are refused. */
  readonly isExported?: boolean;
  /** Names of options that are its own: their values are handed to all that follows. */
  readonly settings?: readonly string[];
  /** What the first bytes of one input say of them, where nobody has said any. `isWhole`: nothing follows. */
  guess?(head: Buffer, isWhole: boolean): Promise<Guess>;
  /** @throws {UsageError} When options do not go together with it. */
  check?(options: Settings): void;
  /** How its lines are cut, where that is no matter of a delimiter: `cut` of the dialect, or a word by which it is found. */
  cut?(settings: Settings): string;
  /** Why a file of it cannot be rewritten in place, as the options say that it is read. */
  notInPlace?(settings: Settings): string | undefined;
  /** Finds the ends of rows, on the parent's side. */
  splitter(form: SplitForm): Splitter;
  /** What it says of the columns of an input, where `traits.columns` is `schema`. */
  schema?(start: SchemaStart): Promise<InputSchema | undefined>;
  /** The fields of the first rows as texts; rows that are bad are left out. Where there is none, data say nothing. */
  sample?(bytes: Uint8Array, setup: SampleSetup): Promise<string[][]> | string[][];
  /** What reads rows, on the worker's side: loaded when it is known to be needed. */
  decoder(): Promise<MakeDecoder>;
  /** Fields that `settings` make objects of, and what makes one of its text: undefined where that hangs on others of its row. */
  objectFields?(settings: Settings, columns: readonly string[], keysOf: KeysOf): Promise<ObjectFields>;
  /** What reads a row that stands by itself, in a record, where neither CSV nor JSON does. */
  rowReader?(): Promise<MakeRowReader>;
  /** The format of an output of which nobody says it. @default the same */
  outputFormat?(found: FoundInput): string;
}

/** What the rest of a run must know of an output, whatever its format is called. */
export interface OutputTraits {
  /** All rows have the same columns, which must be known before the first is written, or keys of their own. */
  columns: "header" | "keys";
  /** A field is a text: how a value was spelled does not show what it was. */
  values: "text" | "typed";
  /** Its cells are values, with types of their own: a number is no text there, and a date neither. @default texts */
  cells?: "values";
  /** Lines may stand before the rows that are none. */
  takesHead: boolean;
  /** What of an input's row can be written as the bytes that it is: `typed` are fields that say what they are. */
  copies: "fields" | "typed" | "objects" | "nothing";
  /** Why a run cannot go on behind what it has written; undefined where it can. */
  notResumable: string | undefined;
}

/** What a run writes. */
export interface OutputSetup {
  /** Its name in the registry. */
  format: string;
  dialect: OutputDialect;
  /** Its encoding, as `TextDecoder` calls it, where that is not UTF-8: the parent makes the bytes. */
  encoding?: string | undefined;
  /** Its columns are those of all rows: workers write rows for a file from which they are written anew. */
  union?: { order: readonly string[] | undefined } | undefined;
}

/** A result as it is written: bytes, or a text, of which a worker makes bytes together with those around it. */
export type Encoded = string | Uint8Array;

/** Turns results into what is written: one by one, or a block at once where that can be proven to be right. */
export interface Encoder {
  /** One result; throws when it cannot be written. */
  encode: (value: unknown) => Encoded;
  block: BlockEncoder | undefined;
  /** The character that is counted for `block`, beside quotes and control characters. */
  delimiter: string;
  /** What stands behind the bytes of a row that is copied. */
  copyEnd: string;
}

/** What stands around the rows of an output. */
export interface FramingSetup {
  dialect: OutputDialect;
  hasHeader: boolean;
  /** Makes all that stands before the header, or the first row. */
  before: () => Buffer;
  /** What stands before are lines of an input of the same format. */
  keepsHead: boolean;
  /** An earlier run has written the start. */
  hasBegun: boolean;
  /**
   * Characters in a line of the terminal, where the output goes to one. To ask makes standard output non-blocking, also for
   * the programs that share it.
   */
  terminalWidth: () => number | undefined;
  /** What is called so in the file: `book.xlsx#Sales`. */
  table: string | undefined;
  /** Has a thread make a file of this kind (src/targets). */
  target: (kind: string) => Target;
}

/** Names of tables in a file. */
export interface TableNames {
  /** Why there can be none of this name; undefined where there can. */
  fault(name: string): string | undefined;
  /** A name that there can be, as much like another one as possible, with something behind it. */
  like(wanted: string, suffix: string): string;
}

/** A file that threads make. */
export interface Target {
  /** Hands rows over; when it is done, there is room for more. Gives the bytes of the file that are there by now. */
  write(rows: Uint8Array, of: TargetTable): Promise<Uint8Array>;
  /** All rows are there: the bytes that are left. `columns` as far as they are known. */
  end(columns: readonly string[] | undefined): AsyncIterable<Uint8Array>;
}

/** Where rows of a {@linkcode Target} belong. */
export interface TargetTable {
  /** The table in the file, where it has any. */
  table: string;
  columns: readonly string[] | undefined;
}

/** Turns the outputs of batches, in the order in which they are written, into the bytes of the whole. */
export interface Framing {
  /** What stands before the first row has been given out. */
  readonly hasBegun: boolean;
  /** Lines are held back until the header is known. */
  readonly isHolding?: boolean;
  /** From now on batches are written as they are. */
  readonly addsNothing?: boolean;
  /** Bytes to write for a batch with rows. */
  batch(output: Uint8Array, columns: readonly string[] | undefined): Promise<Uint8Array> | Uint8Array;
  /** Bytes to write at the end. `columns` as far as they are known then. */
  end(columns: readonly string[] | undefined): Promise<Uint8Array> | Uint8Array;
  /** The same piece by piece, where it may be much. */
  endPieces?(columns: readonly string[] | undefined): AsyncIterable<Uint8Array>;
  /** As `batch`, for one of several tables of the file. */
  table?(name: string, output: Uint8Array, columns: readonly string[] | undefined): Promise<Uint8Array>;
  /** What whoever looks at the output should know of it, at its end. */
  readonly notices?: readonly string[];
}

/** Finds one row after another in what an encoder has written, and some of its fields. */
export interface RowFinder {
  /** How many fields are looked for. */
  readonly width: number;
  /** Where each of these begins in the row that was found last; -1 where it is missing. */
  readonly from: Int32Array;
  /** Behind its last byte. */
  readonly to: Int32Array;
  /** Finds the row that begins at an address; gives where the next one does. */
  next(bytes: Uint8Array, start: number, end: number): number;
  /** The text that a field stands for; an empty one where it is null. */
  text(bytes: Uint8Array, from: number, to: number): string;
}

/**
 * Makes what finds the fields of some columns. `columns` are all, for a format that has them in its header.
 *
 * @throws {UsageError} When the dialect is one in which it cannot.
 */
export type MakeRowFinder = (output: OutputSetup, columns: readonly string[], wanted: readonly string[]) => RowFinder;

/** How a format is written. */
export interface Writer {
  readonly traits: OutputTraits;
  /** What of its dialect is usual, where that is another than CSV's. */
  readonly dialect?: Partial<Pick<OutputDialect, "delimiter" | "quote" | "hasEscapes">>;
  /** Whether its columns are named by a line. @default true */
  readonly hasHeader?: boolean;
  /** What null is written as in rows that are made. @default nothing */
  readonly nullText?: string;
  /** Of the names of its files, where not all by which it is told can be written. */
  readonly extensions?: readonly string[];
  /** A file of it has tables, and what stands behind `#` in its name is that of one: a sheet. */
  readonly tables?: TableNames;
  /** Names of options that are its own. */
  readonly settings?: readonly string[];
  /** @throws {UsageError} When options do not go together with it. */
  check?(options: Settings): void;
  /** The text of an object in a column, where that is another than its JSON; undefined where it is none. */
  objectText?: (column: string, value: object, row: Row) => string | undefined;
  /** What writes rows, on the worker's side. */
  encoder(output: OutputSetup, columns: readonly string[]): Encoder;
  /** What stands around them, on the parent's side. */
  framing(setup: FramingSetup): Framing;
  /** It is written to a table of a database (src/databases), and not to a file: see databaseWriter in typed-lines.ts. */
  readonly isDatabase?: boolean;
  /** What finds fields in rows that were written; where there is none, rows cannot be told apart by what they hold. */
  finder?(): Promise<MakeRowFinder>;
}

/** A format. The list of all, and their names: registry.ts. */
export interface Format {
  readonly told: Told;
  readonly reader?: Reader | undefined;
  readonly writer?: Writer | undefined;
}

export interface InputOnly extends Format {
  readonly reader: Reader;
  readonly writer?: undefined;
}

export interface OutputOnly extends Format {
  readonly reader?: undefined;
  readonly writer: Writer;
}

export interface ReadAndWritten extends Format {
  readonly reader: Reader;
  readonly writer: Writer;
}
