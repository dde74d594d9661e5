/**
 * Rows at the start of an input, read one by one before anything else: a line without anything unusual is split at once,
 * and the tokenizer reads the others. Its code is slow at first, and a run over a short file is over by then.
 */
import { type Dialect, isKernelDialect } from "./dialect.ts";
import { Tokenizer } from "./tokenizer.ts";

export interface QuickRowsSetup {
  dialect: Dialect;
  /** Nothing follows the text. */
  isWhole: boolean;
  /** Reads the rows that are no plain lines; one of characters where it is left out. */
  tokenizer?: Tokenizer;
}

export class QuickRows {
  readonly #text: string;
  readonly #isWhole: boolean;
  readonly #delimiter: string;
  /** The dialect has no rules but those of the delimiter and of quotes. */
  readonly #isPlain: boolean;
  readonly #quote: string;
  /** The first quote, and the first return, at or behind the last place asked for. */
  #nextQuote = -1;
  #nextReturn = -1;
  #tokenizer: Tokenizer | undefined;
  readonly #dialect: Dialect;
  /** Where the row last read begins, and what follows it. */
  start = 0;
  end = 0;

  constructor(text: string, { dialect, isWhole, tokenizer }: QuickRowsSetup) {
    this.#text = text;
    this.#isWhole = isWhole;
    this.#dialect = dialect;
    this.#delimiter = dialect.delimiter;
    this.#isPlain = isKernelDialect(dialect);
    this.#quote = dialect.quote;
    this.#tokenizer = tokenizer;
  }

  /** The fields of the next row as they are written, "bad" for a row that is none; undefined behind the last whole one. */
  next(): string[] | "bad" | undefined {
    for (;;) {
      this.start = this.end;
      const fields = this.#plainFields();
      if (fields !== undefined) return fields;
      this.#tokenizer ??= new Tokenizer(this.#dialect);
      const token = this.#tokenizer.read(this.#text, this.end, this.#isWhole);
      if (token === "end" || token === "more") return undefined;
      this.end = this.#tokenizer.end;
      if (token === "row") return this.#tokenizer.fields;
      if (token === "bad") return "bad";
    }
  }

  /** The fields of the next line, where it is a row of its own, and quotes stand around whole fields only. */
  #plainFields(): string[] | undefined {
    const text = this.#text;
    const { start } = this;
    const end = this.#isPlain ? text.indexOf("\n", start) : -1;
    if (end < 0) return undefined;
    if (this.#nextQuote < start) this.#nextQuote = placeOf(text, this.#quote, start);
    if (this.#nextReturn < start) this.#nextReturn = placeOf(text, "\r", start);
    const lineEnd = this.#nextReturn === end - 1 ? end - 1 : end;
    if (lineEnd === start || this.#nextReturn < lineEnd) return undefined;
    const line = text.slice(start, lineEnd);
    const fields = this.#nextQuote < end ? this.#quotedFields(line) : line.split(this.#delimiter);
    if (fields !== undefined) this.end = end + 1;
    return fields;
  }

  #quotedFields(line: string): string[] | undefined {
    const delimiter = this.#delimiter;
    // Every other part stands in quotes.
    const parts = line.split(this.#quote);
    if (parts.length % 2 === 0) return undefined;
    const fields: string[] = [];
    const last = parts.length - 1;
    for (const [index, part] of parts.entries()) {
      if (index % 2 === 1) {
        fields.push(part);
        continue;
      }
      const isFirst = index === 0;
      const isLast = index === last;
      if (part === "" && (isFirst || isLast)) continue;
      const isSeparate = (isFirst || part.startsWith(delimiter)) && (isLast || part.endsWith(delimiter));
      if (!isSeparate) return undefined;
      // One delimiter between two fields in quotes has no field beside it.
      if (!isFirst && !isLast && part === delimiter) continue;
      fields.push(...part.slice(isFirst ? 0 : 1, isLast ? undefined : -1).split(delimiter));
    }
    return fields;
  }
}

/** Where a character stands at or behind a place; beyond all places where there is none. */
function placeOf(text: string, character: string, from: number): number {
  const at = character === "" ? -1 : text.indexOf(character, from);
  return at < 0 ? Infinity : at;
}
