/** The pages of one column in a row group, one after another, unpacked in the kernel's memory. */
import { crc32 } from "node:zlib";
import type { ColumnMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import type { PageHeader } from "hyparquet/src/types.js";
import { messageOf } from "../../errors.ts";
import type { FileRange } from "../../io/stream-reader.ts";
import { unpack } from "./codecs.ts";
import type { Leaf } from "./columns.ts";
import { Damage, countOf } from "./damage.ts";
import type { PlacedFile } from "./file.ts";
import type { Kernel, Range } from "./kernel.ts";

/** So many bytes are read at once in search of a header: small pages come along with it. */
const WINDOW_BYTES = 32 * 1024;
/** A header with statistics in it may be as long. */
const MOST_HEADER_BYTES = 16 * 1024 * 1024;
/** No page may be longer, unpacked: all of it must be in memory. */
const MOST_PAGE_BYTES = 512 * 1024 * 1024;
const HEADER = "the header of a page";
const PLACE = "what the footer says of its place";
/** Some writers did not count the header of the dictionary. */
const UNCOUNTED_BYTES = 128;

/** A page of values. It is valid until the next one is asked for. */
export interface Page {
  /** Values and nulls. */
  count: number;
  encoding: string;
  /** Where levels are, in runs; undefined where there is but one. */
  repetitions: Range | undefined;
  definitions: Range | undefined;
  data: Range;
}

export interface DictionaryPage {
  count: number;
  data: Range;
}

/** A block of memory that grows with what is put into it. */
class Block {
  readonly #kernel: Kernel;
  #at = 0;
  #size = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Room for so many bytes; what was in it is gone. */
  room(bytes: number): Range {
    if (bytes > this.#size || this.#at === 0) {
      this.release();
      this.#at = this.#kernel.allocate(bytes);
      this.#size = bytes;
    }
    return { from: this.#at, to: this.#at + bytes };
  }

  release(): void {
    if (this.#at !== 0) this.#kernel.release(this.#at);
    [this.#at, this.#size] = [0, 0];
  }
}

/** Where packed pages lie until they are unpacked: one place for all columns. */
export class PackedBytes extends Block {}

export interface PageSource {
  kernel: Kernel;
  file: PlacedFile;
  packed: PackedBytes;
}

/**
 * Where in the file the pages of a column are.
 *
 * @throws {Damage} Where they are said to lie outside of it.
 */
export function chunkRange(chunk: ColumnMetaData, size: number): FileRange {
  const data = countOf(chunk.data_page_offset, PLACE);
  const dictionary = countOf(chunk.dictionary_page_offset ?? 0, PLACE);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const length = countOf(chunk.total_compressed_size, PLACE);
  if (start < 4 || start + length > size) throw new Damage("its values are said to lie outside of the file");
  return { start, end: Math.min(start + length + UNCOUNTED_BYTES, size) };
}

export class Pages {
  readonly #source: PageSource;
  readonly #codec: string;
  readonly #leaf: Leaf;
  /** Where the next header is, and what no page reaches beyond. */
  #position: number;
  readonly #end: number;
  /** Bytes of the file, from `#windowAt` on. */
  #window = Buffer.alloc(0);
  #windowAt = 0;
  readonly #page: Block;
  readonly #dictionaryPage: Block;
  /** The dictionary, once it was passed. */
  dictionary: DictionaryPage | undefined;

  /** @throws {Damage} Where the pages are said to lie outside of the file. */
  constructor(source: PageSource, chunk: ColumnMetaData, leaf: Leaf) {
    this.#source = source;
    this.#codec = chunk.codec;
    this.#leaf = leaf;
    const { start, end } = chunkRange(chunk, source.file.size);
    this.#position = start;
    this.#end = end;
    this.#page = new Block(source.kernel);
    this.#dictionaryPage = new Block(source.kernel);
  }

  /**
   * The next page of values.
   *
   * @throws {Damage} Where there is none, or it is damaged.
   */
  next(): Page {
    for (;;) {
      const { header, behind } = this.#header();
      const packed = this.#packedRange(header);
      this.#position = behind;
      if (header.type === "INDEX_PAGE") {
        this.#position += packed;
        continue;
      }
      if (header.type === "DICTIONARY_PAGE") {
        const count = countOf(header.dictionary_page_header?.num_values, HEADER);
        const bytes = this.#bytes(packed, header.crc);
        const data = this.#dictionaryPage.room(sizeOf(header.uncompressed_page_size));
        unpack(this.#source.kernel, this.#codec, bytes, data);
        this.dictionary = { count, data };
        continue;
      }
      if (header.type === "DATA_PAGE") return this.#pageOf(header, this.#bytes(packed, header.crc));
      if (header.type === "DATA_PAGE_V2") return this.#secondPageOf(header, this.#bytes(packed, header.crc));
      throw new Damage("a page is of a kind that nobody knows");
    }
  }

  release(): void {
    this.#page.release();
    this.#dictionaryPage.release();
  }

  /** A page in which levels are packed with the values. */
  #pageOf({ data_page_header: said, uncompressed_page_size }: PageHeader, packed: Range): Page {
    const count = countOf(said?.num_values, HEADER);
    if (said === undefined) throw new Damage(`${HEADER} is damaged`);
    const { kernel } = this.#source;
    const data = this.#page.room(sizeOf(uncompressed_page_size));
    unpack(kernel, this.#codec, packed, data);
    const levels = (encoding: string): Range => {
      if (encoding !== "RLE") throw new Damage(`levels are encoded by ${encoding}, which is not read`);
      const from = data.from + 4;
      const length = data.to < from ? -1 : kernel.bytes.readUInt32LE(data.from);
      if (length < 0 || length > data.to - from) throw new Damage("the levels of a page reach beyond it");
      data.from = from + length;
      return { from, to: from + length };
    };
    const { repetition, definition } = this.#leaf;
    const repetitions = repetition > 0 ? levels(said.repetition_level_encoding) : undefined;
    const definitions = definition > 0 ? levels(said.definition_level_encoding) : undefined;
    return { count, encoding: said.encoding, repetitions, definitions, data };
  }

  /** A page in which levels stand before the values, and are not packed. */
  #secondPageOf({ data_page_header_v2: said, uncompressed_page_size }: PageHeader, packed: Range): Page {
    const count = countOf(said?.num_values, HEADER);
    if (said === undefined) throw new Damage(`${HEADER} is damaged`);
    const { kernel } = this.#source;
    const first = countOf(said.repetition_levels_byte_length, HEADER);
    const second = countOf(said.definition_levels_byte_length, HEADER);
    const size = sizeOf(uncompressed_page_size);
    if (first + second > Math.min(size, packed.to - packed.from))
      throw new Damage("the levels of a page reach beyond it");
    const room = this.#page.room(size);
    kernel.bytes.copyWithin(room.from, packed.from, packed.from + first + second);
    const repetitions = { from: room.from, to: room.from + first };
    const definitions = { from: repetitions.to, to: repetitions.to + second };
    const data = { from: definitions.to, to: room.to };
    const values = { from: packed.from + first + second, to: packed.to };
    unpack(kernel, said.is_compressed === false ? "UNCOMPRESSED" : this.#codec, values, data);
    return {
      count,
      encoding: said.encoding,
      repetitions: this.#leaf.repetition > 0 ? repetitions : undefined,
      definitions: this.#leaf.definition > 0 ? definitions : undefined,
      data,
    };
  }

  /** The next header, and the offset behind it. */
  #header(): { header: PageHeader; behind: number } {
    for (let wanted = WINDOW_BYTES; ; wanted *= 8) {
      const bytes = this.#windowOf(wanted);
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
      try {
        const header = parquetHeader(reader);
        return { header, behind: this.#position + reader.offset };
      } catch (error) {
        // It may go on behind what was read.
        const isAll = this.#position + bytes.length >= this.#end;
        if (bytes.length === 0) throw new Damage("values are missing at its end");
        if (isAll || wanted >= MOST_HEADER_BYTES) throw new Damage(`${HEADER} is damaged (${messageOf(error)})`);
      }
    }
  }

  /** Bytes of the file from the current position on: so many, or as many as there are, or those that are at hand. */
  #windowOf(wanted: number): Buffer {
    const from = this.#position - this.#windowAt;
    const least = wanted === WINDOW_BYTES ? Math.min(1024, this.#end - this.#position) : wanted;
    if (from >= 0 && this.#window.length - from >= least) return this.#window.subarray(from);
    const length = Math.max(0, Math.min(wanted, this.#end - this.#position));
    if (this.#window.length !== length) this.#window = Buffer.alloc(length);
    this.#source.file.read(this.#position, this.#window, { at: 0, length });
    this.#windowAt = this.#position;
    return this.#window;
  }

  /** How many bytes a page takes in the file. */
  #packedRange({ compressed_page_size: packed }: PageHeader): number {
    return countOf(packed, HEADER);
  }

  /** The next bytes of the file, in the kernel's memory, and passes over them. */
  #bytes(length: number, sum: number | undefined): Range {
    const { kernel, file, packed } = this.#source;
    if (this.#position + length > this.#end) throw new Damage("a page reaches beyond what is its column's");
    const range = packed.room(length);
    const from = this.#position - this.#windowAt;
    if (from >= 0 && from + length <= this.#window.length)
      kernel.bytes.set(this.#window.subarray(from, from + length), range.from);
    else file.read(this.#position, kernel.bytes, { at: range.from, length });
    this.#position += length;
    if (sum !== undefined && (sum | 0) !== (crc32(kernel.bytes.subarray(range.from, range.to)) | 0))
      throw new Damage("the checksum of a page is another one");
    return range;
  }
}

function sizeOf(said: number): number {
  const bytes = countOf(said, HEADER);
  if (bytes <= MOST_PAGE_BYTES) return bytes;
  throw new Damage(`a page is said to have ${bytes} bytes, and at most ${MOST_PAGE_BYTES} are read`);
}
