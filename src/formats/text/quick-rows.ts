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
    const line = this.#plainLine();
    if (line === undefined) return this.#read();
    const text = this.#text.slice(this.start, line.end);
    if (!line.hasQuotes) return text.split(this.#delimiter);
    return this.#quotedFields(text) ?? this.#read();
  }

  /** How many fields the next row has, 0 for a bad one: as {@linkcode QuickRows.next}, and makes none of them. */
  nextWidth(): number | undefined {
    const line = this.#plainLine();
    if (line !== undefined && !line.hasQuotes) return this.#countFields(line.end);
    const fields = line && this.#quotedFields(this.#text.slice(this.start, line.end));
    const read = fields ?? this.#read();
    return read === "bad" ? 0 : read?.length;
  }

  #countFields(lineEnd: number): number {
    let count = 1;
    for (let at = this.#text.indexOf(this.#delimiter, this.start); at >= 0 && at < lineEnd; count++)
      at = this.#text.indexOf(this.#delimiter, at + 1);
    return count;
  }

  /** Reads a row by the tokenizer, from where the last one ended or, where that was taken for a plain line, began. */
  #read(): string[] | "bad" | undefined {
    this.#tokenizer ??= new Tokenizer(this.#dialect);
    for (;;) {
      const token = this.#tokenizer.read(this.#text, this.start, this.#isWhole);
      if (token === "end" || token === "more") return undefined;
      this.end = this.#tokenizer.end;
      if (token === "row") {
        const { fields } = this.#tokenizer;
        return this.#tokenizer.isCrossing ? "bad" : fields;
      }
      if (token === "bad") return "bad";
      this.start = this.end;
    }
  }

  /** The next line, where it may be a row of its own: it holds something, and no return; it is passed over. */
  #plainLine(): { end: number; hasQuotes: boolean } | undefined {
    const text = this.#text;
    this.start = this.end;
    const { start } = this;
    const feed = this.#isPlain ? text.indexOf("\n", start) : -1;
    if (feed < 0) return undefined;
    if (this.#nextQuote < start) this.#nextQuote = placeOf(text, this.#quote, start);
    if (this.#nextReturn < start) this.#nextReturn = placeOf(text, "\r", start);
    const end = this.#nextReturn === feed - 1 ? feed - 1 : feed;
    if (end === start || this.#nextReturn < end) return undefined;
    this.end = feed + 1;
    return { end, hasQuotes: this.#nextQuote < feed };
  }

  /** The fields of a line, where quotes stand around whole ones only. */
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
