/**
 * The order of texts in a language, as `Intl.Collator` has it. Texts that it does not tell apart are equal to a key: another key
 * decides, or which row came first.
 */

const collators = new Map<string, Intl.Collator["compare"]>();

/** Compares two texts; one function for each language, as it takes a millisecond to make. */
export function collation(locale: string): (a: string, b: string) => number {
  let compare = collators.get(locale);
  if (compare === undefined) {
    ({ compare } = new Intl.Collator(locale, { usage: "sort" }));
    collators.set(locale, compare);
  }
  return compare;
}
