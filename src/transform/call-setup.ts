/** What the functions of a run are called with, for the rows of one batch. */
import type { WorkerContext } from "../code/context.ts";
import type { ErrorWire } from "../errors.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import type { Progress } from "../scheduler/serve-tasks.ts";
import type { Strays } from "../scheduler/strays.ts";
import type { Outcome, RowFunction } from "./outcome.ts";
import type { PlacedBlock } from "./placed-block.ts";
import type { Rate } from "./rate.ts";
import type { SharedResults } from "./shared-results.ts";

/** What the rows of one batch are called with, and what hears of them. */
export interface CallSetup {
  call: RowFunction;
  context: WorkerContext;
  file: string;
  /** How all rows are spelled, where each does not say it by itself. */
  spelling: ObjectSpelling | undefined;
  progress: Progress;
  /** Failures known beforehand, by row of the batch. */
  poisoned: ReadonlyMap<number, ErrorWire>;
  /** Rows under way at once; 1 in a search for the row at fault. */
  concurrency: number;
  isSerial: boolean;
  timeoutMs: number | undefined;
  rate: Rate | undefined;
  /** Errors that nobody caught. */
  strays: Strays | undefined;
  /** Finds rows that overwrite each other's results; undefined where each result is proven to be an object of its own. */
  shared: SharedResults | undefined;
  /**
   * Hands in the outcomes of a block up to row `end`, and those of the blocks before it, where its parent wants that.
   * Undefined where none are taken.
   */
  handIn: ((placed: PlacedBlock, outcomes: Outcome[], end: number) => void) | undefined;
  /** Hands in rows behind others that are not done, when all is to stop. */
  handInBeside: (placed: PlacedBlock, outcomes: Outcome[], range: { from: number; end: number }) => void;
  /**
   * Called with a function while rows of a block wait for promises: calling it has them hand in what is done. Called with
   * undefined when none waits any more.
   */
  asked: (answer: (() => void) | undefined) => void;
}
