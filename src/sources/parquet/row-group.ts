/** The rows of one row group as lines of CSV. */
import type { ColumnChunk } from "hyparquet";
import { RowmillError, messageOf } from "../../errors.ts";
import type { SourceRows } from "../source.ts";
import type { Column, Leaf } from "./columns.ts";
import { Damage, countOf } from "./damage.ts";
import type { PlacedFile } from "./file.ts";
import { FlatColumn, type RowFields } from "./flat-column.ts";
import type { Kernel } from "./kernel.ts";
import { LeafValues } from "./leaf-values.ts";
import { NestedColumn } from "./nested-column.ts";
import { type PackedBytes, type PageSource, Pages } from "./pages.ts";

/** Rows come in pieces of so many bytes, where none is longer. */
const PIECE_BYTES = 512 * 1024;
/** Rows whose fields are in memory at once: fewer of a table with many columns. */
const [MOST_ROWS, LEAST_ROWS, MOST_FIELDS] = [4096, 64, 256 * 1024];

/** A row group of the file. */
export interface ReadGroup {
  /** What it is called. */
  name: string;
  rows: number;
  chunks: readonly ColumnChunk[];
}

export interface RowGroupSetup {
  kernel: Kernel;
  file: PlacedFile;
  packed: PackedBytes;
  /** Those of its rows, undefined for one that is empty. */
  columns: readonly (Column | undefined)[];
  group: ReadGroup;
}

/** A column that is read. */
interface OpenColumn {
  column: Column;
  fields: RowFields;
  /** Where in the list of tables its table stands. */
  at: number;
}

export class RowGroupReader {
  readonly #setup: RowGroupSetup;
  readonly #open: OpenColumn[] = [];
  readonly #most: number;
  /** Addresses of tables of fields, by column. */
  #tables = 0;
  #out = 0;
  #outBytes = PIECE_BYTES;

  constructor(setup: RowGroupSetup) {
    this.#setup = setup;
    const read = setup.columns.filter((column) => column !== undefined).length;
    this.#most = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(MOST_FIELDS / Math.max(1, read))));
  }

  /** @throws {RowmillError} `input`, behind the rows that are whole. */
  *rows(): Generator<SourceRows> {
    const { kernel, columns, group } = this.#setup;
    try {
      this.#out = kernel.allocate(this.#outBytes);
      this.#tables = kernel.allocate(columns.length * 4);
      kernel.bytes.fill(0, this.#tables, this.#tables + columns.length * 4);
      for (const [at, column] of columns.entries()) {
        if (column === undefined) continue;
        this.#open.push({ column, at, fields: this.#guard(column, () => this.#fieldsOf(column)) });
      }
      yield* this.#pieces(group.rows);
    } finally {
      for (const { fields } of this.#open) fields.release();
      if (this.#tables !== 0) kernel.release(this.#tables);
      if (this.#out !== 0) kernel.release(this.#out);
    }
  }

  *#pieces(rows: number): Generator<SourceRows> {
    const { kernel, columns } = this.#setup;
    let [filled, held] = [0, 0];
    const taken = (): SourceRows => {
      const bytes = kernel.copyOf({ from: this.#out, to: this.#out + filled });
      const piece = { bytes, rows: held };
      [filled, held] = [0, 0];
      return piece;
    };
    let failure: unknown;
    for (let left = rows; left > 0 && failure === undefined;) {
      let slice = 0;
      try {
        slice = this.#slice(left);
      } catch (error) {
        failure = error;
        break;
      }
      left -= slice;
      for (let from = 0; from < slice;) {
        const room = { from: this.#out + filled, to: this.#out + this.#outBytes };
        const done = kernel.assembleRows(this.#tables, { count: columns.length, from, to: slice }, room);
        held += done.row - from;
        filled = done.at - this.#out;
        from = done.row;
        if (from === slice) break;
        if (held > 0) yield taken();
        // One row alone is longer than a piece.
        if (done.wanted >= this.#outBytes) this.#grow(done.wanted);
      }
    }
    if (held > 0) yield taken();
    if (failure !== undefined) throw failure;
  }

  /** Makes the fields of the next rows; gives how many there are. */
  #slice(left: number): number {
    let count = Math.min(left, this.#most);
    for (const { column, fields } of this.#open)
      count = Math.min(
        count,
        this.#guard(column, () => fields.available()),
      );
    const tables: [at: number, table: number][] = [];
    for (const { column, fields, at } of this.#open) tables.push([at, this.#guard(column, () => fields.take(count))]);
    const { bytes } = this.#setup.kernel;
    for (const [at, table] of tables) bytes.writeUInt32LE(table, this.#tables + at * 4);
    return count;
  }

  #grow(bytes: number): void {
    const { kernel } = this.#setup;
    kernel.release(this.#out);
    this.#out = 0;
    this.#outBytes = bytes + PIECE_BYTES;
    this.#out = kernel.allocate(this.#outBytes);
  }

  #fieldsOf(column: Column): RowFields {
    const { kernel } = this.#setup;
    const [only] = column.leaves;
    if (column.nested === undefined && only !== undefined)
      return new FlatColumn(kernel, this.#pagesOf(only).pages, { leaf: only, most: this.#most });
    if (column.nested === undefined) throw new Damage("it has no values");
    const leaves = new Map<Leaf, LeafValues>();
    for (const leaf of column.leaves) {
      const { pages, count } = this.#pagesOf(leaf);
      leaves.set(leaf, new LeafValues(kernel, pages, { leaf, count }));
    }
    return new NestedColumn(kernel, column.nested, { leaves, most: this.#most });
  }

  #pagesOf(leaf: Leaf): { pages: Pages; count: number } {
    const chunk = this.#setup.group.chunks[leaf.index];
    if (chunk?.crypto_metadata !== undefined) throw new Damage("it is encrypted");
    if (chunk?.file_path !== undefined) throw new Damage(`its values are in another file, ${chunk.file_path}`);
    if (chunk?.meta_data === undefined) throw new Damage("its values are missing in the footer");
    const source: PageSource = this.#setup;
    return {
      pages: new Pages(source, chunk.meta_data, leaf),
      count: countOf(chunk.meta_data.num_values, "how many values it has"),
    };
  }

  /** What goes wrong with a column is said of it. */
  #guard<Made>(column: Column, make: () => Made): Made {
    try {
      return make();
    } catch (error) {
      const { file, group } = this.#setup;
      const what = `cannot read ${file.name}: column ${JSON.stringify(column.name)} of ${group.name}`;
      if (error instanceof RowmillError)
        throw new RowmillError(
          error.code,
          `${what}: ${error.message}`,
          error.hint === undefined ? {} : { hint: error.hint },
        );
      // What libraries stumble over is damage as well.
      const isOther = !(error instanceof Damage);
      throw new RowmillError(
        "input",
        `${what}: ${isOther ? `it is damaged (${messageOf(error)})` : messageOf(error)}`,
        {
          hint: "the rows before it were read; fetch or write the file again",
          cause: error,
        },
      );
    }
  }
}
