/**
 * What a run must come to, written as the plain loop that it replaces: read everything, call the function on one row
 * after another, write what comes out. Shares no code with src/.
 */
import { SLOW_CSV, type SlowDialect, readSlowly } from "../formats/csv/slow-csv.ts";

export type PlainRow = Record<string, unknown>;
export type PlainFunction = (row: PlainRow, ctx: { index: number; line: number }) => unknown;

export interface PlainRun {
  input: Buffer;
  from: "csv" | "jsonl" | "json";
  to: "csv" | "jsonl" | "json";
  call: PlainFunction;
  /** With no row at all the header of the input is that of the output. */
  isIdentity: boolean;
  /** Rows of input that are taken. */
  first?: number | undefined;
  /** Rows of output. */
  limit: number;
  dialect?: SlowDialect;
  /** Columns that it reads without saying that they may be missing: a header without one of them ends the run. */
  reads?: readonly string[] | undefined;
  /** Failed rows are left out, and do not end it. */
  goesOn?: boolean;
}

interface PlainFailure {
  code: string;
  line: number;
}

export interface PlainResult {
  output: string;
  /** Codes of rows that were left out. */
  leftOut: string[];
  failure: PlainFailure | undefined;
}

/** A row as it was read, or why it could not be. */
type ReadRow = { line: number; row: PlainRow; told?: Told | undefined } | PlainFailure;

interface ReadInput {
  columns: string[] | undefined;
  rows: ReadRow[];
}

export async function plainLoop(run: PlainRun): Promise<PlainResult> {
  const { input, from, to, call, isIdentity, first, limit, dialect } = run;
  const bytes = withoutMark(input);
  const read = from === "csv" ? readCsv(bytes, dialect) : from === "jsonl" ? readJsonl(bytes) : readJson(bytes);
  const leftOut: string[] = [];
  if ("code" in read) return { output: "", leftOut, failure: read };
  const { columns } = read;
  if (columns !== undefined && run.reads?.every((name) => columns.includes(name)) === false)
    return { output: "", leftOut, failure: { code: "transform", line: 0 } };
  const writer =
    to === "csv" ? new CsvWriter(read.columns, from === "csv" ? dialect : SLOW_CSV) : new JsonWriter(to === "json");
  let missing = limit;
  for (const [index, found] of read.rows.slice(0, first).entries()) {
    if (missing <= 0) break;
    try {
      if ("code" in found) throw new PlainError(found.code, found.line);
      const { row, line } = found;
      let result: unknown;
      try {
        result = await call(row, { index, line });
      } catch {
        throw new PlainError("row-function", line);
      }
      const results = isMany(result) ? [...result] : [result];
      const values = results.filter((one) => one !== null && one !== undefined);
      const told = found.told ?? { members: columns?.map((name) => [name, undefined]) ?? [] };
      writer.write(values, { line, told, most: missing });
      missing -= values.length;
    } catch (error) {
      if (!(error instanceof PlainError)) throw error;
      if (run.goesOn !== true || error.code === "input") {
        return { output: writer.text, leftOut, failure: { code: error.code, line: error.line } };
      }
      leftOut.push(error.code);
    }
  }
  writer.end(isIdentity ? read.columns : undefined);
  return { output: writer.text, leftOut, failure: undefined };
}

export class PlainError extends Error {
  readonly code: string;
  readonly line: number;
  constructor(code: string, line: number) {
    super(code);
    this.code = code;
    this.line = line;
  }
}

export function withoutMark(bytes: Buffer): Buffer {
  return bytes.toString("latin1", 0, 3) === "\xef\xbb\xbf" ? bytes.subarray(3) : bytes;
}

/** What can be iterated: an array, and an object that inherits from one, as by `Object.assign` with a key `__proto__`. */
function isMany(result: unknown): result is Iterable<unknown> {
  return typeof result === "object" && result !== null && Symbol.iterator in result;
}

/**
 * Whether the first line ends with CR CR LF; or with CR alone, so that no LF follows but one at the very end. What stands in
 * quotes does not count.
 */
function hasOddLineEnds(text: string, { quote, comments }: SlowDialect): boolean {
  let rest = text;
  while (/^\r?\n/.test(rest) || (rest.includes("\n") && comments.some((mark) => rest.startsWith(mark))))
    rest = rest.slice(rest.indexOf("\n") + 1);
  const bare = rest.split(quote).map((part, at) => (at % 2 === 0 ? part : "quoted"));
  return /^[^\r\n]*\r\r\n|^[^\n]*\r(?!\n)[^\n]*\n?$/.test(bare.join(""));
}

function readCsv(bytes: Buffer, dialect: SlowDialect = SLOW_CSV): ReadInput | PlainFailure {
  if (hasOddLineEnds(bytes.toString("latin1"), dialect)) return { code: "input", line: 0 };
  const rows: ReadRow[] = [];
  let columns: string[] | undefined;
  for (const piece of readSlowly(bytes.toString("latin1"), dialect)) {
    const line = piece.line + 1;
    if (piece.kind === "blank" && columns?.length === 1)
      rows.push({ line, row: Object.fromEntries([[columns[0], ""]]) });
    if (piece.kind === "blank" || piece.kind === "comment") continue;
    const isHeader = columns === undefined;
    if (piece.kind === "bad") {
      const failure = { code: isHeader ? "input" : piece.code, line: line + piece.faultLine };
      if (isHeader) return failure;
      rows.push(failure);
      continue;
    }
    const fields = piece.fields.map(fromUtf8);
    if (fields.includes(undefined)) {
      if (isHeader) return { code: "input", line };
      rows.push({ code: "row-encoding", line });
    } else if (columns === undefined) {
      columns = fields as string[];
      if (new Set(columns).size < columns.length) return { code: "input", line };
    } else if (fields.length === columns.length) {
      rows.push({ line, row: Object.fromEntries(columns.map((name, at) => [name, fields[at]])) });
    } else {
      rows.push({ code: "row-field-count", line });
    }
  }
  return { columns, rows };
}

function readJsonl(bytes: Buffer): ReadInput | PlainFailure {
  const rows: ReadRow[] = [];
  const all = bytes.toString("latin1");
  // A CR beside a value is white space; between two objects it is meant to end a line.
  if (/\}\r+[ \t]*\{/.test(all) && hasOddLineEnds(all, SLOW_CSV)) return { code: "input", line: 0 };
  for (const [at, raw] of all.split("\n").entries()) {
    if (/^[ \t\r]*$/.test(raw)) continue;
    const line = at + 1;
    const text = fromUtf8(raw);
    const row = text === undefined ? "row-encoding" : parseObject(text);
    rows.push(typeof row === "string" ? { code: row, line } : { line, row, told: toldBy(text ?? "") });
  }
  return { columns: undefined, rows };
}

export function parseObject(text: string): PlainRow | "row-json" {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as PlainRow) : "row-json";
  } catch {
    return "row-json";
  }
}

/** A JSON array whose elements each begin on the line that `"@line"` in them says. */
function readJson(bytes: Buffer): ReadInput {
  const text = bytes.toString();
  const values = JSON.parse(text) as PlainRow[];
  const told = toldBy(text)?.items ?? [];
  return { columns: undefined, rows: values.map((row, at) => ({ line: Number(row["@line"]), row, told: told[at] })) };
}

/** What a JSON text tells of a value beside the value: a number's own text, the order of keys. */
export interface Told {
  text?: string;
  value?: number;
  items?: Told[];
  members?: [key: string, told: Told | undefined][];
}

/** Token by token, as the text is known to be JSON. */
export function toldBy(json: string): Told {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[-+.\w]+|[^\s]/g) ?? [];
  let at = 0;
  const value = (): Told => {
    const token = tokens[at++] ?? "";
    if (token === "[") {
      const items: Told[] = [];
      while (tokens[at] !== "]") {
        items.push(value());
        if (tokens[at] === ",") at++;
      }
      at++;
      return { items };
    }
    if (token === "{") {
      const members = new Map<string, Told>();
      while (tokens[at] !== "}") {
        const key = JSON.parse(tokens[at] ?? "") as string;
        at += 2;
        members.set(key, value());
        if (tokens[at] === ",") at++;
      }
      at++;
      return { members: [...members] };
    }
    return /^-?\d/.test(token) ? { text: token, value: Number(token) } : {};
  };
  return value();
}

const isIndex = (key: string): boolean => String(Number(key) >>> 0) === key && key !== "4294967295";

/** Keys in the order of an object, but for whole numbers, which stand behind the one before them in the input. */
function orderOf(row: object, input: readonly string[]): string[] {
  const keys = Object.keys(row);
  const moved = keys.filter((key) => isIndex(key) && input.includes(key));
  if (moved.length === 0) return keys;
  const added = keys.filter((key) => isIndex(key) && !input.includes(key));
  const order = keys.filter((key) => !isIndex(key));
  for (const key of moved.toSorted((a, b) => input.indexOf(a) - input.indexOf(b))) {
    const before = input.slice(0, input.indexOf(key)).findLast((name) => order.includes(name));
    const first = order.findIndex((name) => input.includes(name));
    if (before === undefined) order.splice(Math.max(0, first), 0, key);
    else order.splice(order.indexOf(before) + 1, 0, key);
  }
  return [...order, ...added];
}

/** JSON in which numbers and keys are as they were told, where they still stand. */
export function toldJson(value: unknown, told: Told | undefined): string {
  if (typeof value === "number" && told?.text !== undefined && Object.is(value, told.value)) return told.text;
  if (typeof value !== "object" || value === null || value instanceof Date || told === undefined)
    return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, at) => toldJson(item ?? null, told.items?.[at])).join(",")}]`;
  const members = new Map(told.members);
  const texts = orderOf(value, [...members.keys()]).flatMap((key) => {
    const part = (value as PlainRow)[key];
    return part === undefined ? [] : [`${JSON.stringify(key)}:${toldJson(part, members.get(key))}`];
  });
  return `{${texts.join(",")}}`;
}

/** The text of UTF-8 bytes given as latin1. */
function fromUtf8(latin1: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, "latin1"));
  } catch {
    return undefined;
  }
}

/** Where values come from, and how many of them are written. */
interface Written {
  line: number;
  told: Told;
  most: number;
}

class CsvWriter {
  text = "";
  readonly #inputColumns: string[] | undefined;
  readonly #dialect: SlowDialect | undefined;
  #columns: string[] | undefined;
  #hasHeader = false;

  /** @param dialect That of the input: a file of its format has it too. */
  constructor(inputColumns: string[] | undefined, dialect: SlowDialect | undefined) {
    this.#inputColumns = inputColumns;
    this.#dialect = dialect;
  }

  write(values: unknown[], { line, told, most }: Written): void {
    const members = new Map(told.members);
    let text = "";
    for (const [at, value] of values.entries()) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new PlainError("row-result", line);
      const row = value as PlainRow;
      this.#columns ??= columnsOf(row, this.#inputColumns, [...members.keys()]);
      for (const key of Object.keys(row)) {
        if (row[key] !== undefined && !this.#columns.includes(key)) throw new PlainError("row-new-column", line);
      }
      const cells = this.#columns.map((name) =>
        cell(Object.hasOwn(row, name) ? row[name] : undefined, line, members.get(name)),
      );
      if (at < most) text += csvLine(cells, this.#dialect);
    }
    if (values.length > 0) this.#header();
    this.text += text;
  }

  end(columns: string[] | undefined): void {
    this.#columns ??= columns;
    this.#header();
  }

  #header(): void {
    if (this.#hasHeader || this.#columns === undefined) return;
    this.#hasHeader = true;
    this.text += csvLine(this.#columns, this.#dialect);
  }
}

export function columnsOf(
  row: PlainRow,
  inputColumns: string[] | undefined,
  order: readonly string[] = inputColumns ?? [],
): string[] {
  const keys = Object.keys(row);
  if (inputColumns === undefined || !inputColumns.every((name) => keys.includes(name))) return orderOf(row, order);
  const isNew = (key: string): boolean => isIndex(key) && !inputColumns.includes(key);
  const known = Object.fromEntries(keys.filter((key) => !isNew(key)).map((key) => [key, 1]));
  return [...orderOf(known, inputColumns), ...keys.filter(isNew)];
}

/** A number that was handed on, however large. */
function isAsTold(value: unknown, told: Told | undefined): boolean {
  return typeof value === "number" && told?.text !== undefined && Object.is(value, told.value);
}

export function cell(value: unknown, line: number, told?: Told): string {
  if (value === null || value === undefined) return "";
  const isTold = isAsTold(value, told);
  if (typeof value === "number" && !Number.isFinite(value) && !isTold) throw new PlainError("row-encode", line);
  if (typeof value === "function" || typeof value === "symbol") throw new PlainError("row-encode", line);
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" || isTold ? toldJson(value, told) : `${value as string | number | bigint | boolean}`;
}

/** A line that the dialect reads as these cells. */
export function csvLine(cells: string[], dialect: SlowDialect = SLOW_CSV): string {
  const { delimiter, quote, escape, comments, trim } = dialect;
  const isLoneEmpty = cells.length === 1 && cells[0] === "";
  const needsQuotes = (text: string, at: number): boolean =>
    (quote !== "" && escape !== "" && escape !== quote && text.endsWith(escape)) ||
    [delimiter, quote, "\r", "\n"].some((special) => special !== "" && text.includes(special)) ||
    (at === 0 && comments.some((comment) => text.startsWith(comment))) ||
    // Without quotes there is nothing that could keep it.
    (quote !== "" && trim !== "none" && text.trim() !== text) ||
    isLoneEmpty;
  const escaped = (text: string): string =>
    Array.from(text, (one) => (one === quote || one === escape ? escape + one : one)).join("");
  const line = cells.map((text, at) => {
    if (quote === "" && needsQuotes(text, at) && !isLoneEmpty) throw new PlainError("row-encode", 0);
    return needsQuotes(text, at) ? quote + escaped(text) + quote : text;
  });
  return `${line.join(delimiter)}\n`;
}

export class JsonWriter {
  text = "";
  readonly #isArray: boolean;

  constructor(isArray: boolean) {
    this.#isArray = isArray;
  }

  write(values: unknown[], { line, told, most }: Written): void {
    const members = new Map(told.members);
    const texts = values.map((value) => {
      const hasNoForm = Object.entries(Object(value) as PlainRow).some(
        ([key, part]) =>
          typeof part === "symbol" ||
          (typeof part === "number" && !Number.isFinite(part) && !isAsTold(part, members.get(key))),
      );
      if (hasNoForm) throw new PlainError("row-encode", line);
      return toldJson(value, told);
    });
    for (const text of texts.slice(0, most)) {
      if (this.#isArray) this.text += this.text === "" ? `[\n${text}` : `,\n${text}`;
      else this.text += `${text}\n`;
    }
  }

  end(): void {
    if (this.#isArray) this.text += this.text === "" ? "[]\n" : "\n]\n";
  }
}
