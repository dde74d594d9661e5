/**
 * Finds the ends of the rows in the arrays to which a path of `--records` leads. What stands before, between and behind them is
 * passed over piece by piece, so that a document of any length is streamed.
 */
import { RowmillError, withDetails } from "../../errors.ts";
import { shellWord } from "../command-words.ts";
import type { Bytes, Split, Splitter, SplitterState } from "../format.ts";
import { longRowHint } from "../long-rows.ts";
import { DocumentWalk, WALK_START, type WalkState, noRows } from "./document-walk.ts";
import { type RecordsPath, shownPath } from "./records-path.ts";
import { jsonSplitter } from "./splitter.ts";

const LF = 10;
/** The state of a splitter of JSON that is in no array, and of one whose array begins. */
const BETWEEN = "between";
const FIRST = "first";

/** What is looked for. */
interface Records {
  path: RecordsPath;
  /** The path was found by the first bytes: another array of objects is an error. */
  isGuessed: boolean;
}

export class RecordsSplitter implements Splitter {
  readonly #records: Records;
  readonly #maxRowBytes: number;
  readonly #rows: Splitter;
  #walk: WalkState = WALK_START;
  /** Set where the last call has walked. */
  #after: { walk: WalkState; hasRows: boolean } | undefined;

  constructor(records: Records, maxRowBytes: number) {
    this.#records = records;
    this.#maxRowBytes = maxRowBytes;
    this.#rows = jsonSplitter(maxRowBytes);
  }

  get state(): SplitterState {
    return JSON.stringify([this.#rows.state, this.#walk]);
  }

  set state(state: SplitterState) {
    [this.#rows.state, this.#walk] = JSON.parse(state) as [SplitterState, WalkState];
  }

  accept(): void {
    if (this.#after !== undefined) {
      this.#walk = this.#after.walk;
      if (this.#after.hasRows) this.#rows.state = FIRST;
      return;
    }
    this.#rows.accept?.();
    if (this.#rows.state !== BETWEEN) return;
    const expects = this.#walk.levels.length === 0 ? "document" : "next";
    this.#walk = { ...this.#walk, expects };
  }

  split(bytes: Bytes): Split {
    this.#after = undefined;
    return this.#rows.state === BETWEEN ? this.#pass(bytes) : this.#rows.split(bytes);
  }

  /** Passes over what is no row. */
  #pass({ memory, start, end, isFinal }: Bytes): Split {
    const walk = new DocumentWalk(
      { path: this.#records.path, onOther: this.#records.isGuessed ? this.#refuseOther : undefined },
      this.#walk,
      { bytes: memory.bytes, start, end },
    );
    const lines = (): number => lineFeeds(memory.bytes, start, walk.at);
    try {
      let stop = walk.next();
      while (stop === "document") stop = walk.next();
      const { state, at } = walk;
      this.#after = { walk: state, hasRows: stop === "rows" };
      if (stop === "rows" || (at > start && !isFinal)) return { kind: "rows", end: at, rows: 0, lines: lines() };
      if (isFinal && state.levels.length === 0 && state.passed?.inString !== true && (state.passed?.depth ?? 0) === 0)
        return { kind: "end" };
      if (isFinal)
        throw new RowmillError("input", "cannot read JSON: the file ends inside the document", {
          hint: "it may have been cut off: check how it was made",
        });
      if (end - at > this.#maxRowBytes)
        throw new RowmillError("input", `cannot read JSON: a key is longer than ${this.#maxRowBytes} bytes`, {
          hint: longRowHint(this.#maxRowBytes),
        });
      return { kind: "more" };
    } catch (error) {
      if (!(error instanceof RowmillError)) throw error;
      throw withDetails(error, { place: { file: "", line: lines() } });
    }
  }

  readonly #refuseOther = (other: RecordsPath): void => {
    const [found, further] = [shownPath(this.#records.path), shownPath(other)];
    throw noRows(
      `${found} was taken for the only array of objects, and ${further} is another one`,
      `say which: --records ${shellWord(found)}, or --records ${shellWord(further)}`,
    );
  };
}

function lineFeeds(bytes: Buffer, start: number, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) lines++;
  return lines;
}
