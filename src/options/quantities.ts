/** Quantities that people write with a unit: durations, rates, limits in rows or percent. */
import { UsageError } from "../errors.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, "": 1000, m: 60_000, h: 3_600_000 };
const BYTE_UNITS = "KMGT";
const PER_SECOND: Readonly<Record<string, number>> = { s: 1, "": 1, m: 1 / 60, h: 1 / 3600 };

/**
 * Milliseconds of a duration such as `500ms`, `5s`, `2m`, `1h`; a number alone is seconds.
 *
 * @throws {UsageError} If it is none, or not above zero.
 */
export function durationMs(name: string, duration: string | number): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(String(duration)) ?? [];
  const ms = Math.round(Number(amount) * (UNIT_MS[unit] ?? 1));
  // Longer ones do not fit into a timer.
  if (amount !== "" && ms >= 1 && ms < 2 ** 31) return ms;
  throw new UsageError(
    `${name} is ${JSON.stringify(duration)}, wanted a duration`,
    `for example: ${name} 500ms, ${name} 5s, ${name} 2m`,
  );
}

/**
 * Calls a second of a rate such as `10/s`, `600/m`, `1000/h`; a number alone is a second's.
 *
 * @throws {UsageError} If it is none, or not above zero.
 */
export function ratePerSecond(name: string, rate: string | number): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(String(rate)) ?? [];
  const perSecond = Number(amount) * (PER_SECOND[unit] ?? 1);
  if (amount !== "" && perSecond > 0) return perSecond;
  throw new UsageError(
    `${name} is ${JSON.stringify(rate)}, wanted calls a second`,
    `for example: ${name} 10/s, ${name} 600/m`,
  );
}

/** How many rows: a number, or a share of all. */
export type RowLimit = { rows: number } | { percent: number };

/**
 * The limit that `100` or `0.5%` stands for.
 *
 * @throws {UsageError} If it is none.
 */
export function rowLimit(name: string, limit: string | number): RowLimit {
  const [, amount = "", unit] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(limit)) ?? [];
  const value = Number(amount);
  if (amount !== "" && unit === "%" && value <= 100) return { percent: value };
  if (amount !== "" && unit === "" && Number.isSafeInteger(value)) return { rows: value };
  throw new UsageError(
    `${name} is ${JSON.stringify(limit)}, wanted a number of rows or a percentage`,
    `for example: ${name} 100, ${name} 1%`,
  );
}

/**
 * Bytes of a size such as `400M` or `2G`, each unit 1,024 times the one before; a number alone is bytes.
 *
 * @throws {UsageError} If it is none, or not above zero.
 */
export function byteSize(name: string, size: string | number): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)(?:([kKMGT])(?:i?B)?|B?)$/.exec(String(size)) ?? [];
  const bytes = Math.round(Number(amount) * 1024 ** (unit === "" ? 0 : BYTE_UNITS.indexOf(unit.toUpperCase()) + 1));
  if (amount !== "" && bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(
    `${name} is ${JSON.stringify(size)}, wanted a number of bytes`,
    `for example: ${name} 400M, ${name} 2G`,
  );
}
