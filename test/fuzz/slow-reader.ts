/** The rows of whole inputs, read slowly by the rules in docs/reading.md, with nothing of src/ in it. */
import { type SlowDialect, readSlowly } from "../formats/csv/slow-csv.ts";
import { type PlainRow, type Told, parseObject, toldBy, withoutMark } from "../pipeline/plain-loop.ts";

/** One run, as the command line says it. */
export interface RowsRun {
  format: "csv" | "jsonl";
  to: "csv" | "jsonl" | "json";
  dialect: SlowDialect;
  /** That of the output, where it has the format of the input. */
  outDialect: SlowDialect;
  isRagged: boolean;
  extraFields: "error" | "drop" | "keep";
  noHeaders: boolean;
  columns: string[] | undefined;
  skipLines: number;
  first: number;
  nullText: string | undefined;
  maxRowBytes: number;
  /** Bytes that are not UTF-8 are replaced. */
  replaces: boolean;
  policy: "fail" | "skip" | "reject";
  /** So many rows may fail: a number, or with % a share of the rows. */
  maxErrors: string | undefined;
  /** `-e 'r => r'`; otherwise mapRow() with these arguments. */
  isIdentity: boolean;
  args: Record<string, string>;
  /** Inputs as they are named, with their bytes. */
  files: { name: string; bytes: Buffer }[];
}

/** A row as it was read, or the code of why it could not be. */
export interface FoundRow {
  file: string;
  line: number;
  /** The line to blame: of a quote in a later line of the row, that one. */
  faultLine: number;
  raw: string;
  columns: string[] | undefined;
  found: PlainRow | string;
  /** What the row says beside its values. */
  told: Told;
}

/** What kept fields are called. */
export const REST = "_rest";

/** So many bytes tell how many columns there are, where nobody says it. */
const SAMPLE = 65_536;

/** An input that cannot be read at all ends the run. */
export class InputError extends Error {}

/** Reads the inputs of a run, one after another. */
export class SlowReader {
  readonly #run: RowsRun;
  /** Columns of the first input that has any. */
  columns: string[] | undefined;

  constructor(run: RowsRun) {
    this.#run = run;
  }

  *rows(): Generator<FoundRow> {
    let left = this.#run.first;
    for (const { name, bytes } of this.#run.files) {
      // A header is read whatever the number of rows.
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
    if (noHeaders && this.columns === undefined) {
      const names = this.#run.columns ?? this.#madeUp(text);
      this.columns = names && this.#withRest(names);
    }
    if (noHeaders) columns = this.columns;
    if (noHeaders && columns === undefined) return;
    const width = (): number => (columns?.length ?? 0) - (this.#run.extraFields === "keep" ? 1 : 0);
    for (const piece of readSlowly(text, dialect, maxRowBytes)) {
      const line = firstLine + piece.line;
      // In a file of one column a blank line is a row.
      if (columns !== undefined && piece.kind === "blank" && width() === 1) {
        const raw = text.slice(piece.start, piece.end).replace(/\r?\n$/, "");
        yield { file, line, faultLine: line, raw, columns, found: this.#makeRow([""], columns), told: {} };
      }
      if (piece.kind === "blank" || piece.kind === "comment") continue;
      if (columns === undefined) {
        if (piece.kind === "bad") throw new InputError("the header");
        columns = this.#withRest(this.#header(piece.fields));
        this.columns ??= columns;
        if (columns.toSorted().join("\n") !== this.columns.toSorted().join("\n")) throw new InputError("other columns");
        continue;
      }
      const found = piece.kind === "bad" ? piece.code : this.#makeRow(piece.fields, columns);
      const faultLine = piece.kind === "bad" ? line + piece.faultLine : line;
      const raw = text.slice(piece.start, piece.end).replace(/\r?\n$/, "");
      const told = { members: (this.columns ?? columns).map((name): [string, undefined] => [name, undefined]) };
      yield { file, line, faultLine, raw, columns, found, told };
    }
  }

  /** The names of the columns of a file, from its first row. */
  #header(latin1: string[]): string[] {
    const fields = this.#decode(latin1);
    if (fields === undefined) throw new InputError("not UTF-8");
    const { columns, isRagged, extraFields } = this.#run;
    const names = columns ?? fields;
    const isNamed = names.length < fields.length ? extraFields !== "error" : names.length === fields.length || isRagged;
    if (!isNamed || new Set(names).size < names.length) throw new InputError("the names");
    return names;
  }

  #withRest(names: string[]): string[] {
    return this.#run.extraFields === "keep" ? [...names, REST] : names;
  }

  /** Names by the rows in the first 64 KB: as many as most have, or as the longest, where rows may be short. */
  #madeUp(all: string): string[] | undefined {
    const { dialect, isRagged, maxRowBytes } = this.#run;
    const first = readSlowly(all, dialect, maxRowBytes).find(({ kind }) => kind === "row" || kind === "bad");
    if (first === undefined) return undefined;
    // Of a first row that is longer, it alone tells.
    const isLong = first.end > SAMPLE;
    const text = isLong ? all.slice(first.start) : all;
    const size = isLong ? first.end - first.start : SAMPLE;
    const sample = text.slice(0, size);
    const counts = new Map<number, number>();
    for (const piece of readSlowly(sample, dialect)) {
      const isCut = text.length > size && (piece.kind === "bad" ? piece.code === "row-unclosed-quote" : false);
      if (isCut || (text.length > size && piece.end === size && !sample.endsWith("\n"))) break;
      if (piece.kind !== "row" || piece.end - piece.start > maxRowBytes) continue;
      counts.set(piece.fields.length, (counts.get(piece.fields.length) ?? 0) + 1);
    }
    let width = all.slice(first.start).split("\n", 1)[0]?.split(dialect.delimiter).length ?? 1;
    let most = 0;
    for (const [fields, rows] of counts) {
      if (isRagged ? fields <= most : rows <= most) continue;
      width = fields;
      most = isRagged ? fields : rows;
    }
    return Array.from({ length: width }, (_, at) => `c${at + 1}`);
  }

  #makeRow(latin1: string[], names: string[]): PlainRow | string {
    const fields = this.#decode(latin1);
    if (fields === undefined) return "row-encoding";
    const { isRagged, extraFields, nullText } = this.#run;
    const width = names.length - (extraFields === "keep" ? 1 : 0);
    if (fields.length > width && extraFields === "error") return "row-field-count";
    if (fields.length < width && !isRagged) return "row-field-count";
    const entries = (this.columns ?? names).flatMap((name): [string, unknown][] => {
      if (extraFields === "keep" && name === REST) return [[name, fields.slice(width)]];
      const field = fields[names.indexOf(name)];
      return field === undefined ? [] : [[name, field === nullText ? null : field]];
    });
    return Object.fromEntries(entries);
  }

  *#jsonlRows(file: string, text: string, firstLine: number): Generator<FoundRow> {
    const lines = text.split("\n");
    for (const [at, whole] of lines.entries()) {
      if (/^[ \t\r]*$/.test(whole)) continue;
      const line = firstLine + at;
      const isTooLong = whole.length + (at === lines.length - 1 ? 0 : 1) > this.#run.maxRowBytes;
      const decoded = this.#decode([whole])?.[0];
      const value =
        decoded === undefined
          ? "row-encoding"
          : decoded.includes("1e999") && !this.#run.isIdentity
            ? "row-json"
            : parseObject(decoded);
      const found = isTooLong ? "row-too-long" : value;
      const told = typeof found === "string" || decoded === undefined ? {} : toldBy(decoded);
      yield { file, line, faultLine: line, raw: whole.replace(/\r$/, ""), columns: undefined, found, told };
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
