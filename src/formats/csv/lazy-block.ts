/** A block of which nobody may want the rows. */
import type { BlockFields, DecodedBlock, Row, RowFault } from "../format.ts";
import type { BlockIndex } from "../kernel/exports.ts";

/** A block whose rows are made when they are asked for: what only copies its fields needs none. */
export class LazyBlock implements DecodedBlock {
  readonly fields: BlockFields;
  readonly count: number;
  readonly lines: number;
  readonly #decode: () => DecodedBlock;
  #decoded: DecodedBlock | undefined;

  constructor(decode: () => DecodedBlock, { rows, lines }: BlockIndex, fields: BlockFields) {
    this.#decode = decode;
    this.count = rows;
    this.lines = lines;
    this.fields = fields;
  }

  get #block(): DecodedBlock {
    this.#decoded ??= this.#decode();
    return this.#decoded;
  }

  get rows(): (Row | undefined)[] {
    return this.#block.rows;
  }

  get faults(): Map<number, RowFault> {
    return this.#block.faults;
  }

  get source(): string {
    return this.#block.source;
  }

  offset(row: number): number {
    return this.#block.offset(row);
  }

  text(row: number): string {
    return this.#block.text(row);
  }

  keep(): void {
    this.#block.keep();
  }
}
