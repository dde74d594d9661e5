/**
 * How much of the inputs has been passed, in bytes as they lie on the disk: those by which shards are said to be so large. Of
 * a table that threads make text of, that is a share of its file.
 */
import type { RowSource } from "../pipeline/row-source.ts";
import type { ReadCuts } from "../pipeline/source-input.ts";

export class Measure {
  readonly #source: RowSource;
  /** The bytes of the file of an input; undefined where nobody knows. */
  readonly #sizeOf: (file: number) => number | undefined;
  /** The same of files on servers that were opened. */
  readonly #far = new Map<number, number>();
  /** The table that is read, and what was measured before it. */
  #table: { file: number; before: number } | undefined;
  #summed: { rows: readonly number[]; before: readonly number[] } | undefined;
  /** What is added to the bytes that were read. */
  #others = 0;

  constructor(source: RowSource, sizeOf: (file: number) => number | undefined) {
    this.#source = source;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    const { sums, cuts } = this.#source;
    const { file, table } = this.#source.place;
    if (this.#table !== undefined && this.#table.file !== file) {
      this.#others = this.#table.before + (this.#size(this.#table.file) ?? 0) - sums.bytes;
      this.#table = undefined;
    }
    if (cuts?.fileBytes !== undefined) this.#far.set(file, cuts.fileBytes);
    const read = sums.bytes + this.#others;
    if (table === undefined || this.#size(file) === undefined) return read;
    this.#table ??= { file, before: read };
    return this.#table.before + this.ofParts(table.part);
  }

  #size(file: number): number | undefined {
    return this.#sizeOf(file) ?? this.#far.get(file);
  }

  /** What the first parts of the table that is read are of its file. */
  ofParts(count: number): number {
    const { cuts, place } = this.#source;
    const size = cuts?.fileBytes ?? this.#size(place.file) ?? 0;
    if (cuts === undefined || cuts.count === 0) return size;
    const before = this.#rowsBefore(cuts);
    const all = before?.at(-1) ?? 0;
    return size * (before === undefined || all === 0 ? count / cuts.count : (before[count] ?? all) / all);
  }

  /** The rows before each part of a table, and behind the last one those of all; they are added up once. */
  #rowsBefore({ rows }: ReadCuts): readonly number[] | undefined {
    if (rows === undefined) return undefined;
    if (rows === this.#summed?.rows) return this.#summed.before;
    const before = [0];
    for (const [part, count] of rows.entries()) before.push((before[part] ?? 0) + count);
    this.#summed = { rows, before };
    return before;
  }
}
