/** Files on a command line that a message suggests. */
import { shellWord } from "../formats/command-words.ts";
import { STDIN, isRemote, pathOf } from "../io/files.ts";

/** The path of an input as one word; FILE where it has none: standard input, and what lies on a server. */
export function fileWord(name: string): string {
  return name === STDIN || isRemote(name) ? "FILE" : shellWord(pathOf(name));
}
