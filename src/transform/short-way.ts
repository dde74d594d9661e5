/**
 * The short way of a block through a transform: the function is called with what it is proven to look at, and the rest
 * goes from input to output as bytes.
 */
import { BLOCK_BYTES } from "../formats/block-bytes.ts";
import type { DecodedBlock } from "../formats/format.ts";
import type { Progress } from "../scheduler/serve-tasks.ts";
import type { CallSetup } from "./call-setup.ts";
import { RowContext } from "../code/context.ts";
import type { Way } from "./plan/ways.ts";
import { OTHER_RESULT } from "../code/refilled.ts";
import { IS_ASYNC, type LoopState } from "./row-loop.ts";
import type { StageClock } from "./stage-clock.ts";
import type { NoteCollector } from "../stages/stage.ts";
import { Failed } from "./outcome.ts";
import type { PlacedBlock } from "./placed-block.ts";

/** What became of a block. */
export interface ShortBlock {
  way: Way;
  /** The output, valid until the next block. */
  bytes: Uint8Array;
  /** Rows that were taken: not all, where too many failed or the parent wants what is done. */
  rowsIn: number;
  rowsOut: number;
  /** Failed rows, by number in the block. */
  failures: { row: number; failed: Failed }[];
  /** Where a stage was told of rows: which came out, as {@linkcode IS_OUT}, and where each of them ends in the bytes. */
  placed?: { rows: Uint8Array; ends: Uint32Array };
}

/** Stands for a row that came out. */
export const IS_OUT = 1;

/** One way to take blocks. */
export interface BlockWay {
  name: Way;
  /** Undefined where a block has to take another one. */
  open(block: DecodedBlock): OpenWay | undefined;
}

/** A block on its way. */
export interface OpenWay {
  name: Way;
  rows: number;
  /** Calls the function, from where the state says. */
  mapRows(state: LoopState, ctx: RowContext, progress: Progress): void;
  /** The bytes of the rows that were kept, valid until the next block. */
  output(state: LoopState): Uint8Array;
  /** Where a stage is told of rows. */
  noted?: NotedRows | undefined;
}

/** What a stage that picks or arranges rows has to know of those of a block. */
interface NotedRows {
  /** Tells of a row; false where it is not wanted. */
  tell(collector: NoteCollector, row: number): boolean;
  /** 1 for a row that is kept. */
  kept: Uint8Array;
  /** What stands there for one that the stage does not want. */
  passedOver: number;
  /** When they are written: which came out, and where each ends. */
  placed(written: number): NonNullable<ShortBlock["placed"]>;
}

/** Larger blocks, which are single rows of such a size, take no short way: memory for them would stay. */
export const MAX_SHORT_BYTES: number = BLOCK_BYTES + 64 * 1024;

export class ShortWay {
  readonly #ways: readonly BlockWay[];
  /** The code turned out to be none that can take it. */
  #isUnfit = false;

  /** @param ways The quickest first. */
  constructor(ways: readonly BlockWay[]) {
    this.#ways = ways;
  }

  /** Takes a block all the way; undefined when it has to take the long one. */
  map(
    batch: CallSetup,
    placed: PlacedBlock,
    { clock, notes }: { clock: StageClock; notes: NoteCollector | undefined },
  ): ShortBlock | undefined {
    const opened = this.#isUnfit ? undefined : this.#open(placed.block);
    if (opened === undefined) return undefined;
    clock.lap("parse");
    const { rowInBatch, firstRow, lineOf, stopsAt } = placed;
    const ctx = new RowContext(batch.context, batch.file, firstRow, (index) => lineOf(index - firstRow));
    const state: LoopState = { row: 0, rows: opened.rows, rowInBatch, firstRow, beside: "", kept: 0 };
    const failures: ShortBlock["failures"] = [];
    while (state.row < state.rows && failures.length < stopsAt) {
      if (batch.progress.isWanted) break;
      try {
        opened.mapRows(state, ctx, batch.progress);
      } catch (thrown) {
        if (thrown === IS_ASYNC || thrown === OTHER_RESULT) {
          // Nothing was written yet: the rows of this block are run once more.
          this.#isUnfit = true;
          return undefined;
        }
        failures.push({ row: state.row++, failed: new Failed({ thrown }) });
      }
    }
    batch.progress.close();
    const { noted } = opened;
    if (noted !== undefined && notes !== undefined) tell(notes, noted, state);
    clock.lap("transform");
    const bytes = opened.output(state);
    clock.lap("encode");
    const done = { way: opened.name, bytes, rowsIn: state.row, rowsOut: state.kept, failures };
    return noted === undefined ? done : { ...done, placed: noted.placed(state.kept) };
  }

  #open(block: DecodedBlock): OpenWay | undefined {
    for (const way of this.#ways) {
      const opened = way.open(block);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }
}

/** Tells a stage of the rows that are kept: those that it does not want are not. */
function tell(collector: NoteCollector, noted: NotedRows, state: LoopState): void {
  const { kept, passedOver } = noted;
  for (let row = 0; row < state.row; row++) {
    if (kept[row] !== IS_OUT || noted.tell(collector, row)) continue;
    kept[row] = passedOver;
    state.kept--;
  }
}
