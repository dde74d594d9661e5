/** A column of plain values in a row group: makes fields of them, so many rows at a time, in the kernel's memory. */
import type { Leaf } from "./columns.ts";
import { Damage } from "./damage.ts";
import type { Kernel, Rows } from "./kernel.ts";
import { type PageValues, RUNS_BYTES, levelBits, openValues } from "./page-values.ts";
import type { DictionaryPage, Page, Pages } from "./pages.ts";
import { PlainFields } from "./plain-fields.ts";
import { PlainLayout } from "./plain-layout.ts";
import { leastBytes } from "./plain-values.ts";

/** Bytes of a field in a table of fields. */
export const FIELD_BYTES = 8;

/** The fields of a dictionary, and the blocks in which they are. */
interface DictionaryFields {
  /** Undefined: those of booleans. */
  of: DictionaryPage | undefined;
  table: number;
  size: number;
  blocks: number[];
}

/** What gives the fields of rows, so many at a time. */
export interface RowFields {
  /**
   * How many rows can be taken at once.
   *
   * @throws {Damage} Where there are no more.
   */
  available(): number;
  /** The table of the fields of the next rows. It is valid until the next call. */
  take(rows: number): number;
  release(): void;
}

export class FlatColumn implements RowFields {
  readonly #kernel: Kernel;
  readonly #pages: Pages;
  readonly #leaf: Leaf;
  /** Rows that are taken at once at most. */
  readonly #most: number;
  readonly #fields: PlainFields;
  readonly #blocks: number[] = [];
  readonly #definitionRuns: number;
  readonly #numberRuns: number;
  readonly #levels: number;
  readonly #numbers: number;
  readonly #table: number;
  readonly #heap: number;
  readonly #layout: PlainLayout;
  /** What the fields of the last rows took beside that. */
  readonly #more: number[] = [];
  #page: Page | undefined;
  #values: PageValues = { by: "numbers" };
  /** Rows of the page that are left. */
  #left = 0;
  #dictionary: DictionaryFields | undefined;

  constructor(kernel: Kernel, pages: Pages, { leaf, most }: { leaf: Leaf; most: number }) {
    this.#kernel = kernel;
    this.#pages = pages;
    this.#leaf = leaf;
    this.#most = most;
    this.#fields = new PlainFields(kernel, leaf);
    this.#layout = new PlainLayout(kernel, leaf);
    this.#definitionRuns = this.#block(RUNS_BYTES);
    this.#numberRuns = this.#block(RUNS_BYTES);
    this.#levels = this.#block(most);
    this.#numbers = this.#block(most * 4);
    this.#table = this.#block(most * FIELD_BYTES);
    this.#heap = this.#block(this.#fields.firstBytes(most));
  }

  #block(bytes: number): number {
    const at = this.#kernel.allocate(bytes);
    this.#blocks.push(at);
    return at;
  }

  available(): number {
    while (this.#left === 0) this.#open(this.#pages.next());
    return this.#left;
  }

  take(count: number): number {
    for (const block of this.#more.splice(0)) this.#kernel.release(block);
    this.#left -= count;
    const level = this.#leaf.definition;
    let [levels, present] = [0, count];
    if (this.#page?.definitions !== undefined) {
      present = this.#readLevels(count);
      if (present < count) levels = this.#levels;
    }
    this.#make({ count, levels, level }, present);
    return this.#table;
  }

  release(): void {
    for (const block of [...this.#blocks, ...this.#more]) this.#kernel.release(block);
    this.#forgetDictionary();
    this.#layout.release();
    this.#pages.release();
  }

  #make(rows: Rows, present: number): void {
    const [table, numbers] = [this.#table, this.#numbers];
    const values = this.#values;
    if (values.by === "plain") {
      const heap = { from: this.#heap, to: this.#heap + this.#fields.firstBytes(this.#most) };
      values.data.from = this.#fields.make(values.data, rows, present, { table, heap, more: this.#more });
      return;
    }
    if (this.#dictionary === undefined) throw new Damage("its dictionary is missing");
    if (!this.#kernel.readIndices(this.#numberRuns, present, numbers))
      throw new Damage("a page holds fewer values than it says");
    if (!this.#kernel.pickFields(numbers, rows, this.#dictionary, table))
      throw new Damage("a value is none of its dictionary");
  }

  #open(page: Page): void {
    this.#page = page;
    this.#left = page.count;
    this.#openLevels(page);
    this.#values = openValues(this.#kernel, {
      page,
      leaf: this.#leaf,
      runs: this.#numberRuns,
      layout: this.#layout,
      countPresent: () => this.#countPresent(page),
    });
    if (this.#values.by === "numbers") this.#needDictionary();
  }

  #openLevels({ definitions }: Page): void {
    if (definitions === undefined) return;
    this.#kernel.openRuns(this.#definitionRuns, definitions, levelBits(this.#leaf.definition));
  }

  /** Reads the next levels; gives how many of the rows hold a value. */
  #readLevels(count: number): number {
    const asked = { count, level: this.#leaf.definition, out: this.#levels };
    const found = this.#kernel.readLevels(this.#definitionRuns, asked);
    if (found === undefined) throw new Damage("the levels of a page are damaged");
    return found;
  }

  #countPresent(page: Page): number {
    if (page.definitions === undefined) return page.count;
    let present = 0;
    for (let left = page.count; left > 0; left -= this.#most) present += this.#readLevels(Math.min(left, this.#most));
    this.#openLevels(page);
    return present;
  }

  #needDictionary(): void {
    const page = this.#leaf.type === "BOOLEAN" ? undefined : this.#pages.dictionary;
    if (this.#dictionary !== undefined && this.#dictionary.of === page) return;
    this.#forgetDictionary();
    if (this.#leaf.type === "BOOLEAN") this.#dictionary = this.#truthFields();
    else if (page !== undefined) this.#dictionary = this.#dictionaryFields(page);
  }

  #forgetDictionary(): void {
    for (const block of this.#dictionary?.blocks ?? []) this.#kernel.release(block);
    this.#dictionary = undefined;
  }

  #dictionaryFields(page: DictionaryPage): DictionaryFields {
    const { count, data } = page;
    if (count * leastBytes(this.#leaf) > data.to - data.from)
      throw new Damage("its dictionary holds fewer values than it says");
    const table = this.#kernel.allocate(count * FIELD_BYTES);
    const size = this.#fields.firstBytes(count);
    const heap = this.#kernel.allocate(size);
    const blocks = [table, heap];
    this.#dictionary = { of: page, table, size: count, blocks };
    const rows = { count, levels: 0, level: 0 };
    this.#fields.make({ ...data }, rows, count, { table, heap: { from: heap, to: heap + size }, more: blocks });
    return this.#dictionary;
  }

  /** Booleans are numbers of the two fields that there are. */
  #truthFields(): DictionaryFields {
    const table = this.#kernel.allocate(2 * FIELD_BYTES + "falsetrue".length);
    const text = table + 2 * FIELD_BYTES;
    const { bytes } = this.#kernel;
    bytes.write("falsetrue", text, "latin1");
    for (const [word, at] of [0, 5, 5, 9].entries()) bytes.writeUInt32LE(text + at, table + word * 4);
    return { of: undefined, table, size: 2, blocks: [table] };
  }
}
