/** Physical lines of the rows of a block. */
import type { DecodedBlock } from "../formats/format.ts";
import type { RowPlaces, RowTask } from "./wire.ts";

/** The line of any row of a block; `lines` and `rows` are those of the blocks of the task that stand before it. */
export function taskLines(
  { firstLine, place }: Pick<RowTask, "firstLine" | "place">,
  block: DecodedBlock,
  { lines, rows }: { lines: number; rows: number },
): (row: number) => number {
  return place === undefined ? lineCounter(block, firstLine + lines) : (row) => firstLine + rows + row;
}

/** A line in words, where it is no line of text. */
export function wordsOf(place: RowPlaces | undefined, line: number): string | undefined {
  if (place?.words === undefined) return undefined;
  return `${place.words.before}${line - place.offset}${place.words.behind}`;
}

/** The line of any row of a block; rows asked for in order are counted in one pass. */
function lineCounter(block: DecodedBlock, firstLine: number): (row: number) => number {
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
