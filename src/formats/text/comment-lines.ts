/** Lines of CSV that are no rows, and are kept where they stand when a file is rewritten in place. */
import type { Dialect } from "./dialect.ts";
import { latin1Tokenizer } from "./latin1-tokenizer.ts";

/** The comments among these bytes, which are whole rows, comments and blank lines. */
export function commentLines(bytes: Buffer, dialect: Dialect): Buffer {
  const text = bytes.toString("latin1");
  const tokenizer = latin1Tokenizer(dialect);
  const found: Buffer[] = [];
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, true);
    if (token === "end") return Buffer.concat(found);
    if (token === "comment") found.push(bytes.subarray(at, tokenizer.end));
  }
}

/** How many of the bytes come before the first row, and how many of these up to the last comment. */
export function bytesBeforeRow(bytes: Buffer, dialect: Dialect): { row: number; comments: number } {
  const text = bytes.toString("latin1");
  const tokenizer = latin1Tokenizer(dialect);
  let comments = 0;
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, true);
    if (token !== "comment" && token !== "blank") return { row: at, comments };
    if (token === "comment") comments = tokenizer.end;
  }
}
