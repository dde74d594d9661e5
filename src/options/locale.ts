/** Languages in whose order texts may be: tags of BCP 47, as `Intl` takes them. */
import { didYouMean } from "../nearest.ts";
import { UsageError } from "../errors.ts";
import { shellWord } from "../formats/command-words.ts";

/**
 * Looks at the tag of a language.
 *
 * @throws {UsageError} If it is none, or no order is known by it: it would stand for another language.
 */
export function checkLocale(flag: string, tag: string): void {
  if (isKnown(tag)) return;
  const name = /^[a-z]{2,3}(?:[-_][a-z\d]+)*/i.exec(tag)?.[0].replaceAll("_", "-") ?? "";
  const hint = name !== tag && isKnown(name) ? didYouMean(shellWord(name)) : `for example: ${flag} sv`;
  throw new UsageError(`${flag} is ${JSON.stringify(tag)}, which is no language that texts are sorted by`, hint);
}

function isKnown(tag: string): boolean {
  try {
    return Intl.Collator.supportedLocalesOf([tag]).length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
