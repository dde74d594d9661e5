/** Fields of CSV as sources give them. */

const SPECIAL = /[",\r\n]/;

/** A text as a field; an empty one is told from null by its quotes. */
export function textField(text: string): string {
  if (text === "") return '""';
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** How characters become bytes: `latin1` where each stands for one, as those of texts do that may be no UTF-8. */
type PieceEncoding = "utf8" | "latin1";

const PIECE_CHARACTERS = 256 * 1024;
const encoder = new TextEncoder();

/** Collects lines of CSV, and gives them in pieces. */
export class CsvPieces {
  readonly #encoding: PieceEncoding;
  #text = "";
  #rows = 0;

  constructor(encoding: PieceEncoding = "utf8") {
    this.#encoding = encoding;
  }

  /** Takes a row: its fields with commas between them. True when there is enough for a piece. */
  add(line: string): boolean {
    this.#text += `${line}\n`;
    this.#rows++;
    return this.#text.length >= PIECE_CHARACTERS;
  }

  /** What was collected since the last call. */
  take(): { bytes: Uint8Array<ArrayBuffer>; rows: number } {
    const bytes =
      this.#encoding === "utf8" ? encoder.encode(this.#text) : new Uint8Array(Buffer.from(this.#text, "latin1"));
    const taken = { bytes, rows: this.#rows };
    [this.#text, this.#rows] = ["", 0];
    return taken;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }
}
