/** What rows are sorted by, as it is said: `born`, `-score`, `name:natural`. */

/** How the values of a column are compared where they are not taken as they are. */
const WAYS = ["num", "natural", "date"] as const;

export interface SortKey {
  column: string;
  isDescending: boolean;
  as: (typeof WAYS)[number] | undefined;
}

/** A name that is no key is taken as it stands, so that only a known word behind a colon is one. */
export function sortKey(text: string): SortKey {
  const isDescending = text.startsWith("-") && text.length > 1;
  const rest = isDescending ? text.slice(1) : text;
  const as = WAYS.find((way) => rest.endsWith(`:${way}`) && rest.length > way.length + 1);
  return { column: as === undefined ? rest : rest.slice(0, -as.length - 1), isDescending, as };
}
