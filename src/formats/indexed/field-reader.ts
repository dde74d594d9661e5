/**
 * Reads fields of some columns out of an indexed block, without making rows: as texts, as numbers, or as strings that
 * are made once for each different text.
 */
import type { BlockFields } from "../format.ts";
import { AFTER_RETURN, type Kernel, POSITION, quoteByte } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";
import { decodeUtf8 } from "../utf8.ts";
import { Interner } from "./interner.ts";

/** Columns, by number, whose fields are wanted. */
export interface WantedFields {
  /** How many columns the input has. */
  columns: number;
  quote: string;
  /** An empty field may be null, which no text is. */
  emptyIsNull?: boolean;
  texts: readonly number[];
  numbers: readonly { column: number; kind: NumberKind }[];
  /** Columns of numbers of which all digits count. */
  decimals: readonly number[];
  /** Columns of which few different texts are expected. */
  interned: readonly number[];
}

/**
 * How a field is read as a number: digits; digits and a fraction; as `Number()` reads it. With an empty one NaN: as a
 * decimal, as digits, as a decimal without leading zeros. `truth` is no number: fields are `true`, `false` or empty.
 */
export type NumberKind = keyof typeof NUMBER_KINDS;
const NUMBER_KINDS = { whole: 0, decimal: 1, coerced: 2, optional: 3, "optional whole": 4, data: 5, truth: 6 } as const;

/** The numbers of a column, digit by digit. */
export interface DecimalFields {
  /** Without the point, as whole numbers; NaN for an empty field. */
  digits: Float64Array;
  /** How many of the digits stand behind the point. */
  decimals: Uint8Array;
  /** The most of them. */
  mostDecimals: number;
  /** A row has the column, whatever its value. */
  isSeen: boolean;
}

/** The wanted fields of a block. */
export interface FieldValues {
  /** Those wanted as texts, one behind the other, row by row. */
  text: string;
  /** Where they start in the text, and behind the last one, where it ends. */
  bounds: Int32Array;
  /** Those wanted as numbers, one column behind the other. */
  numbers: Float64Array;
  decimals: readonly DecimalFields[];
  /** Which of the interned strings they are, row by row; {@linkcode NO_TEXT} for none. */
  ids: Int32Array;
}

/** What is written in vectors of 16 bytes may lie behind the end. */
const SLACK = 64;

export class FieldReader {
  readonly #kernel: Kernel;
  readonly #wanted: WantedFields;
  readonly #texts: Int32Array;
  readonly #interner: Interner | undefined;

  constructor(memory: Memory, wanted: WantedFields) {
    const kernel = kernelOf(memory);
    this.#kernel = kernel;
    this.#wanted = wanted;
    this.#texts = Int32Array.from(wanted.texts);
    const { columns, interned, quote } = wanted;
    if (interned.length > 0) this.#interner = new Interner(kernel, columns, interned, quote);
  }

  /** The strings that `FieldValues.ids` are numbers of; more are added as blocks are read. */
  get strings(): readonly string[] {
    return this.#interner?.strings ?? [];
  }

  /** Bytes of scratch memory that reading a block takes; a multiple of eight. */
  bytesFor({ rows, bytes }: BlockFields): number {
    const { numbers, decimals, texts } = this.#wanted;
    const words = texts.length + rows * texts.length + 1;
    const size =
      rows * numbers.length * 8 +
      decimals.length * decimalBytes(rows) +
      words * 4 +
      bytes +
      SLACK +
      (this.#interner?.bytesFor(rows) ?? 0);
    return (size + 15) & ~7;
  }

  /**
   * Reads the fields of a block; `at` is the address of as much scratch memory as {@linkcode FieldReader.bytesFor} says.
   * What was given for the block before is valid no longer.
   * Undefined where a field that is wanted as a number is none that the kernel reads, or one that is wanted as a text may be
   * null.
   */
  read(fields: BlockFields, at: number = this.#kernel.scratch(this.bytesFor(fields))): FieldValues | undefined {
    const { rows } = fields;
    const { buffer } = this.#kernel.bytes;
    const numbers = new Float64Array(buffer, at, rows * this.#wanted.numbers.length);
    if (!this.#gatherNumbers(fields, at)) return undefined;
    const decimals = this.#gatherDecimals(fields, at + numbers.byteLength);
    if (decimals === undefined) return undefined;
    const picks = at + numbers.byteLength + decimals.length * decimalBytes(rows);
    const bounds = new Int32Array(buffer, picks + this.#texts.byteLength, rows * this.#texts.length + 1);
    new Int32Array(buffer, picks, this.#texts.length).set(this.#texts);
    bounds[0] = 0;
    const behind = bounds.byteOffset + bounds.byteLength;
    const ids = this.#interner?.intern(fields, behind) ?? NO_IDS;
    const text = this.#gatherText(fields, { picks, bounds: bounds.byteOffset, out: behind + this.#idBytes(rows) });
    if (this.#wanted.emptyIsNull === true && (hasEmpty(bounds) || ids.some((id) => (this.strings[id] ?? "") === "")))
      return undefined;
    return { text, bounds, numbers, decimals, ids };
  }

  /** The text of a field of the block that was indexed last. */
  text({ start }: BlockFields, row: number, column: number): string {
    const { entries, bytes } = this.#kernel;
    const { columns, quote } = this.#wanted;
    const at = row * columns + column;
    const entry = entries[at] ?? 0;
    // Behind the delimiter, or the line feed, of the field before.
    let from = at === 0 ? start : start + ((entries[at - 1] ?? 0) & POSITION) + 1;
    let to = start + (entry & POSITION) - ((entry & AFTER_RETURN) === 0 ? 0 : 1);
    if (entry >= 0) return decodeUtf8(bytes.subarray(from, to)) ?? "";
    from++;
    to--;
    return (decodeUtf8(bytes.subarray(from, to)) ?? "").replaceAll(quote + quote, quote);
  }

  #idBytes(rows: number): number {
    return this.#interner?.bytesFor(rows) ?? 0;
  }

  #gatherNumbers({ start, rows }: BlockFields, at: number): boolean {
    const { columns, numbers } = this.#wanted;
    const { loops, entries } = this.#kernel;
    return numbers.every(({ column, kind }, index) => {
      const out = at + index * rows * 8;
      return loops.gatherNumbers(entries.byteOffset, rows, columns, start, column, out, NUMBER_KINDS[kind]) === rows;
    });
  }

  #gatherDecimals({ start, rows }: BlockFields, at: number): DecimalFields[] | undefined {
    const { columns, decimals } = this.#wanted;
    const { loops, entries, bytes } = this.#kernel;
    const found: DecimalFields[] = [];
    for (const [index, column] of decimals.entries()) {
      const out = at + index * decimalBytes(rows);
      const scales = out + rows * 8;
      if (loops.gatherDecimals(entries.byteOffset, rows, columns, start, column, out, scales) !== rows)
        return undefined;
      found.push({
        digits: new Float64Array(bytes.buffer, out, rows),
        decimals: new Uint8Array(bytes.buffer, scales, rows),
        mostDecimals: this.#kernel.mostDecimals,
        isSeen: true,
      });
    }
    return found;
  }

  #gatherText({ start, rows }: BlockFields, at: { picks: number; bounds: number; out: number }): string {
    const { columns, quote } = this.#wanted;
    if (this.#texts.length === 0) return "";
    const { bytes, loops, entries } = this.#kernel;
    const gather = (isLatin1: boolean): number =>
      loops.gatherText(
        entries.byteOffset,
        rows,
        columns,
        start,
        at.picks,
        this.#texts.length,
        at.out,
        at.bounds + 4,
        isLatin1 ? 1 : 0,
        quoteByte(quote),
      );
    const end = gather(true);
    if (end !== 0) return bytes.toString("latin1", at.out, end);
    return decodeUtf8(bytes.subarray(at.out, gather(false))) ?? "";
  }
}

/** Whether one of the texts between these bounds is empty. */
function hasEmpty(bounds: Int32Array): boolean {
  for (let at = 1; at < bounds.length; at++) if (bounds[at] === bounds[at - 1]) return true;
  return false;
}

/** Bytes of a column of decimals: a double each, and a byte; a multiple of eight. */
export function decimalBytes(rows: number): number {
  return rows * 8 + ((rows + 7) & ~7);
}

const NO_IDS = new Int32Array(0);
