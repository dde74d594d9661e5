/**
 * Finds the ends of CSV rows on the parent's side and certifies what it passes: no byte goes to a worker that does not
 * belong to a row whose quoting is right. A bad row ends with its first physical line (see "Bad rows, exactly" in
 * docs/internals.md), so the answer does not depend on where the bytes were cut.
 */
import {
  type Bytes,
  PASSING_STATE,
  PLAIN_STATE,
  type RowFault,
  type Split,
  type Splitter,
  type SplitterState,
  mayBringLine,
} from "../format.ts";
import { tooLong } from "../long-rows.ts";
import { kernelOf } from "../memory.ts";
import { type Dialect, isKernelDialect } from "../text/dialect.ts";
import { latin1Tokenizer } from "../text/latin1-tokenizer.ts";
import { describeFault } from "../text/token-fault.ts";
import type { QuoteFault, Tokenizer } from "../text/tokenizer.ts";

const LF = 10;
/** How many bytes the tokenizer is shown at first: enough for nearly every row. */
const FIRST_PIECE_BYTES = 4096;

/** The splitter for a dialect. A row longer than `maxRowBytes` is bad. */
export function csvSplitter(dialect: Dialect, maxRowBytes: number): Splitter {
  return isKernelDialect(dialect) ? new KernelSplitter(dialect, maxRowBytes) : new TokenSplitter(dialect, maxRowBytes);
}

/** What both splitters share: the first row of all, which may be bad, and lines that are passed over. */
abstract class LineSplitter implements Splitter {
  protected readonly maxRowBytes: number;
  protected readonly tokenizer: Tokenizer;
  state: SplitterState = PLAIN_STATE;

  constructor(dialect: Dialect, maxRowBytes: number) {
    this.maxRowBytes = maxRowBytes;
    this.tokenizer = latin1Tokenizer(dialect);
  }

  split(bytes: Bytes): Split {
    if (bytes.isFinal && bytes.start === bytes.end) return { kind: "end" };
    if (this.state === PASSING_STATE) {
      const lineEnd = this.#lineEnd(bytes);
      this.#passFrom(lineEnd, bytes);
      return { kind: "rows", end: lineEnd ?? bytes.end, rows: 0, lines: lineEnd === undefined ? 0 : 1 };
    }
    return this.splitRows(bytes);
  }

  protected abstract splitRows(bytes: Bytes): Split;

  /**
   * What the tokenizer says of the first row. It is shown more and more of the bytes, so that a bad row costs no more
   * than its own length, however large the window is.
   *
   * Of a row that is both too long and badly quoted, too long is what counts, unless the line that shows the quote to be
   * wrong ends before: the bytes behind need not have come yet.
   */
  protected firstRow(bytes: Bytes): Split {
    const { memory, start } = bytes;
    const { tokenizer, maxRowBytes } = this;
    for (let size = FIRST_PIECE_BYTES; ; size *= 4) {
      const end = Math.min(bytes.end, start + size);
      const text = memory.bytes.toString("latin1", start, end);
      const token = tokenizer.read(text, 0, bytes.isFinal && end === bytes.end);
      if (token === "more" && text.length <= maxRowBytes) {
        if (end < bytes.end) continue;
        return { kind: "more" };
      }
      const { fault } = tokenizer;
      const behind = fault === undefined ? tokenizer.end : shownBy(fault, text);
      if (token === "more" || behind > maxRowBytes) {
        const isQuoted = text.lastIndexOf("\n", maxRowBytes) >= 0;
        return this.#bad(bytes, tooLong(maxRowBytes, { isQuoted }), 0);
      }
      if (fault !== undefined) return this.#bad(bytes, describeFault(fault), fault.line);
      const [rows, blanks] = [token === "row" ? 1 : 0, token === "blank" ? 1 : 0];
      return { kind: "rows", end: start + tokenizer.end, rows, lines: tokenizer.lines, blanks };
    }
  }

  #bad(bytes: Bytes, fault: RowFault, faultLine: number): Split {
    const lineEnd = this.#lineEnd(bytes);
    if (lineEnd === undefined && mayBringLine(bytes)) return { kind: "more" };
    this.#passFrom(lineEnd, bytes);
    const lines = lineEnd === undefined ? 0 : 1;
    return { kind: "bad", end: lineEnd ?? bytes.end, lines, fault, faultLine };
  }

  #passFrom(lineEnd: number | undefined, { isFinal }: Bytes): void {
    this.state = lineEnd === undefined && !isFinal ? PASSING_STATE : PLAIN_STATE;
  }

  /** Behind the first line feed, if there is one. */
  #lineEnd({ memory, start, end }: Bytes): number | undefined {
    const at = memory.bytes.indexOf(LF, start);
    return at < 0 || at >= end ? undefined : at + 1;
  }
}

/** Offset behind the line that shows a row to be bad. */
function shownBy(fault: QuoteFault, text: string): number {
  const feed = fault.code === "row-unclosed-quote" ? -1 : text.indexOf("\n", fault.offset);
  return feed < 0 ? text.length : feed + 1;
}

class KernelSplitter extends LineSplitter {
  readonly #dialect: Dialect;

  constructor(dialect: Dialect, maxRowBytes: number) {
    super(dialect, maxRowBytes);
    this.#dialect = dialect;
  }

  protected splitRows(bytes: Bytes): Split {
    const { start, isFinal } = bytes;
    const kernel = kernelOf(bytes.memory);
    let end = bytes.end;
    if (isFinal && end > start && kernel.bytes[end - 1] !== LF) kernel.bytes[end++] = LF;
    // Stretches no longer than the longest row allowed: a row that has no end in its stretch is too long.
    let rows = 0;
    let lines = 0;
    let blanks = 0;
    let at = start;
    let isBeforeBad = false;
    while (at < end && rows < bytes.maxRows && !isBeforeBad) {
      const stretch = Math.min(end, at + this.maxRowBytes);
      const scan = kernel.scanCsv({ start: at, end: stretch, maxRows: bytes.maxRows - rows }, this.#dialect);
      rows += scan.rows;
      blanks += scan.blanks;
      lines += scan.lines;
      const isStuck = scan.end === at;
      at = scan.end;
      isBeforeBad = scan.bad === 1 || (isStuck && stretch < end);
      if (isStuck) break;
    }
    if (at > start) return { kind: "rows", end: Math.min(at, bytes.end), rows, lines, blanks, isBeforeBad };
    return this.firstRow(bytes);
  }
}

class TokenSplitter extends LineSplitter {
  protected splitRows(bytes: Bytes): Split {
    const { memory, end, maxRows } = bytes;
    const { tokenizer } = this;
    const first = this.firstRow(bytes);
    if (first.kind !== "rows") return first;
    let { end: at, rows, lines, blanks = 0 } = first;
    let isBeforeBad = false;
    for (let size = FIRST_PIECE_BYTES; at < end && rows < maxRows && !isBeforeBad; size *= 2) {
      const stop = Math.min(end, at + size);
      const text = memory.bytes.toString("latin1", at, stop);
      const isFinal = bytes.isFinal && stop === end;
      let done = 0;
      while (rows < maxRows) {
        const token = tokenizer.read(text, done, isFinal);
        isBeforeBad = token === "bad" || tokenizer.end - done > this.maxRowBytes;
        if (token === "more" || token === "end" || isBeforeBad) break;
        if (token === "row") rows++;
        if (token === "blank") blanks++;
        lines += tokenizer.lines;
        done = tokenizer.end;
      }
      at += done;
      if (stop === end) break;
    }
    return { kind: "rows", end: at, rows, lines, blanks, isBeforeBad };
  }
}
