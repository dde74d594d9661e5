/** Finds the ends of JSONL rows on the parent's side: a row is a line that holds more than white space. */
import type { Splitter } from "../format.ts";
import { lineSplitter } from "../line-splitter.ts";

/** The splitter for JSONL. A line longer than `maxRowBytes` is a bad row. */
export function jsonlSplitter(maxRowBytes: number): Splitter {
  return lineSplitter(maxRowBytes, (kernel, range) => kernel.scanLines(range));
}
