/**
 * In which form errors are to be said. That is asked before a command line is read, too: what is wrong with the line is an
 * error as well.
 */

const FLAG = "--errors";

/** Whether a command line asks for `--errors json`: of several, the last one counts. */
export function asksForJson(argv: readonly string[]): boolean {
  // Behind -- all words are operands.
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const at = words.findLastIndex((word) => word === FLAG || word.startsWith(`${FLAG}=`));
  const form = words[at] === FLAG ? words[at + 1] : words[at]?.slice(FLAG.length + 1);
  return form?.toLowerCase() === "json";
}
