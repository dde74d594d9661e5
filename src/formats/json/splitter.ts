/**
 * Finds the ends of the elements of a JSON array on the parent's side, so that an array of any length is streamed. What
 * an element holds is the worker's business; a wrong array (no brackets, two commas, text behind it) ends the run.
 */
import { RowmillError } from "../../errors.ts";
import type { Bytes, Split, Splitter, SplitterState } from "../format.ts";

const OPEN = 0x5b;
const SPACE = 0x20;
const LF = 10;

// What the kernel's scan says of the array.
const EMPTY_ELEMENT = 1;
const ARRAY_END = 2;

/** The splitter for a JSON array. An element longer than `maxRowBytes` ends the run. */
export function jsonSplitter(maxRowBytes: number): Splitter {
  return new JsonSplitter(maxRowBytes);
}

class JsonSplitter implements Splitter {
  readonly #maxRowBytes: number;
  /** Before the array, behind its opening bracket (`first`), behind an element's comma, behind the closing bracket. */
  state: SplitterState = "before";
  /** The state behind what the last call found. */
  #after: SplitterState = "before";

  constructor(maxRowBytes: number) {
    this.#maxRowBytes = maxRowBytes;
  }

  accept(): void {
    this.state = this.#after;
  }

  split(bytes: Bytes): Split {
    this.#after = this.state;
    if (this.state === "before") return this.#enter(bytes);
    if (this.state === "behind") return this.#leave(bytes);
    return this.#elements(bytes);
  }

  #enter(bytes: Bytes): Split {
    const { at, lines } = passSpace(bytes);
    if (at === bytes.end) {
      if (bytes.isFinal) return { kind: "end" };
      return at === bytes.start ? { kind: "more" } : { kind: "rows", end: at, rows: 0, lines };
    }
    if (bytes.kernel.bytes[at] !== OPEN) {
      throw malformed(
        "the file does not start with [",
        "a JSON input is one array of objects; for one object a line say --from jsonl",
      );
    }
    this.#after = "first";
    return { kind: "rows", end: at + 1, rows: 0, lines };
  }

  #elements(bytes: Bytes): Split {
    const { kernel, start, end, isFinal, maxRows } = bytes;
    const scan = kernel.scanJson({ start, end, maxRows });
    if (scan.bad === EMPTY_ELEMENT)
      throw malformed("a comma has no value before it", "remove the extra comma", scan.lines);
    if (scan.bad === ARRAY_END) {
      const isEmptyArray = this.state === "first" && scan.rows === 0;
      if (!scan.hasInk && !isEmptyArray)
        throw malformed("the array ends with a comma", "remove the last comma", scan.lines);
      this.#after = "behind";
    } else if (scan.end > start) {
      this.#after = "inside";
    } else {
      if (isFinal) throw malformed("the file ends inside the array", "it may have been cut off: check how it was made");
      if (end - start > this.#maxRowBytes) {
        throw malformed(`an element is longer than ${this.#maxRowBytes} bytes`, "raise --max-row-bytes if it is right");
      }
      return { kind: "more" };
    }
    return { kind: "rows", end: scan.end, rows: scan.rows, lines: scan.lines };
  }

  #leave(bytes: Bytes): Split {
    const { at, lines } = passSpace(bytes);
    if (at < bytes.end) throw malformed("text follows behind the array", "a JSON input is one array of objects", lines);
    return bytes.isFinal ? { kind: "end" } : { kind: "rows", end: at, rows: 0, lines };
  }
}

/** The first byte that is no white space, and the line feeds before it. */
function passSpace({ kernel, start, end }: Bytes): { at: number; lines: number } {
  let at = start;
  let lines = 0;
  for (; at < end && (kernel.bytes[at] ?? 0) <= SPACE; at++) if (kernel.bytes[at] === LF) lines++;
  return { at, lines };
}

/** The caller knows the file, and the line on which the bytes begin: `lines` is counted from there. */
function malformed(message: string, hint: string, lines = 0): RowmillError {
  return new RowmillError("input", `cannot read JSON: ${message}`, { hint, place: { file: "", line: lines } });
}
