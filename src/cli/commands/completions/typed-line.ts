/** A command line as it is being typed: its words, and the one that the cursor is in. Quotes may still be open. */

export interface TypedLine {
  /** The words behind the name of the command, without quotes; that at the cursor is left out. */
  before: string[];
  after: string[];
  /** What stands before the cursor of its word. */
  current: string;
  /** The quote that is open there. */
  quote: string;
}

/** What ends a command: the words of another one follow. */
const COMMAND_END = /[;|&\n(]/;

/** Cuts a line into words, as shells do. */
export function typedLine(left: string, right: string): TypedLine {
  const line = left + right;
  let words: string[] = [];
  let word: string | undefined;
  let quote = "";
  let found: Omit<TypedLine, "after"> | undefined;
  for (let at = 0; at <= line.length; at++) {
    if (at === left.length) found = { before: words, current: word ?? "", quote };
    const sign = line[at];
    if (sign === undefined || (quote === "" && (/\s/.test(sign) || COMMAND_END.test(sign)))) {
      const isCurrent = found !== undefined && words === found.before && at >= left.length;
      if (isCurrent) words = [];
      else if (word !== undefined) words.push(word);
      word = undefined;
      if (sign === undefined || !COMMAND_END.test(sign)) continue;
      if (found !== undefined) break;
      words = [];
    } else if (quote === "" ? sign === "'" || sign === '"' : sign === quote) {
      quote = quote === "" ? sign : "";
      word ??= "";
    } else if (sign === "\\" && quote !== "'" && at + 1 < left.length) {
      word = (word ?? "") + (line[++at] ?? "");
    } else {
      word = (word ?? "") + sign;
    }
  }
  const { before, current, quote: open } = found ?? { before: words, current: "", quote: "" };
  // Before the name of the command there may be assignments.
  const name = before.findIndex((each) => !/^\w+=/.test(each));
  return { before: before.slice(name + 1), after: words === before ? [] : words, current, quote: open };
}
