/** Encodes the columns of a row group: fields become values, these a dictionary or plain ones, and pages of them. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import type { ColumnType } from "../../formats/column-type.ts";
import { type EncodingKernel, FIELD_BYTES } from "./kernel.ts";
import type { Codec, EncodedColumn } from "./group.ts";

/** The fields of a column. */
interface ColumnFields {
  table: number;
  rows: number;
}

/** The same, once it is known what they are. */
interface TypedFields extends ColumnFields {
  /** An empty text is one, and not nothing. */
  asText: boolean;
}

/** A field is no value of the type of its column. */
export class MisfitError extends Error {
  override readonly name = "MisfitError";
  readonly row: number;
  readonly text: string;

  constructor(row: number, text: string) {
    super(`${text} does not fit`);
    [this.row, this.text] = [row, text];
  }
}

/** Pages have about so many bytes. */
const PAGE_BYTES = 1 << 20;
/** A dictionary has at most so many values, and half as many as there are. */
const MOST_DIFFERENT = 1 << 16;
/** Longer texts are no bounds: nobody reads so much to leave a row group out. */
const MOST_BOUND_BYTES = 256;
/** What is beside the bytes of a page: headers, and what a codec adds. */
const BESIDE_BYTES = 64;

/** Values of a column, without nulls: where they are, and how many bytes each takes; texts are still in their fields. */
type Values = { at: number; width: 1 | 4 | 8 } | undefined;

/** Encodes one column after another, to pieces of bytes. */
export class ColumnEncoder {
  readonly #kernel: EncodingKernel;
  readonly #codec: Codec;
  readonly pieces: Uint8Array[] = [];
  #blocks: number[] = [];

  constructor(kernel: EncodingKernel, codec: Codec) {
    this.#kernel = kernel;
    this.#codec = codec;
  }

  /** @throws {MisfitError} Where a field is no value of the type. */
  encode(fields: ColumnFields, type: ColumnType): EncodedColumn {
    try {
      return this.#encode({ ...fields, asText: type.is === "text" }, type);
    } finally {
      for (const block of this.#blocks.splice(0)) this.#kernel.release(block);
    }
  }

  #block(bytes: number): number {
    const at = this.#kernel.allocate(bytes);
    this.#blocks.push(at);
    return at;
  }

  #encode(fields: TypedFields, type: ColumnType): EncodedColumn {
    const { table, rows, asText } = fields;
    const { wasm } = this.#kernel;
    if (type.is === "json") this.#checkJson(fields);
    const levels = this.#block(rows);
    const present = wasm.presentFields(table, rows, asText, levels);
    const values = this.#valuesOf(fields, type, present);
    const bounds = present === 0 ? undefined : this.#boundsOf(fields, { type, values, present });
    const chunk = new Chunk();
    const dictionary = this.#dictionaryOf(fields, values, present);
    if (dictionary !== undefined) {
      chunk.dictionaryOffset = 0;
      this.#page(
        chunk,
        { from: dictionary.from, to: dictionary.to },
        {
          type: "DICTIONARY_PAGE",
          count: dictionary.size,
          encoding: "PLAIN",
        },
      );
    }
    chunk.dataOffset = chunk.bytes;
    const plain = dictionary === undefined && values === undefined ? wasm.plainBytes(table, rows, asText) : 0;
    const perPage = Math.max(1, Math.ceil((rows * PAGE_BYTES) / Math.max(PAGE_BYTES, plain)));
    for (let row = 0, done = 0; row < rows; row += perPage) {
      const count = Math.min(perPage, rows - row);
      const some = this.#presentIn(levels + row, count);
      const part = { ...fields, table: table + row * FIELD_BYTES, rows: count };
      const body = this.#body(part, { levels: levels + row, done, present: some, values, dictionary });
      const encoding = dictionary === undefined ? "PLAIN" : "RLE_DICTIONARY";
      this.#page(chunk, body, { type: "DATA_PAGE", count, encoding });
      done += some;
    }
    this.pieces.push(...chunk.pieces);
    const { bytes, uncompressedBytes, dictionaryOffset, dataOffset } = chunk;
    return { bytes, uncompressedBytes, dictionaryOffset, dataOffset, rows, nulls: rows - present, bounds };
  }

  #presentIn(levels: number, count: number): number {
    let present = 0;
    for (const level of this.#kernel.bytes.subarray(levels, levels + count)) present += level;
    return present;
  }

  #valuesOf({ table, rows }: ColumnFields, type: ColumnType, present: number): Values {
    if (type.is === "text" || type.is === "json") return undefined;
    const { wasm } = this.#kernel;
    const width = type.is === "boolean" ? 1 : type.is === "day" ? 4 : 8;
    const at = this.#block(present * width);
    const done = ((): number => {
      switch (type.is) {
        case "integer":
          return wasm.integerValues(table, rows, at);
        case "double":
          return this.#doubles(table, rows, at);
        case "boolean":
          return wasm.truthValues(table, rows, at);
        case "day":
          return wasm.dayValues(table, rows, at);
        case "decimal":
          return wasm.decimalValues(table, rows, type.scale, 10n ** BigInt(type.precision), at);
        case "time":
          return wasm.timeValues(table, rows, 10n ** BigInt(9 - type.digits), type.digits, at);
        case "moment":
          return wasm.momentValues(table, rows, 10n ** BigInt(9 - type.digits), type.digits, type.isUtc, at);
      }
    })();
    if (done < rows) throw new MisfitError(done, this.#kernel.fieldText(table, done));
    return { at, width };
  }

  /** Doubles that the kernel is not certain of are read here. */
  #doubles(table: number, rows: number, out: number): number {
    const { wasm } = this.#kernel;
    let row = 0;
    for (let to = out; ;) {
      row = wasm.doubleValues(table, row, rows, to);
      if (row === rows || this.#kernel.result(1) === 0) return row;
      to = this.#kernel.result(0);
      const value = heldNumber(this.#kernel.fieldText(table, row));
      if (value === undefined) return row;
      this.#kernel.bytes.writeDoubleLE(value, to);
      to += 8;
      row++;
    }
  }

  #boundsOf(
    { table, rows, asText }: TypedFields,
    { type, values, present }: { type: ColumnType; values: Values; present: number },
  ): EncodedColumn["bounds"] {
    const { wasm } = this.#kernel;
    if (type.is === "text") {
      wasm.boundsOfTexts(table, rows, asText);
      const [least, greatest] = [this.#kernel.result(0), this.#kernel.result(1)].map((row) => this.#text(table, row));
      if (least === undefined || greatest === undefined) return undefined;
      return Math.max(least.length, greatest.length) > MOST_BOUND_BYTES ? undefined : [least, greatest];
    }
    // Of JSON, no order says anything; of booleans, there is little to say.
    if (values === undefined || values.width === 1) return undefined;
    const out = this.#block(16);
    if (type.is === "double") {
      if (wasm.boundsOfDoubles(values.at, present, out) === 0) return undefined;
      return [this.#kernel.bytes.readDoubleLE(out), this.#kernel.bytes.readDoubleLE(out + 8)];
    }
    wasm.boundsOfIntegers(values.at, present, values.width === 8, out);
    const both = [this.#kernel.bytes.readBigInt64LE(out), this.#kernel.bytes.readBigInt64LE(out + 8)] as const;
    return values.width === 8 ? both : [Number(both[0]), Number(both[1])];
  }

  #text(table: number, row: number): Uint8Array {
    const field = table + row * FIELD_BYTES;
    const out = this.#block(this.#kernel.wasm.plainBytes(field, 1, true));
    return this.#kernel.copyOf(out + 4, this.#kernel.wasm.layOutFields(field, 1, true, out));
  }

  /** What is no object or list may be JSON as well. */
  #checkJson({ table, rows }: ColumnFields): void {
    const { wasm } = this.#kernel;
    for (let row = 0; (row = wasm.otherThanJson(table, row, rows)) < rows; row++) {
      const text = this.#kernel.fieldText(table, row);
      try {
        JSON.parse(text);
      } catch {
        throw new MisfitError(row, text);
      }
    }
  }

  /** A dictionary, where it makes the column smaller. */
  #dictionaryOf({ table, rows, asText }: TypedFields, values: Values, present: number): Dictionary | undefined {
    const { wasm } = this.#kernel;
    const most = Math.min(MOST_DIFFERENT, Math.floor(present / 2));
    if (most === 0 || values?.width === 1 || values?.width === 4) return undefined;
    const indices = this.#block(present * 4);
    const found = this.#block(most * 8);
    const size = this.#kernel.dictionary(most, (hashes, mask, limit) =>
      values === undefined
        ? wasm.dictionaryOfTexts(table, rows, asText, hashes, mask, limit, found, indices)
        : wasm.dictionaryOfNumbers(values.at, present, hashes, mask, limit, found, indices),
    );
    if (size === undefined) return undefined;
    const bits = bitsOf(size - 1);
    const packed = (present * bits) / 8;
    if (values !== undefined) {
      const bytes = size * values.width;
      return bytes + packed < present * values.width
        ? { from: found, to: found + bytes, size, bits, indices }
        : undefined;
    }
    // No text is longer than all of them.
    const out = this.#block(wasm.plainBytes(table, rows, asText));
    const to = wasm.layOutPicked(table, found, size, out);
    if (to - out + packed >= wasm.plainBytes(table, rows, asText)) return undefined;
    return { from: out, to, size, bits, indices };
  }

  /** What is in a page: which rows are null, and the values of the others. */
  #body(
    fields: TypedFields,
    {
      levels,
      done,
      present,
      values,
      dictionary,
    }: {
      levels: number;
      done: number;
      present: number;
      values: Values;
      dictionary: Dictionary | undefined;
    },
  ): { from: number; to: number } {
    const { table, rows, asText } = fields;
    const { wasm } = this.#kernel;
    const ofValues =
      dictionary !== undefined
        ? present * 4 + rows
        : values === undefined
          ? wasm.plainBytes(table, rows, asText)
          : present * values.width;
    const from = this.#block(ofValues + rows + BESIDE_BYTES);
    let to = wasm.packLevels(levels, rows, from + 4);
    this.#kernel.bytes.writeUInt32LE(to - from - 4, from);
    if (dictionary !== undefined) {
      this.#kernel.bytes[to++] = dictionary.bits;
      to = wasm.packRuns(dictionary.indices + done * 4, present, dictionary.bits, to);
    } else if (values === undefined) to = wasm.layOutFields(table, rows, asText, to);
    else if (values.width === 1) to = wasm.packBits(values.at + done, present, to);
    else {
      const start = values.at + done * values.width;
      this.#kernel.bytes.copyWithin(to, start, start + present * values.width);
      to += present * values.width;
    }
    return { from, to };
  }

  #page(
    chunk: Chunk,
    { from, to }: { from: number; to: number },
    page: { type: "DATA_PAGE" | "DICTIONARY_PAGE"; count: number; encoding: "PLAIN" | "RLE_DICTIONARY" },
  ): void {
    const { type, count, encoding } = page;
    const packed = this.#packed(from, to);
    const sizes = { uncompressed_page_size: to - from, compressed_page_size: packed.length };
    const levels = { definition_level_encoding: "RLE", repetition_level_encoding: "RLE" } as const;
    const header = new ByteWriter(BESIDE_BYTES);
    writePageHeader(
      header,
      type === "DATA_PAGE"
        ? { type, ...sizes, data_page_header: { num_values: count, encoding, ...levels } }
        : { type, ...sizes, dictionary_page_header: { num_values: count, encoding, is_sorted: false } },
    );
    chunk.add(header.getBytes(), to - from, packed);
  }

  #packed(from: number, to: number): Uint8Array {
    const size = to - from;
    if (this.#codec === "UNCOMPRESSED") return this.#kernel.copyOf(from, to);
    const { wasm } = this.#kernel;
    if (this.#codec === "SNAPPY" || this.#codec === "LZ4_RAW") {
      const out = this.#block(size + Math.ceil(size / 6) + BESIDE_BYTES);
      const end = this.#codec === "SNAPPY" ? wasm.compressSnappy(from, to, out) : wasm.compressLz4(from, to, out);
      return this.#kernel.copyOf(out, end);
    }
    const bytes = this.#kernel.bytes.subarray(from, to);
    return this.#codec === "ZSTD" ? zstdCompressSync(bytes) : gzipSync(bytes);
  }
}

interface Dictionary {
  /** Its values, as a page holds them. */
  from: number;
  to: number;
  size: number;
  /** Of the numbers of its values. */
  bits: number;
  indices: number;
}

/** The pages of a column. */
class Chunk {
  readonly pieces: Uint8Array[] = [];
  bytes = 0;
  uncompressedBytes = 0;
  dictionaryOffset: number | undefined;
  dataOffset = 0;

  add(header: Uint8Array, uncompressed: number, packed: Uint8Array): void {
    this.pieces.push(header, packed);
    this.bytes += header.length + packed.length;
    this.uncompressedBytes += header.length + uncompressed;
  }
}

/** Of no bits at all, not all readers know what to make. */
function bitsOf(most: number): number {
  return Math.max(1, 32 - Math.clz32(most));
}

/** The double of a number; undefined where it has more digits than doubles are printed with, and loses some. */
export function heldNumber(text: string): number | undefined {
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (!Number.isFinite(value)) return undefined;
  const digits = digitsOf(trimmed);
  return digits.length <= MOST_PRINTED || digits === digitsOf(String(value)) ? value : undefined;
}

/** Of so many digits, any double can be made again. */
const MOST_PRINTED = 17;

/** The digits of a number without its sign, its point, and zeros around them. */
function digitsOf(text: string): string {
  const [mantissa = ""] = text.toLowerCase().split("e");
  return mantissa.replaceAll(/[^\d]/g, "").replace(/^0+/, "").replace(/0+$/, "");
}
