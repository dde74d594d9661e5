/**
 * The one tokenizer: reads CSV text row by row, for every dialect.
 *
 * It works on whole physical lines: while the text is not final, a line without its LF is never looked at, so no answer
 * can change when more text comes. A *line* here is a physical one without its line end; CR is part of a line end only
 * before LF, or as the very last character of the final text (as in `@std/csv`).
 *
 * It serves characters (the library, the workers) and bytes decoded as latin1 (the boundary scan); only white space and
 * column numbers depend on which it is.
 */

import { type CutLine, cutterOf } from "./cut.ts";
import type { Dialect } from "./dialect.ts";

/** Why a row is bad. */
export interface QuoteFault {
  code: "row-quote" | "row-unclosed-quote";
  /** A quote in a field that is not quoted, or an extraneous or missing one in a quoted field. */
  kind: "bare-quote" | "quote";
  /** Offset in the text (UTF-16 code units) of the quote to blame; of the opening one where none closes. */
  offset: number;
  /** Physical lines from the row's start, from 0. */
  line: number;
  /** Code points from the start of that line, from 1, as `@std/csv` counts them. */
  column: number;
}

/**
 * What was read: a row; a blank or comment line; a bad row, of which only the first physical line is passed over;
 * `more` when the text must grow before anything can be said; `end` when nothing is left.
 */
export type Token = "row" | "blank" | "comment" | "bad" | "more" | "end";

/** What one code unit of the text is. */
export type Unit = "characters" | "bytes";

const CR = 0x0d;

// What String.prototype.trimStart() takes away, in characters and as UTF-8 bytes decoded as latin1.
const WHITE_SPACE = {
  characters: String.raw`\s`,
  bytes: String.raw`(?:[\t\v\f\r ]|\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf)`,
};

/** White space that may be dropped. A delimiter that is white space is none, but for `@std/csv`. */
function whiteSpace({ delimiter, trim }: Dialect, unit: Unit): RegExp {
  const but = trim === "std" ? "" : `(?!${RegExp.escape(delimiter)})`;
  return new RegExp(`(?:${but}${WHITE_SPACE[unit]})*`, "y");
}

/** Reads rows from a text; after each {@linkcode Tokenizer.read} its properties describe what was read. */
export class Tokenizer {
  /** For each field, whether it was quoted. */
  quoted: boolean[] = [];
  /** Offset behind what was read, line end included; of a bad row, behind its first physical line. */
  end = 0;
  /** How many LFs stand between start and end. */
  lines = 0;
  /** Set when the row is bad. */
  fault: QuoteFault | undefined;
  /** The text of the row last read goes over a border between two columns. */
  isCrossing = false;

  readonly #dialect: Dialect;
  readonly #unit: Unit;
  readonly #cut: CutLine | undefined;
  #fields: string[] = [];
  /** A line that is cut when its fields are asked for. */
  #uncut: string | undefined;
  #whiteSpace: RegExp | undefined;

  #text = "";
  #isFinal = false;
  /** The current line, where it starts, where the next one starts, and how many lines of the row came before it. */
  #line = "";
  #lineStart = 0;
  #nextLineStart = 0;
  #lineIndex = 0;
  /** First quote and first escape of the line at or behind the last place asked for; -1: none, -2: not searched. */
  #nextQuote = -2;
  #nextEscape = -2;

  /**
   * @throws {TypeError} If no text could be read by the dialect: an empty delimiter, or one that holds a line end or
   * the quote.
   */
  constructor(dialect: Dialect, unit: Unit = "characters") {
    const { delimiter, quote } = dialect;
    if (delimiter === "" || /[\r\n]/.test(delimiter + quote) || (quote !== "" && delimiter.includes(quote))) {
      throw new TypeError(
        `Cannot read CSV: the delimiter ${JSON.stringify(delimiter)} is empty, or holds a line end or the quote`,
      );
    }
    this.#dialect = dialect;
    this.#unit = unit;
    if (dialect.cut !== undefined) this.#cut = cutterOf(dialect.cut);
  }

  /** The fields of the row last read. */
  get fields(): string[] {
    const line = this.#uncut;
    if (line === undefined || this.#cut === undefined) return this.#fields;
    this.#uncut = undefined;
    const text = this.#unit === "bytes" ? Buffer.from(line, "latin1").toString("utf8") : line;
    const fields = this.#cut(text, this.#dialect.mostFields ?? Number.MAX_SAFE_INTEGER);
    this.isCrossing = fields === undefined;
    this.#fields = fields ?? [];
    return this.#fields;
  }

  /**
   * Reads what stands at `start`.
   *
   * @param text The text, from the start of a row on.
   * @param start Where to read; the start of the text, or the `end` of what was read before.
   * @param final Whether the text ends here; if not, it may grow behind its last character.
   * @returns What was read; on `more`, ask again from the same start with a longer text.
   */
  read(text: string, start: number, final: boolean): Token {
    this.#forgetFields();
    this.fault = undefined;
    this.end = start;
    this.lines = 0;
    if (start >= text.length) return final ? "end" : "more";

    this.#text = text;
    this.#isFinal = final;
    this.#lineIndex = -1;
    if (!this.#readLine(start)) return "more";
    this.#passLines();
    const { comments, keepsBlankLines } = this.#dialect;
    if ((this.#line === "" || this.#isTrimmedAway()) && keepsBlankLines !== true) return "blank";
    if (comments.some((comment) => comment !== "" && this.#line.startsWith(comment))) return "comment";
    if (this.#cut !== undefined) {
      this.#uncut = this.#line;
      return "row";
    }
    const token = this.#readRow();
    if (token !== "row") this.#forgetFields();
    if (token === "more") {
      this.end = start;
      this.lines = 0;
    }
    return token;
  }

  #readRow(): Token {
    const { delimiter, quote, trim, mostFields = Number.MAX_SAFE_INTEGER } = this.#dialect;
    for (let at = 0; ; at += delimiter.length) {
      if (trim !== "none") at = this.#skipWhiteSpace(at);
      if (quote !== "" && this.#line.startsWith(quote, at)) {
        const outcome = this.#readQuoted(at);
        if (typeof outcome === "string") return outcome;
        at = outcome;
      } else {
        const found = this.#fields.length === mostFields - 1 ? -1 : this.#line.indexOf(delimiter, at);
        const stop = found === -1 ? this.#line.length : found;
        if (this.#hasBareQuote(at, stop)) return "bad";
        const value = this.#line.slice(at, stop);
        // Of bytes, only the ends of fields count, not their values.
        this.#fields.push(trim === "both" ? value.trimEnd() : value);
        this.quoted.push(false);
        at = stop;
      }
      if (at === this.#line.length) break;
    }
    this.#passLines();
    return "row";
  }

  /** Reads the field whose opening quote is at `open`; where in the line it ends, or why it cannot be read. */
  #readQuoted(open: number): number | "bad" | "more" {
    const { quote, escape, lazyQuotes, trim } = this.#dialect;
    const opening = { line: this.#line, start: this.#lineStart, index: this.#lineIndex };
    let value = "";
    let at = open + quote.length;
    for (;;) {
      const close = this.#quoteFrom(at);
      const escapeAt = escape === quote || escape === "" ? -1 : this.#escapeFrom(at);
      if (escapeAt !== -1 && (close === -1 || escapeAt <= close)) {
        const behind = escapeAt + escape.length;
        const escaped = [quote, escape].find((literal) => this.#line.startsWith(literal, behind));
        value += this.#line.slice(at, escapeAt) + (escaped ?? escape);
        at = behind + (escaped?.length ?? 0);
        continue;
      }
      if (close === -1) {
        if (this.#nextLineStart === this.#text.length && this.#isFinal) {
          if (!lazyQuotes) {
            this.#lineIndex = opening.index;
            return this.#fail("row-unclosed-quote", "quote", opening.line, opening.start, open);
          }
          value += this.#line.slice(at);
          at = this.#line.length;
          break;
        }
        value += this.#text.slice(this.#lineStart + at, this.#nextLineStart);
        if (!this.#readLine(this.#nextLineStart)) return "more";
        at = 0;
        continue;
      }
      value += this.#line.slice(at, close);
      at = close + quote.length;
      if (escape === quote && this.#line.startsWith(quote, at)) {
        value += quote;
        at += quote.length;
        continue;
      }
      if (this.#isFieldEnd(at)) break;
      if (trim === "both") {
        const behind = this.#skipWhiteSpace(at);
        if (this.#isFieldEnd(behind)) {
          at = behind;
          break;
        }
      }
      if (!lazyQuotes) return this.#fail("row-quote", "quote", this.#line, this.#lineStart, close);
      value += quote;
    }
    this.#fields.push(value);
    this.quoted.push(true);
    return at;
  }

  #isFieldEnd(at: number): boolean {
    return at === this.#line.length || this.#line.startsWith(this.#dialect.delimiter, at);
  }

  /** Whether nothing is left of the line when white space around fields is dropped. */
  #isTrimmedAway(): boolean {
    if (this.#cut !== undefined) return !/\S/.test(this.#line);
    return this.#dialect.trim === "both" && this.#skipWhiteSpace(0) === this.#line.length;
  }

  /** Whether an unquoted field holds a quote that it must not hold; if so, the fault is set. */
  #hasBareQuote(start: number, stop: number): boolean {
    if (this.#dialect.quote === "" || this.#dialect.lazyQuotes) return false;
    const at = this.#quoteFrom(start);
    if (at === -1 || at >= stop) return false;
    this.#fail("row-quote", "bare-quote", this.#line, this.#lineStart, at);
    return true;
  }

  // This and the next method remember what they found, so that a line is searched once, not once for each field.
  #quoteFrom(at: number): number {
    if (this.#nextQuote !== -1 && this.#nextQuote < at) this.#nextQuote = this.#line.indexOf(this.#dialect.quote, at);
    return this.#nextQuote;
  }

  #escapeFrom(at: number): number {
    if (this.#nextEscape !== -1 && this.#nextEscape < at) {
      this.#nextEscape = this.#line.indexOf(this.#dialect.escape, at);
    }
    return this.#nextEscape;
  }

  #skipWhiteSpace(at: number): number {
    this.#whiteSpace ??= whiteSpace(this.#dialect, this.#unit);
    this.#whiteSpace.lastIndex = at;
    this.#whiteSpace.test(this.#line);
    return this.#whiteSpace.lastIndex;
  }

  /** Makes the line at `start` the current one; false when its end is not there yet. */
  #readLine(start: number): boolean {
    const text = this.#text;
    const lf = text.indexOf("\n", start);
    if (lf === -1 && !this.#isFinal) return false;
    const stop = lf === -1 ? text.length : lf;
    this.#nextLineStart = lf === -1 ? text.length : lf + 1;
    this.#line = text.slice(start, stop > start && text.charCodeAt(stop - 1) === CR ? stop - 1 : stop);
    this.#lineStart = start;
    this.#lineIndex++;
    this.#nextQuote = -2;
    this.#nextEscape = -2;
    return true;
  }

  /** Everything up to the end of the current line has been read. */
  #passLines(): void {
    this.end = this.#nextLineStart;
    this.lines = this.#lineIndex + (this.#text.endsWith("\n", this.end) ? 1 : 0);
  }

  #forgetFields(): void {
    this.#fields = [];
    this.#uncut = undefined;
    this.isCrossing = false;
    this.quoted = [];
  }

  // `end` and `lines` still tell of the first physical line, which is all that a bad row takes.
  #fail(code: QuoteFault["code"], kind: QuoteFault["kind"], line: string, lineStart: number, at: number): "bad" {
    const before = line.slice(0, at);
    const codePoints =
      this.#unit === "bytes" ? before.replaceAll(/[\x80-\xbf]/g, "").length : Array.from(before).length;
    this.fault = { code, kind, offset: lineStart + at, line: this.#lineIndex, column: codePoints + 1 };
    return "bad";
  }
}
