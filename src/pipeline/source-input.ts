/**
 * An input that threads convert to text: a database, a workbook, a file of columns. The first thread opens it and says
 * what it holds. Its parts are converted by as many threads as there are cores and parts, and read in their order.
 */
import { type Place, RowmillError, fromWire, withDetails, withoutSecrets } from "../errors.ts";
import type { OpenInput } from "../io/open-input.ts";
import { type PieceReader, SinglePieceReader } from "../io/piece-reader.ts";
import { availableParallelism } from "../io/system.ts";
import { textField } from "../sources/csv-text.ts";
import type { FromSource, OpenSourceMessage, ToSource } from "../sources/messages.ts";
import type {
  ComingColumns,
  PartRanges,
  SourceColumn,
  SourcePlaces,
  SourceRows,
  SourceSetup,
  SourceTable,
} from "../sources/source.ts";
import { type ServedThread, spawnServed } from "../spawn.ts";
import { wordsOf } from "../transform/line-counter.ts";
import type { RowPlaces } from "../transform/wire.ts";
import type { SkippedParts } from "./skipped-parts.ts";
import type { TablePlace, TextPlace } from "./slice.ts";

/**
 * Pieces that threads may be ahead, together: the parts behind the one that is read are converted meanwhile, as far as they
 * have room.
 */
const PIECES_AHEAD = 96;
/** Each at the least, and how many threads there are at most. */
const LEAST_AHEAD = 4;
const MOST_THREADS = 8;
/** Another thread is started when rows were waited for so long: to start one costs as much as 10 MB of Parquet. */
const WAIT_MS = 30;
/** So many parts may wait to be read, converted or on their way. */
const PARTS_AHEAD = 16;

/** An input with a table of its own kind. */
export interface SourceInput extends OpenInput {
  table: ReadTable;
}

/** What a run must know of a table. */
export interface ReadTable {
  columns: readonly SourceColumn[];
  notices: readonly string[];
  /** Where the names of the columns stand, where that can be said. */
  header: SourcePlaces["header"];
  /** What reading has shown, since the last call. */
  found(): string[];
  /** How many parts it has of which it can be said between which values those of a column are; 0 where it cannot. */
  parts: number;
  /** What is known of columns, by number, part by part. */
  ranges(columns: readonly number[]): Promise<readonly PartRanges[]>;
  /**
   * Says which columns rows are to hold, before they are read, and which parts are not to be; false where rows hold all
   * columns nevertheless.
   */
  want(columns: ComingColumns, skipped?: SkippedParts): boolean;
  /** Where a row stands, by its number in the table. The row must have come, or the part before it. */
  placeOf(row: number): RowPlace;
  /** Set where its rows can be read from the start of any part on. */
  cuts: ReadCuts | undefined;
}

/** A table that can be read in pieces. */
export interface ReadCuts {
  count: number;
  /** How many rows each has, where that is known before they are read. */
  rows: readonly number[] | undefined;
  /** How large its file is, where that is on a server. */
  fileBytes: number | undefined;
  /** Has it give the rows between two places only, behind its header. To be called before anything is read. */
  narrow(from: TextPlace | undefined, to: TablePlace | undefined): void;
  /** Set where whoever was interrupted may go on at any of its places: see `SourceTable.digest`. */
  digest: number | undefined;
  /** The place of a row at an offset of its text, which must have come; of two names of one place the later part's. */
  at(offset: number, row: number): TablePlace;
  /** Where in its text the first part ends that ends behind an offset, as far as it has come. */
  endBehind(offset: number): number | undefined;
}

interface RowPlace {
  line: number;
  place: RowPlaces;
  /** So many rows, from this one on, follow each other line by line. */
  rows: number;
  /** They are in a part that is not read. */
  isSkipped: boolean;
}

/** @throws {RowmillError} `input`, when it cannot be read. */
export async function openSource(setup: SourceSetup): Promise<SourceInput> {
  const first = new ConvertingThread(setup, Math.min(availableParallelism(), MOST_THREADS));
  const threads = [first];
  const close = (): void => {
    for (const thread of threads) thread.terminate();
  };
  try {
    const table = await first.table;
    const places = new TablePlaces(table.places);
    const found: string[] = [];
    const reader = new SourceReader({ setup, table, threads, places, found });
    return {
      name: withoutSecrets(setup.input.name),
      file: undefined,
      stream: () => reader,
      close,
      table: {
        columns: table.columns,
        header: table.places.header,
        notices: table.notices ?? [],
        found: () => found.splice(0),
        parts: table.hasRanges === true ? table.parts : 0,
        ranges: (columns) => first.ranges(columns),
        want: (columns, skipped) => reader.want(columns, skipped),
        placeOf: (row) => places.of(row),
        // Where rows have lines of their own, a place is more than the number of a row.
        cuts:
          table.places.unit === "row"
            ? {
                count: table.parts,
                rows: table.rowsOfParts,
                digest: table.digest,
                fileBytes: table.fileBytes,
                narrow: (from, to) => reader.narrow(from, to),
                at: (offset, row) => reader.placeAt(offset, row),
                endBehind: (offset) => reader.endBehind(offset),
              }
            : undefined,
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** From a row on each stands a line behind the one before. */
interface Mark {
  row: number;
  line: number;
  part: number;
  /** What is taken from a line to have the number by which a person finds it. */
  offset: number;
  isSkipped: boolean;
}

/** Where the rows of a table stand, as far as they have come. */
class TablePlaces {
  readonly #marks: Mark[] = [];
  readonly #places: SourcePlaces;
  #rows = 0;
  #line: number;

  constructor(places: SourcePlaces) {
    this.#places = places;
    this.#line = places.first;
  }

  /** A part begins. */
  begin(part: number): void {
    const { unit, first, parts } = this.#places;
    if (unit === "row" && parts === undefined && part > 0) return;
    if (unit === "line" && part > 0) this.#line = first;
    this.#mark(part, unit === "row" && parts !== undefined ? this.#line - 1 : 0);
    this.#partRow = this.#rows;
  }

  #partRow = 0;

  /** It begins with this row, which is the first one of a part. */
  startAt(row: number): void {
    this.#rows = row;
    this.#line = this.#places.first + row;
  }

  /** So many rows have come, where they are counted. */
  get rows(): number {
    return this.#rows;
  }

  /** Rows have come. */
  add({ rows, lines = [] }: SourceRows): void {
    if (rows === undefined) return;
    const before = this.#rows;
    for (const { row, line } of lines) {
      const at = this.#partRow + row;
      this.#line += at - this.#rows;
      this.#rows = at;
      const { part = 0, offset = 0 } = this.#marks.at(-1) ?? {};
      this.#line = line;
      this.#mark(part, offset);
    }
    this.#line += before + rows - this.#rows;
    this.#rows = before + rows;
  }

  /** The rows of the part that has begun do not come. */
  skip(rows: number): void {
    const { part = 0, offset = 0 } = this.#marks.at(-1) ?? {};
    this.#mark(part, offset, "skipped");
    this.#line += rows;
    this.#rows += rows;
    this.#mark(part, offset);
  }

  #mark(part: number, offset: number, how: "read" | "skipped" = "read"): void {
    if (this.#marks.at(-1)?.row === this.#rows) this.#marks.pop();
    this.#marks.push({ row: this.#rows, line: this.#line, part, offset, isSkipped: how === "skipped" });
  }

  of(row: number): RowPlace {
    let [low, high] = [0, this.#marks.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle]?.row ?? 0) <= row) low = middle;
      else high = middle;
    }
    const mark = this.#marks[low] ?? { row: 0, line: this.#places.first, part: 0, offset: 0, isSkipped: false };
    const next = this.#marks[low + 1]?.row ?? Number.POSITIVE_INFINITY;
    return {
      line: mark.line + row - mark.row,
      place: { words: this.#words(mark.part), offset: mark.offset },
      rows: next - row,
      isSkipped: mark.isSkipped,
    };
  }

  /** Where the row would stand that did not come. */
  next(file: string): Place {
    const { line, place } = this.of(this.#rows);
    const words = wordsOf(place, line);
    return { file, line, ...(words !== undefined && { words }) };
  }

  #words(part: number): RowPlaces["words"] {
    const { unit, parts } = this.#places;
    const name = parts?.[part];
    if (unit === "row") return { before: "row ", behind: name === undefined ? "" : ` of ${name}` };
    return name === undefined ? undefined : { before: `${name}, line `, behind: "" };
  }
}

function threadsOf({ parts }: SourceTable): number {
  return Math.min(parts, availableParallelism(), MOST_THREADS);
}

interface Conversion {
  setup: SourceSetup;
  table: SourceTable;
  threads: ConvertingThread[];
  places: TablePlaces;
  /** Notices that came with rows. */
  found: string[];
}

/** The text of a table: its header, and its rows part by part. */
class SourceReader extends SinglePieceReader implements PieceReader {
  readonly #conversion: Conversion;
  #hasHeader = false;
  /** The part that is read, and those that are converted meanwhile. */
  readonly #parts: (ConvertedPart | SkippedPart)[] = [];
  #next = 0;
  /** So many threads convert, and rows were waited for so long since one of them was started. */
  #threads = 1;
  #waitedMs = 0;
  #columns: ComingColumns;
  #skipped: SkippedParts = new Map();
  /** It is still to be said what is wanted. */
  #isOpen: boolean;
  /** Parts from this one on are not read; of the last one only so many bytes are, where that is said. */
  #end: number;
  #lastBytes: number | undefined;
  /** So many bytes are left out of the first part. */
  #dropped = 0;
  /** Bytes of the part that is read, as it is made, and of all that was given. */
  #partBytes = 0;
  #offset = 0;
  /** Where parts begin in what was given. */
  readonly #starts: (TablePlace & { offset: number })[] = [];

  constructor(conversion: Conversion) {
    super();
    this.#conversion = conversion;
    this.#isOpen = conversion.table.skips === true;
    this.#end = conversion.table.parts;
  }

  narrow(from: TextPlace | undefined, to: TablePlace | undefined): void {
    if (from !== undefined) {
      // Offsets are those of all of the text.
      this.#offset = from.offset;
      this.#starts.push({ ...from, bytes: 0, offset: from.offset - from.bytes });
      this.#next = from.part;
      this.#dropped = from.bytes;
      this.#conversion.places.startAt(from.row);
    }
    if (to === undefined) return;
    this.#end = Math.min(this.#end, to.bytes > 0 ? to.part + 1 : to.part);
    // The last part may be another one by now: then all of it is read, and whoever looks at what came finds out.
    if (to.bytes > 0 && this.#end === to.part + 1) this.#lastBytes = to.bytes;
  }

  placeAt(offset: number, row: number): TablePlace {
    // Behind rows that are not read stands the same byte as before them.
    const start = this.#starts.findLast((one) => one.offset <= offset && one.row <= row) ?? { part: 0, row: 0, offset };
    return { part: start.part, bytes: offset - start.offset, row: start.row };
  }

  endBehind(offset: number): number | undefined {
    let found: number | undefined;
    // Those in question are the last ones.
    for (let at = this.#starts.length - 1; at >= 0; at--) {
      const start = this.#starts[at]?.offset ?? 0;
      if (start <= offset) break;
      found = start;
    }
    return found;
  }

  /** Behind the header; whoever reads on all the same gets all columns. */
  get isHeld(): boolean {
    return this.#isOpen && this.#hasHeader;
  }

  want(columns: ComingColumns, skipped: SkippedParts = new Map()): boolean {
    if (!this.#isOpen) return false;
    [this.#columns, this.#skipped] = [columns, skipped];
    this.#isOpen = false;
    return true;
  }

  protected async read(): Promise<Uint8Array> {
    const { setup, table, places } = this.#conversion;
    if (this.#hasHeader) this.#isOpen = false;
    if (!this.#isOpen) this.#convert();
    if (!this.#hasHeader) {
      this.#hasHeader = true;
      const header = new TextEncoder().encode(`${table.columns.map(({ name }) => textField(name)).join(",")}\n`);
      if (this.#starts.length === 0) {
        this.#offset = header.length;
        this.#starts.push({ part: 0, bytes: 0, row: 0, offset: header.length });
      }
      return header;
    }
    for (;;) {
      const [part] = this.#parts;
      if (part === undefined) return new Uint8Array(0);
      if (!part.isBegun) places.begin(part.number);
      if (part instanceof SkippedPart) {
        places.skip(part.rows);
        this.#endPart(part.number);
        this.#convert();
        continue;
      }
      part.isBegun = true;
      const begun = performance.now();
      const rows = await part.take().catch((error: unknown) => {
        if (!part.failsAtRow || !(error instanceof RowmillError)) throw error;
        throw withDetails(error, { place: places.next(setup.input.name) });
      });
      this.#waited(performance.now() - begun);
      if (rows === undefined) {
        this.#conversion.found.push(...part.notices);
        this.#endPart(part.number);
        this.#convert();
        continue;
      }
      places.add(rows);
      const bytes = this.#wantedOf(this.own(rows.bytes), part.number);
      this.#offset += bytes.length;
      if (bytes.length > 0) return bytes;
    }
  }

  #endPart(part: number): void {
    this.#parts.shift();
    this.#partBytes = 0;
    this.#dropped = 0;
    // Parts without rows are passed over.
    const { rows: row } = this.#conversion.places;
    const last = this.#starts.at(-1);
    if (last?.offset === this.#offset && last.row === row) this.#starts.pop();
    this.#starts.push({ part: part + 1, bytes: 0, row, offset: this.#offset });
  }

  /** Of the first part and the last one only some bytes may be wanted. */
  #wantedOf(bytes: Uint8Array, part: number): Uint8Array {
    const before = this.#partBytes;
    this.#partBytes += bytes.length;
    const most = part === this.#end - 1 ? this.#lastBytes : undefined;
    if (most !== undefined && this.#partBytes >= most) this.#parts.length = 0;
    const from = Math.max(0, this.#dropped - before);
    const to = most === undefined ? bytes.length : Math.max(0, most - before);
    return bytes.subarray(from, to);
  }

  /** Rows were waited for. */
  #waited(ms: number): void {
    this.#waitedMs += ms;
    if (this.#waitedMs < WAIT_MS) return;
    this.#waitedMs = 0;
    this.#threads++;
    this.#convert();
  }

  /** Hands the next parts to threads that have none. */
  #convert(): void {
    const { setup, table, threads } = this.#conversion;
    const most = threadsOf(table);
    while (this.#next < this.#end && this.#parts.length < PARTS_AHEAD) {
      const skipped = this.#skipped.get(this.#next);
      if (skipped !== undefined) {
        this.#parts.push(new SkippedPart(this.#next++, skipped));
        continue;
      }
      let thread = threads.find(({ isFree }) => isFree);
      if (thread === undefined && threads.length < Math.min(this.#threads, most)) {
        thread = new ConvertingThread({ ...setup, shared: table.shared }, most);
        threads.push(thread);
      }
      if (thread === undefined) return;
      const part = new ConvertedPart(
        this.#next++,
        () => thread.tell({ type: "more", pieces: 1 }),
        () => this.#convert(),
      );
      this.#parts.push(part);
      thread.convert(part, this.#columns);
    }
  }
}

/** A part that is not read. */
class SkippedPart {
  readonly number: number;
  readonly rows: number;
  readonly isBegun = false;

  constructor(number: number, rows: number) {
    this.number = number;
    this.rows = rows;
  }
}

/** A part on its way. */
class ConvertedPart {
  readonly number: number;
  isBegun = false;
  /** What it ends with is the fault of its next row. */
  failsAtRow = false;
  /** What is to be said of it when its rows were read. */
  notices: readonly string[] = [];
  readonly #pieces: SourceRows[] = [];
  readonly #onTaken: () => void;
  readonly #onEnd: () => void;
  #isEnded = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(number: number, onTaken: () => void, onEnd: () => void) {
    this.number = number;
    this.#onTaken = onTaken;
    this.#onEnd = onEnd;
  }

  add(rows: SourceRows): void {
    this.#pieces.push(rows);
    this.#wake?.();
  }

  end(failure?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#failure = failure;
    this.#wake?.();
    this.#onEnd();
  }

  /** The next rows; undefined behind the last. */
  async take(): Promise<SourceRows | undefined> {
    while (this.#pieces.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const rows = this.#pieces.shift();
    if (rows !== undefined) this.#onTaken();
    else if (this.#failure !== undefined) throw this.#failure;
    return rows;
  }
}

/** A thread that opens the source, and converts a part at a time. */
class ConvertingThread {
  readonly #thread: ServedThread;
  readonly table: Promise<SourceTable>;
  #part: ConvertedPart | undefined;
  #asked: PromiseWithResolvers<readonly PartRanges[]> | undefined;
  #isTerminated = false;
  #failure: Error | undefined;

  /** @param threads How many there are going to be. */
  constructor(setup: SourceSetup, threads: number) {
    const opened = Promise.withResolvers<SourceTable>();
    this.table = opened.promise;
    // Of the second thread on nobody waits for it.
    opened.promise.catch(() => {});
    const fail = (error: Error, isOfRow = false): void => {
      this.#failure ??= error;
      opened.reject(error);
      this.#asked?.reject(error);
      if (this.#part !== undefined) this.#part.failsAtRow = isOfRow;
      this.#part?.end(error);
    };
    this.#thread = spawnServed({ type: "open-source", setup } satisfies OpenSourceMessage, {
      message: (message) => {
        const said = message as FromSource;
        if (said.type === "opened") opened.resolve(said.table);
        else if (said.type === "ranges") this.#asked?.resolve(said.parts);
        else if (said.type === "rows") this.#part?.add(said.rows);
        else if (said.type === "failed") fail(fromWire(said.error), said.isOfRow);
        else {
          const ended = this.#part;
          this.#part = undefined;
          if (ended !== undefined) ended.notices = said.notices;
          ended?.end();
        }
      },
      death: (error) => {
        if (!this.#isTerminated) fail(error);
      },
    });
    this.tell({ type: "more", pieces: Math.max(LEAST_AHEAD, Math.floor(PIECES_AHEAD / threads)) });
  }

  get isFree(): boolean {
    return this.#part === undefined && this.#failure === undefined;
  }

  /** Between which values those of columns are, part by part. */
  async ranges(columns: readonly number[]): Promise<readonly PartRanges[]> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#asked = Promise.withResolvers();
    this.tell({ type: "ranges", columns });
    return await this.#asked.promise;
  }

  convert(part: ConvertedPart, columns: ComingColumns): void {
    this.#part = part;
    this.tell({ type: "part", part: part.number, columns });
    if (this.#failure !== undefined) part.end(this.#failure);
  }

  tell(message: ToSource): void {
    this.#thread.tell(message);
  }

  terminate(): void {
    this.#isTerminated = true;
    this.#thread.terminate();
  }
}
