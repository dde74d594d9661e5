/** Files on a command line that a message suggests. */
import { shellWord } from "../formats/command-words.ts";
import { fileOf } from "../io/files.ts";

/** The path of an input as one word; FILE where it has none: standard input, what is in an archive or lies on a server. */
export function fileWord(name: string): string {
  return fileOf(name) === name ? shellWord(name) : "FILE";
}
