/** The sum and the mean of decimal texts by integers without a limit: slow, and obviously right. */

import { DECIMALS, UNIT, units } from "./slow-figures.ts";

/** The sum of the numbers that the texts are, as `--sum` gives it. */
export function slowSum(texts: readonly string[]): number | bigint {
  const sum = total(texts);
  const nearest = Number(`${sum}e-${DECIMALS}`);
  const isWhole = sum % UNIT === 0n;
  if (isWhole && Number.isSafeInteger(nearest)) return nearest;
  const isRounded = !isWhole || texts.some(isLoose);
  return isRounded && Number.isFinite(nearest) ? nearest : sum / UNIT;
}

/** Whether a number is beyond 2^53, and not written as a whole one. */
function isLoose(text: string): boolean {
  return Math.abs(Number(text)) > 2 ** 53 - 1 && !/^\s*[+-]?\d+\s*$/.test(text);
}

/** Their mean: the double that lies nearest to it, the even one where two are as near. */
export function slowMean(texts: readonly string[]): number {
  const sum = total(texts);
  // Far behind the point, one digit says whether there was anything left: no double and no middle between two is there.
  const [mean, left] = [(sum * UNIT) / BigInt(texts.length), (sum * UNIT) % BigInt(texts.length)];
  return Number(`${mean}${left === 0n ? "0" : "1"}e-${DECIMALS * 2 + 1}`);
}

function total(texts: readonly string[]): bigint {
  return texts.reduce((sum, text) => sum + units(text.trim()), 0n);
}
