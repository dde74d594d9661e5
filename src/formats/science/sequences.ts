/** Passes over the sequences at the end of GFF, behind `##FASTA` or a line that begins with `>`: no rows follow. */
import { type Bytes, PASSING_STATE, type Split, type Splitter, type SplitterState } from "../format.ts";

const SEQUENCES: SplitterState = "sequences";
const LF = 10;
const STARTS = ["##FASTA", ">"];

/** @param rows Finds the rows before them. */
export function withSequences(rows: Splitter): Splitter {
  return {
    get state() {
      return rows.state;
    },
    set state(state) {
      rows.state = state;
    },
    accept: () => rows.accept?.(),
    split(bytes: Bytes): Split {
      const { memory, start, end, isFinal } = bytes;
      if (rows.state === PASSING_STATE) return rows.split(bytes);
      if (rows.state === SEQUENCES || begins(memory.bytes, start, end)) {
        rows.state = SEQUENCES;
        if (start === end) return isFinal ? { kind: "end" } : { kind: "more" };
        return { kind: "rows", end, rows: 0, lines: lineFeeds(memory.bytes, start, end), isKept: true };
      }
      const at = sequencesAt(memory.bytes, start, end);
      if (at !== undefined) return rows.split({ ...bytes, end: at, isFinal: false });
      // The first characters of a line that is cut off may be those of its mark.
      const lineStart = memory.bytes.subarray(start, end).lastIndexOf(LF) + 1 + start;
      const isOpen = !isFinal && end - lineStart < (STARTS[0]?.length ?? 0);
      if (isOpen && lineStart === start) return { kind: "more" };
      return rows.split(isOpen ? { ...bytes, end: lineStart } : bytes);
    },
  };
}

function begins(bytes: Buffer, start: number, end: number): boolean {
  return STARTS.some(
    (mark) => end - start >= mark.length && bytes.toString("latin1", start, start + mark.length) === mark,
  );
}

/** Where the first line of them begins, behind the first one here. */
function sequencesAt(bytes: Buffer, start: number, end: number): number | undefined {
  const found = STARTS.map((mark) => bytes.subarray(start, end).indexOf(`\n${mark}`)).filter((at) => at >= 0);
  return found.length === 0 ? undefined : start + Math.min(...found) + 1;
}

function lineFeeds(bytes: Buffer, start: number, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) lines++;
  return lines;
}
