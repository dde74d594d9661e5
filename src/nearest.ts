/** Suggestions for a name that was mistyped, and how they are said. */

/** The sentence of a suggestion. */
export function didYouMean(meant: string): string {
  return `did you mean ${meant}?`;
}

/** What such a sentence suggests: the words of a hint may go on behind it. */
export function meantIn(hint: string): string | undefined {
  const meant = /^did you mean (.+?)\?(?: |$)/s.exec(hint)?.[1];
  // Of several, nobody knows which.
  return meant?.includes(", or ") === true ? undefined : meant;
}

/** At most so many letters may differ, relative to the length. */
const MAX_SHARE = 0.4;

/** The candidate most like `name`, when one is like it at all; how letters are encoded does not count. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  const wanted = asRead(name);
  let bestDistance = Math.max(1, Math.floor(wanted.length * MAX_SHARE)) + 1;
  for (const candidate of candidates) {
    // A name without a visible character is no help as a suggestion.
    if (!/[^\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}]/u.test(candidate)) continue;
    const seen = asRead(candidate);
    if (Math.abs(seen.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, seen);
    // A name with no letter in common is another one.
    if (distance < bestDistance && distance < wanted.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** So many letters of a word of a command line may differ; of a short one, one. */
const MAX_SLIPS = 2;
const SHORT_LETTERS = 4;

/**
 * The word of a command line that was meant: fingers slip behind the first letter, and not often. What is further away is
 * another word, and to name one that means something else helps nobody.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.replace(/^-+/, "").toLowerCase();
  let best: string | undefined;
  let bestSlips = wanted.length > SHORT_LETTERS ? MAX_SLIPS : 1;
  for (const candidate of candidates) {
    const letters = candidate.replace(/^-+/, "");
    if (letters[0] !== wanted[0] || wanted.length < 2) continue;
    const slips = editDistance(wanted, letters);
    if (slips > bestSlips || (best !== undefined && slips === bestSlips)) continue;
    best = candidate;
    bestSlips = slips;
  }
  return best;
}

/** A name as one reads it. */
function asRead(name: string): string {
  const shown = name.normalize().replace(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, "");
  return shown.replace(/\p{Zs}/gu, " ").toLowerCase();
}

/** Insertions, deletions, replacements and swaps of neighbours that make one text the other (Damerau, 1964). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
