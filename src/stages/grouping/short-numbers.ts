/**
 * Numbers in as few bytes as they need, without any loss: many are short decimals, which are whole numbers of two or four
 * bytes once a common power of ten is taken out of them. So less is copied between threads, and less is kept.
 */
import { POWERS_OF_TEN, splitDouble } from "./exact-sums.ts";

export interface ShortNumbers {
  /** Each times the power. */
  numbers: Float64Array | Int32Array | Int16Array;
  power: number;
}

/** So many of the first numbers are looked at for the power. */
const LOOKED_AT = 32;
/** Numbers of more decimals stay doubles. */
const MOST_DECIMALS = 6;
const MOST_OF_INT32 = 2 ** 31 - 1;
const MOST_OF_INT16 = 2 ** 15 - 1;

/** A copy of numbers. */
export function shortened(numbers: Float64Array): ShortNumbers {
  const power = powerOf(numbers);
  if (power === undefined) return { numbers: numbers.slice(), power: 1 };
  const most = mostOf(numbers) * power;
  const short = most <= MOST_OF_INT16 ? new Int16Array(numbers.length) : new Int32Array(numbers.length);
  return most <= MOST_OF_INT32 && fill(short, numbers, power)
    ? { numbers: short, power }
    : { numbers: numbers.slice(), power: 1 };
}

/** The power with which all of them are whole numbers of two bytes, where there is one. */
export function commonPower(all: readonly ShortNumbers[]): number | undefined {
  const power = all.reduce((most, one) => Math.max(most, one.power), 1);
  const areShort = all.every(
    (one) =>
      one.numbers instanceof Int16Array &&
      (one.power === power || (mostOf(one.numbers) / one.power) * power <= MOST_OF_INT16),
  );
  return areShort ? power : undefined;
}

/** Some of the numbers, and where they are written. */
interface Copied {
  start: number;
  end: number;
  at: number;
}

/** Writes numbers as they are in `to`: as doubles, or, where all have a common power, as whole numbers of that. */
export function writeNumbers({ numbers, power }: ShortNumbers, { start, end, at }: Copied, to: ShortNumbers): void {
  if (power === to.power && numbers.constructor === to.numbers.constructor) {
    to.numbers.set(numbers.subarray(start, end), at);
    return;
  }
  const all = to.numbers;
  // Divided by their own power they are the doubles that they were; one power is a multiple of the other.
  if (all instanceof Float64Array) {
    for (let from = start, next = at; from < end; from++, next++) all[next] = (numbers[from] ?? 0) / power;
    return;
  }
  const ratio = to.power / power;
  for (let from = start, next = at; from < end; from++, next++) all[next] = Math.round((numbers[from] ?? 0) * ratio);
}

function powerOf(numbers: Float64Array): number | undefined {
  let most = 0;
  for (const number of numbers.subarray(0, LOOKED_AT)) {
    const decimals = splitDouble(number)?.decimals ?? MOST_DECIMALS + 1;
    if (decimals > MOST_DECIMALS) return undefined;
    if (decimals > most) most = decimals;
  }
  return POWERS_OF_TEN[most];
}

function mostOf(numbers: ShortNumbers["numbers"]): number {
  const { min, max } = boundsOf(numbers);
  return Math.max(max, -min);
}

/** The least and the greatest of them; of none, 0. */
export function boundsOf(numbers: ShortNumbers["numbers"]): { min: number; max: number } {
  let min = numbers[0] ?? 0;
  let max = min;
  for (let at = 1; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    if (number < min) min = number;
    else if (number > max) max = number;
  }
  return { min, max };
}

/** Whether all of them are whole numbers of the power. */
function fill(short: Int32Array | Int16Array, numbers: Float64Array, power: number): boolean {
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    const whole = Math.round(number * power);
    if (whole / power !== number) return false;
    short[at] = whole;
  }
  return true;
}
