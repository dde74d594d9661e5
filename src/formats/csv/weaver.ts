/**
 * Writes rows of CSV without making strings of what is only handed on: the kernel weaves each row of threads that are
 * fields of the input, copied as bytes, and values that were computed.
 *
 * A block is opened, which gives the text of the columns that somebody looks at; then each row is kept or not, its
 * computed values noted; then the block is woven. Everything lies in the kernel's scratch memory behind the index.
 */
import type { BlockFields } from "../format.ts";
import type { Kernel } from "../kernel/host.ts";
import { decodeUtf8 } from "../utf8.ts";
import type { OutputDialect } from "./encoder.ts";

/** What a field of the output is. */
export type Thread =
  /** The fields of the input from column `first` to column `last`. */
  | { kind: "carried"; first: number; last: number }
  /** The computed value of this number. */
  | { kind: "computed"; index: number }
  | { kind: "empty" };

/** How rows are woven. */
export interface Pattern {
  /** Number of columns of the input. */
  columns: number;
  quote: string;
  output: OutputDialect;
  threads: readonly Thread[];
  /** Output columns: with only one, an empty field is quoted. */
  outputColumns: number;
  /** Computed values a row. */
  computed: number;
  /** Columns of the input whose text is wanted, by number. */
  texts: readonly number[];
  /** Columns of the input whose values are wanted as numbers. */
  numbers: readonly { column: number; kind: NumberKind }[];
}

/** How a field is read as a number: digits; digits and a fraction; or as `Number()` reads it. */
export type NumberKind = keyof typeof NUMBER_KINDS;
const NUMBER_KINDS = { whole: 0, decimal: 1, coerced: 2 } as const;

/** A block whose rows can be looked at and computed. */
export interface OpenBlock {
  /** The wanted fields of all rows, one behind the other. */
  text: string;
  /** Where they start in the text, and behind the last one, where it ends. */
  bounds: Int32Array;
  /** The wanted numbers, one column behind the other. */
  numbers: Float64Array;
  /** A row is written where this is 1. */
  kept: Uint8Array;
  /** The computed values, one column behind the other; {@linkcode IN_TEXT} for those that are written as text. */
  computed: Int32Array;
}

/** Stands for a computed value whose field is the next one in the text beside. */
export const IN_TEXT: number = -(2 ** 31);

const KINDS = { carried: 0, computed: 1, empty: 2 } as const;
/** Digits, sign and delimiter of a computed number, or what is around a field. */
const FIELD_BYTES = 16;
const SLACK = 64;

/** Addresses in the scratch memory. */
type Layout = Record<"numbers" | "words" | "kept" | "bounds" | "computed" | "text" | "end", number>;

export class Weaver {
  readonly #kernel: Kernel;
  readonly #pattern: Pattern;
  readonly #words: Int32Array;
  /** How often one field of the input stands in a row of the output, at most. */
  readonly #repeats: number;

  constructor(kernel: Kernel, pattern: Pattern) {
    this.#kernel = kernel;
    this.#pattern = pattern;
    const threads = pattern.threads.flatMap((thread) => {
      if (thread.kind === "carried") return [KINDS.carried, thread.first, thread.last];
      return [KINDS[thread.kind], thread.kind === "computed" ? thread.index : 0, 0];
    });
    this.#words = Int32Array.from([...pattern.texts, ...threads]);
    this.#repeats = mostRepeats(pattern);
  }

  /** Undefined where a field that is wanted as a number is none that the kernel reads. */
  open(fields: BlockFields): OpenBlock | undefined {
    const place = this.#layout(fields);
    this.#kernel.scratch(place.end - place.numbers);
    const { buffer } = this.#kernel.bytes;
    new Int32Array(buffer, place.words, this.#words.length).set(this.#words);
    const kept = new Uint8Array(buffer, place.kept, fields.rows).fill(0);
    const fieldCount = fields.rows * this.#pattern.texts.length;
    const bounds = new Int32Array(buffer, place.bounds, fieldCount + 1);
    bounds[0] = 0;
    const computed = new Int32Array(buffer, place.computed, fields.rows * this.#pattern.computed);
    const numbers = new Float64Array(buffer, place.numbers, fields.rows * this.#pattern.numbers.length);
    if (!this.#gatherNumbers(fields, place)) return undefined;
    const text = fieldCount === 0 ? "" : this.#gather(fields, place);
    return { text, bounds, numbers, kept, computed };
  }

  /** The bytes of the rows that were kept, valid until the next call; `beside` is the text of fields, a line each. */
  weave(fields: BlockFields, beside: string): Uint8Array {
    const { columns, threads, quote, output, outputColumns } = this.#pattern;
    fields.reindex();
    const place = this.#layout(fields);
    const out = place.text + beside.length * 3 + SLACK;
    const rowBytes = FIELD_BYTES * (outputColumns + 1);
    const most = fields.bytes * this.#repeats + fields.rows * rowBytes + beside.length * 3 + SLACK;
    this.#kernel.scratch(out + most - place.numbers);
    this.#kernel.bytes.write(beside, place.text);
    const end = this.#kernel.loops.weave(
      this.#kernel.entries.byteOffset,
      fields.rows,
      columns,
      fields.start,
      place.words + this.#pattern.texts.length * 4,
      threads.length,
      place.kept,
      place.computed,
      place.text,
      out,
      output.delimiter.charCodeAt(0),
      quote.charCodeAt(0),
      output.newline === "\r\n" ? 1 : 0,
      outputColumns === 1 ? 1 : 0,
    );
    return this.#kernel.bytes.subarray(out, end);
  }

  /** Addresses of the parts; `text` is that of the fields looked at, and when they have become a string, of those beside. */
  #layout({ rows, bytes }: BlockFields): Layout {
    const numbers = this.#kernel.scratch(0);
    const words = numbers + rows * this.#pattern.numbers.length * 8;
    const kept = words + this.#words.length * 4;
    const bounds = (kept + rows + 3) & ~3;
    const computed = bounds + (rows * this.#pattern.texts.length + 1) * 4;
    const text = computed + rows * this.#pattern.computed * 4;
    return { numbers, words, kept, bounds, computed, text, end: text + bytes + SLACK };
  }

  #gatherNumbers({ start, rows }: BlockFields, place: Layout): boolean {
    const { columns, numbers } = this.#pattern;
    const { loops, entries } = this.#kernel;
    return numbers.every(({ column, kind }, index) => {
      const out = place.numbers + index * rows * 8;
      return loops.gatherNumbers(entries.byteOffset, rows, columns, start, column, out, NUMBER_KINDS[kind]) === rows;
    });
  }

  #gather({ start, rows }: BlockFields, place: Layout): string {
    const { columns, texts, quote } = this.#pattern;
    const gather = (isLatin1: boolean): number =>
      this.#kernel.loops.gatherText(
        this.#kernel.entries.byteOffset,
        rows,
        columns,
        start,
        place.words,
        texts.length,
        place.text,
        place.bounds + 4,
        isLatin1 ? 1 : 0,
        quote.charCodeAt(0),
      );
    const end = gather(true);
    const { bytes } = this.#kernel;
    if (end !== 0) return bytes.toString("latin1", place.text, end);
    return decodeUtf8(bytes.subarray(place.text, gather(false))) ?? "";
  }
}

function mostRepeats({ columns, threads }: Pattern): number {
  const uses = new Uint32Array(columns);
  for (const thread of threads) {
    if (thread.kind !== "carried") continue;
    for (let column = thread.first; column <= thread.last; column++) uses[column] = (uses[column] ?? 0) + 1;
  }
  return uses.reduce((most, count) => Math.max(most, count), 0);
}
