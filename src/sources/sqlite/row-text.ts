/**
 * Rows of a query as CSV, made by the database as far as it goes: one text a row takes a third of the time of one value a
 * field. Only doubles come as values, since the database writes more digits than they need. A character stands between
 * fields that no text should hold; where one does, that shows in their number.
 *
 * A row begins with a mark. Behind the first mark fields stand as they are, null as nothing; behind the second one, which
 * rows with empty texts or bytes have, the first letter of a field says what it is.
 */
import { textField } from "../csv-text.ts";

const [PLAIN, MARKED, BETWEEN] = [0x1e, 0x1d, 0x1f];
const [TEXT, TEXT_BYTES, WHOLE, DOUBLE, BYTES] = ["t", "x", "i", "d", "b"];
const [LINE_FEED, RETURN, QUOTE, COMMA] = [10, 13, 34, 44];

/** Functions of SQL take a hundred arguments, and expressions are no deeper than a thousand terms. */
const MOST_ARGUMENTS = 30;

/** Some columns of a query, by number; -1 is one that is empty. */
export function columnsQuery(query: string, width: number, columns: readonly number[]): string {
  const names = namesOf(width);
  const coming = columns.map((at) => names[at] ?? "NULL");
  return `${named(query, names, COLUMNS_NAME)} SELECT ${coming.join(", ")} FROM ${COLUMNS_NAME}`;
}

/** A row of one of these queries: its text or, in front of doubles, the start of it. */
export type TextRow = Readonly<Record<`p${number}`, string | number | bigint | null>> & { readonly start: string };

/** A query whose rows are texts in pieces, and what makes a text of a row. */
export interface LineQuery {
  sql: string;
  textOf: (row: TextRow) => string;
}

/** What a column holds, as far as is known; one of doubles may hold anything else, too. */
export type ColumnKind = "double" | "whole" | "text" | "unknown" | "unwanted";

export function lineQuery(query: string, kinds: readonly ColumnKind[]): LineQuery {
  const names = namesOf(kinds.length);
  const fields = names.map((name, at) => (kinds[at] === "unwanted" ? "NULL" : name));
  const tests = fields.flatMap((field, at) => (field === "NULL" ? [] : [oddTest(field, kinds[at] ?? "unknown")]));
  const odd = grouped(tests.length === 0 ? ["0"] : tests, (terms) => `(${terms.join(" OR ")})`);
  const marked = joined([`char(${MARKED})`, ...betweenAll(fields.map((name) => markedField(name, "characters")))]);
  // What stands before the first double, then doubles, and what is behind each.
  const pieces: string[][] = [[`char(${PLAIN})`]];
  const last = (): string[] => pieces.at(-1) ?? [];
  for (const [at, name] of fields.entries()) {
    if (at > 0) last().push(`char(${BETWEEN})`);
    if (kinds[at] === "double") pieces.push([name], []);
    else last().push(name);
  }
  const [first = [], ...others] = pieces;
  const columns = [`CASE WHEN ${odd} THEN ${marked} ELSE ${joined(first)} END AS start`];
  const keys: `p${number}`[] = [];
  for (const [at, piece] of others.entries()) {
    if (piece.length === 0) continue;
    const isValue = at % 2 === 0;
    columns.push(`${isValue ? piece[0] : joined(piece)} AS p${at}`);
    keys.push(`p${at}`);
  }
  return {
    sql: `${named(query, names)} SELECT ${columns.join(", ")} FROM ${NAME}`,
    textOf: (row) => {
      let text = row.start;
      if (text.charCodeAt(0) === MARKED) return text;
      for (const key of keys) text += row[key] ?? "";
      return text;
    },
  };
}

/** Tests whether a field cannot stand in a plain row. Numbers are less than texts, and these less than bytes. */
function oddTest(name: string, kind: ColumnKind): string {
  const isDouble = {
    double: "",
    text: "",
    whole: ` OR ${name} <> CAST(${name} AS INTEGER)`,
    unknown: ` OR typeof(${name}) = 'real'`,
    unwanted: "",
  };
  return `${name} = '' COLLATE BINARY OR ${name} >= x''${isDouble[kind]}`;
}

/** How the texts of a database come: as characters or, where they may be no UTF-8, as their bytes. */
export type TextForm = "characters" | "bytes";

/** Rows as texts of JSON, of whatever characters: `null`, or what begins with a letter for its kind. */
export function exactQuery(query: string, { kinds, form }: { kinds: readonly ColumnKind[]; form: TextForm }): string {
  const names = namesOf(kinds.length);
  const row = grouped(
    names.map((name, at) => (kinds[at] === "unwanted" ? "NULL" : markedField(name, form))),
    (fields) =>
      `json_array(${fields.map((field) => (field.startsWith("json_array") ? `json(${field})` : field)).join(", ")})`,
  );
  return `${named(query, names)} SELECT ${row} AS start FROM ${NAME}`;
}

/** Names of our own: those of the query need not be different. */
function namesOf(width: number): string[] {
  return Array.from({ length: width }, (_, at) => `c${at}`);
}

/** In the query itself the name means this as well: no table is called so. */
const NAME = '"rows of rowmill"';
const COLUMNS_NAME = '"columns of rowmill"';

/** A query may end with a comment. */
function named(query: string, names: readonly string[], name: string = NAME): string {
  return `WITH ${name}(${names.join(", ")}) AS (${query}\n)`;
}

function betweenAll(fields: readonly string[]): string[] {
  return fields.flatMap((field, at) => (at === 0 ? [field] : [`char(${BETWEEN})`, field]));
}

function joined(parts: readonly string[]): string {
  return grouped(parts, (some) => `concat(${some.join(", ")})`);
}

function markedField(name: string, form: TextForm): string {
  const text = form === "characters" ? `'${TEXT}' || ${name}` : `'${TEXT_BYTES}' || hex(${name})`;
  return `CASE typeof(${name}) WHEN 'text' THEN ${text} WHEN 'blob' THEN '${BYTES}' || hex(${name}) WHEN 'real' THEN '${DOUBLE}' || printf('%!.17g', ${name}) ELSE '${WHOLE}' || ${name} END`;
}

/** Joins many terms in several steps. */
function grouped(terms: readonly string[], join: (terms: readonly string[]) => string): string {
  if (terms.length <= MOST_ARGUMENTS) return join(terms);
  const groups: string[] = [];
  for (let at = 0; at < terms.length; at += MOST_ARGUMENTS) groups.push(join(terms.slice(at, at + MOST_ARGUMENTS)));
  return grouped(groups, join);
}

/** A field that is not null. Characters stand for bytes where texts come as these. */
export interface MarkedField {
  kind: "whole" | "double" | "text";
  csv: string;
}

/** The fields of a row of {@linkcode exactQuery}; undefined for null. */
export function exactFields(row: string): (MarkedField | undefined)[] {
  const fields = (JSON.parse(row) as (string | null | unknown[])[]).flat(Number.POSITIVE_INFINITY);
  return (fields as (string | null)[]).map((field) => (field === null ? undefined : unmarked(field)));
}

function unmarked(field: string): MarkedField {
  const [kind, text] = [field.slice(0, 1), field.slice(1)];
  if (kind === WHOLE) return { kind: "whole", csv: text };
  if (kind === DOUBLE) return { kind: "double", csv: String(Number(text.replace("Inf", "Infinity"))) };
  if (kind === TEXT_BYTES) return { kind: "text", csv: textField(Buffer.from(text, "hex").toString("latin1")) };
  return { kind: "text", csv: textField(kind === BYTES ? Uint8Array.fromHex(text).toBase64() : text) };
}

/**
 * Makes CSV of the texts of {@linkcode lineQuery}, one behind another, and a mark behind the last one. Undefined where one
 * of them holds a character that stands for something else here. The bytes are changed.
 */
export function csvOfLines(
  lines: Uint8Array<ArrayBuffer>,
  { rows, width }: { rows: number; width: number },
): Uint8Array<ArrayBuffer> | undefined {
  const csv = new Rewriting(lines);
  let isMarked = lines[0] === MARKED;
  let [marks, separators] = [0, 0];
  let isSpecial = false;
  let field = 1;
  for (let at = 1; at < lines.length; at++) {
    const byte = lines[at] ?? 0;
    if (byte > COMMA) continue;
    if (byte === BETWEEN || byte === PLAIN || byte === MARKED) {
      if (isMarked) csv.unmark(field, at);
      else if (isSpecial) csv.quote(field, at);
      [field, isSpecial] = [at + 1, false];
      lines[at] = byte === BETWEEN ? COMMA : LINE_FEED;
      if (byte === BETWEEN) separators++;
      else {
        marks++;
        isMarked = byte === MARKED;
      }
    } else if (byte === QUOTE || byte === COMMA || byte === LINE_FEED || byte === RETURN) isSpecial = true;
  }
  return marks === rows && separators === rows * (width - 1) ? csv.end() : undefined;
}

/** Bytes of which most stay as they are. */
class Rewriting {
  readonly #source: Uint8Array<ArrayBuffer>;
  #target: Uint8Array<ArrayBuffer> | undefined;
  #length = 0;
  /** The source is copied up to here; the first mark is left out. */
  #copied = 1;

  constructor(source: Uint8Array<ArrayBuffer>) {
    this.#source = source;
  }

  /** A field whose first letter says what it is. */
  unmark(from: number, to: number): void {
    if (from === to) return;
    const field = Buffer.from(this.#source.buffer, from, to - from).toString();
    this.#replace(from, to, Buffer.from(unmarked(field).csv));
  }

  quote(from: number, to: number): void {
    this.#append(this.#source.subarray(this.#copied, from));
    const target = this.#room(2 * (to - from) + 2);
    let length = this.#length;
    target[length++] = QUOTE;
    for (let at = from; at < to; at++) {
      const byte = this.#source[at] ?? 0;
      if (byte === QUOTE) target[length++] = QUOTE;
      target[length++] = byte;
    }
    target[length++] = QUOTE;
    this.#length = length;
    this.#copied = to;
  }

  #replace(from: number, to: number, bytes: Uint8Array): void {
    this.#append(this.#source.subarray(this.#copied, from));
    this.#append(bytes);
    this.#copied = to;
  }

  #append(bytes: Uint8Array): void {
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Where there is room for so many bytes more. */
  #room(bytes: number): Uint8Array<ArrayBuffer> {
    const length = this.#length + bytes;
    if (this.#target === undefined || length > this.#target.length) {
      const larger = new Uint8Array(2 * Math.max(length, this.#source.length));
      if (this.#target !== undefined) larger.set(this.#target.subarray(0, this.#length));
      this.#target = larger;
    }
    return this.#target;
  }

  end(): Uint8Array<ArrayBuffer> {
    if (this.#target === undefined) return this.#source.subarray(1);
    this.#append(this.#source.subarray(this.#copied));
    return this.#target.slice(0, this.#length);
  }
}
