/** Hashes of the key that was asked for, row by row: of the hashes of its values, each by its place in the key. */
import { FIELD_WORDS } from "../../formats/indexed/column-texts.ts";
import { stringifyJson } from "../../formats/values/json.ts";

export class KeyWords {
  #words = new Uint32Array(1024);
  #rows = 0;

  /** Takes the key of the next row. */
  addValues(values: readonly unknown[]): void {
    this.#open(1);
    for (const [at, value] of values.entries()) {
      // An absent one counts for nothing.
      if (value === undefined || value === null) continue;
      const hash = Bun.hash.xxHash64(typeof value === "string" ? value : `\0${stringifyJson(value)}`);
      this.#add(this.#rows - 1, at, { low: Number(BigInt.asUintN(32, hash)), high: Number(hash >> 32n) });
    }
  }

  /** Takes so many further rows, whose values {@linkcode addFields} brings. */
  open(rows: number): void {
    this.#open(rows);
  }

  /** Takes the values of a column, in the rows that were opened last. @param at The place of the column in the key. */
  addFields(words: Int32Array, at: number, of: { emptyIsNull: boolean }): void {
    const rows = words.length / FIELD_WORDS;
    for (let row = 0; row < rows; row++) {
      const word = row * FIELD_WORDS;
      if (words[word + 3] === 0 && of.emptyIsNull) continue;
      this.#add(this.#rows - rows + row, at, { low: words[word] ?? 0, high: words[word + 1] ?? 0 });
    }
  }

  /** Two words for each row, never both 0. */
  end(): Uint32Array {
    const words = this.#words.slice(0, this.#rows * 2);
    for (let at = 0; at < words.length; at += 2) if (words[at] === 0 && words[at + 1] === 0) words[at] = 1;
    return words;
  }

  #open(rows: number): void {
    this.#rows += rows;
    if (this.#rows * 2 <= this.#words.length) return;
    const more = new Uint32Array(Math.max(this.#rows * 2, this.#words.length * 2));
    more.set(this.#words);
    this.#words = more;
  }

  /** In whatever order values come: their columns lie in the file as they like. */
  #add(row: number, at: number, { low, high }: { low: number; high: number }): void {
    const word = row * 2;
    const by = Math.imul(at + 1, 0x9e3779b1) | 1;
    this.#words[word] = (this.#words[word] ?? 0) + Math.imul(low ^ (high >>> 15), by);
    this.#words[word + 1] = (this.#words[word + 1] ?? 0) + Math.imul(high ^ (low >>> 13), by ^ 0x2545f490);
  }
}
