/** Rows of the output that go to a file for each of their values in some columns: which file, and what stands around rows there. */
import { RowmillError, UsageError } from "../errors.ts";
import { placed } from "../io/start-folder.ts";
import { hasColumns } from "../formats/registry.ts";
import { shownColumn, shownColumns } from "../formats/columns.ts";
import type { Framing, MakeRowFinder } from "../formats/format.ts";
import { RowGrouper, type RowGroups } from "../formats/row-groups.ts";
import type { ManyFile, PartFiles } from "../io/part-files.ts";
import type { SplitTemplate } from "../options/split-template.ts";
import { checkSeen } from "../stages/unseen-column.ts";
import type { BatchResult } from "../transform/wire.ts";
import { outputFraming } from "./framing.ts";
import type { OutputPlan } from "./options.ts";

interface SplitFile {
  file: ManyFile;
  framing: Framing;
}

export class SplitOutput {
  readonly #template: SplitTemplate;
  readonly #plan: OutputPlan;
  readonly #files: PartFiles;
  readonly #finder: MakeRowFinder;
  readonly #byKey = new Map<string, SplitFile>();
  readonly #keyOf = new Map<string, string>();
  /** Places where something else is written. */
  readonly #taken: ReadonlySet<string>;
  /** Which columns rows had. */
  readonly #seen: boolean[];
  #grouper: RowGrouper | undefined;
  #hasRows = false;

  constructor(
    template: SplitTemplate,
    plan: OutputPlan,
    { files, finder, taken }: { files: PartFiles; finder: MakeRowFinder; taken: ReadonlySet<string> },
  ) {
    this.#taken = taken;
    this.#finder = finder;
    this.#template = template;
    this.#plan = plan;
    this.#files = files;
    this.#seen = template.by.map(() => false);
  }

  /** Hands rows to their files. */
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
      const { file, framing } = this.#byKey.get(key) ?? this.#open(key);
      const framed = framing.batch(rows.output.subarray(start, end), columns);
      this.#files.append(file, framed instanceof Promise ? await framed : framed);
      start = end;
    }
    await this.#files.writeOut();
  }

  /** All rows are written. */
  async end(columns: readonly string[] | undefined): Promise<void> {
    this.#checkSeen();
    // Those that an earlier run has begun, and that had no more rows, end as well.
    for (const { path, bytes } of this.#own()) {
      const key = this.#keyOf.get(path);
      if (key === undefined && bytes > 0) this.#reopen(path);
    }
    for (const { file, framing } of this.#byKey.values()) this.#files.append(file, await framing.end(columns));
  }

  /** So many files have rows. */
  get files(): number {
    return this.#own().filter(({ bytes }) => bytes > 0).length;
  }

  /** The files of rows that are split: emitted ones go to others. */
  #own(): ManyFile[] {
    return this.#files.all.filter(({ path }) => !this.#taken.has(placed(path)));
  }

  /** A mistyped name must not put all rows into one file. */
  #checkSeen(): void {
    const isResumed = this.#own().length > this.#keyOf.size;
    const column = this.#template.by.find((_, at) => this.#seen[at] !== true);
    if (this.#hasRows && !isResumed && column !== undefined) checkSeen({ column, names: [] });
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
    const { by } = this.#template;
    return new RowGrouper(this.#finder({ format, dialect }, columns, by));
  }

  /**
   * The columns of all rows are known.
   *
   * @throws {RowmillError} `input`, when one by which they are split is not among them.
   */
  checkColumns(columns: readonly string[] | undefined): void {
    if (columns === undefined || !hasColumns(this.#plan.format)) return;
    const lacking = this.#template.by.find((name) => !columns.includes(name));
    if (lacking === undefined) return;
    throw new RowmillError("input", `--split-by names ${shownColumn(lacking)}, which is no column of the output`, {
      hint: `the columns are: ${shownColumns(columns)}`,
    });
  }

  #open(key: string): SplitFile {
    const values = JSON.parse(key) as string[];
    const path = this.#template.pathOf(values);
    const other = this.#keyOf.get(path);
    if (other !== undefined) {
      throw new RowmillError("output", `rows with ${key} and rows with ${other} would go to the same file: ${path}`, {
        hint: "put something between the columns of the path that is in no value",
      });
    }
    const place = placed(path);
    if (this.#taken.has(place) || this.#taken.has(`${place}.part`)) {
      throw new UsageError(`${path} is a file of --split-by, and of --emit as well`, "write to another folder");
    }
    const file = this.#files.file(path);
    const opened = { file, framing: outputFraming(this.#plan, file.bytes > 0) };
    this.#byKey.set(key, opened);
    this.#keyOf.set(path, key);
    return opened;
  }

  /** Which values its rows have does not matter any more. */
  #reopen(path: string): void {
    const file = this.#files.file(path);
    this.#byKey.set(path, { file, framing: outputFraming(this.#plan, true) });
  }
}
