/**
 * The rows of a sheet, one after another as its part is read: of each the fields of CSV that its cells become, and what
 * they are. Cells may be missing, and may come in any order; rows with nothing in them, or empty texts, are passed over.
 */
import { RowmillError } from "../../errors.ts";
import { ByteBuffer, XmlText } from "./byte-buffer.ts";
import type { NumberKind } from "./number-formats.ts";
import type { Part } from "./package.ts";
import { addSerial } from "./serial-dates.ts";
import type { SharedStrings } from "./shared-strings.ts";
import { CLOSE, END, OPEN, TEXT, damaged, shortName } from "./xml-scanner.ts";

/** No sheet of Excel has more. */
export const MAX_COLUMNS = 16_384;
/** A row of more text is not read. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

/** What a cell holds. */
export const NUMBER = 1;
export const BOOLEAN = 2;
const TEXTUAL = 4;

const ROW = shortName("row");
const CELL = shortName("c");
const VALUE = shortName("v");
const FORMULA = shortName("f");
const INLINE = shortName("is");
const INLINE_TEXT = shortName("t");
const RUN = shortName("r");

/** The attributes of a cell, and of a row. */
const PLACE = 0x72;
const STYLE = 0x73;
const TYPE = 0x74;

/** What elements stand around what comes next. */
const BEFORE = 0;
const IN_ROWS = 1;
const IN_ROW = 2;
const IN_CELL = 3;
const IN_VALUE = 4;
const IN_INLINE = 5;
const IN_TEXT = 6;
const BEHIND = 7;

/** Types of cells: numbers, texts by number, booleans, errors, texts of formulas, texts in place, dates as texts. */
const TYPES: ReadonlyMap<string, number> = new Map([
  ["n", 0],
  ["s", 1],
  ["b", 2],
  ["e", 3],
  ["str", 4],
  ["inlineStr", 5],
  ["d", 6],
]);
const [OF_NUMBER, SHARED, OF_BOOLEAN, , OF_FORMULA] = [0, 1, 2, 3, 4];

/** What is known of the workbook. */
export interface SheetFacts {
  /** As messages call the file. */
  file: string;
  sheet: string;
  strings: SharedStrings;
  kinds: readonly NumberKind[];
  is1904: boolean;
}

const QUOTE = 34;
const ZERO = 48;
const NINE = 57;
const UPPER_A = 65;
const UPPER_Z = 90;
const LOWER_CASE = 32;
const MAX_DIGITS = 15;
const LONG_DIGITS = 17;

export class SheetRows {
  readonly #part: Part;
  readonly #facts: SheetFacts;
  #within = BEFORE;
  /** So many elements are open of which nothing is wanted. */
  #skipped = 0;
  /** The number of the row, as the sheet counts it. */
  line = 0;
  /** Of the row: how many of its cells hold something, if only an empty text; the last column that does, its fields, and where they lie. */
  cells = 0;
  #filled = 0;
  lastColumn = -1;
  readonly fields: ByteBuffer = new ByteBuffer();
  readonly from: Int32Array = new Int32Array(MAX_COLUMNS);
  readonly to: Int32Array = new Int32Array(MAX_COLUMNS);
  readonly what: Uint8Array = new Uint8Array(MAX_COLUMNS);
  /** A column has a cell in this row where it has the number of the row. */
  readonly #stamps = new Uint32Array(MAX_COLUMNS);
  #row = 0;
  /** The row has a formula of which nobody has kept what it gives. */
  #isOpen = false;
  #column = -1;
  #type: number = OF_NUMBER;
  #style = 0;
  #hasValue = false;
  #hasFormula = false;
  readonly #text = new XmlText();
  /** How many formulas have no value, and the first of them. */
  lost = 0;
  firstLost = "";
  /** Ranges of cells that are shown as one. */
  readonly merged: string[] = [];

  constructor(part: Part, facts: SheetFacts) {
    this.#part = part;
    this.#facts = facts;
  }

  /** Goes to the next row with a value in it; "more" asks for more bytes. */
  next(): "row" | "more" | "end" {
    const { scanner } = this.#part;
    try {
      for (;;) {
        const token = scanner.next();
        if (token === OPEN) this.#open();
        else if (token === CLOSE) {
          if (this.#close() && (this.#filled > 0 || this.#isOpen)) return "row";
        } else if (token === TEXT) {
          if (this.#skipped === 0 && (this.#within === IN_VALUE || this.#within === IN_TEXT))
            this.#text.append(scanner.bytes, scanner.from, scanner.to, scanner.isLiteral);
        } else if (token === END) {
          if (this.#within !== BEHIND && this.#within !== BEFORE) throw damaged("it ends in the middle of its rows");
          return "end";
        } else return "more";
      }
    } catch (error) {
      throw this.#placed(error);
    }
  }

  /** Whether a column has a value in this row. */
  has(column: number): boolean {
    return this.#stamps[column] === this.#row;
  }

  /** The text of a column in this row. */
  textOf(column: number): string {
    if (!this.has(column)) return "";
    const field = Buffer.from(
      this.fields.bytes.buffer,
      this.from[column],
      (this.to[column] ?? 0) - (this.from[column] ?? 0),
    );
    const text = field.toString();
    return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  }

  #placed(error: unknown): unknown {
    if (!(error instanceof RowmillError) || error.place !== undefined || error.message.startsWith("cannot read "))
      return error;
    const { file, sheet } = this.#facts;
    const { message, hint = "" } = error;
    const place = { file, line: this.line, words: `sheet ${sheet}, line ${this.line}` };
    return new RowmillError("input", `cannot read the sheet: ${message}`, { place, hint, cause: error });
  }

  #open(): void {
    const { scanner } = this.#part;
    const { name, isEmpty } = scanner;
    if (this.#skipped > 0) {
      if (!isEmpty) this.#skipped++;
      return;
    }
    switch (this.#within) {
      case IN_ROW:
        if (name === CELL) {
          this.#beginCell();
          if (isEmpty) this.#endCell();
          else this.#within = IN_CELL;
          return;
        }
        break;
      case IN_CELL:
        if (name === VALUE) {
          this.#hasValue = true;
          if (!isEmpty) this.#within = IN_VALUE;
          return;
        }
        if (name === FORMULA) this.#hasFormula = true;
        if (name === INLINE) {
          this.#hasValue = true;
          if (!isEmpty) this.#within = IN_INLINE;
          return;
        }
        break;
      case IN_INLINE:
        if (name === RUN) return;
        if (name === INLINE_TEXT) {
          if (!isEmpty) this.#within = IN_TEXT;
          return;
        }
        break;
      case IN_ROWS:
        if (name === ROW) {
          this.#beginRow();
          if (!isEmpty) this.#within = IN_ROW;
          return;
        }
        break;
      case BEFORE:
        if (scanner.longName === "sheetData") this.#within = isEmpty ? BEHIND : IN_ROWS;
        return;
      case BEHIND:
        if (scanner.longName === "mergeCell" && this.merged.length < MAX_MERGED)
          this.merged.push(scanner.value("ref") ?? "");
        return;
      default:
    }
    if (!isEmpty) this.#skipped = 1;
  }

  /** True where a row ends. */
  #close(): boolean {
    if (this.#skipped > 0) {
      this.#skipped--;
      return false;
    }
    const { name } = this.#part.scanner;
    switch (this.#within) {
      case IN_VALUE:
        this.#leave(name, VALUE, IN_CELL);
        return false;
      case IN_CELL:
        this.#leave(name, CELL, IN_ROW);
        this.#endCell();
        return false;
      case IN_ROW:
        this.#leave(name, ROW, IN_ROWS);
        return true;
      case IN_TEXT:
        this.#leave(name, INLINE_TEXT, IN_INLINE);
        return false;
      case IN_INLINE:
        if (name !== RUN) this.#leave(name, INLINE, IN_CELL);
        return false;
      case IN_ROWS:
        this.#within = BEHIND;
        return false;
      default:
        return false;
    }
  }

  #leave(name: number, wanted: number, within: number): void {
    if (name !== wanted) throw damaged("its tags do not close each other");
    this.#within = within;
  }

  #beginRow(): void {
    const { scanner } = this.#part;
    let line = this.line + 1;
    for (let at = 0; at < scanner.attributes; at++) {
      if (scanner.letter(at) === PLACE) line = this.#whole(scanner.valueFrom(at), scanner.valueTo(at));
    }
    this.line = line;
    this.#row++;
    this.cells = 0;
    this.#filled = 0;
    this.lastColumn = -1;
    this.#column = -1;
    this.#isOpen = false;
    this.fields.length = 0;
  }

  /** A number without sign in an attribute. */
  #whole(from: number, to: number): number {
    const { bytes } = this.#part.scanner;
    let value = 0;
    for (let at = from; at < to; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) throw damaged("a number of a row or a style is none");
      value = value * 10 + digit;
    }
    if (from === to || value > Number.MAX_SAFE_INTEGER) throw damaged("a number of a row or a style is none");
    return value;
  }

  #beginCell(): void {
    const { scanner } = this.#part;
    const { bytes, attributes } = scanner;
    let column = this.#column + 1;
    this.#type = OF_NUMBER;
    this.#style = 0;
    this.#hasValue = false;
    this.#hasFormula = false;
    this.#text.clear();
    for (let at = 0; at < attributes; at++) {
      const letter = scanner.letter(at);
      const from = scanner.valueFrom(at);
      const to = scanner.valueTo(at);
      if (letter === PLACE) column = this.#columnOf(from, to);
      else if (letter === STYLE) this.#style = this.#whole(from, to);
      else if (letter === TYPE) {
        const byte = bytes[from];
        if (to === from + 1 && byte === STYLE) this.#type = SHARED;
        else this.#type = TYPES.get(Buffer.from(bytes.buffer, from, to - from).toString("latin1")) ?? OF_FORMULA;
      }
    }
    if (column >= MAX_COLUMNS) throw damaged(`it has a cell behind the last column, ${MAX_COLUMNS}`);
    this.#column = column;
  }

  /** The number of the column in the name of a cell, from 0. */
  #columnOf(from: number, to: number): number {
    const { bytes } = this.#part.scanner;
    let column = 0;
    let at = from;
    for (; at < to; at++) {
      const byte = (bytes[at] as number) & ~LOWER_CASE;
      if (byte < UPPER_A || byte > UPPER_Z) break;
      column = column * 26 + byte - UPPER_A + 1;
      if (column > MAX_COLUMNS) break;
    }
    if (at === from) throw damaged("a cell has a name that is none");
    return column - 1;
  }

  #endCell(): void {
    const { fields } = this;
    const text = this.#text;
    const start = fields.length;
    let what: number;
    // Some programs write formulas with an empty value in the place of one.
    if (!this.#hasValue || (text.length === 0 && this.#type <= OF_BOOLEAN)) {
      if (this.#hasFormula) this.#noteLost();
      return;
    }
    switch (this.#type) {
      case OF_NUMBER:
        what = this.#addNumber();
        break;
      case SHARED: {
        const number = wholeText(text);
        const { strings } = this.#facts;
        if (number < 0 || number >= strings.count) throw damaged("a cell refers to a text that is not there");
        strings.addTo(fields, number);
        what = TEXTUAL;
        break;
      }
      case OF_BOOLEAN: {
        const word = BOOLEANS.get(text.length === 1 ? (text.bytes[0] as number) : 0) ?? wordOf(text);
        what = word === undefined ? TEXTUAL : BOOLEAN;
        if (word === undefined) text.addFieldTo(fields);
        else fields.addText(word);
        break;
      }
      default:
        text.unescape();
        text.addFieldTo(fields);
        what = TEXTUAL;
    }
    // No other text is as long, and begins like that.
    if (fields.length - start !== 2 || fields.bytes[start] !== QUOTE) this.#filled++;
    if (fields.length > MAX_ROW_BYTES) throw damaged("the row has more than 64 MiB of text");
    const column = this.#column;
    if (this.#stamps[column] !== this.#row) {
      this.#stamps[column] = this.#row;
      this.cells++;
      if (column > this.lastColumn) this.lastColumn = column;
    }
    this.from[column] = start;
    this.to[column] = fields.length;
    this.what[column] = what;
  }

  #noteLost(): void {
    this.#isOpen = true;
    this.lost++;
    if (this.lost === 1) this.firstLost = `${columnName(this.#column)}${this.line}`;
  }

  /** Writes the number of a cell with the digits that it has, or as the date that its format says. */
  #addNumber(): number {
    const { fields } = this;
    const text = this.#text;
    trim(text);
    const { bytes, length } = text;
    const kind = this.#facts.kinds[this.#style] ?? "number";
    if (kind !== "number") {
      const value = numberOf(bytes, length);
      if (addSerial(fields, value, { kind, is1904: this.#facts.is1904 })) return TEXTUAL;
    }
    let digits = 0;
    let isPlain = true;
    for (let at = 0; at < length; at++) {
      const byte = bytes[at] as number;
      if (byte >= ZERO && byte <= NINE) digits++;
      else isPlain &&= isOfNumber(byte);
    }
    if (!isPlain || digits === 0) {
      text.addFieldTo(fields);
      return TEXTUAL;
    }
    if (digits < LONG_DIGITS) fields.add(bytes, 0, length);
    else fields.addText(shortest(Buffer.from(bytes.buffer, 0, length).toString("latin1")));
    return NUMBER;
  }
}

/** More ranges are only counted as many. */
const MAX_MERGED = 10_000;

const BOOLEANS: ReadonlyMap<number, string> = new Map([
  [ZERO, "false"],
  [ZERO + 1, "true"],
]);

/** `true` and `false`, which some programs write in the place of 1 and 0. */
function wordOf({ bytes, length }: ByteBuffer): string | undefined {
  const word = Buffer.from(bytes.buffer, 0, length).toString("latin1").trim().toLowerCase();
  return word === "true" || word === "false" ? word : undefined;
}

/** The letters of a column. */
function columnName(column: number): string {
  let name = "";
  for (let rest = column; rest >= 0; rest = Math.floor(rest / 26) - 1)
    name = String.fromCharCode(UPPER_A + (rest % 26)) + name;
  return name;
}

/** A number without sign; -1 where it is none. */
function wholeText(text: ByteBuffer): number {
  trim(text);
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = (text.bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return text.length === 0 ? -1 : value;
}

/** Takes away the white space around a value. */
function trim(text: ByteBuffer): void {
  const { bytes } = text;
  let { length } = text;
  while (length > 0 && (bytes[length - 1] as number) <= 32) length--;
  let from = 0;
  while (from < length && (bytes[from] as number) <= 32) from++;
  if (from > 0) bytes.copyWithin(0, from, length);
  text.length = length - from;
}

/** Whether a byte that is no digit may stand in a number: `+`, `-`, `.`, `e`. */
function isOfNumber(byte: number): boolean {
  return byte === 0x2b || byte === 0x2d || byte === 0x2e || (byte & ~LOWER_CASE) === 0x45;
}

/** The value of a number; few digits with a point among them are read without a text. */
function numberOf(bytes: Uint8Array, length: number): number {
  let value = 0;
  let scale = 0;
  let digits = 0;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] as number;
    if (byte >= ZERO && byte <= NINE && digits < MAX_DIGITS) {
      value = value * 10 + byte - ZERO;
      digits++;
      if (scale > 0) scale *= 10;
    } else if (byte === 0x2e && scale === 0) scale = 1;
    else return Number(Buffer.from(bytes.buffer as ArrayBuffer, 0, length).toString("latin1"));
  }
  if (digits === 0) return Number.NaN;
  return scale > 0 ? value / scale : value;
}

/**
 * Excel writes some numbers with 17 digits, of which no person has typed the last ones: 1.1 as 1.1000000000000001. Where
 * these are the digits of a double, as many are written as tell it from others; any other number stays as it is.
 */
function shortest(text: string): string {
  const value = Number(text);
  if (!Number.isFinite(value) || !/[.eE]/.test(text)) return text;
  const short = String(value);
  return short.length < text.length && significant(value.toPrecision(LONG_DIGITS)) === significant(text) ? short : text;
}

/** The digits of a number that count. */
function significant(text: string): string {
  return text
    .replace(/[eE].*/, "")
    .replaceAll(/[^\d]/g, "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");
}
