/** The short way of `--group-by` and its like over CSV: fields go from the kernel into the table of groups, and no row is made. */
import { FieldReader, type WantedFields } from "../../formats/indexed/field-reader.ts";
import { GroupLoops } from "../../formats/indexed/group-loops.ts";
import type { Memory } from "../../formats/memory.ts";
import type { CallSetup } from "../call-setup.ts";
import type { FoldedRows, ShortFold } from "../reduce/short-fold.ts";
import { Misses } from "../plan/misses.ts";
import { groupPlan } from "../../stages/grouping/group-plan.ts";
import { tableOf } from "../../stages/grouping/group-table.ts";
import type { Grouping } from "../../stages/grouping/grouping.ts";
import type { PlacedBlock } from "../placed-block.ts";

export class GroupFold implements ShortFold {
  readonly #reader: FieldReader;
  readonly #loops: GroupLoops;
  /** How many columns are read as texts. */
  readonly #texts: number;
  /** The columns that make groups, by number. */
  readonly #by: readonly number[];
  readonly #misses = new Misses();

  /** @param file The columns of the file; those of the grouping must be among them. */
  constructor(
    memory: Memory,
    grouping: Grouping,
    { file, quote, emptyIsNull = false }: { file: readonly string[]; quote: string; emptyIsNull?: boolean | undefined },
  ) {
    // Texts of CSV, which are all that comes this way, can be written: an output for which that is not so takes no short way.
    const plan = groupPlan(grouping, () => () => undefined);
    const numberOf = new Map(file.map((name, index) => [name, index]));
    const column = (name: string): number => numberOf.get(name) ?? 0;
    const wanted: WantedFields = {
      columns: file.length,
      quote,
      emptyIsNull,
      texts: plan.values.map(({ name }) => column(name)),
      numbers: [],
      decimals: plan.numbers.map(({ name }) => column(name)),
      interned: grouping.by.map(column),
    };
    this.#by = wanted.interned;
    this.#texts = wanted.texts.length;
    this.#reader = new FieldReader(memory, wanted);
    this.#loops = new GroupLoops(memory);
  }

  take(_rows: CallSetup, { block }: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    const { fields } = block;
    if (fields === undefined || this.#misses.isGivenUp) return undefined;
    const { rows } = fields;
    const table = tableOf(accumulator);
    const room = this.#loops.open({ rows, groups: table.count }, this.#reader.bytesFor(fields));
    const values = this.#reader.read(fields, room);
    if (values === undefined) {
      this.#misses.miss();
      return undefined;
    }
    this.#misses.hit();
    const { strings } = this.#reader;
    const { text, bounds } = values;
    // Texts that are long, or come when the table of texts is full.
    const valueOf = (row: number, column: number): string => this.#reader.text(fields, row, this.#by[column] ?? 0);
    const figuredOf = (row: number, column: number): string => {
      const at = row * this.#texts + column;
      return text.substring(bounds[at] ?? 0, bounds[at + 1] ?? 0);
    };
    // The columns are known: nobody asks for names.
    const loops = this.#loops;
    table.addFields(values, { rows, strings, names: [], valueOf, figuredOf, loops });
    return { way: "groups", accumulator, rowsIn: rows, rowsOut: rows, failures: [] };
  }
}
