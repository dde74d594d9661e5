/** Rows that fail in a window in code, at the one place where rows are taken: they are told with the rows that come out. */
import type { RowReading } from "../../formats/text/dialect.ts";
import { describeFailure } from "../failure.ts";
import { Failed } from "../outcome.ts";
import { rejectRecord } from "../reject-record.ts";
import type { LateCut, LateFailure, RowPolicySetup } from "../wire.ts";
import { numberOf, readPlace } from "./row-places.ts";

export class LateFailures {
  readonly #policy: RowPolicySetup;
  /** How rows can be read again, for their records. */
  readonly #reading: RowReading | undefined;
  /** Each row of the input fails once, however many rows were made of it. */
  readonly #failed = new Set<number>();
  #new: LateFailure[] = [];
  /** The row of the input that has come last. */
  #after = -1;
  #cut: () => LateCut = () => ({ rowsOut: 0, bytes: 0 });

  constructor(policy: RowPolicySetup, reading: RowReading | undefined) {
    this.#policy = policy;
    this.#reading = reading;
  }

  /** So many rows have failed that no further one is taken. */
  get isFull(): boolean {
    return this.#failed.size >= this.#policy.stopsAt;
  }

  /** A row has come, or all have. @param cut Tells what has come out. */
  arrive(row: number, cut: () => LateCut): void {
    // Rows that were put into another order have all come before.
    this.#after = Math.max(this.#after, row);
    this.#cut = cut;
  }

  fail(place: string, thrown: unknown): void {
    const row = numberOf(place);
    if (this.#failed.has(row)) return;
    const { keepsRecords, marks } = this.#policy;
    const isTold = this.#failed.size === 0 || keepsRecords || marks === "failed";
    this.#failed.add(row);
    const at = { after: this.#after, ...this.#cut() };
    if (!isTold) {
      this.#new.push({ failure: undefined, record: "", ...at });
      return;
    }
    const { bytes, reading = this.#reading, ...taken } = readPlace(place);
    const failure = describeFailure(new Failed({ thrown }), taken);
    const record = keepsRecords ? rejectRecord(failure, bytes ?? taken.text, reading) : "";
    this.#new.push({ failure, record, ...at });
  }

  /** Those since the last time. */
  take(): LateFailure[] {
    const failures = this.#new;
    this.#new = [];
    return failures;
  }
}
