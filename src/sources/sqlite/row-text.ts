/**
 * Rows of a query as CSV, made by the database as far as it goes: one text a row takes a third of the time of one value a
 * field. The database writes more digits of doubles than they need: of those that have many, fewer are written here. A
 * character stands between fields that no text should hold; where one does, that shows in their number.
 *
 * A row begins with a mark. Behind the first mark fields stand as they are, null as nothing; behind the second one, which
 * rows with empty texts or bytes have, the first letter of a field says what it is.
 */
import { textField } from "../csv-text.ts";

const [PLAIN, MARKED, BETWEEN] = [0x1e, 0x1d, 0x1f];
const [TEXT, TEXT_BYTES, WHOLE, DOUBLE, BYTES] = ["t", "x", "i", "d", "b"];
const [LINE_FEED, RETURN, QUOTE, COMMA] = [10, 13, 34, 44];
const [MINUS, POINT, ZERO, NINE, LETTER_E] = [45, 46, 48, 57, 101];
/** A double of so many characters has not more than 15 digits: they are all needed. */
const SHORT = 16;
/** Fewer bytes are copied in a loop. */
const WORTH_A_CALL = 64;

/** Functions of SQL take a hundred arguments, and expressions are no deeper than a thousand terms. */
const MOST_ARGUMENTS = 30;

/** Some columns of a query, by number; -1 is one that is empty. */
export function columnsQuery(query: string, width: number, columns: readonly number[]): string {
  const names = namesOf(width);
  const coming = columns.map((at) => names[at] ?? "NULL");
  return `${named(query, names, COLUMNS_NAME)} SELECT ${coming.join(", ")} FROM ${COLUMNS_NAME}`;
}

/** A row of one of these queries. */
export interface TextRow {
  readonly start: string;
}

/** What a column holds, as far as is known; one of doubles may hold anything else, too. */
export type ColumnKind = "double" | "whole" | "text" | "unknown" | "unwanted";

/** A query whose rows are texts. */
export function lineQuery(query: string, kinds: readonly ColumnKind[]): string {
  const names = namesOf(kinds.length);
  const fields = names.map((name, at) => (kinds[at] === "unwanted" ? "NULL" : name));
  const tests = fields.flatMap((field, at) => (field === "NULL" ? [] : [oddTest(field, kinds[at] ?? "unknown")]));
  const odd = grouped(tests.length === 0 ? ["0"] : tests, (terms) => `(${terms.join(" OR ")})`);
  const marked = joined([`char(${MARKED})`, ...betweenAll(fields.map((name) => markedField(name, "characters")))]);
  const plain = joined([`char(${PLAIN})`, ...betweenAll(fields)]);
  return `${named(query, names)} SELECT CASE WHEN ${odd} THEN ${marked} ELSE ${plain} END AS start FROM ${NAME}`;
}

/** Tests whether a field cannot stand in a plain row. Numbers are less than texts, and these less than bytes. */
function oddTest(name: string, kind: ColumnKind): string {
  // Texts and bytes are not equal to what a number is made of them.
  if (kind === "whole") return `${name} <> CAST(${name} AS INTEGER)`;
  // What is no double in a column of them may look like one.
  if (kind === "double") return `${name} >= ''`;
  const isDouble = kind === "unknown" ? ` OR typeof(${name}) = 'real'` : "";
  return `${name} = '' COLLATE BINARY OR ${name} >= x''${isDouble}`;
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
  if (kind === DOUBLE) return { kind: "double", csv: doubleText(text) };
  if (kind === TEXT_BYTES) return { kind: "text", csv: textField(Buffer.from(text, "hex").toString("latin1")) };
  return { kind: "text", csv: textField(kind === BYTES ? Uint8Array.fromHex(text).toBase64() : text) };
}

function doubleText(text: string): string {
  return String(Number(text.replace("Inf", "Infinity")));
}

/**
 * Makes CSV of the texts of {@linkcode lineQuery}, one behind another, and a mark behind the last one. Undefined where one
 * of them holds a character that stands for something else here. The bytes are changed.
 */
export function csvOfLines(
  lines: Uint8Array<ArrayBuffer>,
  { rows, kinds }: { rows: number; kinds: readonly ColumnKind[] },
): Uint8Array<ArrayBuffer> | undefined {
  const csv = new Rewriting(lines);
  const isDouble = kinds.map((kind) => kind === "double");
  let isMarked = lines[0] === MARKED;
  let [marks, separators] = [0, 0];
  let isSpecial = false;
  let [field, column] = [1, 0];
  for (let at = 1; at < lines.length; at++) {
    const byte = lines[at] ?? 0;
    if (byte > COMMA) continue;
    if (byte === BETWEEN || byte === PLAIN || byte === MARKED) {
      if (isMarked) csv.unmark(field, at);
      else if (isSpecial) csv.quote(field, at);
      else if (isDouble[column] === true) csv.spell(field, at);
      [field, isSpecial] = [at + 1, false];
      lines[at] = byte === BETWEEN ? COMMA : LINE_FEED;
      if (byte === BETWEEN) {
        separators++;
        column++;
      } else {
        column = 0;
        marks++;
        isMarked = byte === MARKED;
      }
    } else if (byte === QUOTE || byte === COMMA || byte === LINE_FEED || byte === RETURN) isSpecial = true;
  }
  return marks === rows && separators === rows * (kinds.length - 1) ? csv.end() : undefined;
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
    this.#copy(from);
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

  /** A double as the database has written it. */
  spell(from: number, to: number): void {
    const source = this.#source;
    const last = source[to - 1] ?? 0;
    const hasExponent = source[to - 4] === LETTER_E || source[to - 5] === LETTER_E;
    if (to - from > SHORT || hasExponent || last > NINE) {
      const text = Buffer.from(source.buffer, from, to - from).toString();
      // Whole numbers keep all their digits.
      if (/[.I]/.test(text)) this.#replace(from, to, Buffer.from(doubleText(text)));
    } else if (last === ZERO && source[to - 2] === POINT) {
      // Of -0 the sign goes, too.
      const isNegativeZero = to - from === 4 && source[from] === MINUS && source[from + 1] === ZERO;
      this.#copy(isNegativeZero ? from : to - 2);
      this.#copied = isNegativeZero ? to - 3 : to;
      if (isNegativeZero) this.#copy(to - 2);
      this.#copied = to;
    }
  }

  #replace(from: number, to: number, bytes: Uint8Array): void {
    this.#copy(from);
    this.#append(bytes);
    this.#copied = to;
  }

  /** Copies what is not copied yet, up to there. */
  #copy(to: number): void {
    const from = this.#copied;
    if (to - from > WORTH_A_CALL) {
      this.#append(this.#source.subarray(from, to));
      return;
    }
    const target = this.#room(to - from);
    let length = this.#length;
    for (let at = from; at < to; at++) target[length++] = this.#source[at] ?? 0;
    this.#length = length;
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
    this.#copy(this.#source.length);
    return this.#target.slice(0, this.#length);
  }
}
