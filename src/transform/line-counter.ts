/** Physical lines of the rows of a block. */
import type { DecodedBlock } from "../formats/format.ts";

/** The line of any row of a block; rows asked for in order are counted in one pass. */
export function lineCounter(block: DecodedBlock, firstLine: number): (row: number) => number {
  let at = 0;
  let line = firstLine;
  return (row) => {
    const target = block.offset(row);
    if (target < at) {
      at = 0;
      line = firstLine;
    }
    for (let feed = block.source.indexOf("\n", at); feed >= 0 && feed < target; feed = block.source.indexOf("\n", at)) {
      line++;
      at = feed + 1;
    }
    return line;
  };
}
