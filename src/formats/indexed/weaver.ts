/**
 * Writes rows of CSV without making strings of what is only handed on: the kernel weaves each row of threads that are
 * fields of the input, copied as bytes, and values that were computed.
 *
 * A block is opened, which gives the fields that somebody looks at; then each row is kept or not, its computed values
 * noted; then the block is woven. Everything lies in the kernel's scratch memory behind the index.
 */
import type { BlockFields } from "../format.ts";
import { type Kernel, quoteByte } from "../kernel/host.ts";
import { type Memory, kernelOf } from "../memory.ts";
import type { OutputDialect } from "../text/output-dialect.ts";
import { FieldReader, type FieldValues, type WantedFields } from "./field-reader.ts";

/** What a field of the output is. */
export type Thread =
  /** The fields of the input from column `first` to column `last`. */
  | { kind: "carried"; first: number; last: number }
  /** The same, where fields say what they are: texts, among which nothing is an empty one, or null. */
  | { kind: "texts" | "textsOrNull"; first: number; last: number }
  /** The computed value of this number. */
  | { kind: "computed"; index: number }
  | { kind: "empty" };

/** A member of an object of JSON. */
export type Member = { key: string } &
  /** A field of the input as a string, or as the number that it is; an empty one is null then. */
  (
    | { kind: "text" | "number"; column: number }
    /** The computed value of this number. */
    | { kind: "computed"; index: number }
  );

/** Objects of JSON, and what stands behind each. */
export interface WovenObjects {
  members: readonly Member[];
  tail: string;
}

/** How rows are woven. */
export interface Pattern {
  /** Fields of the input that are looked at. */
  wanted: WantedFields;
  output: OutputDialect;
  threads: readonly Thread[];
  /** Rows are objects of JSON, and have no threads. */
  objects?: WovenObjects | undefined;
  /** Output columns: with only one, an empty field is quoted. */
  outputColumns: number;
  /** Computed values a row. */
  computed: number;
  /** Where rows end is wanted. */
  tellsEnds?: boolean;
}

/** A block whose rows can be looked at and computed. */
export interface OpenBlock extends FieldValues {
  /** A row is written where this is 1; where it is {@linkcode PASSED_OVER}, its computed values are passed over. */
  kept: Uint8Array;
  /** The computed values, one column behind the other; {@linkcode IN_TEXT} for those that are written as text. */
  computed: Int32Array;
}

/** Stands for a computed value whose field is the next one in the text beside. */
export const IN_TEXT: number = -(2 ** 31);

/** Stands for a row that is not written, though its values were computed. */
export const PASSED_OVER = 2;

const KINDS = { carried: 0, computed: 1, empty: 2, texts: 3, textsOrNull: 4 } as const;
const MEMBER_KINDS = { text: 0, number: 1, computed: 2 } as const;
/** Bytes of JSON that a byte of a string may take. */
const MOST_ESCAPED = 6;
/** Digits, sign and delimiter of a computed number, or what is around a field. */
const FIELD_BYTES = 16;
const SLACK = 64;
/** Words of a member. */
const MEMBER_WORDS = 4;
/** What is copied in vectors may be read so far behind its end. */
const COPIED_BYTES = 16;

export class Weaver {
  readonly #kernel: Kernel;
  readonly #pattern: Pattern;
  readonly #reader: FieldReader;
  readonly #threads: Int32Array;
  /** What threads of objects need beside their numbers: keys, and what stands behind an object. */
  readonly #constants: Buffer;
  /** How often one field of the input stands in a row of the output, at most. */
  readonly #repeats: number;

  constructor(memory: Memory, pattern: Pattern) {
    this.#kernel = kernelOf(memory);
    this.#pattern = pattern;
    this.#reader = new FieldReader(memory, pattern.wanted);
    const { members = [], tail = "" } = pattern.objects ?? {};
    const keys = members.map(({ key }) => Buffer.from(`${JSON.stringify(key)}:`));
    // Constants are copied in vectors: what is read behind them must be there.
    this.#constants = Buffer.concat([...keys, Buffer.from(tail), Buffer.alloc(COPIED_BYTES)]);
    this.#threads = pattern.objects === undefined ? rowThreads(pattern) : memberThreads(members, keys);
    this.#repeats = mostRepeats(pattern);
  }

  /** Undefined where a field that is wanted as a number is none that the kernel reads. */
  open(fields: BlockFields): OpenBlock | undefined {
    const place = this.#layout(fields);
    const read = this.#kernel.scratch(place.beside - this.#kernel.scratch(0));
    const values = this.#reader.read(fields, read);
    if (values === undefined) return undefined;
    const { buffer } = this.#kernel.bytes;
    new Int32Array(buffer, place.threads, this.#threads.length).set(this.#threads);
    const kept = new Uint8Array(buffer, place.kept, fields.rows).fill(0);
    const computed = new Int32Array(buffer, place.computed, fields.rows * this.#pattern.computed);
    return { ...values, kept, computed };
  }

  /**
   * Of a block that was woven, which rows were kept, and where each of them ends in its bytes, valid as long as these. The
   * pattern must want it.
   */
  placed(fields: BlockFields, written: number): { rows: Uint8Array; ends: Uint32Array } {
    const { buffer } = this.#kernel.bytes;
    const { kept, ends } = this.#layout(fields);
    return { rows: new Uint8Array(buffer, kept, fields.rows), ends: new Uint32Array(buffer, ends, written) };
  }

  /** The bytes of the rows that were kept, valid until the next call; `beside` is the text of fields, a line each. */
  weave(fields: BlockFields, beside: string): Uint8Array {
    const { wanted, threads, output, outputColumns, objects } = this.#pattern;
    if (objects !== undefined) return this.#weaveObjects(fields, beside, objects);
    fields.reindex();
    const place = this.#layout(fields);
    const out = place.beside + beside.length * 3 + SLACK;
    const rowBytes = FIELD_BYTES * (outputColumns + 1);
    const most = fields.bytes * this.#repeats + fields.rows * rowBytes + beside.length * 3 + SLACK;
    this.#kernel.scratch(out + most - this.#kernel.scratch(0));
    this.#kernel.bytes.write(beside, place.beside);
    const end = this.#kernel.loops.weave(
      this.#kernel.entries.byteOffset,
      fields.rows,
      wanted.columns,
      fields.start,
      place.threads,
      threads.length,
      place.kept,
      place.computed,
      place.beside,
      out,
      output.delimiter.charCodeAt(0),
      quoteByte(wanted.quote),
      output.newline === "\r\n" ? 1 : 0,
      outputColumns === 1 && !output.hasBlankRows ? 1 : 0,
      this.#pattern.tellsEnds === true ? place.ends : 0,
    );
    return this.#kernel.bytes.subarray(out, end);
  }

  #weaveObjects(fields: BlockFields, beside: string, { members, tail }: WovenObjects): Uint8Array {
    fields.reindex();
    const place = this.#layout(fields);
    const constants = place.beside + beside.length * 3 + SLACK;
    const out = constants + this.#constants.length;
    const rowBytes = this.#constants.length + FIELD_BYTES * (members.length + 1);
    const most = fields.bytes * this.#repeats * MOST_ESCAPED + fields.rows * rowBytes + beside.length * 3 + SLACK;
    const { loops } = this.#kernel;
    this.#kernel.scratch(out + most - this.#kernel.scratch(0));
    const { bytes, entries } = this.#kernel;
    bytes.write(beside, place.beside);
    bytes.set(this.#constants, constants);
    // Keys lie where the constants do.
    const threads = new Int32Array(bytes.buffer, place.threads, this.#threads.length);
    for (let at = 2; at < threads.length; at += MEMBER_WORDS) threads[at] = (this.#threads[at] ?? 0) + constants;
    const tailBytes = Buffer.byteLength(tail);
    const end = loops.weaveObjects(
      entries.byteOffset,
      fields.rows,
      this.#pattern.wanted.columns,
      fields.start,
      place.threads,
      members.length,
      place.kept,
      place.computed,
      place.beside,
      out,
      constants + this.#constants.length - COPIED_BYTES - tailBytes,
      tailBytes,
      this.#pattern.tellsEnds === true ? place.ends : 0,
    );
    return bytes.subarray(out, end);
  }

  /** Addresses behind the fields that were read. */
  #layout(fields: BlockFields): Record<"threads" | "computed" | "ends" | "kept" | "beside", number> {
    const threads = this.#kernel.scratch(0) + this.#reader.bytesFor(fields);
    const computed = threads + this.#threads.byteLength;
    const ends = computed + fields.rows * this.#pattern.computed * 4;
    const kept = ends + (this.#pattern.tellsEnds === true ? fields.rows * 4 : 0);
    return { threads, computed, ends, kept, beside: kept + fields.rows };
  }
}

function rowThreads({ threads }: Pattern): Int32Array {
  const words = threads.flatMap((thread) => {
    if (thread.kind === "empty") return [KINDS.empty, 0, 0];
    return thread.kind === "computed"
      ? [KINDS.computed, thread.index, 0]
      : [KINDS[thread.kind], thread.first, thread.last];
  });
  return Int32Array.from(words);
}

/** Where keys lie is said from the start of the constants. */
function memberThreads(members: readonly Member[], keys: readonly Buffer[]): Int32Array {
  let at = 0;
  const words = members.flatMap((member, index) => {
    const length = keys[index]?.length ?? 0;
    at += length;
    const from = member.kind === "computed" ? member.index : member.column;
    return [MEMBER_KINDS[member.kind], from, at - length, length];
  });
  return Int32Array.from(words);
}

function mostRepeats({ wanted, threads, objects }: Pattern): number {
  const uses = new Uint32Array(wanted.columns);
  for (const thread of threads) {
    if (thread.kind === "empty" || thread.kind === "computed") continue;
    for (let column = thread.first; column <= thread.last; column++) uses[column] = (uses[column] ?? 0) + 1;
  }
  for (const member of objects?.members ?? [])
    if (member.kind !== "computed") uses[member.column] = (uses[member.column] ?? 0) + 1;
  return uses.reduce((most, count) => Math.max(most, count), 0);
}
