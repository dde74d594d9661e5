/**
 * Puts rows that were written together by the values of some of their fields. Rows are not decoded: their bytes are told
 * apart, and the values of a group are read once, when its first row comes.
 */
import type { RowFinder } from "./format.ts";

/** Rows that were put together, group by group, in the order in which the groups were met. */
export interface RowGroups {
  /** Of each group its values, as the text of a list in JSON. */
  keys: string[];
  /** How many bytes of the rows belong to it. */
  bytes: number[];
  rows: number[];
  /** Of each column, whether a row had it. */
  seen: boolean[];
}

/** Forgotten are the spellings of values when so many bytes of them are known: groups are found again by their texts. */
const MAX_KNOWN_BYTES = 8 * 1024 * 1024;
const FIRST_SLOTS = 1024;
const HASH_STEP = 0x01000193;
const HASH_START = 0x811c9dc5;
/** Between the fields of a spelling: no byte of UTF-8. */
const BETWEEN = 0xff;
/** A field that is not there. */
const MISSING = 0xfe;

export class RowGrouper {
  readonly #finder: RowFinder;
  /** The fields of a row as they are spelled, one behind the other. */
  #spelling = new Uint8Array(1024);
  /** Those that were met, and where each of them lies. */
  #known = new Uint8Array(64 * 1024);
  #knownEnd = 0;
  #knownAt: number[] = [0];
  /** By hash: the number of a spelling, from 1. */
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes: number[] = [0];
  /** By number of a spelling: the values that it stands for. */
  #keyOf: string[] = [];
  /** By number of a spelling: its group among the rows at hand, from 1. */
  #groupOf: number[] = [0];
  #ends = new Uint32Array(4096);
  #groups = new Uint32Array(4096);

  constructor(finder: RowFinder) {
    this.#finder = finder;
  }

  /**
   * Copies rows to a target of the same length, group by group.
   *
   * @param source Whole rows, and nothing else.
   */
  group(source: Uint8Array, target: Uint8Array): RowGroups {
    const finder = this.#finder;
    const found: RowGroups = { keys: [], bytes: [], rows: [], seen: Array.from(finder.from, () => false) };
    if (this.#knownEnd > MAX_KNOWN_BYTES) this.#forget();
    this.#groupOf.fill(0);
    /** Two spellings of the same values are one group. */
    const numbers = new Map<string, number>();
    const end = source.length;
    let rows = 0;
    for (let at = 0; at < end; rows++) {
      const next = finder.next(source, at, end);
      for (let field = 0; field < finder.width; field++) if ((finder.from[field] ?? -1) >= 0) found.seen[field] = true;
      const spelling = this.#numberOf(source);
      let group = this.#groupOf[spelling] ?? 0;
      if (group === 0) {
        const key = (this.#keyOf[spelling] ??= this.#keyAt(source));
        group = numbers.get(key) ?? 0;
        if (group === 0) {
          group = found.keys.push(key);
          numbers.set(key, group);
        }
        this.#groupOf[spelling] = group;
      }
      if (rows === this.#ends.length) this.#growRows();
      this.#ends[rows] = next;
      this.#groups[rows] = group - 1;
      at = next;
    }
    this.#place(source, target, { rows, found });
    return found;
  }

  #place(source: Uint8Array, target: Uint8Array, { rows, found }: { rows: number; found: RowGroups }): void {
    const [ends, groups] = [this.#ends, this.#groups];
    const [from, to] = [asBuffer(source), asBuffer(target)];
    const lengths = new Float64Array(found.keys.length);
    const counts = new Float64Array(found.keys.length);
    let start = 0;
    for (let row = 0; row < rows; row++) {
      const end = ends[row] ?? 0;
      const group = groups[row] ?? 0;
      lengths[group] = (lengths[group] ?? 0) + end - start;
      counts[group] = (counts[group] ?? 0) + 1;
      start = end;
    }
    const places = new Float64Array(lengths.length);
    for (let group = 1; group < places.length; group++)
      places[group] = (places[group - 1] ?? 0) + (lengths[group - 1] ?? 0);
    found.bytes = Array.from(lengths);
    found.rows = Array.from(counts);
    start = 0;
    for (let row = 0; row < rows;) {
      const group = groups[row] ?? 0;
      // Rows of a group that lie together are copied together.
      for (row++; row < rows && groups[row] === group;) row++;
      const end = ends[row - 1] ?? 0;
      const place = places[group] ?? 0;
      from.copy(to, place, start, end);
      places[group] = place + end - start;
      start = end;
    }
  }

  /** The number of the spelling of the fields that were found last. */
  #numberOf(source: Uint8Array): number {
    const { width, from, to } = this.#finder;
    if (width === 1 && (from[0] ?? -1) >= 0) return this.#lookUp(source, from[0] ?? 0, to[0] ?? 0);
    let length = 0;
    for (let field = 0; field < width; field++) length += Math.max(0, (to[field] ?? 0) - (from[field] ?? 0)) + 2;
    if (length > this.#spelling.length) this.#spelling = new Uint8Array(length * 2);
    const spelling = this.#spelling;
    let at = 0;
    for (let field = 0; field < width; field++) {
      const start = from[field] ?? -1;
      const end = to[field] ?? 0;
      if (start < 0) spelling[at++] = MISSING;
      else for (let byte = start; byte < end; byte++) spelling[at++] = source[byte] ?? 0;
      spelling[at++] = BETWEEN;
    }
    return this.#lookUp(spelling, 0, at);
  }

  #lookUp(bytes: Uint8Array, from: number, to: number): number {
    let hash = HASH_START;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), HASH_STEP);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return this.#learn(bytes, { from, to, hash, slot });
      if (this.#hashes[number] === hash && this.#isSpelling(number, bytes, { from, to })) return number;
    }
  }

  #isSpelling(number: number, bytes: Uint8Array, { from, to }: { from: number; to: number }): boolean {
    const known = this.#known;
    const start = this.#knownAt[number] ?? 0;
    const end = number + 1 < this.#knownAt.length ? (this.#knownAt[number + 1] ?? 0) : this.#knownEnd;
    if (end - start !== to - from) return false;
    for (let at = 0; at < end - start; at++) if (known[start + at] !== bytes[from + at]) return false;
    return true;
  }

  #learn(
    bytes: Uint8Array,
    { from, to, hash, slot }: { from: number; to: number; hash: number; slot: number },
  ): number {
    const number = this.#knownAt.length;
    const length = to - from;
    if (this.#knownEnd + length > this.#known.length) {
      const longer = new Uint8Array((this.#knownEnd + length) * 2);
      longer.set(this.#known.subarray(0, this.#knownEnd));
      this.#known = longer;
    }
    this.#known.set(bytes.subarray(from, to), this.#knownEnd);
    this.#knownAt.push(this.#knownEnd);
    this.#knownEnd += length;
    this.#hashes.push(hash);
    this.#groupOf.push(0);
    this.#slots[slot] = number;
    if (number * 2 > this.#slots.length) this.#growSlots();
    return number;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let number = 1; number < this.#hashes.length; number++) {
      let slot = (this.#hashes[number] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots = slots;
  }

  /** Numbers begin with 1. */
  #forget(): void {
    this.#knownEnd = 0;
    this.#knownAt = [0];
    this.#hashes = [0];
    this.#groupOf = [0];
    this.#keyOf = [];
    this.#slots = new Int32Array(FIRST_SLOTS);
  }

  #growRows(): void {
    this.#ends = grown(this.#ends);
    this.#groups = grown(this.#groups);
  }

  /** The values of the row that was found last. */
  #keyAt(source: Uint8Array): string {
    const finder = this.#finder;
    const texts = Array.from(finder.from, (start, field) =>
      start < 0 ? "" : finder.text(source, start, finder.to[field] ?? 0),
    );
    return JSON.stringify(texts);
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function grown(old: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(old.length * 2);
  longer.set(old);
  return longer;
}
