/** Where the outcomes of the rows of a batch go: they are written, or become a part for a stage that takes them in order. */
import type { RowReading } from "../formats/text/dialect.ts";
import type { Encoder } from "../formats/format.ts";
import type { OutputText } from "../formats/output-text.ts";
import type { ArrangingStage, NoteCollector, PickingStage } from "../stages/stage.ts";
import type { EmittedRow } from "./emitted.ts";
import type { Outcome } from "./outcome.ts";
import type { PlacedBlock } from "./placed-block.ts";
import type { ShortBlock } from "./short-way.ts";
import type { ShortRows } from "./short-rows.ts";
import type { BatchResult, MarkedRows } from "./wire.ts";

/** The outcomes of a block, and what is needed to describe a failed row of it. */
export interface PlacedOutcomes {
  outcomes: Outcome[];
  /** Those before this row were added earlier. */
  from: number;
  /** They go up to the end of the block: no further part follows. */
  isEnd: boolean;
  placed: PlacedBlock;
  /** What rows have emitted, by number in the block. */
  emitted?: ReadonlyMap<number, readonly EmittedRow[]> | undefined;
}

/** What the batches of a run have in common. */
export interface BatchParts {
  text: OutputText;
  encoderFor: (columns: readonly string[]) => Encoder;
  inputColumns: readonly string[] | undefined;
  /** A schema makes the rows that the function gets. */
  isOfSchema: boolean;
  /** Knows which fields a row lacks, where rows may be short and their function may carry them whole. */
  shortRows: ShortRows | undefined;
  /** The keys of all results, in order, where the code says them. */
  resultKeys: readonly string[] | undefined;
  /** A batch ends behind so many failed rows. */
  stopsAt: number;
  marks: MarkedRows;
  /** Says which of the rows that come out go on, where a stage does. */
  picking: PickingStage | ArrangingStage | undefined;
  /** Packed rows say where they come from. */
  tellsPlaces: boolean;
}

/** How failed rows can be read again. */
interface KeptRecords {
  reading: RowReading | undefined;
  /** As those of all inputs that have the columns of the first. */
  isUsual: boolean;
}

/** Where the rows of a batch come from. */
export interface BatchOrigin {
  file: string;
  /** How failed rows can be read again, for their records; undefined when no records are kept. */
  records: KeptRecords | undefined;
  /** What is shown of a failed row, where not all of it was read. @default its text */
  shown?: ((text: string) => string) | undefined;
  /** The batch ends with so many rows of output, and may be cut behind any of them; undefined where all are wanted. */
  mostOut: number | undefined;
}

/** What came of the rows of a batch, as far as that is known where they go. */
export type SunkRows = Omit<
  BatchResult,
  "firstRow" | "columns" | "concurrency" | "retries" | "times" | "isProvisional" | "blocks"
>;

export interface OutcomeSink {
  readonly rowsIn: number;
  readonly rowsFailed: number;
  /** So many rows have failed, or come out, that no further one is taken. */
  readonly isFull: boolean;
  /** Hears of rows that come out, where a stage picks or arranges them. */
  readonly notes?: NoteCollector | undefined;
  /** Takes outcomes. Without an encoder nothing is known of columns: no row is there that could be written. */
  add(outcomes: PlacedOutcomes, encoder: Encoder | undefined): "as a block" | "row by row";
  /** Takes rows that took a short way. */
  addShort(placed: PlacedBlock, short: ShortBlock): void;
  finish(end: BatchResult["end"]): SunkRows;
}
