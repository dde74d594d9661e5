/** The same for JSON lines: values go from the kernel's index into the table of groups, and no row is made. */
import { GroupLoops } from "../../formats/indexed/group-loops.ts";
import { NO_TEXT } from "../../formats/indexed/interner.ts";
import { ObjectReader } from "../../formats/indexed/object-reader.ts";
import type { Memory } from "../../formats/memory.ts";
import { groupPlan } from "../../stages/grouping/group-plan.ts";
import { tableOf } from "../../stages/grouping/group-table.ts";
import type { Grouping } from "../../stages/grouping/grouping.ts";
import type { CallSetup } from "../call-setup.ts";
import type { PlacedBlock } from "../placed-block.ts";
import { Misses } from "../plan/misses.ts";
import type { FoldedRows, ShortFold } from "../reduce/short-fold.ts";

export class ObjectGroupFold implements ShortFold {
  readonly #reader: ObjectReader;
  readonly #loops: GroupLoops;
  readonly #keys: readonly string[];
  /** The keys that make groups, and those of figures, by their numbers in the index. */
  readonly #by: readonly number[];
  readonly #numbers: readonly number[];
  readonly #values: readonly number[];
  readonly #misses = new Misses();

  /** @param keys Those of the index, in its order; all keys of the grouping are among them. */
  constructor(memory: Memory, grouping: Grouping, keys: readonly string[]) {
    // Only values come this way that any output of such a run can hold.
    const plan = groupPlan(grouping, () => () => undefined);
    const numberOf = ({ name }: { name: string }): number => keys.indexOf(name);
    this.#reader = new ObjectReader(memory, keys.length);
    this.#loops = new GroupLoops(memory);
    this.#keys = keys;
    this.#by = plan.by.map(numberOf);
    this.#numbers = plan.numbers.map(numberOf);
    this.#values = plan.values.map(numberOf);
  }

  take(_rows: CallSetup, { block: { objects } }: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    if (objects === undefined || this.#misses.isGivenUp) return undefined;
    const { rows, strings } = objects;
    const table = tableOf(accumulator);
    const reader = this.#reader;
    const bytes = [
      reader.bytesFor(rows, { decimals: this.#numbers.length }),
      reader.bytesFor(rows, { ids: this.#by.length }),
      reader.bytesFor(rows, { ids: this.#values.length }),
    ] as const;
    const at = this.#loops.open({ rows, groups: table.count }, bytes[0] + bytes[1] + bytes[2]);
    const decimals = reader.decimals(objects, this.#numbers, at);
    // A value that has to be read by JSON.parse may be one that makes no group, or cannot be written.
    const ids = decimals && reader.ids(objects, this.#by, at + bytes[0]);
    const valueIds = ids && reader.ids(objects, this.#values, at + bytes[0] + bytes[1]);
    if (decimals === undefined || ids === undefined || valueIds === undefined) {
      this.#misses.miss();
      return undefined;
    }
    this.#misses.hit();
    const valueOf = (row: number, column: number): unknown => reader.value(objects, row, this.#by[column] ?? 0);
    const figuredOf = (row: number, column: number): unknown => {
      const id = valueIds[row * this.#values.length + column] ?? NO_TEXT;
      return id === NO_TEXT ? reader.value(objects, row, this.#values[column] ?? 0) : strings[id];
    };
    table.addFields({ ids, decimals }, { rows, strings, names: this.#names(), valueOf, figuredOf, loops: this.#loops });
    return { way: "groups", accumulator, rowsIn: rows, rowsOut: rows, failures: [] };
  }

  /** The keys that the first row has. */
  #names(): string[] {
    return this.#keys.filter((_, key) => this.#reader.has(0, key));
  }
}
