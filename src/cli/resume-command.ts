/** The command line that goes on with an interrupted run, ready to paste into a shell but for what is secret in it. */
import { basename } from "node:path";
import { withoutSecrets } from "../errors.ts";
import { shellWord } from "../formats/command-words.ts";
import { namesVariable } from "../io/http-headers.ts";

export function resumeCommand(argv: readonly string[]): string {
  const words = argv
    .map((word, at) => (argv[at - 1] === HEADER ? shownHeader(word) : word))
    .map((word) => (word.startsWith(`${HEADER}=`) ? HEADER + shownHeader(word.slice(HEADER.length)) : word))
    .map(withoutSecrets)
    .filter((word) => word !== "--resume" && word !== "--restart");
  // Behind -- all words are operands.
  const end = words.indexOf("--");
  words.splice(end < 0 ? words.length : end, 0, "--resume");
  // The program as it was called: by another name, or by a path.
  return [process.argv0 || basename(process.execPath), ...words].map(shellWord).join(" ");
}

const HEADER = "--http-header";

/** A shell may have put a secret in its place. */
function shownHeader(header: string): string {
  return namesVariable(header) ? header : header.replace(/:.*/s, ": …");
}
