/**
 * The source of a run: opens the inputs one after another, finds their columns, and cuts them into batches of whole
 * rows. It knows the index and the line of every batch's first row, and decodes nothing but headers.
 */
import { RowmillError, placeAt, toWire } from "../errors.ts";
import { csvSplitter } from "../formats/csv/splitter.ts";
import type { Bytes, RowFault, Split, Splitter } from "../formats/format.ts";
import { jsonSplitter } from "../formats/json/splitter.ts";
import { jsonlSplitter } from "../formats/jsonl/splitter.ts";
import { Kernel } from "../formats/kernel/host.ts";
import { type OpenInput, openInput } from "../io/files.ts";
import type { Pulled } from "../scheduler/run-batches.ts";
import type { BatchResult, RowFailure, RowTask } from "../transform/wire.ts";
import { badRow } from "./bad-row.ts";
import { SAMPLE_BYTES, detectDelimiter } from "./detect.ts";
import { checkSameColumns, columnNames, readFields } from "./header.ts";
import { startInput } from "./input-start.ts";
import type { InputWindow } from "./input-window.ts";
import type { InputPlan } from "./options.ts";

/** Of a row that failed before any worker saw it, so much is shown. */
const ROW_TEXT_CHARS = 300;

/**
 * So many files are open at once for workers; smaller files than a window, and files after these, are copied to them and
 * closed: a run may have more inputs than a process may have files.
 */
const MAX_SHARED_FILES = 8;

/** How much the next batch may hold. */
export interface Wanted {
  bytes: number;
  /** Rows, where their number is fixed. */
  rows: number | undefined;
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
}

export class RowSource {
  readonly #names: readonly string[];
  readonly #plan: InputPlan;
  readonly #limit: number;
  readonly #kernel = new Kernel();
  readonly #opened: OpenInput[] = [];
  #shared = 0;
  #nextFile = 0;
  #current: CurrentFile | undefined;
  #line = 1;
  #rows = 0;
  #batches = 0;
  #isClosed = false;
  /** Column names of the first input that has any; undefined for formats without a header, or when all are empty. */
  columns: string[] | undefined;
  /** The dialect as it was found. */
  dialect: InputPlan["dialect"];
  /** The encoding of the first input, as it was found. */
  encoding: string | undefined;

  constructor(names: readonly string[], plan: InputPlan, limit: number | undefined) {
    this.#names = names;
    this.#plan = plan;
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
    this.dialect = plan.dialect;
  }

  /** Bytes still to be read, where they are known: not of a stream, and not while other files follow. */
  get remaining(): number | undefined {
    if (this.#nextFile < this.#names.length) return undefined;
    return this.#current === undefined ? 0 : this.#current.window.remaining;
  }

  /** Opens the first input that holds anything. Columns and dialect are known afterwards. */
  async open(): Promise<void> {
    await this.#openNext();
  }

  /** Ends it, also while a pull is waiting for input: that one finds nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const input of this.#opened.splice(0)) input.close();
  }

  /** The next batch, or undefined at the end. */
  async pull(wanted: Wanted): Promise<Pulled<RowTask, BatchResult> | undefined> {
    try {
      while (this.#current !== undefined && this.#rows < this.#limit) {
        const pulled = await this.#cut(this.#current, wanted);
        if (pulled !== undefined) return pulled;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof RowmillError)) throw error;
      // The input itself is at fault: it ends the run in its turn, behind the rows before it.
      this.#current = undefined;
      this.#batches++;
      const result = { ...badRow({ row: this.#rows, error: toWire(error) }), rowsIn: 0 };
      return { kind: "result", result, size: 0 };
    }
  }

  /** Cuts a batch from the current file; undefined when there was none and one should look again. */
  async #cut(file: CurrentFile, wanted: Wanted): Promise<Pulled<RowTask, BatchResult> | undefined> {
    const split = await this.#split(file, wanted);
    const { window } = file;
    if (split.kind === "end") {
      await this.#openNext();
      return undefined;
    }
    file.splitter.accept?.();
    const { start } = window;
    const firstLine = this.#line;
    this.#line += split.lines;
    const size = split.end - start;
    if (split.kind === "bad") {
      const failure = this.#failure(file, split.fault, { end: split.end, line: firstLine + split.faultLine });
      window.consume(split.end);
      this.#rows++;
      this.#batches++;
      return { kind: "result", result: badRow(failure), size };
    }
    if (split.rows === 0) {
      window.consume(split.end);
      return undefined;
    }
    const task: RowTask = {
      batch: this.#batches++,
      bytes: file.isShared
        ? { kind: "range", fd: file.input.fd, start: window.position, end: window.position + size }
        : { kind: "copy", data: new Uint8Array(this.#kernel.bytes.subarray(start, split.end)) },
      file: file.index,
      ...(file.columns !== undefined && { columns: file.columns }),
      firstRow: this.#rows,
      firstLine,
      rows: split.rows,
    };
    window.consume(split.end);
    this.#rows += split.rows;
    return { kind: "task", payload: task, size };
  }

  /** Looks for whole rows in as many bytes as are wanted, and in more where these hold none (or too few). */
  async #split({ window, splitter, input }: CurrentFile, wanted: Wanted): Promise<Exclude<Split, { kind: "more" }>> {
    // At least one: a header is read whatever the limit.
    const maxRows = Math.min(wanted.rows ?? Number.POSITIVE_INFINITY, Math.max(1, this.#limit - this.#rows));
    let bytes = wanted.bytes;
    let least = 1;
    let short: Exclude<Split, { kind: "more" }> | undefined;
    for (;;) {
      try {
        await window.fill(least, bytes);
      } catch (error) {
        // Rows before the place where the input cannot be read any more are rows.
        if (short === undefined) throw error;
        return short;
      }
      if (this.#isClosed) return { kind: "end" };
      const end = Math.min(window.end, window.start + bytes);
      const isFinal = window.isFinal && end === window.end;
      const split = this.#ask(splitter, { kernel: this.#kernel, start: window.start, end, isFinal, maxRows }, input);
      const isShort =
        split.kind === "rows" &&
        wanted.rows !== undefined &&
        split.rows > 0 &&
        split.rows < maxRows &&
        split.isBeforeBad !== true;
      // A fixed number of rows is waited for, but for a bad row or the end in between.
      const mayGrow = isShort && split.end > window.start && !isFinal && bytes < this.#plan.maxRowBytes;
      if (split.kind !== "more" && !mayGrow) return split;
      if (split.kind !== "more") short = split;
      least = window.length + 1;
      bytes = Math.max(bytes, end - window.start) * 2;
    }
  }

  #ask(splitter: Splitter, bytes: Bytes, input: OpenInput): Split {
    try {
      return splitter.split(bytes);
    } catch (error) {
      throw placeAt(error, input.name, this.#line);
    }
  }

  async #openNext(): Promise<void> {
    if (this.#current?.isShared === false) this.#current.input.close();
    this.#current = undefined;
    while (this.#nextFile < this.#names.length && !this.#isClosed) {
      const index = this.#nextFile++;
      const input = openInput(this.#names[index] ?? "-");
      this.#opened.push(input);
      const { window, encoding, line } = await startInput(this.#kernel, input, this.#plan);
      this.encoding ??= encoding;
      this.#line = line;
      if (window.isFinal && window.length === 0) {
        input.close();
        continue;
      }
      const isShared = window.isSeekable && !window.isFinal && this.#shared < MAX_SHARED_FILES;
      if (isShared) this.#shared++;
      if (await this.#readHeader({ input, index, window, isShared })) return;
      input.close();
    }
  }

  /** Finds the columns of a file with rows in it, and makes it the current one. */
  async #readHeader(opened: Omit<CurrentFile, "splitter" | "columns">): Promise<boolean> {
    const { format, maxRowBytes } = this.#plan;
    const { input, window } = opened;
    if (format === "jsonl" || format === "json") {
      const splitter = format === "jsonl" ? jsonlSplitter(maxRowBytes) : jsonSplitter(maxRowBytes);
      this.#current = { ...opened, splitter, columns: undefined };
      return true;
    }
    if (this.columns === undefined) this.#detectDialect(window);
    const file = { ...opened, splitter: csvSplitter(this.dialect, maxRowBytes), columns: undefined };
    const row = await this.#firstRow(file);
    if (row === undefined) return false;
    const place = { file: input.name, line: row.line };
    const names = columnNames(
      readFields(row.bytes, { ...this.#plan, dialect: this.dialect }, place),
      this.#plan,
      place,
    );
    if (this.columns === undefined) this.columns = names;
    else checkSameColumns(this.columns, names, place);
    const isSameOrder = names.every((name, at) => name === this.columns?.[at]);
    if (this.#plan.hasHeader) {
      window.consume(row.end);
      this.#line = row.nextLine;
    }
    this.#current = { ...file, columns: isSameOrder ? undefined : names };
    return true;
  }

  #detectDialect(window: InputWindow): void {
    if (!this.#plan.detectsDelimiter) return;
    const end = Math.min(window.end, window.start + SAMPLE_BYTES);
    const sample = this.#kernel.bytes.subarray(window.start, end);
    const delimiter = detectDelimiter(sample, window.isFinal && end === window.end, this.dialect);
    this.dialect = { ...this.dialect, delimiter };
  }

  /** The first row of a file, not consumed; blank lines before it are. */
  async #firstRow(
    file: CurrentFile,
  ): Promise<{ bytes: Uint8Array; end: number; line: number; nextLine: number } | undefined> {
    const { window } = file;
    for (;;) {
      const split = await this.#split({ ...file }, { bytes: SAMPLE_BYTES, rows: 1 });
      if (split.kind === "end") return undefined;
      const line = this.#line;
      if (split.kind === "bad") {
        const failure = this.#failure(file, split.fault, { end: split.end, line: line + split.faultLine });
        const { message, hint, row } = failure.error;
        throw new RowmillError("input", `cannot read the header: ${message}`, {
          place: { file: file.input.name, line: line + split.faultLine },
          ...(row !== undefined && { row }),
          ...(hint !== undefined && { hint }),
        });
      }
      if (split.rows > 0) {
        const bytes = Buffer.from(this.#kernel.bytes.subarray(window.start, split.end));
        return { bytes, end: split.end, line, nextLine: line + split.lines };
      }
      window.consume(split.end);
      this.#line += split.lines;
    }
  }

  #failure({ input, window }: CurrentFile, fault: RowFault, where: { end: number; line: number }): RowFailure {
    const end = Math.min(where.end, window.start + ROW_TEXT_CHARS * 4);
    const text = this.#kernel.bytes.toString("utf8", window.start, end).replace(/\r?\n$/, "");
    const row = text.length > ROW_TEXT_CHARS ? `${text.slice(0, ROW_TEXT_CHARS)}…` : text;
    const details = {
      place: { file: input.name, line: where.line },
      row,
      ...(fault.hint !== undefined && { hint: fault.hint }),
    };
    return { row: this.#rows, error: toWire(new RowmillError(fault.code, fault.message, details)) };
  }
}
