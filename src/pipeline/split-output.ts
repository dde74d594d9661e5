/** Rows of the output that go to a place of their own for each of their values in some columns: a file, or a table in one. */
import { RowmillError } from "../errors.ts";
import { hasColumns } from "../formats/registry.ts";
import { shownColumn, shownColumns } from "../formats/columns.ts";
import type { MakeRowFinder } from "../formats/format.ts";
import { RowGrouper, type RowGroups } from "../formats/row-groups.ts";
import { checkSeen } from "../stages/unseen-column.ts";
import type { BatchResult } from "../transform/wire.ts";
import type { OutputPlan } from "./options.ts";

/** Where the rows of each group go. */
export interface SplitPlaces {
  /** @param key The values of the group, as the text of a list in JSON. */
  write(key: string, rows: Uint8Array, columns: readonly string[] | undefined): Promise<void>;
  /** All groups of a batch have been written. */
  written(): Promise<void>;
  /** All rows have. */
  end(columns: readonly string[] | undefined): Promise<void>;
  /** An earlier run has written rows of groups that this one has not met. */
  readonly isResumed: boolean;
  /** So many files have rows. */
  readonly files: number;
  /** What whoever looks at the output should know. */
  readonly notices: readonly string[];
}

export class SplitOutput {
  readonly #by: readonly string[];
  readonly #plan: OutputPlan;
  readonly #places: SplitPlaces;
  readonly #finder: MakeRowFinder;
  /** Which columns rows had. */
  readonly #seen: boolean[];
  #grouper: RowGrouper | undefined;
  #hasRows = false;

  constructor(
    by: readonly string[],
    plan: OutputPlan,
    { places, finder }: { places: SplitPlaces; finder: MakeRowFinder },
  ) {
    this.#by = by;
    this.#plan = plan;
    this.#places = places;
    this.#finder = finder;
    this.#seen = by.map(() => false);
  }

  /** Hands rows to their places. */
  async write(
    { output, groups }: Pick<BatchResult, "output" | "groups">,
    columns: readonly string[] | undefined,
  ): Promise<void> {
    if (output.length === 0) return;
    const rows = groups === undefined ? this.#grouped(output, columns) : { output, groups };
    this.#hasRows = true;
    for (const [at, isSeen] of rows.groups.seen.entries()) if (isSeen) this.#seen[at] = true;
    let start = 0;
    for (const [group, key] of rows.groups.keys.entries()) {
      const end = start + (rows.groups.bytes[group] ?? 0);
      await this.#places.write(key, rows.output.subarray(start, end), columns);
      start = end;
    }
    await this.#places.written();
  }

  /** All rows are written. */
  async end(columns: readonly string[] | undefined): Promise<void> {
    this.#checkSeen();
    await this.#places.end(columns);
  }

  /** So many files have rows. */
  get files(): number {
    return this.#places.files;
  }

  get notices(): readonly string[] {
    return this.#places.notices;
  }

  /** A mistyped name must not put all rows into one place. */
  #checkSeen(): void {
    const column = this.#by.find((_, at) => this.#seen[at] !== true);
    if (this.#hasRows && !this.#places.isResumed && column !== undefined) checkSeen({ column, names: [] });
  }

  /** Rows come in their order where they may be cut, or come out at the end. */
  #grouped(output: Uint8Array, columns: readonly string[] = []): { output: Uint8Array; groups: RowGroups } {
    this.#grouper ??= this.#makeGrouper(columns);
    const target = new Uint8Array(output.length);
    const groups = this.#grouper.group(output, target);
    return { output: target, groups };
  }

  #makeGrouper(columns: readonly string[]): RowGrouper {
    const { format, dialect } = this.#plan;
    return new RowGrouper(this.#finder({ format, dialect }, columns, this.#by));
  }

  /**
   * The columns of all rows are known.
   *
   * @throws {RowmillError} `input`, when one by which they are split is not among them.
   */
  checkColumns(columns: readonly string[] | undefined): void {
    if (columns === undefined || !hasColumns(this.#plan.format)) return;
    const lacking = this.#by.find((name) => !columns.includes(name));
    if (lacking === undefined) return;
    throw new RowmillError("input", `--split-by names ${shownColumn(lacking)}, which is no column of the output`, {
      hint: `the columns are: ${shownColumns(columns)}`,
    });
  }
}
