/** Finds the ends of rows that are lines, on the parent's side. */
import { type Bytes, PASSING_STATE, PLAIN_STATE, type Split, type Splitter, mayBringLine } from "./format.ts";
import type { Scan } from "./kernel/exports.ts";
import type { Kernel } from "./kernel/host.ts";
import { tooLong } from "./long-rows.ts";
import { kernelOf } from "./memory.ts";

const LF = 10;

/** Finds the ends of lines, up to `maxRows` that are rows. */
type ScanLines = (kernel: Kernel, range: { start: number; end: number; maxRows: number }) => Scan;

/** The splitter of a format whose rows are lines. A line longer than `maxRowBytes` is a bad row. */
export function lineSplitter(maxRowBytes: number, scanLines: ScanLines): Splitter {
  return {
    state: PLAIN_STATE,
    split(bytes: Bytes): Split {
      const { start, isFinal } = bytes;
      const kernel = kernelOf(bytes.memory);
      if (isFinal && start === bytes.end) return { kind: "end" };
      let end = bytes.end;
      if (isFinal && end > start && kernel.bytes[end - 1] !== LF) kernel.bytes[end++] = LF;
      if (this.state === PASSING_STATE) {
        const feed = kernel.bytes.indexOf(LF, start);
        const isPassing = feed < 0 || feed >= end;
        this.state = isPassing ? PASSING_STATE : PLAIN_STATE;
        return {
          kind: "rows",
          end: isPassing ? bytes.end : Math.min(feed + 1, bytes.end),
          rows: 0,
          lines: isPassing ? 0 : 1,
        };
      }
      let rows = 0;
      let lines = 0;
      let at = start;
      while (at < end && rows < bytes.maxRows) {
        // The line feed that was added to the last line does not count.
        const stretch = at + maxRowBytes >= bytes.end ? end : at + maxRowBytes;
        const scan = scanLines(kernel, { start: at, end: stretch, maxRows: bytes.maxRows - rows });
        if (scan.end === at) break;
        rows += scan.rows;
        lines += scan.lines;
        at = scan.end;
      }
      if (at > start) return { kind: "rows", end: Math.min(at, bytes.end), rows, lines };
      if (bytes.end - start <= maxRowBytes) return { kind: "more" };
      const feed = kernel.bytes.indexOf(LF, start);
      const isPassing = feed < 0 || feed >= end;
      if (isPassing && mayBringLine(bytes)) return { kind: "more" };
      this.state = isPassing ? PASSING_STATE : PLAIN_STATE;
      return {
        kind: "bad",
        end: isPassing ? bytes.end : Math.min(feed + 1, bytes.end),
        lines: isPassing ? 0 : 1,
        faultLine: 0,
        fault: tooLong(maxRowBytes),
      };
    },
  };
}
