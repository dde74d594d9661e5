/**
 * Finds the ends of the rows of JSON that is no lines, on the parent's side: objects that stand one after another, and
 * the elements of arrays, one array after another; so that a file of any length is streamed. What a row holds is the
 * worker's business; text that is no JSON between them (two commas, brackets that are missing) ends the run.
 */
import { RowmillError } from "../../errors.ts";
import { longRowHint } from "../long-rows.ts";
import { kernelOf } from "../memory.ts";
import type { Bytes, Split, Splitter, SplitterState } from "../format.ts";

const OPEN = 0x5b;
const LF = 10;
const OBJECT = "an object";

// What the kernel's scans say.
const EMPTY_ELEMENT = 1;
const ARRAY_END = 2;
const NO_VALUE = 4;

/** The splitter for JSON. A row longer than `maxRowBytes` ends the run. */
export function jsonSplitter(maxRowBytes: number): Splitter {
  return new JsonSplitter(maxRowBytes);
}

class JsonSplitter implements Splitter {
  readonly #maxRowBytes: number;
  /** Between values; in an array behind its opening bracket (`first`), or behind an element's comma. */
  state: SplitterState = "between";
  /** The state behind what the last call found. */
  #after: SplitterState = "between";

  constructor(maxRowBytes: number) {
    this.#maxRowBytes = maxRowBytes;
  }

  accept(): void {
    this.state = this.#after;
  }

  split(bytes: Bytes): Split {
    this.#after = this.state;
    return this.state === "between" ? this.#values(bytes) : this.#elements(bytes);
  }

  #values(bytes: Bytes): Split {
    const { at, lines } = passSpace(bytes);
    const { start, isFinal, maxRows } = bytes;
    const kernel = kernelOf(bytes.memory);
    if (at === bytes.end) {
      if (isFinal) return { kind: "end" };
      return at === start ? { kind: "more" } : { kind: "rows", end: at, rows: 0, lines };
    }
    if (kernel.bytes[at] === OPEN) {
      this.#after = "first";
      return { kind: "rows", end: at + 1, rows: 0, lines };
    }
    // A number at the end of the input ends with a byte that the caller has made room for.
    const end = isFinal ? bytes.end + 1 : bytes.end;
    if (isFinal) kernel.bytes[bytes.end] = LF;
    const scan = kernel.scanValues({ start, end, maxRows });
    if (scan.rows > 0) return { kind: "rows", end: scan.end, rows: scan.rows, lines: scan.lines };
    if (scan.bad === NO_VALUE) throw noValue(kernel.bytes[at] ?? 0, lines);
    return this.#wait(bytes, OBJECT);
  }

  #elements(bytes: Bytes): Split {
    const { start, end, maxRows } = bytes;
    const kernel = kernelOf(bytes.memory);
    const scan = kernel.scanJson({ start, end, maxRows });
    if (scan.bad === EMPTY_ELEMENT && scan.rows === 0)
      throw malformed("a comma has no value before it", "remove the extra comma", scan.lines);
    if (scan.bad === ARRAY_END) {
      const isEmptyArray = this.state === "first" && scan.rows === 0;
      if (!scan.hasInk && !isEmptyArray)
        throw malformed("the array ends with a comma", "remove the last comma", scan.lines);
      this.#after = "between";
    } else if (scan.end > start) {
      this.#after = "inside";
    } else {
      return this.#wait(bytes, "the array");
    }
    return { kind: "rows", end: scan.end, rows: scan.rows, lines: scan.lines };
  }

  /** No whole row is there yet. */
  #wait(bytes: Bytes, within: string): Split {
    const { end, isFinal } = bytes;
    const { at, lines } = passSpace(bytes);
    if (isFinal)
      throw malformed(`the file ends inside ${within}`, "it may have been cut off: check how it was made", lines);
    if (end - at > this.#maxRowBytes) {
      const message = `a row is longer than ${this.#maxRowBytes} bytes`;
      const hint = longRowHint(this.#maxRowBytes);
      throw malformed(message, within === OBJECT ? `${hint}; where rows stand in it: --records PATH` : hint, lines);
    }
    return { kind: "more" };
  }
}

/** The first byte that is no white space, which is four characters, and the line feeds before it. */
function passSpace({ memory, start, end }: Bytes): { at: number; lines: number } {
  let at = start;
  let lines = 0;
  for (; at < end && isSpace(memory.bytes[at]); at++) if (memory.bytes[at] === LF) lines++;
  return { at, lines };
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;
}

const COMMA = 0x2c;

function noValue(byte: number, lines: number): RowmillError {
  if (byte === COMMA) {
    const hint = "put [ before the first value and ] behind the last one, or take the commas out";
    return malformed("a comma stands between two values that are in no array", hint, lines);
  }
  const shown =
    byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `the byte 0x${byte.toString(16).padStart(2, "0")}`;
  return malformed(`no value begins with ${shown}`, NOT_JSON_HINT, lines);
}

const NOT_JSON_HINT = "JSON is objects, or arrays of objects; for a table say --from csv";

/** The caller knows the file, and the line on which the bytes begin: `lines` is counted from there. */
function malformed(message: string, hint: string, lines = 0): RowmillError {
  return new RowmillError("input", `cannot read JSON: ${message}`, { hint, place: { file: "", line: lines } });
}
