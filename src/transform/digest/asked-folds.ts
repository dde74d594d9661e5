/** The short ways of what `rowmill diff` asks of rows of CSV: digests are made of fields as they lie there, and of blocks without a row that is wanted none is made. */
import { FieldDigester, TextDigester, asNamed } from "../../formats/indexed/row-digester.ts";
import { RowFields } from "../../formats/indexed/row-fields.ts";
import { type Memory, openMemory } from "../../formats/memory.ts";
import {
  type DigestsAsked,
  type RowsAsked,
  addFound,
  comparedColumns,
  digestsOf,
  isWanted,
} from "../../stages/digest/digest-stage.ts";
import type { CallSetup } from "../call-setup.ts";
import type { PlacedBlock } from "../placed-block.ts";
import type { FoldedRows, ShortFold } from "../reduce/short-fold.ts";

/** @param file The columns of the file. */
export function askedFold(
  memory: Memory,
  asked: DigestsAsked | RowsAsked,
  file: { file: readonly string[]; quote: string },
): ShortFold {
  return asked.kind === "digests" ? new DigestFold(memory, asked, file) : new RowsFold(memory, asked, file);
}

class DigestFold implements ShortFold {
  readonly #keys: FieldDigester | undefined;
  readonly #rows: FieldDigester;
  readonly #hasKey: readonly boolean[];

  constructor(
    memory: Memory,
    { by, columns, ignored, secret: key }: DigestsAsked,
    file: { file: readonly string[]; quote: string },
  ) {
    const texts = new TextDigester(openMemory(), key);
    const picked = columns ?? comparedColumns(file.file, ignored);
    if (by !== undefined) this.#keys = new FieldDigester(memory, file, { picked: asNamed(by), key, texts });
    this.#rows = new FieldDigester(memory, file, { picked: asNamed(picked), key, texts });
    this.#hasKey = (by ?? []).map((name) => file.file.includes(name));
  }

  take(_rows: CallSetup, { block, firstRow }: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    const { fields } = block;
    if (fields === undefined) return undefined;
    const part = digestsOf(accumulator);
    const { rows } = fields;
    part.addIndexes(firstRow, rows);
    if (this.#keys !== undefined) {
      part.noteKeys((at) => this.#hasKey[at] === true);
      part.keys.add(this.#keys.digest(fields));
    }
    part.rows.add(this.#rows.digest(fields));
    return { way: "groups", accumulator, rowsIn: rows, rowsOut: rows, failures: [] };
  }
}

class RowsFold implements ShortFold {
  readonly #asked: RowsAsked;
  readonly #columns: readonly string[];
  readonly #fields: RowFields;

  constructor(memory: Memory, asked: RowsAsked, { file, quote }: { file: readonly string[]; quote: string }) {
    this.#asked = asked;
    this.#columns = file;
    this.#fields = new RowFields(memory, { columns: file.length, quote });
  }

  take(_rows: CallSetup, { block, firstRow }: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    const { fields } = block;
    if (fields === undefined) return undefined;
    const { rows } = fields;
    // To find the line of a row takes the text of its block.
    if (this.#asked.hasLines)
      for (let row = 0; row < rows; row++) if (isWanted(this.#asked, firstRow + row)) return undefined;
    for (let row = 0; row < rows; row++) {
      if (!isWanted(this.#asked, firstRow + row)) continue;
      const texts = this.#fields.of(fields, row);
      const found = Object.fromEntries(this.#columns.map((name, column) => [name, texts[column]]));
      addFound(accumulator, found, firstRow + row);
    }
    return { way: "groups", accumulator, rowsIn: rows, rowsOut: rows, failures: [] };
  }
}
