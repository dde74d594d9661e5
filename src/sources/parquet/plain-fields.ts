/** Makes fields of plain values that lie in the kernel's memory: by the kernel, or one by one where that does not know them. */
import { textField } from "../csv-text.ts";
import type { Leaf } from "./columns.ts";
import { Damage } from "./damage.ts";
import { type Kernel, NUMBER_BYTES, NUMBER_KINDS, type Range, type Rows } from "./kernel.ts";
import type { Meaning } from "./meaning.ts";
import { PlainValues, leastBytes } from "./plain-values.ts";
import { valueText } from "./value-text.ts";

/** Texts that need quotes are written to blocks of so many bytes at the least. */
const TEXT_BYTES = 64 * 1024;
/** Decimals with more digits behind the point are written one by one. */
const MOST_DIGITS = 18;

const BY_TYPE = {
  INT32: "int32Fields",
  INT64: "int64Fields",
  FLOAT: "floatFields",
  DOUBLE: "doubleFields",
} as const;

/** Where fields go. */
export interface FieldsTo {
  table: number;
  /** What is written of them; `firstBytes` says how long that must be. */
  heap: Range;
  /** Blocks that were allocated because that was not enough: they belong to the fields. */
  more: number[];
}

export class PlainFields {
  readonly #kernel: Kernel;
  readonly #leaf: Leaf;
  readonly #by: (typeof BY_TYPE)[keyof typeof BY_TYPE] | "texts" | "values";
  readonly #number: { kind: number; digits: number };

  constructor(kernel: Kernel, leaf: Leaf) {
    this.#kernel = kernel;
    this.#leaf = leaf;
    this.#number = numberOf(leaf.meaning);
    const { type, meaning } = leaf;
    if (type === "BYTE_ARRAY" && (meaning.is === "text" || meaning.is === "json")) this.#by = "texts";
    else if (this.#number.digits < 0 || this.#number.digits > MOST_DIGITS) this.#by = "values";
    else this.#by = type in BY_TYPE ? BY_TYPE[type as keyof typeof BY_TYPE] : "values";
  }

  /** How much must be there to write the fields of so many rows. */
  firstBytes(rows: number): number {
    if (this.#by === "values") return 0;
    return this.#by === "texts" ? TEXT_BYTES : rows * NUMBER_BYTES;
  }

  /**
   * Makes fields of as many values as rows have one. Gives where the next value is.
   *
   * @throws {Damage} Where there are not so many, or one of them cannot be shown.
   */
  make(values: Range, rows: Rows, present: number, to: FieldsTo): number {
    if (present * leastBytes(this.#leaf) > values.to - values.from) throw fewer();
    if (this.#by === "texts") return this.#texts(values, rows, to);
    if (this.#by === "values") return this.#values(values, rows, to);
    return this.#kernel.numberFields(this.#by, values.from, rows, {
      ...this.#number,
      heap: to.heap.from,
      out: to.table,
    });
  }

  #texts(values: Range, rows: Rows, { table, heap, more }: FieldsTo): number {
    let room = heap;
    let { from } = values;
    for (let done = 0; ;) {
      const rest = {
        count: rows.count - done,
        levels: rows.levels === 0 ? 0 : rows.levels + done,
        level: rows.level,
      };
      const made = this.#kernel.textFields({ from, to: values.to }, rest, room, table + done * 8);
      if (made.isDamaged) throw fewer();
      from = made.at;
      done += made.rows;
      if (done === rows.count) return from;
      // The next text has no room: each of its characters may be a quote.
      const length = this.#kernel.bytes.readUInt32LE(from);
      const size = Math.max(TEXT_BYTES, 2 * length + 2);
      const block = this.#kernel.allocate(size);
      more.push(block);
      room = { from: block, to: block + size };
    }
  }

  #values(values: Range, { count, levels, level }: Rows, { table, more }: FieldsTo): number {
    const { bytes } = this.#kernel;
    const reader = new PlainValues(bytes.subarray(values.from, values.to), this.#leaf);
    const isSingle = this.#leaf.type === "FLOAT";
    const texts: (string | undefined)[] = [];
    let size = 0;
    for (let row = 0; row < count; row++) {
      const isNull = levels !== 0 && bytes[levels + row] !== level;
      const text = isNull ? undefined : textField(valueText(this.#leaf.meaning, reader.next(), isSingle));
      texts.push(text);
      size += text === undefined ? 0 : Buffer.byteLength(text);
    }
    writeFields(this.#kernel, { texts, size, table, more });
    return values.from + reader.at;
  }
}

/** Writes fields that were made as texts; `size` is how many bytes they have together. */
export function writeFields(
  kernel: Kernel,
  { texts, size, table, more }: { texts: readonly (string | undefined)[]; size: number; table: number; more: number[] },
): void {
  let to = kernel.allocate(size);
  more.push(to);
  const { bytes } = kernel;
  let field = table;
  for (const text of texts) {
    const from = text === undefined ? 0 : to;
    if (text !== undefined) to += bytes.write(text, to);
    bytes.writeUInt32LE(from, field);
    bytes.writeUInt32LE(text === undefined ? 0 : to, field + 4);
    field += 8;
  }
}

function numberOf(meaning: Meaning): { kind: number; digits: number } {
  switch (meaning.is) {
    case "decimal":
      return { kind: NUMBER_KINDS.decimal, digits: meaning.scale };
    case "time":
      return { kind: NUMBER_KINDS.time, digits: meaning.digits };
    case "moment":
      return { kind: meaning.isUtc ? NUMBER_KINDS.utc : NUMBER_KINDS.moment, digits: meaning.digits };
    case "unsigned":
      return { kind: NUMBER_KINDS.unsigned, digits: 0 };
    case "day":
      return { kind: NUMBER_KINDS.day, digits: 0 };
    default:
      return { kind: NUMBER_KINDS.signed, digits: 0 };
  }
}

function fewer(): Damage {
  return new Damage("a page holds fewer values than it says");
}
