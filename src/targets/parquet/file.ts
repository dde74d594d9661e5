/**
 * A Parquet file on its way, where its rows come in: they are cut into row groups, which threads look at and encode, and whose
 * bytes come out in their order. Types of columns are settled by the first rows, or by all where these are not too many: until
 * then their groups wait in the threads.
 */
import { RowmillError } from "../../errors.ts";
import { shownColumn, shownColumns } from "../../formats/columns.ts";
import { namesWord } from "../../formats/command-words.ts";
import type { Target, TargetTable } from "../../formats/format.ts";
import { type ColumnType, typeName } from "../../formats/column-type.ts";
import { type ColumnProfile, NOTHING_SEEN, joinedProfiles, typeByValues } from "./column-profile.ts";
import { type FooterSetup, MAGIC } from "./footer.ts";
import type { EncodingKernel } from "./kernel.ts";
import type { Codec, Encoded, EncodedGroup, Encoding, GroupRows, MisfitPlace } from "./group.ts";
import { bytesOf } from "./row-group.ts";
import { didYouMean, nearest } from "../../nearest.ts";

/** What is known of a file before its rows. */
export interface FileSetup {
  codec: Codec;
  /** Types that columns are to have. */
  types: ReadonlyMap<string, ColumnType>;
  /** Types that columns have where all values are such. */
  stated: ReadonlyMap<string, ColumnType>;
  /** Not all columns for which types are given need be there. */
  mayLack: boolean;
  createdBy: string;
  size: FileSize;
}

/** How much of a file is worked on at once. */
export interface FileSize {
  /** A row group has at most so many rows, and so many bytes of them, unless a row alone has more. */
  groupRows: number;
  groupBytes: number;
  /** So many bytes of rows settle the types of columns. */
  settlingBytes: number;
}

const MIB = 1024 * 1024;

/** Of many files, each has rows that wait. */
export const FILE_SIZES: Readonly<Record<"alone" | "amongMany", FileSize>> = {
  alone: { groupRows: 122_880, groupBytes: 32 * MIB, settlingBytes: 64 * MIB },
  amongMany: { groupRows: 122_880, groupBytes: 2 * MIB, settlingBytes: 2 * MIB },
};

/** A row group that a thread has. */
export interface GroupInThread {
  profile(): Promise<ColumnProfile[]>;
  encode(encoding: Encoding): Promise<Encoded | { misfit: MisfitPlace }>;
}

/** Threads that encode row groups. */
export interface EncoderThreads {
  /** For what is done with rows before they go to a thread. */
  readonly kernel: EncodingKernel;
  /** Hands a group over, when there is room. */
  take(rows: GroupRows): Promise<GroupInThread>;
  footer(setup: FooterSetup): Promise<Uint8Array>;
}

/** A group has at most so many fields, whose table lies in memory. */
const MOST_FIELDS = 1 << 23;

export class ParquetFile implements Target {
  readonly #setup: FileSetup;
  readonly #threads: EncoderThreads;
  #names: readonly string[] | undefined;
  #cutter: RowCutter | undefined;
  #encoding: Encoding | undefined;
  /** Groups that wait until types are settled. */
  #waiting: { thread: GroupInThread; rows: number; profile: Promise<ColumnProfile[]> }[] = [];
  #waitingBytes = 0;
  /** Groups that are encoded, or will be. */
  readonly #coming: ComingGroup[] = [];
  /** Rows of the groups that are done, or on their way. */
  #rows = 0;
  readonly #done: EncodedGroup[] = [];
  #hasBegun = false;

  constructor(setup: FileSetup, threads: EncoderThreads) {
    this.#setup = setup;
    this.#threads = threads;
  }

  /**
   * Takes rows; gives the bytes that are there by now.
   *
   * @throws {RowmillError} `output`, where a value does not fit the type of its column.
   */
  async write(rows: Uint8Array, { columns = [] }: TargetTable): Promise<Uint8Array> {
    if (rows.length > 0) {
      const names = this.#named(columns);
      this.#cutter ??= new RowCutter(this.#threads.kernel, { columns: names.length, ...this.#setup.size });
      for (const group of this.#cutter.add(rows)) await this.#take(group);
    }
    const pieces = this.#start();
    for (let next = this.#coming[0]; next?.isThere === true; next = this.#coming[0])
      pieces.push(await this.#next(next));
    return Buffer.concat(pieces);
  }

  /** All rows are there: the bytes that are left. */
  async *end(names: readonly string[] | undefined): AsyncGenerator<Uint8Array> {
    const columns = this.#named(names ?? []);
    const last = this.#cutter?.end();
    if (last !== undefined) await this.#take(last);
    yield* this.#start();
    const encoding = await this.#settled();
    for (let next = this.#coming[0]; next !== undefined; next = this.#coming[0]) yield await this.#next(next);
    const { createdBy } = this.#setup;
    yield await this.#threads.footer({ names: columns, groups: this.#done, createdBy, ...encoding });
  }

  /** The names of its columns, which are those of its first rows. */
  #named(columns: readonly string[]): readonly string[] {
    if (this.#names !== undefined) return this.#names;
    if (columns.length === 0) throw noColumns();
    const { types, mayLack } = this.#setup;
    const unknown = mayLack ? undefined : [...types.keys()].find((name) => !columns.includes(name));
    if (unknown !== undefined) throw unknownColumn(unknown, columns);
    this.#names = columns;
    return columns;
  }

  #start(): Uint8Array[] {
    if (this.#hasBegun) return [];
    this.#hasBegun = true;
    return [Buffer.from(MAGIC)];
  }

  async #take(rows: GroupRows): Promise<void> {
    this.#encoding ??= this.#givenEncoding();
    const thread = await this.#threads.take(rows);
    if (this.#encoding !== undefined) {
      this.#encode(thread, rows.rows, this.#encoding);
      return;
    }
    const profile = thread.profile();
    // Whoever waits for it first hears why it has failed.
    profile.catch(() => {});
    this.#waiting.push({ thread, rows: rows.rows, profile });
    this.#waitingBytes += bytesOf(rows.pieces);
    if (this.#waitingBytes >= this.#setup.size.settlingBytes) await this.#settled();
  }

  /** Where the type of each column is given. */
  #givenEncoding(): Encoding | undefined {
    const { types, codec } = this.#setup;
    const given = (this.#names ?? []).flatMap((name) => types.get(name) ?? []);
    return given.length === this.#names?.length ? { types: given, codec } : undefined;
  }

  async #settled(): Promise<Encoding> {
    if (this.#encoding !== undefined) return this.#encoding;
    const { types, stated, codec } = this.#setup;
    const profiles = await Promise.all(this.#waiting.map(({ profile }) => profile));
    const settled = (this.#names ?? []).map((name, at): ColumnType => {
      const seen = profiles.reduce((sum, columns) => joinedProfiles(sum, columns[at] ?? NOTHING_SEEN), NOTHING_SEEN);
      return types.get(name) ?? typeByValues(seen, stated.get(name));
    });
    const encoding: Encoding = { types: settled, codec };
    this.#encoding = encoding;
    for (const { thread, rows } of this.#waiting.splice(0)) this.#encode(thread, rows, encoding);
    return encoding;
  }

  #encode(thread: GroupInThread, rows: number, encoding: Encoding): void {
    const encoded = thread.encode(encoding);
    const coming: ComingGroup = { firstRow: this.#rows, encoded, isThere: false };
    this.#rows += rows;
    this.#coming.push(coming);
    const isThere = (): void => {
      coming.isThere = true;
    };
    encoded.then(isThere, isThere);
  }

  async #next({ firstRow, encoded }: ComingGroup): Promise<Uint8Array> {
    const said = await encoded;
    this.#coming.shift();
    if ("misfit" in said) throw this.#misfit(firstRow, said.misfit);
    this.#done.push(said.group);
    return said.bytes;
  }

  #misfit(firstRow: number, { column, row, text }: MisfitPlace): RowmillError {
    const name = this.#names?.[column] ?? "";
    const type = this.#encoding?.types[column];
    const shown = text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
    const isGiven = this.#setup.types.has(name);
    const what = type === undefined ? "" : typeName(type);
    const message = `row ${firstRow + row + 1} of the output: column ${shownColumn(name)} holds ${JSON.stringify(shown)}, wanted ${what}`;
    const [asText = "", asNumber = ""] = ["text", "number"].map((other) => namesWord([`${name}=${other}`]));
    return new RowmillError("output", message, {
      hint: isGiven
        ? `--parquet-types ${asText} takes it as it is`
        : `the rows before say that it is ${what}; --parquet-types ${asText} takes any value, ${asNumber} all numbers`,
    });
  }
}

/** So much of a value is shown. */
const SHOWN_CHARS = 60;

interface ComingGroup {
  firstRow: number;
  encoded: Promise<Encoded | { misfit: MisfitPlace }>;
  isThere: boolean;
}

function noColumns(): RowmillError {
  return new RowmillError("output", "a Parquet file has columns, and no row says which", {
    hint: "write CSV, or have rows, or a module that exports columns",
  });
}

function unknownColumn(name: string, columns: readonly string[]): RowmillError {
  const message = `--parquet-types names ${shownColumn(name)}, which is no column of the output`;
  const near = nearest(name, columns);
  const hint = near === undefined ? `the columns are: ${shownColumns(columns)}` : didYouMean(shownColumn(near));
  return new RowmillError("output", message, { hint });
}

/** Cuts rows into groups: whatever stretches they come in, the groups are the same. */
class RowCutter {
  readonly #kernel: EncodingKernel;
  readonly #columns: number;
  readonly #mostRows: number;
  readonly #mostBytes: number;
  #pieces: Uint8Array[] = [];
  #rows = 0;
  #bytes = 0;

  constructor(
    kernel: EncodingKernel,
    { columns, groupRows, groupBytes }: { columns: number } & Omit<FileSize, "settlingBytes">,
  ) {
    this.#kernel = kernel;
    this.#columns = columns;
    this.#mostRows = Math.max(1, Math.min(groupRows, Math.floor(MOST_FIELDS / columns)));
    this.#mostBytes = groupBytes;
  }

  *add(rows: Uint8Array): Generator<GroupRows> {
    const start = this.#kernel.allocate(rows.length);
    try {
      this.#kernel.bytes.set(rows, start);
      const end = start + rows.length;
      for (let at = start; at < end;) {
        const behind = this.#cut(at, end);
        if (behind > at) this.#pieces.push(this.#kernel.copyOf(at, behind));
        this.#bytes += behind - at;
        at = behind;
        if (at < end || this.#rows === this.#mostRows || this.#bytes >= this.#mostBytes) yield this.#group();
      }
    } finally {
      this.#kernel.release(start);
    }
  }

  /** What is left. */
  end(): GroupRows | undefined {
    return this.#rows === 0 ? undefined : this.#group();
  }

  /** Behind the last row that goes to this group. */
  #cut(at: number, end: number): number {
    const { wasm } = this.#kernel;
    const room = this.#mostBytes - this.#bytes;
    const behind = wasm.cutRows(at, Math.min(end, at + room), this.#mostRows - this.#rows) >>> 0;
    const rows = this.#kernel.result(0);
    this.#rows += rows;
    if (rows > 0 || this.#rows > 0) return behind;
    // A row that is larger than a group is one by itself.
    this.#rows = 1;
    const behindRow = wasm.cutRows(at, end, 1) >>> 0;
    if (behindRow === at) throw new Error("a row that goes to a row group has no end");
    return behindRow;
  }

  #group(): GroupRows {
    const group = { pieces: this.#pieces, rows: this.#rows, columns: this.#columns };
    [this.#pieces, this.#rows, this.#bytes] = [[], 0, 0];
    return group;
  }
}
