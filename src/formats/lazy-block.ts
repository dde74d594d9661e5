/** A block of which nobody may want the rows. */
import type { BlockFields, BlockObjects, DecodedBlock, Row, RowCopies, RowFault } from "./format.ts";

/** A block whose rows are made when they are asked for: what only copies bytes of it needs none. */
export class LazyBlock implements DecodedBlock {
  readonly fields: BlockFields | undefined;
  readonly objects: BlockObjects | undefined;
  readonly count: number;
  readonly lines: number;
  readonly #decode: () => DecodedBlock;
  #decoded: DecodedBlock | undefined;

  /** @param parts What of it can be copied. */
  constructor(
    decode: () => DecodedBlock,
    { rows, lines }: { rows: number; lines: number },
    parts: { fields: BlockFields } | { objects: BlockObjects },
  ) {
    this.#decode = decode;
    this.count = rows;
    this.lines = lines;
    this.fields = "fields" in parts ? parts.fields : undefined;
    this.objects = "objects" in parts ? parts.objects : undefined;
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

  get spellings(): DecodedBlock["spellings"] {
    return this.#block.spellings;
  }

  get copies(): RowCopies | undefined {
    return this.#block.copies;
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
