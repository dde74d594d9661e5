/**
 * Files that a document shows, for what it runs: a block whose first line is `// name.ts`, or one that is opened by
 * ```csv name.csv.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the files of a document into a folder. */
export function writeFilesOf(text: string, folder: string): void {
  for (const [, content = "", name = ""] of text.matchAll(/^```ts\n(\/\/ (\w+\.ts)\n[\s\S]*?)^```/gm)) {
    writeFileSync(join(folder, name), content);
  }
  for (const [, name = "", content = ""] of text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```/gm)) {
    writeFileSync(join(folder, name), content);
  }
}
