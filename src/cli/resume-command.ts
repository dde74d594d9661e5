/** The command line that goes on with an interrupted run, ready to paste into a shell. */
import { basename } from "node:path";
import { shellWord } from "../formats/command-words.ts";

export function resumeCommand(argv: readonly string[]): string {
  const words = argv.filter((word) => word !== "--resume" && word !== "--restart");
  // Behind -- all words are operands.
  const end = words.indexOf("--");
  words.splice(end < 0 ? words.length : end, 0, "--resume");
  // The program as it was called: by another name, or by a path.
  return [process.argv0 || basename(process.execPath), ...words].map(shellWord).join(" ");
}
