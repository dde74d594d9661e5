/**
 * The different values of a column in the rows of a part: how often each comes, in which row first, and what it looks like.
 * They are told apart by hashes of 64 bits. Here are those that come as texts; `field-values.ts` has those of fields.
 */
import { LOOK } from "../../formats/indexed/column-texts.ts";
import { type KeptOfPart, keptOfPart } from "./counted-texts.ts";
import { patternOf } from "./text-pattern.ts";
import { timeOf } from "./times.ts";
import { registersOf } from "./value-hashes.ts";
import { isCanonical, marksOf, numberOf } from "./value-looks.ts";
import { type KnownValues, type ValueSums, sumsOf } from "./value-sums.ts";

/** What is known of the values of a column. */
export interface DifferentValues extends KnownValues {
  /** Rows that have none: it is an empty text; null. */
  readonly empties: number;
  readonly nulls: number;
  /** Of each value: two words of its hash. */
  readonly hashes: Int32Array;
  /** The time that it is, or NaN. */
  readonly times: Float64Array;
  /** The place of its pattern, where it is no number. */
  readonly patternOf: Int32Array;
  readonly patternCount: number;
  /** Of each row the place of its value, -1 where it has none. */
  readonly placeOf: Int32Array;
  text(place: number): string;
  /** What a pattern looks like. */
  pattern(at: number): string;
  /** What they come to. */
  sums(): ValueSums;
  /** Which of them are handed on. */
  kept(): KeptOfPart;
  /** Registers of HyperLogLog that have noted them. */
  registers(): Uint8Array;
  /** Of each row its number, NaN where it has none. */
  numbersByRow(rows: number): Float64Array;
  /** Of each row two words, the hash of its value; 0 where it has none. */
  hashesByRow(rows: number): Uint32Array;
}

const LEAST_ROOM = 256;

export class TextValues implements DifferentValues {
  size = 0;
  readonly empties = 0;
  readonly nulls = 0;
  hashes: Int32Array = new Int32Array(LEAST_ROOM * 2);
  counts: Uint32Array = new Uint32Array(LEAST_ROOM);
  firsts: Uint32Array = new Uint32Array(LEAST_ROOM);
  marks: Uint32Array = new Uint32Array(LEAST_ROOM);
  numbers: Float64Array = new Float64Array(LEAST_ROOM);
  times: Float64Array = new Float64Array(LEAST_ROOM);
  lengths: Uint32Array = new Uint32Array(LEAST_ROOM);
  patternOf: Int32Array = new Int32Array(LEAST_ROOM);
  placeOf: Int32Array = new Int32Array(LEAST_ROOM);
  #rows = 0;
  readonly #texts: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #patterns: string[] = [];
  readonly #patternPlaces = new Map<string, number>();

  get patternCount(): number {
    return this.#patterns.length;
  }

  /** Takes the value of a row, which is not empty. @param at The place of the row among those of the part. */
  note(text: string, at: number): void {
    this.#reserve(this.size + 1, at + 1);
    this.#fill(at);
    this.#rows = at + 1;
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.size++;
      this.#places.set(text, place);
      this.#texts.push(text);
      const hash = Bun.hash.xxHash64(text);
      this.hashes[place * 2] = Number(BigInt.asIntN(32, hash));
      this.hashes[place * 2 + 1] = Number(BigInt.asIntN(32, hash >> 32n));
      this.counts[place] = 1;
      this.firsts[place] = at;
    } else this.counts[place] = (this.counts[place] ?? 0) + 1;
    this.placeOf[at] = place;
  }

  /** All rows are there: texts are looked at. @param isNumeric They may be numbers. */
  finish(rows: number, isNumeric: boolean): void {
    this.#reserve(this.size, rows);
    this.#fill(rows);
    for (let place = 0; place < this.size; place++) this.#look(place, this.text(place), isNumeric);
  }

  text(place: number): string {
    return this.#texts[place] ?? "";
  }

  pattern(at: number): string {
    return this.#patterns[at] ?? "";
  }

  sums(): ValueSums {
    return sumsOf(this);
  }

  kept(): KeptOfPart {
    return keptOfPart(this.counts, this.size);
  }

  registers(): Uint8Array {
    return registersOf(this.hashes, this.size);
  }

  numbersByRow(rows: number): Float64Array {
    return Float64Array.from({ length: rows }, (_, row) => this.numbers[this.placeOf[row] ?? -1] ?? Number.NaN);
  }

  hashesByRow(rows: number): Uint32Array {
    const words = new Uint32Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      const place = this.placeOf[row] ?? -1;
      if (place < 0) continue;
      const high = this.hashes[place * 2 + 1] ?? 0;
      // None is 0 as a whole: that stands for no value.
      words[row * 2] = (this.hashes[place * 2] ?? 0) || (high === 0 ? 1 : 0);
      words[row * 2 + 1] = high;
    }
    return words;
  }

  /** Rows before one that had no value. */
  #fill(at: number): void {
    if (this.#rows < at) this.placeOf.fill(-1, this.#rows, at);
    this.#rows = at;
  }

  #look(place: number, text: string, isNumeric: boolean): void {
    const number = isNumeric ? numberOf(text) : Number.NaN;
    this.numbers[place] = number;
    this.times[place] = Number.NaN;
    this.lengths[place] = text.length;
    if (Number.isNaN(number)) {
      this.marks[place] = marksOf(text);
      this.times[place] = timeOf(text) ?? Number.NaN;
      this.patternOf[place] = this.#patternPlace(patternOf(text));
    } else this.marks[place] = LOOK.number | (isCanonical(text, number) ? LOOK.canonical : 0);
  }

  #patternPlace(text: string): number {
    let at = this.#patternPlaces.get(text);
    if (at === undefined) {
      at = this.#patterns.push(text) - 1;
      this.#patternPlaces.set(text, at);
    }
    return at;
  }

  #reserve(values: number, rows: number): void {
    if (rows > this.placeOf.length) this.placeOf = grown(this.placeOf, rows);
    if (values <= this.counts.length) return;
    this.hashes = grown(this.hashes, values * 2);
    this.counts = grown(this.counts, values);
    this.firsts = grown(this.firsts, values);
    this.marks = grown(this.marks, values);
    this.numbers = grown(this.numbers, values);
    this.times = grown(this.times, values);
    this.lengths = grown(this.lengths, values);
    this.patternOf = grown(this.patternOf, values);
  }
}

type Numbers = Int32Array | Uint32Array | Float64Array;

/** The same numbers, with room for so many, and for more. */
function grown<Of extends Numbers>(numbers: Of, least: number): Of {
  const more = new (numbers.constructor as new (length: number) => Of)(Math.max(least, numbers.length * 2));
  more.set(numbers);
  return more;
}
