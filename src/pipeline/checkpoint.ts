/** How far a run has come: what the journal records after a flushed batch, and what `--resume` goes on from. */
import type { SplitterState } from "../formats/format.ts";
import type { STOPPED } from "../io/journal.ts";
import type { PartState } from "../io/part-file.ts";
import type { NumberedState } from "../io/part-files.ts";
import type { FileHashes } from "../code/loaded-files.ts";
import type { TablePlace } from "./slice.ts";
import type { BatchResult, EmittedRows, RowCounts, RowFailure } from "../transform/wire.ts";

/** A place between two rows of the inputs. */
export interface InputPosition {
  /** Index of the input. */
  file: number;
  /** Offset in it, in bytes. */
  offset: number;
  /** Physical line that begins there, from 1. */
  line: number;
  /** Rows before it, over all inputs. */
  rows: number;
  splitter: SplitterState;
  /** CRC-32 of all bytes before it, of all inputs; of a table what says where its rows are. */
  crc: number;
  /** Where in a table: see `SlicePlace.table`. */
  table?: TablePlace;
  /** That of rows of databases alone (`SlicePlace.fleeting`), where there were any. */
  fleeting?: number;
  /** So many rows behind it are done as well. */
  done?: number;
}

/** What a run has done so far. */
export interface RunState {
  input: InputPosition;
  counts: RowCounts;
  /** The first row that failed. */
  firstFailure: RowFailure | undefined;
  /** The output columns, as far as they are known. */
  columns: string[] | undefined;
  /** What stands before the first row has been written. */
  hasBegun: boolean;
  /** The columns of outputs for emitted rows, as far as they are known, by name. */
  emitColumns?: Record<string, string[]> | undefined;
}

/** A state, and how much of the files belongs to it. */
export interface Checkpoint extends RunState {
  output: PartState;
  rejects: PartState | undefined;
  /** Of files beside these, those that have changed since the checkpoint before, or all in the first of a journal. */
  files?: readonly NumberedState[];
}

/** What a finished run came to. */
export type RunEnding = Pick<RunState, "counts" | "firstFailure">;

/** What is known when only the renaming is left: with the rejects as they are to be. */
interface Commit extends RunEnding {
  kind: "commit";
  rejects: PartState | undefined;
}

/**
 * An entry of the journal: a checkpoint; parts and folders that are about to be made; those of a run before that are
 * to be removed; files that the transform imported late; that rows before this one may have been
 * begun; what came of rows behind others that were not done; that the run has ended in order (without it, one of those that were begun may have ended its process); that
 * all is done but the renaming; or, beside rejects, which output they belong to.
 */
export type JournalEntry =
  | { kind: "checkpoint"; checkpoint: Checkpoint }
  | { kind: "files"; files: FileHashes }
  | ({ kind: "parts" } & Parts)
  | ({ kind: "dropped" } & Parts)
  | { kind: "begun"; rows: number }
  | { kind: "early"; result: EarlyWire }
  | typeof STOPPED
  | { kind: "beside"; output: string }
  | Commit;

/** A result as a line of text. */
export type EarlyWire = Omit<BatchResult, "output" | "rejects" | "emits" | "part" | "cuts"> & {
  output: string;
  rejects: string;
  emits?: { bytes: string; stretches: EmittedRows["stretches"] };
  part?: string;
  cuts?: string;
};

export function toEarlyWire({ output, rejects, emits, part, cuts, ...others }: BatchResult): EarlyWire {
  return {
    ...others,
    output: output.toBase64(),
    rejects: rejects.toBase64(),
    ...(emits !== undefined && { emits: { ...emits, bytes: emits.bytes.toBase64() } }),
    ...(part !== undefined && { part: part.toBase64() }),
    ...(cuts !== undefined && { cuts: bytesOf(cuts).toBase64() }),
  };
}

export function fromEarlyWire({ output, rejects, emits, part, cuts, ...others }: EarlyWire): BatchResult {
  return {
    ...others,
    // What is undefined is not written.
    failure: others.failure,
    end: undefined,
    columns: others.columns,
    output: Uint8Array.fromBase64(output),
    rejects: Uint8Array.fromBase64(rejects),
    ...(emits !== undefined && { emits: { ...emits, bytes: Uint8Array.fromBase64(emits.bytes) } }),
    ...(part !== undefined && { part: Uint8Array.fromBase64(part) }),
    ...(cuts !== undefined && { cuts: new Uint32Array(Uint8Array.fromBase64(cuts).buffer) }),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Files beside an output, by number, and the folders that were made for them. */
export interface Parts {
  paths: readonly string[];
  folders: readonly string[];
}

/** Those that a journal tells of: that are made, or that were to be removed and may be there still. */
export function partsIn(entries: readonly JournalEntry[], kind: "parts" | "dropped" = "parts"): Parts {
  const found = entries.flatMap((entry): Parts[] => (entry.kind === kind && "paths" in entry ? [entry] : []));
  return { paths: found.flatMap(({ paths }) => paths), folders: found.flatMap(({ folders }) => folders) };
}
