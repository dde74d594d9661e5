/** The order in which people count: `a2` before `a10`. Without the runtime's collation, which takes long to load. */

/** Compares two names; runs of digits by their value. */
export function naturalOrder(one: string, other: string): number {
  const [a, b] = [pieces(one), pieces(other)];
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = comparePieces(a[at] ?? "", b[at] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length || compare(one, other);
}

/** Digits and other text in turns. */
function pieces(name: string): string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

function comparePieces(one: string, other: string): number {
  if (!/^\d/.test(one) || !/^\d/.test(other)) return compare(one, other);
  // Of any length: not as numbers, which have 53 bits.
  const [a, b] = [one.replace(/^0+/, ""), other.replace(/^0+/, "")];
  return a.length - b.length || compare(a, b);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
