/**
 * A sum that is read while numbers still come: exact, and rounded once, as sums of groups are. Decimals of few digits are added
 * as whole numbers of their last digit, which a double holds; what is larger goes on as a sum without a limit.
 */
import { nearestQuotient } from "../../grouping/decimal.ts";
import { ExactSums, MAX_DIGITS, MAX_WHOLE, POWERS_OF_TEN } from "../../grouping/exact-sums.ts";
import type { FoundNumber } from "../../grouping/row-fields.ts";

export class RunningSum {
  /** The digits of the sum, of which so many are decimals. */
  #digits = 0;
  #scale = 0;
  #exact: ExactSums | undefined;

  add(value: FoundNumber): void {
    if (this.#exact !== undefined) this.#exact.add(0, value);
    else if (typeof value !== "number" || !this.#addDigits(value)) this.#addExact(value);
  }

  subtract(value: FoundNumber): void {
    if (typeof value === "object") {
      const { exact, nearest } = value;
      this.add({ exact: { ...exact, digits: -exact.digits }, nearest: -nearest });
    } else this.add(-value);
  }

  /** A whole sum to its last digit, any other rounded to the nearest double. */
  get sum(): number | bigint {
    return this.#exact === undefined ? this.#digits / powerOf(this.#scale) : this.#exact.read(0);
  }

  /** The sum divided by a count, rounded once. */
  mean(count: number): number {
    if (this.#exact !== undefined) return this.#exact.readMean(0, count);
    const divisor = powerOf(this.#scale) * count;
    // Where both are exact, a division rounds once.
    if (divisor <= MAX_WHOLE) return this.#digits / divisor;
    return nearestQuotient({ digits: BigInt(this.#digits), scale: this.#scale }, count);
  }

  /** Whether the number could be added as digits. */
  #addDigits(value: number): boolean {
    for (let scale = this.#scale; scale < POWERS_OF_TEN.length; scale++) {
      const power = powerOf(scale);
      const digits = Math.round(value * power);
      if (digits > MAX_DIGITS || digits < -MAX_DIGITS) return false;
      // Both are exact, so that the quotient is the double nearest to these digits.
      if (digits / power !== value) continue;
      const before = this.#digits * powerOf(scale - this.#scale);
      const sum = before + digits;
      if (Math.abs(before) > MAX_WHOLE || Math.abs(sum) > MAX_WHOLE) return false;
      this.#digits = sum;
      this.#scale = scale;
      return true;
    }
    return false;
  }

  #addExact(value: FoundNumber): void {
    this.#exact = new ExactSums();
    this.#exact.add(0, { exact: { digits: BigInt(this.#digits), scale: this.#scale }, nearest: 0 });
    this.#exact.add(0, value);
  }
}

function powerOf(scale: number): number {
  return POWERS_OF_TEN[scale] ?? Number.NaN;
}
