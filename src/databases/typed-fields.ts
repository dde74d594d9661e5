/** Reads the lines that src/formats/typed-lines.ts writes: fields that show what they are. */

/** What a field is. */
export type FieldKind = "null" | "text" | "number" | "boolean" | "date" | "json";

const [LINE_FEED, QUOTE, COMMA, MINUS, POINT, ZERO, NINE] = [10, 34, 44, 45, 46, 48, 57];
const [OPEN_BRACKET, OPEN_BRACE] = [91, 123];

/** The fields of one line. */
export class TypedFields {
  readonly #text: string;
  #at = 0;
  readonly kinds: FieldKind[] = [];
  /** The texts that they stand for. */
  readonly texts: string[] = [];

  /** @param text Whole lines, each with its line feed. */
  constructor(text: string) {
    this.#text = text;
  }

  /** Where the next line begins. */
  get position(): number {
    return this.#at;
  }

  /** Reads the next line; false behind the last one. */
  next(): boolean {
    const text = this.#text;
    if (this.#at >= text.length) return false;
    let column = 0;
    for (;;) {
      this.#read(column++);
      // Behind a field stands a comma, or the end of the line.
      if (text.charCodeAt(this.#at++) !== COMMA) break;
    }
    this.kinds.length = column;
    this.texts.length = column;
    return true;
  }

  #read(column: number): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) this.#set(column, "text", this.#quoted());
    else if (code === COMMA || code === LINE_FEED) this.#set(column, "null", "");
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      this.#at++;
      this.#set(column, "json", String.fromCharCode(code) + this.#quoted());
    } else {
      const start = this.#at;
      let end = start;
      for (let at = this.#text.charCodeAt(end); at !== COMMA && at !== LINE_FEED; at = this.#text.charCodeAt(++end));
      this.#at = end;
      const bare = this.#text.slice(start, end);
      this.#set(column, bareKind(bare, code), bare);
    }
  }

  #set(column: number, kind: FieldKind, text: string): void {
    this.kinds[column] = kind;
    this.texts[column] = text;
  }

  /** A text in quotes, which begins here. */
  #quoted(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let end = text.indexOf('"', start);
    let isEscaped = false;
    while (text.charCodeAt(end + 1) === QUOTE) {
      isEscaped = true;
      end = text.indexOf('"', end + 2);
    }
    this.#at = end + 1;
    const inside = text.slice(start, end);
    return isEscaped ? inside.replaceAll('""', '"') : inside;
  }
}

/** `first` is the code of its first character. */
function bareKind(bare: string, first: number): FieldKind {
  const isNumeral = (first >= ZERO && first <= NINE) || first === MINUS || first === POINT;
  if (isNumeral || first === 43) return bare.endsWith("Z") ? "date" : "number";
  return "boolean";
}
