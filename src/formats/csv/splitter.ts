/**
 * Finds the ends of CSV rows on the parent's side and certifies what it passes: no byte goes to a worker that does not
 * belong to a row whose quoting is right. A bad row ends with its first physical line (see "Bad rows, exactly" in
 * src/README.md), so the answer does not depend on where the bytes were cut.
 */
import type { Bytes, RowFault, Split, Splitter } from "../format.ts";
import { type Dialect, isKernelDialect } from "./dialect.ts";
import { type RowFault as TokenFault, Tokenizer } from "./tokenizer.ts";

const LF = 10;

/** The splitter for a dialect. A row longer than `maxRowBytes` is bad. */
export function csvSplitter(dialect: Dialect, maxRowBytes: number): Splitter {
  return isKernelDialect(dialect) ? new KernelSplitter(dialect, maxRowBytes) : new TokenSplitter(dialect, maxRowBytes);
}

/** The reader for bytes seen as latin1 text, in which every byte is one character. */
export function latin1Tokenizer(dialect: Dialect): Tokenizer {
  return new Tokenizer(
    {
      ...dialect,
      delimiter: latin1(dialect.delimiter),
      quote: latin1(dialect.quote),
      escape: latin1(dialect.escape),
      comment: dialect.comment === undefined ? undefined : latin1(dialect.comment),
    },
    "bytes",
  );
}

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** What both splitters share: the end of a first physical line, and rows that are too long. */
abstract class LineSplitter implements Splitter {
  protected readonly maxRowBytes: number;
  /** A line that was too long is being passed over: nothing counts up to its line feed. */
  #isPassing = false;

  constructor(maxRowBytes: number) {
    this.maxRowBytes = maxRowBytes;
  }

  split(bytes: Bytes): Split {
    if (bytes.isFinal && bytes.start === bytes.end) return { kind: "end" };
    if (this.#isPassing) {
      const lineEnd = this.lineEnd(bytes);
      this.#isPassing = lineEnd === undefined && !bytes.isFinal;
      return { kind: "rows", end: lineEnd ?? bytes.end, rows: 0, lines: lineEnd === undefined ? 0 : 1 };
    }
    return this.splitRows(bytes);
  }

  protected abstract splitRows(bytes: Bytes): Split;

  /** Behind the first line feed, if there is one. */
  protected lineEnd({ kernel, start, end }: Bytes): number | undefined {
    const at = kernel.bytes.indexOf(LF, start);
    return at < 0 || at >= end ? undefined : at + 1;
  }

  /** No row ends within the bytes: wait for more, or give the row up. */
  protected unfinished(bytes: Bytes): Split {
    if (bytes.end - bytes.start > this.maxRowBytes) {
      return this.bad(bytes, {
        code: "row-too-long",
        message: `the row is longer than ${this.maxRowBytes} bytes`,
        hint: "a quote that is never closed makes such rows; raise --max-row-bytes if the row is right",
      });
    }
    return { kind: "more" };
  }

  protected bad(bytes: Bytes, fault: RowFault, faultLine = 0): Split {
    const lineEnd = this.lineEnd(bytes);
    this.#isPassing = lineEnd === undefined && !bytes.isFinal;
    const lines = lineEnd === undefined ? 0 : 1;
    return { kind: "bad", end: lineEnd ?? bytes.end, lines, fault, faultLine };
  }
}

class KernelSplitter extends LineSplitter {
  readonly #dialect: Dialect;
  readonly #tokenizer: Tokenizer;

  constructor(dialect: Dialect, maxRowBytes: number) {
    super(maxRowBytes);
    this.#dialect = dialect;
    this.#tokenizer = latin1Tokenizer(dialect);
  }

  protected splitRows(bytes: Bytes): Split {
    const { kernel, start, isFinal } = bytes;
    const { delimiter, quote } = this.#dialect;
    let end = bytes.end;
    if (isFinal && end > start && kernel.bytes[end - 1] !== LF) kernel.bytes[end++] = LF;
    // Stretches no longer than the longest row allowed: a row that has no end in its stretch is too long.
    let rows = 0;
    let lines = 0;
    let at = start;
    while (at < end && rows < bytes.maxRows) {
      const stretch = Math.min(end, at + this.maxRowBytes);
      const scan = kernel.scanCsv({ start: at, end: stretch, maxRows: bytes.maxRows - rows }, delimiter, quote);
      rows += scan.rows;
      lines += scan.lines;
      const isStuck = scan.end === at;
      at = scan.end;
      if (scan.bad === 1 || isStuck) break;
    }
    if (at > start) return { kind: "rows", end: Math.min(at, bytes.end), rows, lines };
    return this.#firstRow({ ...bytes, start });
  }

  /** The first row is no good, or not all there: the tokenizer says which. */
  #firstRow(bytes: Bytes): Split {
    const text = bytes.kernel.bytes.toString(
      "latin1",
      bytes.start,
      Math.min(bytes.end, bytes.start + this.maxRowBytes + 1),
    );
    const isFinal = bytes.isFinal && text.length === bytes.end - bytes.start;
    const token = this.#tokenizer.read(text, 0, isFinal);
    const { fault } = this.#tokenizer;
    if (token !== "bad" || fault === undefined) return this.unfinished(bytes);
    return this.bad(bytes, describeFault(fault), fault.line);
  }
}

class TokenSplitter extends LineSplitter {
  readonly #tokenizer: Tokenizer;

  constructor(dialect: Dialect, maxRowBytes: number) {
    super(maxRowBytes);
    this.#tokenizer = latin1Tokenizer(dialect);
  }

  protected splitRows(bytes: Bytes): Split {
    const { kernel, start, end, isFinal, maxRows } = bytes;
    const text = kernel.bytes.toString("latin1", start, end);
    const tokenizer = this.#tokenizer;
    let at = 0;
    let rows = 0;
    let lines = 0;
    while (rows < maxRows) {
      const token = tokenizer.read(text, at, isFinal);
      const isTooLong = token === "row" && tokenizer.end - at > this.maxRowBytes;
      if (token === "more" || token === "bad" || token === "end" || isTooLong) {
        if (at > 0) break;
        if (token === "more" || isTooLong) return this.unfinished(bytes);
        const { fault } = tokenizer;
        if (fault === undefined) throw new Error("a bad row without a fault");
        return this.bad(bytes, describeFault(fault), fault.line);
      }
      if (token === "row") rows++;
      lines += tokenizer.lines;
      at = tokenizer.end;
    }
    return { kind: "rows", end: start + at, rows, lines };
  }
}

function describeFault(fault: TokenFault): RowFault {
  if (fault.code === "row-unclosed-quote") {
    return {
      code: fault.code,
      message: `the quote opened in column ${fault.column} is never closed`,
      hint: "close it, or read the file with --lazy-quotes",
    };
  }
  const where = `in column ${fault.column} of the line`;
  return fault.kind === "bare-quote"
    ? {
        code: fault.code,
        message: `a quote ${where} stands in the middle of a field that is not quoted`,
        hint: "quote the whole field and double the quote, or read the file with --lazy-quotes",
      }
    : {
        code: fault.code,
        message: `a quote ${where} ends a field, but no delimiter or line end follows`,
        hint: "double the quote if it belongs to the text, or read the file with --lazy-quotes",
      };
}
