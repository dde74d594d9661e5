/** Walks a splitter over a whole text in windows, as the pipeline does, and holds what it finds against the reference. */
import { csvSplitter } from "../../../src/formats/csv/splitter.ts";
import type { Split } from "../../../src/formats/format.ts";
import { INPUT, type Kernel } from "../../../src/formats/kernel/host.ts";
import { type SlowDialect, type SlowPiece, readSlowly } from "./slow-csv.ts";

/** How the text is cut. */
export interface Cuts {
  /** Bytes that the splitter is first shown. */
  window: number;
  /** How a window becomes larger when it holds no whole row. */
  grow: (bytes: number) => number;
  maxRows: number;
}

export const WHOLE: Cuts = { window: Infinity, grow: (bytes) => bytes, maxRows: Infinity };

/** Doubling, as src/pipeline/row-source.ts does it. */
export function windows(window: number, maxRows: number = Infinity): Cuts {
  return { window, grow: (bytes) => bytes * 2, maxRows };
}

interface Walk {
  kernel: Kernel;
  dialect: SlowDialect;
  maxRowBytes?: number;
  cuts: Cuts;
}

/** What is wrong with the splitter's answers for `text` (one byte a character), or undefined. */
export function splitMistake(text: string, walk: Walk, pieces?: readonly SlowPiece[]): string | undefined {
  const { kernel, dialect, maxRowBytes = Infinity, cuts } = walk;
  const expected = pieces ?? readSlowly(text, dialect, maxRowBytes);
  kernel.reserve(text.length + 1);
  kernel.bytes.write(text, INPUT, "latin1");
  const total = INPUT + text.length;
  const splitter = csvSplitter(dialect, Math.min(maxRowBytes, 16 * 1024 * 1024));
  const describe = (what: string): string =>
    `${what}\n  text ${JSON.stringify(text)}\n  window ${cuts.window}, max rows ${cuts.maxRows}, max bytes ${maxRowBytes}` +
    `\n  dialect ${JSON.stringify(dialect)}\n  wanted ${JSON.stringify(expected)}`;

  let at = 0;
  let line = 0;
  /** End of a bad row whose line is still being passed over. */
  let passingTo: number | undefined;
  const splitGrowing = (start: number): Exclude<Split, { kind: "more" }> | undefined => {
    for (let bytes = cuts.window; ; bytes = cuts.grow(bytes)) {
      const end = Math.min(total, start + bytes);
      const isFinal = end === total;
      const found = splitter.split({ memory: kernel, start, end, isFinal, maxRows: cuts.maxRows });
      if (found.kind !== "more") return found;
      if (isFinal) return undefined;
    }
  };
  for (let start = INPUT; ;) {
    const split = splitGrowing(start);
    if (split === undefined) return describe(`no progress at ${start - INPUT}`);
    if (split.kind === "end") break;
    splitter.accept?.();
    const end = split.end - INPUT;
    if (split.end <= start) return describe(`nothing taken at ${start - INPUT}`);
    if (split.kind === "bad") {
      const piece = expected[at++];
      if (piece?.kind !== "bad") return describe(`a bad row at ${start - INPUT} (${split.fault.code})`);
      const found = { start: start - INPUT, line, code: split.fault.code, faultLine: split.faultLine };
      const { code, faultLine } = piece;
      if (
        found.start !== piece.start ||
        found.line !== piece.line ||
        found.code !== code ||
        found.faultLine !== faultLine
      )
        return describe(`bad row ${JSON.stringify(found)}, wanted ${JSON.stringify(piece)}`);
      if (end > piece.end) return describe(`bad row up to ${end}, wanted ${piece.end}`);
      if (end < piece.end) passingTo = piece.end;
    } else if (passingTo !== undefined) {
      if (split.rows !== 0 || end > passingTo) return describe(`${split.rows} rows up to ${end} within a bad line`);
      if (end === passingTo) passingTo = undefined;
    } else {
      let rows = 0;
      for (let piece = expected[at]; piece !== undefined && piece.end <= end; piece = expected[++at]) {
        if (piece.kind === "bad") return describe(`rows up to ${end}, over a bad one`);
        if (piece.kind === "row") rows++;
      }
      if (rows !== split.rows) return describe(`${split.rows} rows up to ${end}, wanted ${rows}`);
      if (rows > cuts.maxRows) return describe(`${rows} rows, more than the most`);
      const next = expected[at]?.start ?? text.length;
      if (next !== end) return describe(`rows up to ${end}, where no row ends`);
    }
    line += split.lines;
    start = split.end;
    // Inside a line that is passed over nothing is counted yet; at the end a missing line feed may count.
    const wanted = expected[at]?.line;
    if (passingTo === undefined && wanted !== undefined && line !== wanted) {
      return describe(`${line} lines before ${start - INPUT}, wanted ${wanted}`);
    }
  }
  return at === expected.length ? undefined : describe(`ended before ${JSON.stringify(expected[at])}`);
}

/** Every text of exactly `length` characters of the alphabet. */
export function* allTexts(alphabet: string, length: number): Generator<string> {
  const total = alphabet.length ** length;
  for (let number = 0; number < total; number++) {
    let text = "";
    for (let rest = number, at = 0; at < length; at++, rest = Math.floor(rest / alphabet.length)) {
      text += alphabet[rest % alphabet.length];
    }
    yield text;
  }
}
