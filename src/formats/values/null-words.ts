/** Words of other tools for a value that is not there. */

const NULL_WORD = /^(?:NA|N\/A|n\/a|#N\/A|NaN|nan|NULL|Null|null|None|none|nil|-|--|\.|\?)$/;

/** Whether a text is one of the words that other tools write where there is no value. */
export function isNullWord(text: string): boolean {
  return NULL_WORD.test(text);
}
