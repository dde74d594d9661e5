/**
 * How values are spread: how many are in each of some bins, which become wider as values lie further apart. How wide they are
 * hangs on the least and the greatest value alone: bins of parts are put together in any order.
 */

/** How bins lie. A level is a width; each bin lies in one of the next level. */
export interface Scale {
  /** The least level for values as far apart as these. */
  levelFor(min: number, max: number): number;
  indexOf(value: number, level: number): number;
  /** The same of many values, none of which is larger than one. */
  indexing(level: number, largest: number): (value: number) => number;
  /** Where a bin begins. */
  startOf(index: number, level: number): number;
}

/** More bins than these are not kept. */
const MAX_BINS = 4096;

/** A double has 15 digits: bins are so much narrower than numbers are large, at most. */
const DIGITS = 14;
const LEAST_LEVEL = -300;
/** Whole numbers up to this one are divided as they are. */
const MOST_DIVIDED = 1e15;
/** Behind so many digits, there is no other. */
const MOST_POWER = 300;

/** The level at which a number has all of its digits. */
function finestFor(size: number): number {
  return size === 0 ? LEAST_LEVEL : Math.max(LEAST_LEVEL, Math.floor(Math.log10(size)) - DIGITS);
}

/** Powers of ten: level 2 has bins that are 100 wide. */
export const DECIMAL: Scale = {
  levelFor: (min, max) => {
    const size = Math.max(Math.abs(min), Math.abs(max));
    const finest = finestFor(size);
    const range = max / MAX_BINS - min / MAX_BINS;
    return Math.max(finest, range === 0 ? finest : Math.floor(Math.log10(range)));
  },
  indexOf: (value, level) => {
    if (value === 0) return 0;
    // By the same digits at every level, so that a bin of each lies in one of the next. 0.29 × 100 is 28.999999999999996.
    const finest = finestFor(Math.abs(value));
    const digits = Math.round(finest < 0 ? value * 10 ** -finest : value / 10 ** finest);
    return Math.floor(digits / 10 ** Math.min(MOST_POWER, level - finest)) + 0;
  },
  indexing: (level, largest) => {
    const whole = (value: number): number => DECIMAL.indexOf(value, level);
    if (level < 0 || largest > MOST_DIVIDED) return whole;
    const width = 10 ** level;
    // The quotient of whole numbers of so few digits is on the right side of each whole one.
    return (value) => (Number.isInteger(value) ? Math.floor(value / width) + 0 : whole(value));
  },
  startOf: (index, level) => (level < 0 ? index / 10 ** -level : index * 10 ** level),
};

const SECOND = 1000;
const DAY = 86_400_000;
/** Widths of time, in milliseconds, as long as they are fixed. */
const WIDTHS = [SECOND, 60 * SECOND, 3600 * SECOND, DAY];
export const TIME_LEVELS = ["second", "minute", "hour", "day", "month", "year"] as const;
const MONTH = TIME_LEVELS.indexOf("month");

/** Seconds, minutes, hours, days, months and years, of UTC. Values are milliseconds. */
export const CALENDAR: Scale = {
  levelFor: () => 0,
  indexOf: (value, level) => {
    const width = WIDTHS[level];
    if (width !== undefined) return Math.floor(value / width) + 0;
    const date = new Date(value);
    return level === MONTH ? date.getUTCFullYear() * 12 + date.getUTCMonth() : date.getUTCFullYear();
  },
  indexing: (level) => (value) => CALENDAR.indexOf(value, level),
  startOf: (index, level) => {
    const width = WIDTHS[level];
    if (width !== undefined) return index * width;
    const date = new Date(0);
    if (level === MONTH) date.setUTCFullYear(Math.floor(index / 12), ((index % 12) + 12) % 12, 1);
    else date.setUTCFullYear(index, 0, 1);
    return date.getTime();
  },
};

export interface PackedBins {
  level: number;
  indexes: Float64Array;
  counts: Float64Array;
}

export class Bins {
  readonly #scale: Scale;
  #level = 0;
  #counts = new Map<number, number>();
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;

  constructor(scale: Scale) {
    this.#scale = scale;
  }

  /** Adds values, and how often each comes. */
  addAll(values: ArrayLike<number>, counts: ArrayLike<number>): void {
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? 0;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (values.length === 0) return;
    const level = this.#levelFor(min, max);
    if (this.#counts.size === 0) this.#level = level;
    else this.#widen(level);
    const least = this.#scale.indexOf(min, this.#level);
    // Of many values, those of a bin are counted before it is looked up.
    const found = new Float64Array(this.#scale.indexOf(max, this.#level) - least + 1);
    const indexOf = this.#scale.indexing(this.#level, Math.max(Math.abs(min), Math.abs(max)));
    for (let at = 0; at < values.length; at++) {
      const bin = indexOf(values[at] ?? 0) - least;
      found[bin] = (found[bin] ?? 0) + (counts[at] ?? 0);
    }
    for (let bin = 0; bin < found.length; bin++) {
      const count = found[bin] ?? 0;
      if (count > 0) this.#add(bin + least, count);
    }
    this.#bound();
  }

  join({ level, indexes, counts }: PackedBins): void {
    if (indexes.length === 0) return;
    if (this.#counts.size === 0) this.#level = level;
    else this.#widen(level);
    for (let at = 0; at < indexes.length; at++) this.#add(this.#up(indexes[at] ?? 0, level), counts[at] ?? 0);
    this.#bound();
  }

  pack(): PackedBins {
    const sorted = [...this.#counts].toSorted(([a], [b]) => a - b);
    return {
      level: this.#level,
      indexes: Float64Array.from(sorted, ([index]) => index),
      counts: Float64Array.from(sorted, ([, count]) => count),
    };
  }

  #levelFor(min: number, max: number): number {
    let level = this.#scale.levelFor(min, max);
    while (this.#scale.indexOf(max, level) - this.#scale.indexOf(min, level) >= MAX_BINS) level++;
    return level;
  }

  #add(index: number, count: number): void {
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + count);
    if (index < this.#least) this.#least = index;
    if (index > this.#greatest) this.#greatest = index;
  }

  /** The bin at this level that one of a finer level lies in. */
  #up(index: number, level: number): number {
    return upTo(this.#scale, index, { from: level, to: this.#level });
  }

  #bound(): void {
    while (this.#greatest - this.#least >= MAX_BINS) this.#widen(this.#level + 1);
  }

  #widen(level: number): void {
    if (level <= this.#level) return;
    const [before, from] = [this.#counts, this.#level];
    this.#counts = new Map();
    this.#level = level;
    this.#least = Number.POSITIVE_INFINITY;
    this.#greatest = Number.NEGATIVE_INFINITY;
    for (const [index, count] of before) this.#add(this.#up(index, from), count);
  }
}

/** The bin of a wider level in which one lies. */
export function upTo(scale: Scale, index: number, { from, to }: { from: number; to: number }): number {
  let up = index;
  for (let level = from; level < to; level++)
    up = scale === DECIMAL ? Math.floor(up / 10) : scale.indexOf(scale.startOf(up, level), level + 1);
  return up;
}
