/**
 * Weaves rows of JSON lines: the kernel writes each of threads that are values of its line, copied as bytes, and values that
 * were computed. As with rows of CSV (weaver.ts) a block is opened, rows are kept or not, and the block is woven.
 *
 * A row with a value that is handed on and cannot be copied is odd: whoever calls the code writes it as a whole.
 */
import type { BlockObjects } from "../format.ts";
import { type Kernel, quoteByte } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";
import type { OutputDialect } from "../text/output-dialect.ts";
import { objectStride, placeOf } from "./object-code.ts";

/** What a value of the output is. */
export type ObjectThread =
  /** The value of a key, by its number in the index; with `isSeen` the code gets it as well. */
  | { kind: "carried"; key: number; isSeen: boolean }
  /** The computed value of this number. */
  | { kind: "computed"; index: number }
  | { kind: "empty" };

/** How rows are woven. */
export interface ObjectPattern {
  /** How many keys the index has. */
  keys: number;
  output: OutputDialect;
  threads: readonly ObjectThread[];
  /** Rows are objects: the keys of the threads, and what stands behind each row. Undefined where they are fields. */
  objects: { keys: readonly string[]; tail: string } | undefined;
  /** Computed values a row. */
  computed: number;
  /** Keys, by number, whose values must be of certain kinds: a row with another one is odd. */
  checks: readonly { key: number; kinds: readonly number[] }[];
  /** A row with a number that JSON.stringify would spell otherwise can be copied. */
  copiesSpelled: boolean;
}

/** A block whose rows can be looked at and computed. Valid until memory grows. */
export interface OpenRows {
  fields: Int32Array;
  numbers: Float64Array;
  /** Which rows are odd: not 0. */
  odd: Uint8Array;
  /** 0 for rows that are dropped, or are not done; {@linkcode ASIDE} for odd ones that are kept, 1 for others. */
  kept: Uint8Array;
  /** As in {@linkcode OpenBlock}. */
  computed: Int32Array;
  /** The odd rows that are kept, as they are written. */
  aside: Uint8Array[];
}

/** Stands for a row that is kept and written as a whole: as in kernel/assembly/json-weave.ts. */
export const ASIDE = 2;

/** As in kernel/assembly/json-weave.ts. */
const KINDS = { carried: 0, seen: 1, computed: 2, empty: 3 } as const;
/** As in kernel/assembly/json-index.ts: a mark of a row. */
const SPELLED = 4;
/** Where more rows of a block are odd than one of so many, it is not worth while. */
const ODD_SHARE = 4;
/** Digits, sign and delimiter of a computed number, or what is around a value. */
const VALUE_BYTES = 16;
const SLACK = 64;
/** What is copied in vectors may be read so far behind its end. */
const COPIED_BYTES = 16;
const WORD = 4;
const THREAD_WORDS = 4;

export class ObjectWeaver {
  readonly #kernel: Kernel;
  readonly #pattern: ObjectPattern;
  readonly #threads: Int32Array;
  readonly #checks: Int32Array;
  /** Bytes of a row of the index. */
  readonly #stride: number;
  /** Keys, and what stands behind a row. */
  readonly #constants: Buffer;
  readonly #tailBytes: number;
  /** How often one value of a line stands in a row of the output, at most. */
  readonly #repeats: number;

  constructor(memory: Memory, pattern: ObjectPattern) {
    this.#kernel = kernelOf(memory);
    this.#pattern = pattern;
    this.#stride = objectStride(pattern.keys) * WORD;
    const { keys = [], tail = "" } = pattern.objects ?? {};
    const members = keys.map((key) => Buffer.from(`${JSON.stringify(key)}:`));
    // Constants are copied in vectors: what is read behind them must be there.
    this.#constants = Buffer.concat([...members, Buffer.from(tail), Buffer.alloc(COPIED_BYTES)]);
    this.#tailBytes = Buffer.byteLength(tail);
    this.#threads = threadWords(pattern.threads, members);
    this.#checks = Int32Array.from(
      pattern.checks.flatMap(({ key, kinds }) => [
        placeOf(key) * WORD,
        kinds.reduce((bits, kind) => bits | (1 << kind), 0),
      ]),
    );
    this.#repeats = mostRepeats(pattern.threads);
  }

  /** Undefined where too many of its rows are odd. */
  open(objects: BlockObjects): OpenRows | undefined {
    const { rows, start } = objects;
    const { copiesSpelled, objects: asObjects, computed: width, threads, checks } = this.#pattern;
    const place = this.#layout(objects);
    this.#kernel.scratch(place.beside - this.#kernel.scratch(0));
    const { fields, numbers, bytes, loops } = this.#kernel;
    new Int32Array(bytes.buffer, place.threads, this.#threads.length).set(this.#threads);
    new Int32Array(bytes.buffer, place.checks, this.#checks.length).set(this.#checks);
    const index = fields.byteOffset;
    const oddStates = copiesSpelled ? 0 : SPELLED;
    const [pattern, areFields] = [place.threads, asObjects === undefined ? 1 : 0];
    const oddRows = loops.markOddObjects(
      index,
      rows,
      this.#stride,
      start,
      pattern,
      threads.length,
      place.checks,
      checks.length,
      oddStates,
      areFields,
      place.odd,
    );
    if (oddRows * ODD_SHARE > rows) return undefined;
    const odd = new Uint8Array(bytes.buffer, place.odd, rows);
    const kept = new Uint8Array(bytes.buffer, place.kept, rows).fill(0);
    const computed = new Int32Array(bytes.buffer, place.computed, rows * width);
    return { fields, numbers, odd, kept, computed, aside: [] };
  }

  /** The bytes of the rows that were kept, valid until the next call; `beside` is the text of values, a line each. */
  weave(objects: BlockObjects, beside: string, aside: readonly Uint8Array[]): Uint8Array {
    const { rows, start } = objects;
    const { threads, output, objects: asObjects } = this.#pattern;
    const place = this.#layout(objects);
    const asideBytes = aside.reduce((sum, { length }) => sum + length, 0);
    const constants = place.beside + beside.length * 3 + SLACK;
    const lengths = (constants + this.#constants.length + WORD) & ~(WORD - 1);
    const rowsAside = lengths + aside.length * WORD;
    const out = rowsAside + asideBytes + SLACK;
    // A quote in a field is doubled.
    const most =
      objects.bytes * this.#repeats * 2 +
      rows * (this.#constants.length + VALUE_BYTES * (threads.length + 1)) +
      beside.length * 3 +
      asideBytes +
      SLACK;
    this.#kernel.scratch(out + most - this.#kernel.scratch(0));
    const { bytes, fields, loops } = this.#kernel;
    bytes.write(beside, place.beside);
    bytes.set(this.#constants, constants);
    // Keys lie where the constants do.
    const words = new Int32Array(bytes.buffer, place.threads, this.#threads.length);
    for (let at = 2; at < words.length; at += THREAD_WORDS) words[at] = (this.#threads[at] ?? 0) + constants;
    new Int32Array(bytes.buffer, lengths, aside.length).set(aside.map(({ length }) => length));
    let to = rowsAside;
    for (const row of aside) {
      bytes.set(row, to);
      to += row.length;
    }
    const shared = [fields.byteOffset, rows, this.#stride, start, place.threads, threads.length, place.kept] as const;
    const values = [place.computed, place.beside, rowsAside, lengths, out] as const;
    const tail = constants + this.#constants.length - COPIED_BYTES - this.#tailBytes;
    const end =
      asObjects === undefined
        ? loops.weaveLinesToFields(
            ...shared,
            ...values,
            output.delimiter.charCodeAt(0),
            quoteByte(output.quote),
            output.newline === "\r\n" ? 1 : 0,
            threads.length === 1 && output.quote !== "" && !output.hasBlankRows ? 1 : 0,
          )
        : loops.weaveLinesToObjects(...shared, ...values, tail, this.#tailBytes);
    return bytes.subarray(out, end);
  }

  /** Addresses behind the index. */
  #layout({ rows }: BlockObjects): Record<"threads" | "checks" | "computed" | "odd" | "kept" | "beside", number> {
    const threads = (this.#kernel.scratch(0) + WORD - 1) & ~(WORD - 1);
    const checks = threads + this.#threads.byteLength;
    const computed = checks + this.#checks.byteLength;
    const odd = computed + rows * this.#pattern.computed * WORD;
    const kept = odd + rows;
    return { threads, checks, computed, odd, kept, beside: kept + rows };
  }
}

/** Where keys lie is said from the start of the constants. */
function threadWords(threads: readonly ObjectThread[], members: readonly Buffer[]): Int32Array {
  let at = 0;
  const words = threads.flatMap((thread, index) => {
    const length = members[index]?.length ?? 0;
    at += length;
    const key = [at - length, length];
    if (thread.kind === "empty") return [KINDS.empty, 0, ...key];
    if (thread.kind === "computed") return [KINDS.computed, thread.index, ...key];
    return [thread.isSeen ? KINDS.seen : KINDS.carried, placeOf(thread.key) * WORD, ...key];
  });
  return Int32Array.from(words);
}

function mostRepeats(threads: readonly ObjectThread[]): number {
  const uses = new Map<number, number>();
  for (const thread of threads) if (thread.kind === "carried") uses.set(thread.key, (uses.get(thread.key) ?? 0) + 1);
  return Math.max(0, ...uses.values());
}
