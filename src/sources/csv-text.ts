/** Fields of CSV as sources give them. */

const SPECIAL = /[",\r\n]/;

/** A text as a field; an empty one is told from null by its quotes. */
export function textField(text: string): string {
  if (text === "") return '""';
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const PIECE_CHARACTERS = 256 * 1024;
const encoder = new TextEncoder();

/** Collects lines of CSV, and gives them in pieces. */
export class CsvPieces {
  #text = "";
  #rows = 0;

  /** Takes a row: its fields with commas between them. True when there is enough for a piece. */
  add(line: string): boolean {
    this.#text += `${line}\n`;
    this.#rows++;
    return this.#text.length >= PIECE_CHARACTERS;
  }

  /** What was collected since the last call. */
  take(): { bytes: Uint8Array<ArrayBuffer>; rows: number } {
    const taken = { bytes: encoder.encode(this.#text), rows: this.#rows };
    [this.#text, this.#rows] = ["", 0];
    return taken;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }
}
