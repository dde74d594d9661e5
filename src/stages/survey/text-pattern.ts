/** What texts look like: `Ada Lovelace` as `Aa Aa`, `2024-05-01` as `9-9-9`. */

const MAX_PATTERN_CHARS = 40;

const DIGIT = "9";
const UPPER = "A";
const LOWER = "a";

/** Its pattern: `9` for digits, `A` and `a` for letters, one sign for all that follow each other; all else as it is. */
export function patternOf(text: string): string {
  let pattern = "";
  let last = "";
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    let sign: string;
    if (code >= 48 && code <= 57) sign = DIGIT;
    else if (code >= 97 && code <= 122) sign = LOWER;
    else if (code >= 65 && code <= 90) sign = UPPER;
    else if (code < 128) sign = text.charAt(at);
    else sign = otherSign(text.charAt(at));
    if (sign === last && (sign === DIGIT || sign === LOWER || sign === UPPER || sign === " ")) continue;
    pattern += sign;
    last = sign;
    if (pattern.length >= MAX_PATTERN_CHARS) return `${pattern}…`;
  }
  return pattern;
}

function otherSign(char: string): string {
  if (char.toLowerCase() !== char) return UPPER;
  return LETTER.test(char) ? LOWER : char;
}

const LETTER = /[\p{L}\p{M}\p{Cs}]/u;
