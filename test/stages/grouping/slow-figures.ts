/** Quantiles, variances and their like by integers without a limit: slow, and obviously right. */

/** Every number is taken for so many decimals. */
export const DECIMALS = 1200;
export const UNIT: bigint = 10n ** BigInt(DECIMALS);

/** The number that a text stands for, in units of 10^-1200. */
export function units(text: string): bigint {
  const [mantissa = "", exponent = "0"] = text.trim().replace(/^[+-]/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const size = BigInt(whole + fraction) * 10n ** BigInt(DECIMALS - fraction.length + Number(exponent));
  return text.trim().startsWith("-") ? -size : size;
}

/** What `--min` and `--max` take a text for: a double, or a whole number that is beyond all doubles that are exact. */
export function slowNumber(text: string): number | bigint {
  const number = Number(text);
  return /^\s*[+-]?\d+\s*$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text.trim().replace("+", "")) : number;
}

/**
 * The quantile of numbers: by how far (n - 1) × share is from one to the next.
 *
 * @param share As a decimal, without an exponent.
 */
export function slowQuantile(texts: readonly string[], share: string): number | bigint | null {
  const sorted = texts.map(slowNumber).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (sorted.length === 0) return null;
  const place = BigInt(sorted.length - 1) * units(share);
  const [at, part] = [Number(place / UNIT), place % UNIT];
  const low = sorted[at] ?? 0;
  const high = sorted[at + 1] ?? 0;
  if (part === 0n || low === high) return typeof low === "bigint" ? low : low + 0;
  const between = units(String(low)) * (UNIT - part) + units(String(high)) * part;
  const nearest = Number(`${between}e-${DECIMALS * 2}`) + 0;
  const isLarge = typeof low === "bigint" || typeof high === "bigint";
  return isLarge && !Number.isSafeInteger(nearest) && between % (UNIT * UNIT) === 0n
    ? between / (UNIT * UNIT)
    : nearest;
}

/** The variance of a sample, of all digits of its texts. */
export function slowVariance(texts: readonly string[]): number | bigint | null {
  if (texts.length < 2) return null;
  const { top, bottom } = spread(texts);
  const nearest = Number(withSticky((top * UNIT) / bottom, (top * UNIT) % bottom, DECIMALS * 3));
  return Number.isFinite(nearest) ? nearest : top / bottom / UNIT ** 2n;
}

/** Its root. */
export function slowDeviation(texts: readonly string[]): number | null {
  if (texts.length < 2) return null;
  const { top, bottom } = spread(texts);
  // In units of 10^-2400 before the root, and of 10^-1200 behind it.
  const square = (top * UNIT ** 2n) / bottom;
  const root = slowRoot(square);
  const left = root * root === square ? (top * UNIT ** 2n) % bottom : 1n;
  return Number(withSticky(root, left, DECIMALS * 2));
}

/** n² - n times the variance, in units of 10^-2400: by the mean of all pairs, and not by the sum of squares. */
function spread(texts: readonly string[]): { top: bigint; bottom: bigint } {
  const all = texts.map(units);
  let top = 0n;
  for (const [at, one] of all.entries()) for (const other of all.slice(at + 1)) top += (one - other) ** 2n;
  return { top, bottom: BigInt(all.length) * BigInt(all.length - 1) };
}

/** Digits far behind the last that a double has: one more says whether there was anything left. */
function withSticky(digits: bigint, left: bigint, decimals: number): string {
  return `${digits}${left === 0n ? "0" : "1"}e-${decimals + 1}`;
}

/** By Newton's steps, from above; that it is the root is looked at. */
function slowRoot(square: bigint): bigint {
  if (square === 0n) return 0n;
  let root = 10n ** BigInt(Math.ceil(square.toString().length / 2));
  for (let next = 0n; ; root = next) {
    next = (root + square / root) >> 1n;
    if (next >= root) break;
  }
  if (root ** 2n > square || (root + 1n) ** 2n <= square) throw new Error("the root is wrong");
  return root;
}
