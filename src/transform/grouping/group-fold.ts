/** The short way of `--group-by` and its like: fields go from the kernel into the table of groups, and no row is made. */
import { FieldReader, type WantedFields } from "../../formats/csv/field-reader.ts";
import { NO_TEXT } from "../../formats/csv/interner.ts";
import type { Kernel } from "../../formats/kernel/host.ts";
import type { BatchRows, PlacedBlock } from "../block-mapper.ts";
import type { ShortFold } from "../reduce/short-fold.ts";
import { GroupTable } from "./group-table.ts";
import { type GroupPlan, groupPlan } from "./group-plan.ts";
import type { Grouping } from "./grouping.ts";

/** After so many batches with fields that the kernel does not read, no further one is tried. */
const MAX_MISSES = 16;

export class GroupFold implements ShortFold {
  readonly way = "groups";
  readonly #kernel: Kernel;
  readonly #plan: GroupPlan;
  readonly #reader: FieldReader;
  #table: GroupTable;
  #misses = 0;

  /** @param file The columns of the file; those of the grouping must be among them. */
  constructor(kernel: Kernel, grouping: Grouping, { file, quote }: { file: readonly string[]; quote: string }) {
    // Texts of CSV, which are all that comes this way, can be written: an output for which that is not so takes no short way.
    this.#plan = groupPlan(grouping, () => undefined);
    const numberOf = new Map(file.map((name, index) => [name, index]));
    const column = (name: string): number => numberOf.get(name) ?? 0;
    const wanted: WantedFields = {
      columns: file.length,
      quote,
      texts: [],
      numbers: [],
      decimals: this.#plan.numbers.map(({ name }) => column(name)),
      interned: grouping.by.map(column),
    };
    this.#kernel = kernel;
    this.#reader = new FieldReader(kernel, wanted);
    this.#table = new GroupTable(this.#plan);
  }

  begin(): void {
    this.#table = new GroupTable(this.#plan);
  }

  take(_rows: BatchRows, { block }: PlacedBlock): number | undefined {
    const { fields } = block;
    if (fields === undefined || this.#misses >= MAX_MISSES) return undefined;
    const values = this.#reader.read(fields, this.#kernel.scratch(this.#reader.bytesFor(fields)));
    if (values === undefined || values.ids.includes(NO_TEXT)) {
      this.#misses++;
      return undefined;
    }
    this.#table.addFields(values, { rows: fields.rows, strings: this.#reader.strings });
    return fields.rows;
  }

  end(): unknown {
    return this.#table;
  }
}
