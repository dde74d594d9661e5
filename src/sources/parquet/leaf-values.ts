/** The values of one leaf of a nested column with their levels, as values of JSON, one after another. */
import type { Leaf } from "./columns.ts";
import { Damage } from "./damage.ts";
import type { Kernel } from "./kernel.ts";
import { isBare } from "./meaning.ts";
import { type PageValues, RUNS_BYTES, levelBits, openValues } from "./page-values.ts";
import type { DictionaryPage, Page, Pages } from "./pages.ts";
import { PlainLayout } from "./plain-layout.ts";
import { PlainValues, leastBytes } from "./plain-values.ts";
import { type Raw, valueText } from "./value-text.ts";

/** Levels that are read at once. */
const PORTION = 4096;

export class LeafValues {
  readonly #kernel: Kernel;
  readonly #pages: Pages;
  readonly #leaf: Leaf;
  readonly #block: number;
  readonly #layout: PlainLayout;
  #values: PageValues = { by: "numbers" };
  #plain: PlainValues | undefined;
  /** Levels of the page that were not read yet, and those that were. */
  #unread = 0;
  #definitions: Uint8Array = new Uint8Array(0);
  #repetitions: Uint8Array = new Uint8Array(0);
  #numbers = new Uint32Array(0);
  #at = 0;
  #number = 0;
  #dictionary: { of: DictionaryPage; values: Raw[] } | undefined;
  /** Values and nulls that follow, in all pages. */
  #left: number;
  /** The levels of the current value; the repetition is -1 behind the last one. */
  definition = 0;
  repetition = -1;

  /** @param count Values and nulls, as the footer says. */
  constructor(kernel: Kernel, pages: Pages, { leaf, count }: { leaf: Leaf; count: number }) {
    this.#kernel = kernel;
    this.#pages = pages;
    this.#leaf = leaf;
    this.#left = count;
    this.#layout = new PlainLayout(kernel, leaf);
    this.#block = kernel.allocate(2 * RUNS_BYTES + RUNS_BYTES + PORTION * 4);
  }

  get #definitionRuns(): number {
    return this.#block;
  }

  get #repetitionRuns(): number {
    return this.#block + RUNS_BYTES;
  }

  get #numberRuns(): number {
    return this.#block + 2 * RUNS_BYTES;
  }

  /** What was read of runs goes through this place. */
  get #scratch(): number {
    return this.#block + 3 * RUNS_BYTES;
  }

  release(): void {
    this.#kernel.release(this.#block);
    this.#layout.release();
    this.#pages.release();
  }

  /** Goes on to the next value, or null. */
  advance(): void {
    if (this.#left === 0) {
      this.repetition = -1;
      return;
    }
    this.#left--;
    while (this.#at === this.#definitions.length) this.#more();
    this.definition = this.#definitions[this.#at] ?? 0;
    this.repetition = this.#repetitions[this.#at] ?? 0;
    this.#at++;
  }

  /** The current value, which must be there: as a value of JSON. */
  json(): string {
    const { meaning, type } = this.#leaf;
    const text = valueText(meaning, this.raw(), type === "FLOAT");
    if (meaning.is === "json") return isJson(text) ? text : JSON.stringify(text);
    return isBare(meaning) && !/^-?[NI]/.test(text) ? text : JSON.stringify(text);
  }

  /** The current value as it is kept. It may be asked for once. */
  raw(): Raw {
    if (this.#values.by === "plain") {
      if (this.#plain === undefined) throw new Damage("values are missing");
      return this.#plain.next();
    }
    const number = this.#numbers[this.#number++];
    if (number === undefined) throw new Damage("a page holds fewer values than it says");
    if (this.#leaf.type === "BOOLEAN") return number;
    const value = this.#dictionary?.values[number];
    if (value === undefined) throw new Damage("a value is none of its dictionary");
    return value;
  }

  /** Reads further levels, and with them the numbers of as many values. */
  #more(): void {
    while (this.#unread === 0) this.#open(this.#pages.next());
    const count = Math.min(this.#unread, PORTION);
    this.#unread -= count;
    const { definition, repetition } = this.#leaf;
    this.#repetitions = this.#levels(this.#repetitionRuns, count, repetition);
    this.#definitions = this.#levels(this.#definitionRuns, count, definition);
    [this.#at, this.#number] = [0, 0];
    if (this.#values.by === "plain") return;
    let present = 0;
    for (const level of this.#definitions) if (level === definition) present++;
    if (!this.#kernel.readIndices(this.#numberRuns, present, this.#scratch))
      throw new Damage("a page holds fewer values than it says");
    const { bytes } = this.#kernel;
    this.#numbers = new Uint32Array(bytes.buffer, this.#scratch, present).slice();
  }

  #levels(runs: number, count: number, level: number): Uint8Array {
    if (level === 0) return new Uint8Array(count);
    if (this.#kernel.readLevels(runs, { count, level, out: this.#scratch }) === undefined)
      throw new Damage("the levels of a page are damaged");
    return this.#kernel.copyOf({ from: this.#scratch, to: this.#scratch + count });
  }

  #open(page: Page): void {
    const { definition, repetition } = this.#leaf;
    this.#unread = page.count;
    this.#openLevels(page);
    if (page.repetitions !== undefined)
      this.#kernel.openRuns(this.#repetitionRuns, page.repetitions, levelBits(repetition));
    this.#values = openValues(this.#kernel, {
      page,
      leaf: this.#leaf,
      runs: this.#numberRuns,
      layout: this.#layout,
      countPresent: () => this.#countPresent(page, definition),
    });
    if (this.#values.by === "numbers") this.#needDictionary();
    else {
      this.#plain = new PlainValues(this.#kernel.copyOf(this.#values.data), this.#leaf);
    }
  }

  #openLevels({ definitions }: Page): void {
    if (definitions === undefined) return;
    this.#kernel.openRuns(this.#definitionRuns, definitions, levelBits(this.#leaf.definition));
  }

  #countPresent(page: Page, level: number): number {
    if (page.definitions === undefined) return page.count;
    let present = 0;
    for (let left = page.count; left > 0; left -= PORTION) {
      const asked = { count: Math.min(left, PORTION), level, out: this.#scratch };
      const found = this.#kernel.readLevels(this.#definitionRuns, asked);
      if (found === undefined) throw new Damage("the levels of a page are damaged");
      present += found;
    }
    this.#openLevels(page);
    return present;
  }

  #needDictionary(): void {
    const page = this.#pages.dictionary;
    if (page === undefined || this.#dictionary?.of === page) return;
    const { count, data } = page;
    if (count * leastBytes(this.#leaf) > data.to - data.from)
      throw new Damage("its dictionary holds fewer values than it says");
    const reader = new PlainValues(this.#kernel.copyOf(data), this.#leaf);
    this.#dictionary = { of: page, values: Array.from({ length: count }, () => reader.next()) };
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
