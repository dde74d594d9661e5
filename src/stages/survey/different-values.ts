/**
 * The different values of a column in the rows of a part: how often each comes, in which row first, and what it looks like.
 * They are told apart by hashes of 64 bits; those that come as fields of a block stay where they lie, and become strings only
 * where one is asked for.
 */
import { type ColumnTexts, DOUBLED, FIELD_WORDS, LENGTH, LOOK, LOOKS } from "../../formats/indexed/column-texts.ts";
import { GIVEN, isCanonical, marksOf, numberOf } from "./value-looks.ts";
import { patternOf } from "./text-pattern.ts";
import { timeOf } from "./times.ts";

const LEAST_ROOM = 256;
const WORD = 2 ** 32;
/** With the lower word, as many bits as a double has. */
const HIGH_BITS = 2 ** 21 - 1;
/** Where nothing lies: what is read there is not looked at. */
const NOWHERE = 64;
/** Of so many patterns the texts are made at once; of others, when one is asked for. */
const MAX_PATTERN_TEXTS = 1000;

/** Patterns of texts, by their places. */
interface Patterns {
  /** The first value that has one. */
  places: number[];
  texts: (string | undefined)[];
}

export class DifferentValues {
  size = 0;
  /** Rows that have none: it is an empty text; null. */
  empties = 0;
  nulls = 0;
  /** Of each value: two words of its hash. */
  hashes: Int32Array = new Int32Array(LEAST_ROOM * 2);
  counts: Uint32Array = new Uint32Array(LEAST_ROOM);
  /** The place among the rows of the part of the first that has it. */
  firsts: Uint32Array = new Uint32Array(LEAST_ROOM);
  /** What is said of it: see {@linkcode LOOK}. */
  marks: Uint16Array = new Uint16Array(LEAST_ROOM);
  /** The number that it is, or NaN; the time. */
  numbers: Float64Array = new Float64Array(LEAST_ROOM);
  times: Float64Array = new Float64Array(LEAST_ROOM);
  /** Its length in characters. */
  lengths: Uint32Array = new Uint32Array(LEAST_ROOM);
  /** The place of its pattern, where it is no number. */
  patternOf: Int32Array = new Int32Array(LEAST_ROOM);
  patterns: Patterns = { places: [], texts: [] };
  /** Of each row the place of its value, -1 where it has none. */
  placeOf: Int32Array = new Int32Array(LEAST_ROOM);
  #rows = 0;
  /** Where each lies, and its bytes. */
  #lies = new Uint32Array(LEAST_ROOM * 2);
  /** A hash table: the place of a value plus one, or 0. */
  #slots = new Int32Array(LEAST_ROOM * 2);
  #texts: ColumnTexts | undefined;
  /** Those that came as texts, and their places. */
  readonly #given = new Map<string, number>();
  readonly #givenTexts = new Map<number, string>();
  /** The same of those that came with doubled quotes, by the hash of what stands there. */
  readonly #doubled = new Map<number, number>();
  readonly #patternByHash = new Map<number, number>();
  readonly #patternByText = new Map<string, number>();

  /** Is as new, and keeps the room that it has. */
  clear(): void {
    this.#slots.fill(0);
    this.size = 0;
    this.empties = 0;
    this.nulls = 0;
    this.#rows = 0;
    this.patterns = { places: [], texts: [] };
    this.#given.clear();
    this.#givenTexts.clear();
    this.#doubled.clear();
    this.#patternByHash.clear();
    this.#patternByText.clear();
  }

  /** Takes the fields of the next rows of a block. @param first The place of the first of them among the rows of the part. */
  noteFields(
    texts: ColumnTexts,
    words: Int32Array,
    { rows, first, emptyIsNull }: { rows: number; first: number; emptyIsNull: boolean },
  ): void {
    this.#texts = texts;
    this.#reserve(this.size + rows, first + rows);
    this.#fill(first);
    const { hashes, counts, firsts, placeOf } = this;
    const [slots, lies] = [this.#slots, this.#lies];
    const mask = slots.length - 1;
    const before = this.size;
    let { size } = this;
    for (let row = 0, at = 0; row < rows; row++, at += FIELD_WORDS) {
      const length = words[at + 3] ?? 0;
      if ((length & LENGTH) === 0) {
        placeOf[first + row] = -1;
        if (emptyIsNull && length === 0) this.nulls++;
        else this.empties++;
        continue;
      }
      if ((length & DOUBLED) !== 0) {
        this.size = size;
        this.#rows = first + row;
        this.#noteDoubled(texts, words, at, first + row);
        size = this.size;
        continue;
      }
      const low = words[at] ?? 0;
      const high = words[at + 1] ?? 0;
      let slot = low & mask;
      let place = (slots[slot] ?? 0) - 1;
      while (place >= 0 && (hashes[place * 2] !== low || hashes[place * 2 + 1] !== high)) {
        slot = (slot + 1) & mask;
        place = (slots[slot] ?? 0) - 1;
      }
      if (place < 0) {
        place = size++;
        slots[slot] = size;
        hashes[place * 2] = low;
        hashes[place * 2 + 1] = high;
        lies[place * 2] = words[at + 2] ?? 0;
        lies[place * 2 + 1] = length;
        counts[place] = 1;
        firsts[place] = first + row;
      } else counts[place] = (counts[place] ?? 0) + 1;
      placeOf[first + row] = place;
    }
    this.size = size;
    this.#rows = first + rows;
    if (size > before) this.#look(texts, before);
  }

  /** Takes the value of a row as a text, which is not empty. @param at The place of the row among those of the part. */
  noteText(text: string, at: number): void {
    this.#reserve(this.size + 1, at + 1);
    this.#note(text, at);
  }

  /** All rows are there: texts are looked at. @param isNumeric They may be numbers. */
  finish(rows: number, isNumeric: boolean): void {
    this.#reserve(this.size, rows);
    this.placeOf.fill(-1, this.#rows, rows);
    for (let place = 0; place < this.size; place++) {
      const marks = this.marks[place] ?? 0;
      if ((marks & (LOOK.high | GIVEN)) !== 0) this.#lookAt(place, this.text(place), isNumeric);
      else if ((marks & (LOOK.maybeNumber | LOOK.maybeTime)) !== 0) this.#lookAgain(place, marks);
    }
  }

  text(place: number): string {
    const [from = 0, length = 0] = [this.#lies[place * 2], this.#lies[place * 2 + 1]];
    const isAscii = ((this.marks[place] ?? 0) & LOOK.high) === 0;
    return this.#givenTexts.get(place) ?? this.#texts?.text(from, length, isAscii) ?? "";
  }

  /** What a pattern looks like. */
  pattern(at: number): string {
    return (this.patterns.texts[at] ??= patternOf(this.text(this.patterns.places[at] ?? 0)));
  }

  /** Takes a field in which quotes are doubled: the hash of what stands there tells it from others of them. */
  #noteDoubled(texts: ColumnTexts, words: Int32Array, word: number, at: number): void {
    const hash = hashKey(words[word] ?? 0, words[word + 1] ?? 0);
    let place = this.#doubled.get(hash);
    if (place === undefined) {
      place = this.#placeOfHash(texts.undoubled(words[word + 2] ?? 0, (words[word + 3] ?? 0) & LENGTH));
      this.#doubled.set(hash, place);
    }
    this.#count(place, at);
  }

  #note(text: string, at: number): void {
    this.#fill(at);
    let place = this.#given.get(text);
    if (place === undefined) {
      place = this.#placeOfHash(text);
      this.#given.set(text, place);
    }
    this.#count(place, at);
  }

  #count(place: number, at: number): void {
    this.#rows = at + 1;
    this.counts[place] = (this.counts[place] ?? 0) + 1;
    this.firsts[place] = Math.min(this.firsts[place] ?? at, at);
    this.placeOf[at] = place;
  }

  /** Rows before one that had no value. */
  #fill(at: number): void {
    if (this.#rows < at) this.placeOf.fill(-1, this.#rows, at);
    this.#rows = at;
  }

  #placeOfHash(text: string): number {
    const hash = Bun.hash.xxHash64(text);
    const low = Number(BigInt.asIntN(32, hash));
    const high = Number(BigInt.asIntN(32, hash >> 32n));
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (let place = (this.#slots[slot] ?? 0) - 1; place >= 0; place = (this.#slots[slot] ?? 0) - 1) {
      if (this.hashes[place * 2] === low && this.hashes[place * 2 + 1] === high) return place;
      slot = (slot + 1) & mask;
    }
    const place = this.size++;
    this.#slots[slot] = this.size;
    this.hashes[place * 2] = low;
    this.hashes[place * 2 + 1] = high;
    this.#lies[place * 2] = NOWHERE;
    this.#lies[place * 2 + 1] = 0;
    this.counts[place] = 0;
    this.firsts[place] = 0xffffffff;
    this.marks[place] = GIVEN;
    this.#givenTexts.set(place, text);
    return place;
  }

  /** Has the kernel look at those that are new. */
  #look(texts: ColumnTexts, before: number): void {
    const { size, marks, numbers, times, lengths } = this;
    const lies = this.#lies;
    const found = texts.look(lies.subarray(before * 2, size * 2));
    let [lastLow, lastHigh, lastPattern] = [0, 0, -1];
    for (let place = before, at = 0; place < size; place++, at++) {
      const length = lies[place * 2 + 1] ?? 0;
      // It was given, and is looked at when all are there.
      if (length === 0) continue;
      const words = at * LOOKS.words;
      const said = found.words[words + 4] ?? 0;
      marks[place] = said;
      times[place] = Number.NaN;
      lengths[place] = length;
      if ((said & LOOK.number) !== 0) {
        numbers[place] = found.numbers[at * LOOKS.numbers] ?? 0;
        continue;
      }
      numbers[place] = Number.NaN;
      if ((said & LOOK.high) !== 0) continue;
      const low = found.words[words + 2] ?? 0;
      const high = found.words[words + 3] ?? 0;
      // Most texts of a column look like the one before.
      if (low !== lastLow || high !== lastHigh || lastPattern < 0) {
        lastPattern = this.#patternByHashOf(hashKey(low, high), place);
        [lastLow, lastHigh] = [low, high];
      }
      this.patternOf[place] = lastPattern;
    }
  }

  #patternByHashOf(hash: number, place: number): number {
    const known = this.#patternByHash.get(hash);
    if (known !== undefined) return known;
    let pattern: number;
    if (this.patterns.places.length < MAX_PATTERN_TEXTS)
      pattern = this.#patternOfText(patternOf(this.text(place)), place);
    else {
      pattern = this.patterns.places.push(place) - 1;
      this.patterns.texts.push(undefined);
    }
    this.#patternByHash.set(hash, pattern);
    return pattern;
  }

  #patternOfText(text: string, place: number): number {
    let pattern = this.#patternByText.get(text);
    if (pattern === undefined) {
      pattern = this.patterns.places.push(place) - 1;
      this.patterns.texts.push(text);
      this.#patternByText.set(text, pattern);
    }
    return pattern;
  }

  /** Looks at one of which the kernel says nothing. */
  #lookAt(place: number, text: string, isNumeric: boolean): void {
    const number = isNumeric ? numberOf(text) : Number.NaN;
    const high = (this.marks[place] ?? 0) & LOOK.high;
    this.numbers[place] = number;
    this.times[place] = Number.NaN;
    this.lengths[place] = text.length;
    if (Number.isNaN(number)) {
      this.marks[place] = marksOf(text) | high;
      this.times[place] = timeOf(text) ?? Number.NaN;
      this.patternOf[place] = this.#patternOfText(patternOf(text), place);
    } else this.marks[place] = LOOK.number | (isCanonical(text, number) ? LOOK.canonical : 0) | high;
  }

  /** Looks at one that may be a number or a time. */
  #lookAgain(place: number, marks: number): void {
    const text = this.text(place);
    if ((marks & LOOK.maybeNumber) !== 0) {
      const number = numberOf(text);
      if (!Number.isNaN(number)) {
        this.numbers[place] = number;
        this.marks[place] = LOOK.number | (isCanonical(text, number) ? LOOK.canonical : 0);
        return;
      }
    }
    if ((marks & LOOK.maybeTime) !== 0) this.times[place] = timeOf(text) ?? Number.NaN;
  }

  #reserve(values: number, rows: number): void {
    if (rows > this.placeOf.length) this.placeOf = grown(this.placeOf, rows);
    if (values <= this.counts.length) return;
    this.hashes = grown(this.hashes, values * 2);
    this.#lies = grown(this.#lies, values * 2);
    this.counts = grown(this.counts, values);
    this.firsts = grown(this.firsts, values);
    this.marks = grown(this.marks, values);
    this.numbers = grown(this.numbers, values);
    this.times = grown(this.times, values);
    this.lengths = grown(this.lengths, values);
    this.patternOf = grown(this.patternOf, values);
    const slots = new Int32Array(powerOf2(this.counts.length * 2));
    const mask = slots.length - 1;
    for (let place = 0; place < this.size; place++) {
      let slot = (this.hashes[place * 2] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = place + 1;
    }
    this.#slots = slots;
  }
}

/** A hash as a whole number that a double holds. */
function hashKey(low: number, high: number): number {
  return (low >>> 0) + (high & HIGH_BITS) * WORD;
}

type Numbers = Int32Array | Uint32Array | Uint16Array | Float64Array;

/** The same numbers, with room for so many, and for more. */
function grown<Of extends Numbers>(numbers: Of, least: number): Of {
  const more = new (numbers.constructor as new (length: number) => Of)(Math.max(least, numbers.length * 2));
  more.set(numbers);
  return more;
}

function powerOf2(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}
