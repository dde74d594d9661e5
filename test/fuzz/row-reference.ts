/**
 * What a run over whole files must come to, policies included: a slow and simple reading of the rules in docs/, with
 * nothing of src/ in it. Rows are found by readSlowly().
 */
import type { WantedRecord } from "../faults/reject-records.ts";
import { JsonWriter, PlainError, type PlainRow, type Told, cell, columnsOf, csvLine } from "../pipeline/plain-loop.ts";
import { type FaultContext, mapRow } from "./fault-function.ts";
import { type FoundRow, InputError, REST, type RowsRun, SlowReader } from "./slow-reader.ts";

/** What must come out. */
export interface Reference {
  code: number;
  output: string;
  rejects: WantedRecord[];
  /** File and line that the message of a failed run starts with. */
  place: { file: string; line: number } | undefined;
  counts: { in: number; mapped: number; dropped: number; rejected: number; out: number };
}

export async function reference(run: RowsRun): Promise<Reference> {
  const reader = new SlowReader(run);
  const writer = run.to === "csv" ? new CsvText(run, reader) : new JsonText(run.to === "json");
  const rejects: WantedRecord[] = [];
  const counts = { in: 0, mapped: 0, dropped: 0, rejected: 0, out: 0 };
  try {
    for (const row of reader.rows()) {
      const index = counts.in++;
      try {
        if (typeof row.found === "string") throw new PlainError(row.found, row.line);
        const values = await resultsOf(run, row.found, { index, line: row.line, file: row.file, args: run.args });
        writer.write(values, row.found, row.told);
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
        if (hasTooMany(run, counts)) return { code: 1, output: writer.text, rejects, place: undefined, counts };
      }
      if (counts.in % CHECKED_ROWS === 0 && isTooLargeAShare(run, counts)) {
        return { code: 1, output: writer.text, rejects, place: undefined, counts };
      }
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { code: 1, output: writer.text, rejects, place: undefined, counts };
  }
  if (isTooLargeAShare(run, counts)) return { code: 1, output: writer.text, rejects, place: undefined, counts };
  writer.end(run.isIdentity);
  return { code: rejects.length > 0 ? 3 : 0, output: writer.text, rejects, place: undefined, counts };
}

/** A share of failing rows is looked at after so many rows, and at the end. */
const CHECKED_ROWS = 1000;

function hasTooMany({ maxErrors }: RowsRun, { rejected }: Reference["counts"]): boolean {
  return maxErrors !== undefined && !maxErrors.endsWith("%") && rejected > Number(maxErrors);
}

function isTooLargeAShare({ maxErrors }: RowsRun, counts: Reference["counts"]): boolean {
  if (maxErrors?.endsWith("%") !== true) return false;
  return counts.rejected * 100 > Number.parseFloat(maxErrors) * counts.in;
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

function record(run: RowsRun, row: FoundRow, { index, code }: { index: number; code: string }): WantedRecord {
  return {
    file: row.file,
    line: row.line,
    row: index,
    codes: [code],
    input: Buffer.from(row.raw, "latin1"),
    columns: row.columns?.filter((name) => run.extraFields !== "keep" || name !== REST),
    form: row.columns === undefined ? {} : recordedForm(run),
  };
}

/** All of how a row is read that is not the default. */
function recordedForm({ dialect, isRagged, extraFields, nullText }: RowsRun): Record<string, unknown> {
  return {
    ...(dialect.delimiter !== "," && { delimiter: dialect.delimiter }),
    ...(dialect.quote !== '"' && { quote: dialect.quote }),
    ...(dialect.escape !== dialect.quote && { escape: dialect.escape }),
    ...(dialect.lazyQuotes && { lazyQuotes: true }),
    ...(dialect.trim !== "none" && { trim: dialect.trim }),
    ...(isRagged && { ragged: true }),
    ...(extraFields !== "error" && { extraFields }),
    ...(nullText !== undefined && { null: [nullText] }),
  };
}

class CsvText {
  text = "";
  readonly #run: RowsRun;
  readonly #reader: SlowReader;
  #columns: string[] | undefined;

  constructor(run: RowsRun, reader: SlowReader) {
    this.#run = run;
    this.#reader = reader;
  }

  /** Nothing is kept of a row that fails, its columns neither. */
  write(values: unknown[], input: PlainRow, told: Told): void {
    const members = new Map(told.members);
    let columns = this.#columns;
    const { isRagged, extraFields } = this.#run;
    const rest = extraFields === "keep" ? REST : undefined;
    let text = "";
    for (const value of values) {
      if (typeof value !== "object" || value === null) throw new PlainError("row-result", 0);
      const row = value as PlainRow;
      // What the input row is too short for is a column all the same, where the rest of it is carried.
      const all = this.#reader.columns;
      const isCarried = isRagged && all?.every((name) => Object.hasOwn(row, name) || !Object.hasOwn(input, name));
      columns ??= columnsOf(
        isCarried === true ? { ...Object.fromEntries((all ?? []).map((name) => [name, 1])), ...row } : row,
        all,
        [...members.keys()],
      );
      const names = columns;
      if (Object.keys(row).some((key) => row[key] !== undefined && !names.includes(key))) {
        throw new PlainError("row-new-column", 0);
      }
      const cells = names
        .filter((name) => name !== rest)
        .map((name) => this.#cell(Object.hasOwn(row, name) ? row[name] : undefined, members.get(name)));
      const extra = rest === undefined || !names.includes(rest) ? [] : ((row[rest] ?? []) as string[]);
      text += this.#line([...cells, ...extra.map((one) => this.#cell(one, undefined))]);
    }
    if (columns === undefined || values.length === 0) return;
    this.text += (this.#columns === undefined ? this.#header(columns) : "") + text;
    this.#columns = columns;
  }

  end(isIdentity: boolean): void {
    if (this.#columns !== undefined || !isIdentity) return;
    const columns = this.#reader.columns ?? (this.#run.format === "csv" ? this.#run.columns : undefined);
    if (columns !== undefined) this.text += this.#header(columns);
  }

  #header(columns: string[]): string {
    const { noHeaders, columns: given, format } = this.#run;
    if (noHeaders && given === undefined && format === "csv") return "";
    return this.#line(columns.filter((name) => this.#run.extraFields !== "keep" || name !== REST));
  }

  #line(cells: string[]): string {
    const { format, outDialect } = this.#run;
    return csvLine(cells, format === "csv" ? outDialect : undefined);
  }

  #cell(value: unknown, told: Told | undefined): string {
    return value === null || value === undefined ? (this.#run.nullText ?? "") : cell(value, 0, told);
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

  write(values: unknown[], _input: PlainRow, told: Told): void {
    const hasNoForm = values.some((value) =>
      Object.values(value as PlainRow).some((part) => typeof part === "symbol" || typeof part === "function"),
    );
    if (hasNoForm) throw new PlainError("row-encode", 0);
    this.#writer.write(values, { line: 0, told, most: Infinity });
  }

  end(): void {
    this.#writer.end();
  }
}
