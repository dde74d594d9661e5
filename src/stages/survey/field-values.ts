/** The different values of a column of CSV: fields stay where they lie, and become strings only where one is asked for. */
import {
  type ColumnFields,
  type ColumnSums,
  type ColumnTexts,
  FIELD_WORDS,
  LENGTH,
  LOOK,
} from "../../formats/indexed/column-texts.ts";
import { type KeptOfPart, MAX_COUNTED, keptOfPart, leastKept } from "./counted-texts.ts";
import type { DifferentValues } from "./different-values.ts";
import { patternOf } from "./text-pattern.ts";
import { timeOf } from "./times.ts";
import { isCanonical, marksOf, numberOf } from "./value-looks.ts";
import { type ValueSums, foundSums } from "./value-sums.ts";

/** What the kernel is not certain of. */
const UNSURE = LOOK.high | LOOK.maybeNumber | LOOK.maybeTime;

/** Valid until the kernel looks at another column. */
export class FieldValues implements DifferentValues {
  readonly size: number;
  readonly empties: number;
  readonly nulls: number;
  readonly hashes: Int32Array;
  readonly counts: Uint32Array;
  readonly firsts: Uint32Array;
  readonly marks: Uint32Array;
  readonly numbers: Float64Array;
  readonly times: Float64Array;
  readonly lengths: Uint32Array;
  readonly patternOf: Int32Array;
  readonly placeOf: Int32Array;
  readonly #texts: ColumnTexts;
  readonly #fields: ColumnFields;
  readonly #sums: ColumnSums;
  readonly #words: Int32Array;
  /** Of each pattern the first value that has it. */
  readonly #patternFirsts: number[];
  readonly #patterns: string[] = [];
  #patternPlaces: Map<string, number> | undefined;

  constructor(texts: ColumnTexts, fields: ColumnFields, { emptyIsNull }: { emptyIsNull: boolean }) {
    this.#texts = texts;
    this.#fields = fields;
    this.#words = fields.words;
    this.#patternFirsts = [...fields.patternFirsts];
    this.size = fields.size;
    this.nulls = emptyIsNull ? fields.empty : 0;
    this.empties = fields.emptyInQuotes + fields.empty - this.nulls;
    this.hashes = fields.hashes;
    this.counts = fields.counts;
    this.firsts = fields.firsts;
    this.marks = fields.marks;
    this.numbers = fields.numbers;
    this.times = fields.times;
    this.lengths = fields.lengths;
    this.patternOf = fields.patternOf;
    this.placeOf = fields.placeOf;
    if ((fields.allMarks & UNSURE) !== 0) this.#lookAtUnsure();
    this.#sums = texts.sums(fields);
  }

  get patternCount(): number {
    return this.#patternFirsts.length;
  }

  text(place: number): string {
    const word = (this.firsts[place] ?? 0) * FIELD_WORDS;
    const [from = 0, length = 0] = [this.#words[word + 2], this.#words[word + 3]];
    const isAscii = ((this.marks[place] ?? 0) & LOOK.high) === 0;
    return this.#texts.text(from, length & LENGTH, isAscii);
  }

  pattern(at: number): string {
    return (this.#patterns[at] ??= patternOf(this.text(this.#patternFirsts[at] ?? 0)));
  }

  sums(): ValueSums {
    return foundSums(this.#sums);
  }

  kept(): KeptOfPart {
    const { size, counts } = this;
    if (size <= MAX_COUNTED) return keptOfPart(counts, size);
    const { rare } = this.#sums;
    const often = [...this.#texts.placesAbove(this.#fields, rare.length - 1)].map((place) => counts[place] ?? 0);
    const missed = leastKept(rare, often);
    return { places: this.#texts.placesAbove(this.#fields, missed), missed, isWhole: false };
  }

  registers(): Uint8Array {
    return this.#texts.registers(this.#fields);
  }

  numbersByRow(): Float64Array {
    return this.#texts.numbersByRow(this.#fields);
  }

  hashesByRow(): Uint32Array {
    return this.#texts.hashesByRow(this.#fields);
  }

  #lookAtUnsure(): void {
    for (let place = 0; place < this.size; place++) {
      const marks = this.marks[place] ?? 0;
      if ((marks & LOOK.high) !== 0) this.#lookAtHigh(place, this.text(place), marks);
      else if ((marks & UNSURE) !== 0) this.#lookAgain(place, this.text(place), marks);
    }
  }

  /** Looks at one that is not ASCII. */
  #lookAtHigh(place: number, text: string, marks: number): void {
    const number = numberOf(text);
    this.lengths[place] = text.length;
    if (Number.isNaN(number)) {
      this.marks[place] = marksOf(text) | LOOK.high;
      this.times[place] = timeOf(text) ?? Number.NaN;
      this.patternOf[place] = this.#patternPlace(patternOf(text), place);
    } else this.#isNumber(place, number, text, marks & LOOK.high);
  }

  /** Looks at one that may be a number or a time. */
  #lookAgain(place: number, text: string, marks: number): void {
    const number = (marks & LOOK.maybeNumber) === 0 ? Number.NaN : numberOf(text);
    if (!Number.isNaN(number)) this.#isNumber(place, number, text, 0);
    else if ((marks & LOOK.maybeTime) !== 0) this.times[place] = timeOf(text) ?? Number.NaN;
  }

  #isNumber(place: number, number: number, text: string, mark: number): void {
    this.numbers[place] = number;
    this.marks[place] = LOOK.number | (isCanonical(text, number) ? LOOK.canonical : 0) | mark;
  }

  #patternPlace(pattern: string, place: number): number {
    this.#patternPlaces ??= new Map(this.#patternFirsts.map((_, at) => [this.pattern(at), at]));
    let at = this.#patternPlaces.get(pattern);
    if (at === undefined) {
      at = this.#patternFirsts.push(place) - 1;
      this.#patterns[at] = pattern;
      this.#patternPlaces.set(pattern, at);
    }
    return at;
  }
}
