/** The same for JSON lines: values go from the kernel's index into the table of groups, and no row is made. */
import { type DecimalFields, decimalBytes } from "../../formats/indexed/field-reader.ts";
import { NO_TEXT } from "../../formats/indexed/interner.ts";
import { HEAD_WORDS, Kind, objectStride } from "../../formats/indexed/object-code.ts";
import type { BlockObjects } from "../../formats/format.ts";
import { JSON_WORDS, type Kernel } from "../../formats/kernel/host.ts";
import { groupPlan } from "../../stages/grouping/group-plan.ts";
import { tableOf } from "../../stages/grouping/group-table.ts";
import type { Grouping } from "../../stages/grouping/grouping.ts";
import type { CallSetup } from "../call-setup.ts";
import type { PlacedBlock } from "../placed-block.ts";
import { Misses } from "../plan/misses.ts";
import type { FoldedRows, ShortFold } from "../reduce/short-fold.ts";

export class ObjectGroupFold implements ShortFold {
  readonly #kernel: Kernel;
  readonly #keys: readonly string[];
  /** Words of the index that a row has. */
  readonly #stride: number;
  /** The keys that make groups, and those of figures, by their numbers in the index. */
  readonly #by: readonly number[];
  readonly #numbers: readonly number[];
  readonly #misses = new Misses();

  /** @param keys Those of the index, in its order; all keys of the grouping are among them. */
  constructor(kernel: Kernel, grouping: Grouping, keys: readonly string[]) {
    // Only values come this way that any output of such a run can hold.
    const plan = groupPlan(grouping, () => undefined);
    const numberOf = ({ name }: { name: string }): number => keys.indexOf(name);
    this.#kernel = kernel;
    this.#keys = keys;
    this.#stride = objectStride(keys.length);
    this.#by = plan.by.map(numberOf);
    this.#numbers = plan.numbers.map(numberOf);
  }

  take(_rows: CallSetup, { block: { objects } }: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    if (objects === undefined || this.#misses.isGivenUp) return undefined;
    const decimals = this.#decimals(objects);
    const ids = decimals && this.#ids(objects);
    if (decimals === undefined || ids === undefined) {
      this.#misses.miss();
      return undefined;
    }
    this.#misses.hit();
    const { rows, strings } = objects;
    const valueOf = (row: number, column: number): unknown => this.#value(objects, row, this.#by[column] ?? 0);
    tableOf(accumulator).addFields({ ids, decimals }, { rows, strings, names: this.#names(), valueOf });
    return { way: "groups", accumulator, rowsIn: rows, rowsOut: rows, failures: [] };
  }

  /** Undefined where a value is none that the kernel has read as a number. */
  #decimals({ rows }: BlockObjects): DecimalFields[] | undefined {
    const at = this.#kernel.scratch(this.#numbers.length * decimalBytes(rows) + 8);
    const { loops, fields, bytes } = this.#kernel;
    const found: DecimalFields[] = [];
    for (const [index, key] of this.#numbers.entries()) {
      const out = ((at + 7) & ~7) + index * decimalBytes(rows);
      const scales = out + rows * 8;
      if (loops.gatherObjectDecimals(fields.byteOffset, rows, this.#stride * 4, key, out, scales) !== rows)
        return undefined;
      found.push({
        digits: new Float64Array(bytes.buffer, out, rows),
        decimals: new Uint8Array(bytes.buffer, scales, rows),
        mostDecimals: this.#kernel.mostDecimals,
        isSeen: this.#kernel.hasSeenKey,
      });
    }
    return found;
  }

  /** Undefined where a value has to be read by JSON.parse: it may be one that makes no group, or cannot be written. */
  #ids({ rows }: BlockObjects): Int32Array | undefined {
    const { fields } = this.#kernel;
    const width = this.#by.length;
    const ids = new Int32Array(rows * width).fill(NO_TEXT);
    for (const [column, key] of this.#by.entries()) {
      let at = HEAD_WORDS + key * JSON_WORDS;
      for (let row = 0; row < rows; row++, at += this.#stride) {
        const kind = fields[at];
        if (kind === Kind.interned) ids[row * width + column] = fields[at + 2] ?? NO_TEXT;
        else if (kind === Kind.parsed || kind === Kind.nested) return undefined;
      }
    }
    return ids;
  }

  #value({ text }: BlockObjects, row: number, key: number): unknown {
    const { fields, numbers } = this.#kernel;
    const at = row * this.#stride + HEAD_WORDS + key * JSON_WORDS;
    switch (fields[at]) {
      case Kind.integer:
        return fields[at + 2];
      case Kind.number:
        return numbers[(at + 2) >> 1];
      case Kind.string:
        return text.substring(fields[at + 2] ?? 0, fields[at + 3] ?? 0);
      case Kind.true:
        return true;
      case Kind.false:
        return false;
      case Kind.null:
        return null;
      default:
        return undefined;
    }
  }

  /** The keys that the first row has. */
  #names(): string[] {
    const { fields } = this.#kernel;
    return this.#keys.filter((_, key) => fields[HEAD_WORDS + key * JSON_WORDS] !== Kind.missing);
  }
}
