/** What is wrong with a file, before it is known where in it. */

export class Damage extends Error {
  override readonly name = "Damage";
}

/**
 * A count, or an offset, that a file gives: what is read of a damaged one may be anything.
 *
 * @throws {Damage} Where it is none.
 */
export function countOf(value: unknown, what: string): number {
  const count = typeof value === "bigint" ? Number(value) : value;
  if (typeof count === "number" && Number.isSafeInteger(count) && count >= 0) return count;
  throw new Damage(`${what} is damaged`);
}
