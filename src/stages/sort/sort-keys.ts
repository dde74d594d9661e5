/** What rows are sorted by, as it is said: `born`, `-score`, `name:natural`. */

/** How the values of a column are compared where they are not taken as they are. */
export const WAYS = ["num", "natural", "date", "locale"] as const;

export interface SortKey {
  column: string;
  isDescending: boolean;
  as: (typeof WAYS)[number] | undefined;
  /** Its texts are compared as this language orders them. */
  locale?: string | undefined;
}

/** The keys of a step. @param locale The language of those that are in the order of one. */
export function sortKeys(asked: readonly string[], { locale }: { locale: string }): SortKey[] {
  return asked.map((text) => {
    const key = sortKey(text);
    return key.as === "locale" ? { ...key, locale } : key;
  });
}

/** A name that is no key is taken as it stands, so that only a known word behind a colon is one. */
export function sortKey(text: string): SortKey {
  const isDescending = text.startsWith("-") && text.length > 1;
  const rest = isDescending ? text.slice(1) : text;
  const as = WAYS.find((way) => rest.endsWith(`:${way}`) && rest.length > way.length + 1);
  return { column: as === undefined ? rest : rest.slice(0, -as.length - 1), isDescending, as };
}
