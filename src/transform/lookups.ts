/** Tables in which code looks things up: `ctx.lookup("cities").get(id)`. */
import { RowmillError } from "../errors.ts";
import { generate, objectLiteral } from "../generated-code.ts";
import { didYouMean, nearest } from "../nearest.ts";
import { keyField } from "../tables/key-field.ts";
import { NONE } from "../formats/indexed/key-arrays.ts";
import { keyText } from "../tables/key-index.ts";
import { TableReader } from "../tables/packed-table.ts";
import type { Lookup } from "../code/context.ts";
import type { Row } from "../formats/format.ts";
import type { LookupSetup, RunSetup } from "./wire.ts";

/** The function that gives the tables of a run by name. */
export function lookupsOf({ lookups }: Pick<RunSetup, "lookups">): (name: string) => Lookup {
  const opened = new Map<string, Lookup>();
  return (name) => {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const setup = Object.hasOwn(lookups, name) ? lookups[name] : undefined;
    if (setup === undefined) throw noTable(name, Object.keys(lookups));
    const lookup = new TableLookup(name, setup);
    opened.set(name, lookup);
    return lookup;
  };
}

function noTable(name: unknown, names: readonly string[]): RowmillError {
  const near = typeof name === "string" ? nearest(name, names) : undefined;
  const hint = near === undefined ? `the tables are: ${names.join(", ")}` : didYouMean(near);
  return new RowmillError("row-lookup", `there is no table ${JSON.stringify(name)} to look things up in`, { hint });
}

class TableLookup implements Lookup {
  readonly #name: string;
  readonly #keys: number;
  readonly #table: TableReader;
  readonly #makeRow: (values: readonly unknown[]) => Row;
  readonly #isText: boolean;

  constructor(name: string, { table, keys, isText }: LookupSetup) {
    this.#name = name;
    this.#keys = keys;
    this.#table = new TableReader(table);
    this.#isText = isText;
    const fields = objectLiteral(table.columns.map((column, at): [string, string] => [column, `values[${at}]`]));
    this.#makeRow = generate("tableRow", `return function tableRow(values) { return ${fields}; }`) as (
      values: readonly unknown[],
    ) => Row;
  }

  /** A new object each time: what is done to it is seen by nobody else. */
  get(...key: readonly unknown[]): Row | undefined {
    const found = this.#find(key);
    return found === NONE ? undefined : this.#row(found);
  }

  has(...key: readonly unknown[]): boolean {
    return this.#find(key) !== NONE;
  }

  all(...key: readonly unknown[]): Row[] {
    const rows: Row[] = [];
    for (let found = this.#find(key); found !== NONE; found = this.#table.next(found)) rows.push(this.#row(found));
    return rows;
  }

  #find(key: readonly unknown[]): number {
    if (key.length !== this.#keys) {
      const wanted = `${this.#keys} ${this.#keys === 1 ? "value" : "values"}`;
      throw new RowmillError("row-lookup", `the key of the table ${this.#name} has ${wanted}, not ${key.length}`, {
        hint: "give one for each of its columns, in their order",
      });
    }
    const text = keyText(key.map((value) => keyField(value, undefined)));
    return text === undefined ? NONE : this.#table.find(text);
  }

  #row(found: number): Row {
    const values = this.#table.values(this.#table.text(found));
    return this.#makeRow(this.#isText ? values.map((value) => value ?? undefined) : values);
  }
}
