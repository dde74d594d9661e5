/**
 * Sums of numbers, many at a time (one a group), without any loss: what is read is the exact sum, rounded once. They do
 * not depend on the order of the numbers, nor on how these were cut into parts.
 *
 * A sum is kept as two doubles, the second holding what rounding took from the first (Neumaier, 1974). Where the second
 * would lose something as well, that is kept in a list of partial sums that do not overlap (Shewchuk, 1997). Integers
 * that no double holds, and doubles so large that a sum of them could overflow, are added up apart, as bigints.
 */

/** Larger doubles, which are integers, are added up apart: no number of smaller ones overflows. */
const LARGE = 2 ** 900;

/** What few sums have. */
interface Rest {
  /** Doubles whose sum belongs to it. */
  partials: number[];
  integers: bigint;
  /** A bigint was among the numbers: the sum may be one. */
  hasBigints: boolean;
}

/** The sums, as they go between threads. */
export interface PackedSums {
  sums: Float64Array;
  lost: Float64Array;
  rest: Map<number, Rest>;
}

export class ExactSums {
  #sums: Float64Array = new Float64Array(16);
  #lost: Float64Array = new Float64Array(16);
  readonly #rest = new Map<number, Rest>();

  /** Makes room for so many sums; new ones are zero. */
  grow(count: number): void {
    if (count <= this.#sums.length) return;
    this.#sums = grown(this.#sums, count);
    this.#lost = grown(this.#lost, count);
  }

  /** Adds a finite number to a sum. */
  add(at: number, value: number | bigint): void {
    if (typeof value === "bigint") this.#addInteger(at, value, "bigint");
    else if (value > LARGE || value < -LARGE) this.#addInteger(at, BigInt(value), "double");
    else this.#addDouble(at, value);
  }

  /** Adds a double below 2^900, or NaN for none, for each row, to the sum that the row belongs to. */
  addAll(rows: Int32Array, values: Float64Array): void {
    const sums = this.#sums;
    const lost = this.#lost;
    for (let row = 0; row < rows.length; row++) {
      const value = values[row] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const at = rows[row] ?? 0;
      const before = sums[at] ?? 0;
      const sum = before + value;
      sums[at] = sum;
      const off = roundedOff(before, value, sum);
      if (off === 0) continue;
      const lostBefore = lost[at] ?? 0;
      const allLost = lostBefore + off;
      lost[at] = allLost;
      const lostAgain = roundedOff(lostBefore, off, allLost);
      if (lostAgain !== 0) addPartial(this.#restOf(at).partials, lostAgain);
    }
  }

  /** Adds one of other sums to a sum. */
  addFrom(at: number, other: ExactSums, from: number): void {
    this.#addDouble(at, other.#sums[from] ?? 0);
    this.#addDouble(at, other.#lost[from] ?? 0);
    const rest = other.#rest.get(from);
    if (rest === undefined) return;
    for (const partial of rest.partials) this.#addDouble(at, partial);
    this.#addInteger(at, rest.integers, rest.hasBigints ? "bigint" : "double");
  }

  /**
   * A sum, rounded to the nearest double. Where bigints are among its numbers, and all others are whole, it is exact: a
   * number where that can hold it, else a bigint.
   */
  read(at: number): number | bigint {
    const rest = this.#rest.get(at);
    // Partial sums that do not overlap: their sum is whole where each of them is.
    const doubles = [...(rest?.partials ?? [])];
    addPartial(doubles, this.#lost[at] ?? 0);
    addPartial(doubles, this.#sums[at] ?? 0);
    if (rest === undefined) return roundedSum(doubles);
    if (!rest.hasBigints || !doubles.every(Number.isInteger)) {
      return roundedSum([...doubles, ...doublesOf(rest.integers)]);
    }
    const whole = doubles.reduce((sum, double) => sum + BigInt(double), rest.integers);
    const number = Number(whole);
    return Number.isSafeInteger(number) ? number : whole;
  }

  /** The first sums, so many. */
  pack(count: number): PackedSums {
    return { sums: this.#sums.slice(0, count), lost: this.#lost.slice(0, count), rest: this.#rest };
  }

  static unpack({ sums, lost, rest }: PackedSums): ExactSums {
    const unpacked = new ExactSums();
    unpacked.#sums = sums;
    unpacked.#lost = lost;
    for (const [at, one] of rest) unpacked.#rest.set(at, one);
    return unpacked;
  }

  #addDouble(at: number, value: number): void {
    const before = this.#sums[at] ?? 0;
    const sum = before + value;
    this.#sums[at] = sum;
    const lost = roundedOff(before, value, sum);
    if (lost === 0) return;
    const lostBefore = this.#lost[at] ?? 0;
    const allLost = lostBefore + lost;
    this.#lost[at] = allLost;
    const lostAgain = roundedOff(lostBefore, lost, allLost);
    if (lostAgain !== 0) addPartial(this.#restOf(at).partials, lostAgain);
  }

  #addInteger(at: number, value: bigint, kind: "bigint" | "double"): void {
    const rest = this.#restOf(at);
    rest.integers += value;
    if (kind === "bigint") rest.hasBigints = true;
  }

  #restOf(at: number): Rest {
    let rest = this.#rest.get(at);
    if (rest === undefined) {
      rest = { partials: [], integers: 0n, hasBigints: false };
      this.#rest.set(at, rest);
    }
    return rest;
  }
}

/** What rounding took from `sum`, which is that of `a` and `b`: exact, whichever is larger (Knuth's TwoSum). */
function roundedOff(a: number, b: number, sum: number): number {
  const rounded = sum - a;
  return a - (sum - rounded) + (b - rounded);
}

/** Adds a number to partial sums that do not overlap, so that these stay few (Shewchuk's grow-expansion). */
function addPartial(partials: number[], value: number): void {
  let carried = value;
  let kept = 0;
  for (const partial of partials) {
    const sum = carried + partial;
    const lost = roundedOff(carried, partial, sum);
    if (lost !== 0) partials[kept++] = lost;
    carried = sum;
  }
  partials[kept] = carried;
  partials.length = kept + 1;
}

/**
 * The sum of some doubles, rounded once to the nearest double. (`Math.sumPrecise` of Bun 1.4.5 is one unit off in the
 * last place for one negative sum in six.)
 */
function roundedSum(doubles: readonly number[]): number {
  const infinite = doubles.find((double) => !Number.isFinite(double));
  if (infinite !== undefined) return infinite;
  const partials: number[] = [];
  for (const double of doubles) addPartial(partials, double);
  let sum = 0;
  let lost = 0;
  while (partials.length > 0 && lost === 0) {
    const before = sum;
    const next = partials.pop() ?? 0;
    sum = before + next;
    lost = roundedOff(before, next, sum);
  }
  // Half-way between two doubles, what lies further below decides (as in CPython's math.fsum).
  const below = partials.at(-1) ?? 0;
  const isHalfWay = (lost < 0 && below < 0) || (lost > 0 && below > 0);
  const further = sum + lost * 2;
  // A sum of zeros may be -0.
  return isHalfWay && further - sum === lost * 2 ? further : sum + 0;
}

/** Doubles whose sum is an integer; the last is infinite where it is beyond all doubles. */
function doublesOf(integer: bigint): number[] {
  const doubles: number[] = [];
  let left = integer;
  while (left !== 0n) {
    const double = Number(left);
    doubles.push(double);
    if (!Number.isFinite(double)) break;
    left -= BigInt(double);
  }
  return doubles;
}

/** The same numbers, with room for more. */
function grown(numbers: Float64Array, count: number): Float64Array {
  const larger = new Float64Array(Math.max(count, numbers.length * 2));
  larger.set(numbers);
  return larger;
}
