/** What was seen in all rows: the parts, put together in their order. */
import { type Bounded, emptySketch, join } from "../grouping/approx/number-sketches.ts";
import { REGISTERS, estimate, noteAll } from "../grouping/approx/hyperloglog.ts";
import { Bins, CALENDAR, DECIMAL, type Scale } from "./bins.ts";
import { emptyPart, firstOf } from "./column-part.ts";
import { CountedTexts } from "./counted-texts.ts";
import { type FoundKey, KeyHashes } from "./key-hashes.ts";
import { type PairSums, joinPairs } from "./pair-sums.ts";
import {
  type ColumnPart,
  type ExtremeNumber,
  MARKS,
  MAX_SURVEYED,
  type Mark,
  type Marked,
  type NumbersPart,
  type RowsPart,
  type Seen,
} from "./survey.ts";
import { hashesOf, registersOf } from "./value-hashes.ts";
import { extremes } from "./value-sums.ts";

export class SurveyedNumbers {
  count = 0;
  mean = 0;
  squares = 0;
  areWhole = true;
  zeros = 0;
  negative = 0;
  least: ExtremeNumber[] = [];
  greatest: ExtremeNumber[] = [];
  readonly bins: Bins;
  readonly sketch: Bounded = emptySketch();

  constructor(scale: Scale) {
    this.bins = new Bins(scale);
  }

  join(part: NumbersPart): void {
    const count = this.count + part.count;
    const by = part.mean - this.mean;
    this.squares += part.squares + (by * by * this.count * part.count) / count;
    this.mean += (by * part.count) / count;
    this.count = count;
    this.areWhole &&= part.areWhole;
    this.zeros += part.zeros;
    this.negative += part.negative;
    this.least = both(this.least, part.least, 1);
    this.greatest = both(this.greatest, part.greatest, -1);
    this.bins.join(part.bins);
    join(this.sketch, part.sketch);
  }
}

function both(before: readonly ExtremeNumber[], behind: readonly ExtremeNumber[], sign: 1 | -1): ExtremeNumber[] {
  const all = [...before, ...behind];
  return extremes(
    all.map(({ number }) => number),
    all.map(({ row }) => row),
    sign,
  );
}

/** A column of all rows. */
export class SurveyedColumn {
  readonly name: string;
  count = 0;
  numbers: SurveyedNumbers | undefined;
  times: SurveyedNumbers | undefined;
  texts: { count: number; characters: number; lengths: Bins } | undefined;
  unlike: Seen[] = [];
  readonly values: CountedTexts = new CountedTexts();
  readonly patterns: CountedTexts = new CountedTexts();
  readonly marks: Partial<Record<Mark, Marked>> = {};
  #registers: Uint8Array | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** How many different values there are, about where they are many. */
  get distinct(): number {
    return this.#registers === undefined ? this.values.size : Math.min(this.count, estimate(this.#registers));
  }

  join(part: ColumnPart): void {
    this.count += part.count;
    if (part.numbers !== undefined) (this.numbers ??= new SurveyedNumbers(DECIMAL)).join(part.numbers);
    if (part.times !== undefined) (this.times ??= new SurveyedNumbers(CALENDAR)).join(part.times);
    if (part.texts !== undefined) {
      this.texts ??= { count: 0, characters: 0, lengths: new Bins(DECIMAL) };
      this.texts.count += part.texts.count;
      this.texts.characters += part.texts.characters;
      this.texts.lengths.join(part.texts.lengths);
    }
    this.unlike = firstOf(this.unlike, part.unlike);
    for (const mark of MARKS) {
      const [known, more] = [this.marks[mark], part.marks[mark]];
      if (known === undefined) {
        if (more !== undefined) this.marks[mark] = { ...more };
      } else known.count += more?.count ?? 0;
    }
    this.patterns.join(part.patterns);
    this.#countDifferent(part);
  }

  #countDifferent({ values, registers }: ColumnPart): void {
    // Those that were all counted so far are noted before some of them are given up.
    const wasWhole = this.values.isWhole;
    const before = wasWhole ? [...this.values.texts()] : [];
    this.values.join(values);
    if (this.values.isWhole) return;
    this.#registers ??= new Uint8Array(REGISTERS);
    noteAll(this.#registers, registersOf(hashesOf(before), before.length));
    noteAll(this.#registers, registers ?? registersOf(hashesOf(values.texts), values.texts.length));
  }
}

export class TotalSurvey {
  readonly columns: Map<string, SurveyedColumn> = new Map();
  readonly #keys: KeyHashes;
  readonly #pairs = new Map<string, PairSums>();
  #hasMore = false;

  /** @param columns Those of a header: they are there without a row, in their order. @param key One that was asked for. */
  constructor(columns: readonly string[] | undefined, key: string | undefined) {
    this.#keys = new KeyHashes(key);
    for (const name of columns ?? []) this.#column(name)?.join(emptyPart(name));
  }

  /** Not all columns were surveyed. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /** Adds the rows behind; may use the part up. */
  take({ columns, hasMore, keys, rows, pairs }: RowsPart): void {
    for (const part of columns) this.#column(part.name)?.join(part);
    this.#hasMore ||= hasMore;
    this.#keys.take(keys, { rows, present: columns.filter(({ count }) => count > 0).map(({ name }) => name) });
    for (const pair of pairs) {
      const name = JSON.stringify([pair.a, pair.b]);
      const known = this.#pairs.get(name);
      if (known === undefined) this.#pairs.set(name, pair);
      else joinPairs(known, pair);
    }
  }

  keys(): FoundKey[] {
    return this.#keys.end();
  }

  get pairs(): PairSums[] {
    return [...this.#pairs.values()];
  }

  #column(name: string): SurveyedColumn | undefined {
    let column = this.columns.get(name);
    if (column === undefined) {
      if (this.columns.size >= MAX_SURVEYED) {
        this.#hasMore = true;
        return undefined;
      }
      column = new SurveyedColumn(name);
      this.columns.set(name, column);
    }
    return column;
  }
}
