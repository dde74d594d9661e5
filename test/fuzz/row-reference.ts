/**
 * What a run over whole files must come to, policies included: a slow and simple reading of the rules in design.md, with
 * nothing of src/ in it. Rows are found by readSlowly().
 */
import type { WantedRecord } from "../faults/reject-records.ts";
import { type SlowDialect, readSlowly } from "../formats/csv/slow-csv.ts";
import {
  JsonWriter,
  PlainError,
  type PlainRow,
  cell,
  columnsOf,
  csvLine,
  parseObject,
  withoutMark,
} from "../pipeline/plain-loop.ts";
import { type FaultContext, mapRow } from "./fault-function.ts";

/** One run, as the command line says it. */
export interface RowsRun {
  format: "csv" | "jsonl";
  to: "csv" | "jsonl" | "json";
  dialect: SlowDialect;
  isRagged: boolean;
  noHeaders: boolean;
  columns: string[] | undefined;
  skipLines: number;
  limit: number;
  nullText: string | undefined;
  maxRowBytes: number;
  /** Bytes that are not UTF-8 are replaced. */
  replaces: boolean;
  policy: "fail" | "skip" | "reject";
  /** `-e 'r => r'`; otherwise mapRow() with these arguments. */
  isIdentity: boolean;
  args: Record<string, string>;
  /** Inputs as they are named, with their bytes. */
  files: { name: string; bytes: Buffer }[];
}

/** What must come out. */
export interface Reference {
  code: number;
  output: string;
  rejects: WantedRecord[];
  /** File and line that the message of a failed run starts with. */
  place: { file: string; line: number } | undefined;
  counts: { in: number; mapped: number; dropped: number; rejected: number; out: number };
}

/** A row as it was read, or the code of why it could not be. */
interface FoundRow {
  file: string;
  line: number;
  /** The line to blame: of a quote in a later line of the row, that one. */
  faultLine: number;
  raw: string;
  columns: string[] | undefined;
  found: PlainRow | string;
}

/** An input that cannot be read at all ends the run. */
class InputError extends Error {}

export async function reference(run: RowsRun): Promise<Reference> {
  const reader = new Reader(run);
  const writer = run.to === "csv" ? new CsvText(run, reader) : new JsonText(run.to === "json");
  const rejects: WantedRecord[] = [];
  const counts = { in: 0, mapped: 0, dropped: 0, rejected: 0, out: 0 };
  try {
    for (const row of reader.rows()) {
      const index = counts.in++;
      try {
        if (typeof row.found === "string") throw new PlainError(row.found, row.line);
        const values = await resultsOf(run, row.found, { index, line: row.line, file: row.file, args: run.args });
        writer.write(values);
        counts.out += values.length;
        if (values.length === 0) counts.dropped++;
        else counts.mapped++;
      } catch (error) {
        if (!(error instanceof PlainError)) throw error;
        if (run.policy === "fail") {
          return { code: 1, output: writer.text, rejects, place: { file: row.file, line: row.faultLine }, counts };
        }
        counts.rejected++;
        rejects.push(record(run, row, { index, code: error.code }));
      }
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { code: 1, output: writer.text, rejects, place: undefined, counts };
  }
  writer.end(run.isIdentity);
  return { code: rejects.length > 0 ? 3 : 0, output: writer.text, rejects, place: undefined, counts };
}

async function resultsOf(run: RowsRun, row: PlainRow, ctx: FaultContext): Promise<unknown[]> {
  let result: unknown;
  try {
    if (run.isIdentity) return [row];
    result = await mapHere(row, ctx);
    const isMany = typeof result === "object" && result !== null && Symbol.iterator in result;
    const all = isMany ? [...(result as Iterable<unknown>)] : [result];
    return all.filter((one) => one !== null && one !== undefined);
  } catch (error) {
    if (error instanceof WorkerDeath) throw new PlainError("row-worker-died", ctx.line);
    throw new PlainError("row-function", ctx.line);
  }
}

/** Stands in for the end of a worker. */
class WorkerDeath extends Error {}

const EXIT = process.exit.bind(process);

/** Calls mapRow() where `process.exit` must not end the process. */
function mapHere(row: PlainRow, ctx: FaultContext): unknown {
  process.exit = () => {
    throw new WorkerDeath();
  };
  try {
    return mapRow(row, ctx);
  } finally {
    process.exit = EXIT;
  }
}

function record({ dialect }: RowsRun, row: FoundRow, { index, code }: { index: number; code: string }): WantedRecord {
  return {
    file: row.file,
    line: row.line,
    row: index,
    codes: [code],
    input: Buffer.from(row.raw, "latin1"),
    columns: row.columns,
    delimiter: row.columns === undefined || dialect.delimiter === "," ? undefined : dialect.delimiter,
  };
}

class Reader {
  readonly #run: RowsRun;
  /** Columns of the first input that has any. */
  columns: string[] | undefined;

  constructor(run: RowsRun) {
    this.#run = run;
  }

  *rows(): Generator<FoundRow> {
    let left = this.#run.limit;
    for (const { name, bytes } of this.#run.files) {
      // A header is read whatever the limit.
      if (left === 0 && (this.#run.format === "jsonl" || this.columns !== undefined)) return;
      const { text, line } = this.#skip(withoutMark(bytes).toString("latin1"));
      const rows = this.#run.format === "csv" ? this.#csvRows(name, text, line) : this.#jsonlRows(name, text, line);
      for (const row of rows) {
        if (left === 0) return;
        left--;
        yield row;
      }
    }
  }

  #skip(text: string): { text: string; line: number } {
    let at = 0;
    for (let skipped = 0; skipped < this.#run.skipLines; skipped++) {
      const feed = text.indexOf("\n", at);
      at = feed < 0 ? text.length : feed + 1;
    }
    return { text: text.slice(at), line: 1 + this.#run.skipLines };
  }

  *#csvRows(file: string, text: string, firstLine: number): Generator<FoundRow> {
    const { dialect, maxRowBytes, noHeaders } = this.#run;
    let columns: string[] | undefined;
    for (const piece of readSlowly(text, dialect, maxRowBytes)) {
      if (piece.kind === "blank" || piece.kind === "comment") continue;
      const line = firstLine + piece.line;
      if (columns === undefined) {
        if (piece.kind === "bad") throw new InputError("the header");
        columns = this.#header(piece.fields);
        if (!noHeaders) continue;
      }
      const found = piece.kind === "bad" ? piece.code : this.#makeRow(piece.fields, columns);
      const faultLine = piece.kind === "bad" ? line + piece.faultLine : line;
      const raw = text.slice(piece.start, piece.end).replace(/\r?\n$/, "");
      yield { file, line, faultLine, raw, columns, found };
    }
  }

  /** The names of the columns of a file, from its first row. */
  #header(latin1: string[]): string[] {
    const fields = this.#decode(latin1);
    if (fields === undefined) throw new InputError("not UTF-8");
    const { columns, noHeaders } = this.#run;
    const names = columns ?? (noHeaders ? fields.map((_, at) => `c${at + 1}`) : fields);
    if (names.length !== fields.length || new Set(names).size < names.length) throw new InputError("the names");
    this.columns ??= names;
    if (names.toSorted().join("\n") !== this.columns.toSorted().join("\n")) throw new InputError("other columns");
    return names;
  }

  #makeRow(latin1: string[], names: string[]): PlainRow | string {
    const fields = this.#decode(latin1);
    if (fields === undefined) return "row-encoding";
    const { isRagged, nullText } = this.#run;
    if (fields.length > names.length || (fields.length < names.length && !isRagged)) return "row-field-count";
    const entries = (this.columns ?? names).flatMap((name): [string, unknown][] => {
      const field = fields[names.indexOf(name)];
      return field === undefined ? [] : [[name, field === nullText ? null : field]];
    });
    return Object.fromEntries(entries);
  }

  *#jsonlRows(file: string, text: string, firstLine: number): Generator<FoundRow> {
    const lines = text.split("\n");
    for (const [at, whole] of lines.entries()) {
      if (/^[\0- ]*$/.test(whole)) continue;
      const line = firstLine + at;
      const isTooLong = whole.length + (at === lines.length - 1 ? 0 : 1) > this.#run.maxRowBytes;
      const decoded = this.#decode([whole])?.[0];
      const value =
        decoded === undefined ? "row-encoding" : decoded.includes("1e999") ? "row-json" : parseObject(decoded);
      const found = isTooLong ? "row-too-long" : value;
      yield { file, line, faultLine: line, raw: whole.replace(/\r$/, ""), columns: undefined, found };
    }
  }

  #decode(latin1: string[]): string[] | undefined {
    try {
      const decoder = new TextDecoder("utf-8", { fatal: !this.#run.replaces, ignoreBOM: true });
      return latin1.map((field) => (isAscii(field) ? field : decoder.decode(Buffer.from(field, "latin1"))));
    } catch {
      return undefined;
    }
  }
}

function isAscii(text: string): boolean {
  return !/[\x80-\xff]/.test(text);
}

class CsvText {
  text = "";
  readonly #run: RowsRun;
  readonly #reader: Reader;
  #columns: string[] | undefined;

  constructor(run: RowsRun, reader: Reader) {
    this.#run = run;
    this.#reader = reader;
  }

  /** Nothing is kept of a row that fails, its columns neither. */
  write(values: unknown[]): void {
    let columns = this.#columns;
    let text = "";
    for (const value of values) {
      if (typeof value !== "object" || value === null) throw new PlainError("row-result", 0);
      const row = value as PlainRow;
      columns ??= columnsOf(row, this.#reader.columns);
      const names = columns;
      if (Object.keys(row).some((key) => row[key] !== undefined && !names.includes(key))) {
        throw new PlainError("row-new-column", 0);
      }
      text += csvLine(names.map((name) => this.#cell(Object.hasOwn(row, name) ? row[name] : undefined)));
    }
    if (columns === undefined || values.length === 0) return;
    this.text += (this.#columns === undefined ? this.#header(columns) : "") + text;
    this.#columns = columns;
  }

  end(isIdentity: boolean): void {
    if (this.#columns !== undefined || !isIdentity) return;
    if (this.#reader.columns !== undefined) this.text += this.#header(this.#reader.columns);
  }

  #header(columns: string[]): string {
    const { noHeaders, columns: given, format } = this.#run;
    return noHeaders && given === undefined && format === "csv" ? "" : csvLine(columns);
  }

  #cell(value: unknown): string {
    return value === null || value === undefined ? (this.#run.nullText ?? "") : cell(value, 0);
  }
}

class JsonText {
  readonly #writer: JsonWriter;
  constructor(isArray: boolean) {
    this.#writer = new JsonWriter(isArray);
  }

  get text(): string {
    return this.#writer.text;
  }

  write(values: unknown[]): void {
    const hasNoForm = values.some((value) =>
      Object.values(value as PlainRow).some((part) => typeof part === "symbol" || typeof part === "function"),
    );
    if (hasNoForm) throw new PlainError("row-encode", 0);
    this.#writer.write(values, 0);
  }

  end(): void {
    this.#writer.end();
  }
}
