/**
 * A table beside the input, in memory that all threads share: read once, and handed to each worker without a copy. Its rows
 * are texts, and are found by the bytes of their keys.
 */
import { type KeyArrays, NONE, findKey } from "../formats/indexed/key-arrays.ts";
import { parseJson } from "../formats/values/json.ts";
import { startBehind } from "../formats/indexed/joiner.ts";
import { KeyBytes } from "./key-index.ts";

/** What a thread needs of a table. */
export interface PackedTable {
  /** As messages call it. */
  file: string;
  /** The columns whose fields rows hold, in their order. */
  columns: readonly string[];
  /** `text`: fields as a line of CSV holds them, with the delimiter between; `json`: an array of JSON. */
  form: "text" | "json";
  delimiter: string;
  /** Each row begins at a multiple of four, so that it can be copied in words. */
  bytes: Uint8Array;
  /** Behind each row. */
  ends: Uint32Array;
  isAscii: boolean;
  keys: KeyArrays;
}

/** Bytes that a table takes. */
export function sizeOfTable({ bytes, ends, keys }: PackedTable): number {
  const { slots, bytes: ofKeys, ends: keyEnds, first, next } = keys;
  return [bytes, ends, slots, ofKeys, keyEnds, first, next].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The same in memory that no other thread has. */
export function copyOfTable(table: PackedTable): PackedTable {
  const { slots, bytes, ends, first, next } = table.keys;
  const keys = {
    slots: slots.slice(),
    bytes: bytes.slice(),
    ends: ends.slice(),
    first: first.slice(),
    next: next.slice(),
  };
  return { ...table, bytes: table.bytes.slice(), ends: table.ends.slice(), keys };
}

const QUOTE = '"';

/** Makes the function that puts fields together as a line of CSV holds them. */
export function fieldPacker(delimiter: string): (fields: readonly string[]) => string {
  const special = new RegExp(`[${RegExp.escape(delimiter)}"\r\n]`);
  const inQuotes = (field: string): string => (special.test(field) ? quoted(field) : field);
  // Nothing is special in most rows.
  return (fields) => (special.test(fields.join("\0")) ? fields.map(inQuotes) : fields).join(delimiter);
}

function quoted(field: string): string {
  return QUOTE + field.replaceAll(QUOTE, QUOTE + QUOTE) + QUOTE;
}

/** The fields of such a line. */
export function unpackedFields(text: string, delimiter: string): string[] {
  if (!text.includes(QUOTE)) return text.split(delimiter);
  const fields: string[] = [];
  for (let at = 0; at <= text.length;) {
    if (text[at] !== QUOTE) {
      const found = text.indexOf(delimiter, at);
      const end = found < 0 ? text.length : found;
      fields.push(text.slice(at, end));
      at = end + delimiter.length;
      continue;
    }
    let end = at + 1;
    while (text[end] !== QUOTE || text[end + 1] === QUOTE) end += text[end] === QUOTE ? 2 : 1;
    fields.push(text.slice(at + 1, end).replaceAll(QUOTE + QUOTE, QUOTE));
    at = end + 1 + delimiter.length;
  }
  return fields;
}

/** Reads a packed table, in any thread. */
export class TableReader {
  readonly table: PackedTable;
  readonly #bytes: Buffer;
  readonly #key = new KeyBytes();

  constructor(table: PackedTable) {
    this.table = table;
    const { buffer, byteOffset, length } = table.bytes;
    this.#bytes = Buffer.from(buffer, byteOffset, length);
  }

  /** The first row with this key, or NONE. */
  find(key: string): number {
    const { keys } = this.table;
    this.#key.set(key);
    const { bytes, length, hash } = this.#key;
    const number = findKey(keys, { bytes, from: 0, to: length }, hash);
    // Where no key is there twice, its number is that of its row.
    return number === NONE ? NONE : (keys.first[number] ?? number);
  }

  /** The next row with the key of this one, or NONE. */
  next(row: number): number {
    return (this.table.keys.next[row] ?? 0) - 1;
  }

  /** The text of a row. */
  text(row: number): string {
    const { ends, isAscii } = this.table;
    const start = row === 0 ? 0 : startBehind(ends[row - 1] ?? 0);
    return this.#bytes.toString(isAscii ? "latin1" : "utf8", start, ends[row]);
  }

  /** The values in the text of a row of JSON: null for those that it lacks, also in columns that came behind it. */
  values(text: string): unknown[] {
    const values = parseJson(text) as unknown[];
    while (values.length < this.table.columns.length) values.push(null);
    return values;
  }

  /** The fields of a row of texts. */
  fields(row: number): string[] {
    return unpackedFields(this.text(row), this.table.delimiter);
  }
}
