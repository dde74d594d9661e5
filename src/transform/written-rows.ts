/** The rows of a batch as they are written: output, records of failed rows, and counts. */
import type { Encoded, Encoder } from "../formats/format.ts";
import { encodeError } from "../formats/encode-error.ts";
import type { RowGrouper } from "../formats/row-groups.ts";
import { keptRows } from "../stages/arranged.ts";
import type { NoteCollector } from "../stages/stage.ts";
import { Failed, Many, Noted, type Outcome, writtenValue } from "./outcome.ts";
import type { BatchOrigin, BatchParts, OutcomeSink, PlacedOutcomes, SunkRows } from "./outcome-sink.ts";
import type { PlacedBlock } from "./placed-block.ts";
import { placeOf, withPlace } from "./rewriting/row-places.ts";
import { RowTally } from "./row-tally.ts";
import { IS_OUT, type ShortBlock } from "./short-way.ts";
import { type BatchResult, CUT_PARTS, type RowCounts } from "./wire.ts";

/** Places to cut, as they come. */
class CutList {
  #cuts = new Uint32Array(1024 * CUT_PARTS.length);
  #length = 0;

  add(
    { rowsMapped, rowsDropped, rowsFailed }: RowCounts,
    { rowsIn, output }: { rowsIn: number; output: number },
    { recordBytes }: RowTally,
  ): void {
    if (this.#length === this.#cuts.length) {
      const more = new Uint32Array(this.#cuts.length * 2);
      more.set(this.#cuts);
      this.#cuts = more;
    }
    const cuts = this.#cuts;
    let at = this.#length;
    // In the order of CUT_PARTS.
    cuts[at++] = rowsIn;
    cuts[at++] = rowsMapped;
    cuts[at++] = rowsDropped;
    cuts[at++] = rowsFailed;
    cuts[at++] = output;
    cuts[at++] = recordBytes;
    this.#length = at;
  }

  get all(): Uint32Array<ArrayBuffer> {
    return this.#cuts.slice(0, this.#length);
  }
}

export class WrittenRows implements OutcomeSink {
  readonly #parts: BatchParts;
  readonly #tally: RowTally;
  /** Where the output can be cut behind each of its rows; undefined where nobody may want that. */
  readonly #cuts: CutList | undefined;
  readonly #origin: BatchOrigin;
  readonly notes: NoteCollector | undefined;
  /** Puts the rows together that go to the same file. */
  readonly #grouper: RowGrouper | undefined;

  constructor(parts: BatchParts, origin: BatchOrigin, grouper?: RowGrouper) {
    this.#grouper = grouper;
    this.#parts = parts;
    this.#origin = origin;
    this.#parts.text.clear();
    this.#tally = new RowTally(parts, origin, () => parts.text.flush());
    this.notes = parts.picking?.part();
    if (origin.mostOut !== undefined || this.notes !== undefined) this.#cuts = new CutList();
  }

  get rowsIn(): number {
    return this.#tally.counts.rowsIn;
  }

  get rowsFailed(): number {
    return this.#tally.counts.rowsFailed;
  }

  get isFull(): boolean {
    return this.#tally.isFull;
  }

  add(
    { outcomes, from, placed, isEnd, emitted }: PlacedOutcomes,
    encoder: Encoder | undefined,
  ): "as a block" | "row by row" {
    const { text } = this.#parts;
    const hasMarks = this.#tally.marksAny(placed.firstRow, outcomes.length);
    const { copies, comments, count } = placed.block;
    const isPlain = copies === undefined && comments === undefined && emitted === undefined && this.#cuts === undefined;
    const isBlock = encoder !== undefined && !hasMarks && isPlain && from === 0;
    if (this.isFull) return "row by row";
    if (isBlock && this.#addBlock(outcomes, encoder)) return "as a block";
    const { counts } = this.#tally;
    for (let row = from; row < outcomes.length; row++) {
      const outcome = outcomes[row];
      this.#addComments(comments?.get(row));
      if (hasMarks) this.#tally.markThousandth(placed.firstRow + row);
      let failed = outcome instanceof Failed ? outcome : undefined;
      try {
        if (failed !== undefined) {
          // Nothing is written.
        } else if (outcome === undefined || encoder === undefined) {
          counts.rowsDropped++;
        } else if (outcome instanceof Many) {
          this.#addMany(outcome.values, this.#placing(encoder, placed, row));
        } else if (this.notes !== undefined || this.#parts.tellsPlaces) {
          this.#addMany([outcome], this.#placing(encoder, placed, row));
        } else {
          if (copies === undefined || !text.copy(copies, row, encoder.copyEnd)) text.add(encoder.encode(outcome));
          counts.rowsMapped++;
          this.#countOut();
        }
      } catch (thrown) {
        failed = new Failed({ thrown: encodeError(thrown, writtenValue(outcome)) });
      }
      if (failed === undefined) this.#tally.emit(emitted?.get(row), placed, row);
      else this.#tally.fail(placed, row, failed);
      counts.rowsIn++;
      if (this.isFull) return "row by row";
    }
    if (isEnd && outcomes.length === count) this.#addComments(comments?.get(count));
    return "row by row";
  }

  /** Has rows say where they come from, where they are to. */
  #placing(encoder: Encoder, placed: PlacedBlock, row: number): Encoder {
    if (!this.#parts.tellsPlaces) return encoder;
    return {
      ...encoder,
      encode: (value) => withPlace(String(encoder.encode(value)), placeOf(placed, row, this.#origin)),
    };
  }

  #addComments(lines: Uint8Array | undefined): void {
    if (lines !== undefined) this.#parts.text.addBytes(lines);
  }

  addShort(placed: PlacedBlock, short: ShortBlock): void {
    const { bytes, rowsIn, rowsOut, failures } = short;
    const { counts } = this.#tally;
    if (short.placed !== undefined) {
      this.#addPlaced(placed, short, short.placed);
      return;
    }
    this.#parts.text.addBytes(bytes);
    counts.rowsIn += rowsIn;
    counts.rowsOut += rowsOut;
    counts.rowsMapped += rowsOut;
    counts.rowsDropped += rowsIn - rowsOut - failures.length;
    for (const { row, failed } of failures) this.#tally.fail(placed, row, failed);
  }

  /** Takes rows one by one: the output may be cut behind each. */
  #addPlaced(
    placed: PlacedBlock,
    { bytes, rowsIn, failures }: ShortBlock,
    { rows, ends }: NonNullable<ShortBlock["placed"]>,
  ): void {
    const { counts } = this.#tally;
    const from = this.#parts.text.flush();
    this.#parts.text.addBytes(bytes);
    let [failed, out] = [0, 0];
    for (let row = 0; row < rowsIn; row++) {
      const failure = failures[failed];
      if (failure?.row === row) {
        failed++;
        this.#tally.fail(placed, row, failure.failed);
      } else if (rows[row] === IS_OUT) {
        counts.rowsMapped++;
        counts.rowsOut++;
        this.#cuts?.add(counts, { rowsIn: counts.rowsIn + 1, output: from + (ends[out++] ?? 0) }, this.#tally);
      } else counts.rowsDropped++;
      counts.rowsIn++;
    }
  }

  finish(end: BatchResult["end"]): SunkRows {
    return {
      ...this.#tally.finish(end),
      ...(this.#grouper === undefined ? this.#handedOver(this.#parts.text.take()) : this.#grouped(this.#grouper)),
      ...(this.notes !== undefined && { part: this.notes.pack() }),
    };
  }

  #grouped(grouper: RowGrouper): Pick<SunkRows, "output" | "groups"> {
    let groups: SunkRows["groups"];
    const output = this.#parts.text.take((all, to) => {
      groups = grouper.group(all, to);
    });
    return { output, groups };
  }

  /** What is written, without the rows that a stage has no use for, and where it can be cut. */
  #handedOver(output: Uint8Array<ArrayBuffer>): Pick<SunkRows, "output" | "cuts"> {
    const cuts = this.#cuts?.all;
    if (cuts === undefined) return { output };
    const kept = this.notes?.kept?.();
    if (kept === undefined) return { output, cuts };
    const at = CUT_PARTS.indexOf("outputBytes");
    const count = cuts.length / CUT_PARTS.length;
    const ends = new Uint32Array(count);
    for (let row = 0; row < count; row++) ends[row] = cuts[row * CUT_PARTS.length + at] ?? 0;
    const rows = keptRows({ bytes: output, ends }, kept);
    const keptCuts = new Uint32Array(kept.length * CUT_PARTS.length);
    for (let place = 0; place < kept.length; place++) {
      const to = place * CUT_PARTS.length;
      const from = (kept[place] ?? 0) * CUT_PARTS.length;
      for (let part = 0; part < CUT_PARTS.length; part++) keptCuts[to + part] = cuts[from + part] ?? 0;
      keptCuts[to + at] = rows.ends[place] ?? 0;
    }
    return { output: rows.bytes, cuts: keptCuts };
  }

  /** One of them may fail: none is written before all are encoded. */
  #addMany(values: readonly unknown[], encoder: Encoder): void {
    const { text } = this.#parts;
    const { counts } = this.#tally;
    const encode = (value: unknown): Encoded => {
      const written = writtenValue(value);
      try {
        return encoder.encode(written);
      } catch (thrown) {
        throw encodeError(thrown, written);
      }
    };
    const results = values.map(encode);
    const picked = results.filter((_, at) => this.#isPicked(values[at]));
    if (picked.length === 0) counts.rowsDropped++;
    else counts.rowsMapped++;
    for (const one of picked) {
      text.add(one);
      this.#countOut();
    }
  }

  /** Whether a stage that picks rows may want this one. */
  #isPicked(value: unknown): boolean {
    return this.notes === undefined || !(value instanceof Noted) || this.notes.add(value.note);
  }

  /** One row more has come out of the row that is being taken. */
  #countOut(): void {
    const { counts } = this.#tally;
    counts.rowsOut++;
    this.#cuts?.add(counts, { rowsIn: counts.rowsIn + 1, output: this.#parts.text.flush() }, this.#tally);
  }

  /** Writes all outcomes at once where that can be proven to be right; false when they must be written one by one. */
  #addBlock(outcomes: Outcome[], { block, delimiter }: Encoder): boolean {
    const { counts } = this.#tally;
    if (block === undefined || !block.isPromising(outcomes.length)) return false;
    const plain = block.encode(outcomes);
    const isWritten =
      plain !== undefined && this.#parts.text.addIf(plain.text, delimiter, (bytes) => block.isPlain(bytes, plain.rows));
    if (plain === undefined || !isWritten) return false;
    counts.rowsIn += outcomes.length;
    counts.rowsOut += plain.rows;
    counts.rowsMapped += plain.rows;
    counts.rowsDropped += outcomes.length - plain.rows;
    return true;
  }
}
