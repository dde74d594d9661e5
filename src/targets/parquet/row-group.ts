/** A row group on its way: what its columns hold, and its bytes. */
import { type ColumnProfile, NOTHING_SEEN, SEEN } from "./column-profile.ts";
import { ColumnEncoder, MisfitError, heldNumber } from "./encode-columns.ts";
import { EncodingKernel, FIELD_BYTES } from "./kernel.ts";
import type { Encoded, Encoding, GroupRows, MisfitPlace } from "./group.ts";

/** Works on one group after another. */
export class RowGroupEncoder {
  readonly #kernel = new EncodingKernel();

  /** What was seen in each column. */
  profile(group: GroupRows): ColumnProfile[] {
    return this.#indexed(group, (table) =>
      Array.from({ length: group.columns }, (_, at) =>
        this.#profileOf(table + at * group.rows * FIELD_BYTES, group.rows),
      ),
    );
  }

  /** @throws {Misfit} Where a field is no value of its column's type. */
  encode(group: GroupRows, { types, codec }: Encoding): Encoded {
    return this.#indexed(group, (table) => {
      const encoder = new ColumnEncoder(this.#kernel, codec);
      const columns = types.map((type, at) => {
        try {
          return encoder.encode({ table: table + at * group.rows * FIELD_BYTES, rows: group.rows }, type);
        } catch (error) {
          throw error instanceof MisfitError ? new Misfit(at, error) : error;
        }
      });
      return { group: { rows: group.rows, columns }, bytes: joined(encoder.pieces) };
    });
  }

  #indexed<Made>({ pieces, rows, columns }: GroupRows, make: (table: number) => Made): Made {
    const { wasm } = this.#kernel;
    const text = this.#kernel.allocate(bytesOf(pieces));
    const table = this.#kernel.allocate(rows * columns * FIELD_BYTES);
    try {
      let end = text;
      for (const piece of pieces) {
        this.#kernel.bytes.set(piece, end);
        end += piece.length;
      }
      if (wasm.indexFields(text, end, columns, rows, table) === 0)
        throw new Error("rows of a row group are not what they were said to be");
      return make(table);
    } finally {
      this.#kernel.release(table);
      this.#kernel.release(text);
    }
  }

  #profileOf(table: number, rows: number): ColumnProfile {
    const profile: ColumnProfile = { ...NOTHING_SEEN };
    for (let row = 0; ;) {
      row = this.#kernel.wasm.profileFields(table, row, rows);
      profile.seen |= this.#kernel.result(0);
      profile.decimals = Math.max(profile.decimals, this.#kernel.result(1));
      profile.fraction = Math.max(profile.fraction, this.#kernel.result(2));
      profile.whole = Math.max(profile.whole, this.#kernel.result(3));
      if (row === rows) return profile;
      // A number that has many digits, or a large exponent.
      const text = this.#kernel.fieldText(table, row);
      profile.seen |= heldNumber(text) === undefined ? SEEN.odd : SEEN.fraction;
      const whole = /^[1-9]\d*/.exec(text.trim().replace(/^[+-]/, ""))?.[0].length ?? 0;
      profile.whole = Math.max(profile.whole, whole);
      const decimals = /e/i.test(text) ? Number.POSITIVE_INFINITY : (text.trim().split(".")[1]?.length ?? 0);
      profile.decimals = Math.max(profile.decimals, decimals);
      row++;
    }
  }
}

/** A field that is no value of its column's type. */
export class Misfit extends Error {
  override readonly name = "Misfit";
  readonly place: MisfitPlace;

  constructor(column: number, { row, text }: MisfitError) {
    super(`${text} does not fit`);
    this.place = { column, row, text };
  }
}

export function bytesOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytesOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
