/** A table for each group of rows, all of them in one file: the sheets of a workbook. */
import type { Framing, TableNames } from "../formats/format.ts";
import type { TableTemplate } from "../options/split-template.ts";
import type { SplitPlaces } from "./split-output.ts";

/** So many names that have become others are told. */
const TOLD = 5;

export class SplitTables implements SplitPlaces {
  readonly #template: TableTemplate;
  readonly #framing: Framing;
  readonly #names: TableNames;
  /** By the values of a group. */
  readonly #byKey = new Map<string, string>();
  /** Names as far as they differ for the format. */
  readonly #taken = new Set<string>();
  readonly #changed: string[] = [];
  readonly isResumed = false;
  readonly files = 0;

  constructor(template: TableTemplate, { framing, names }: { framing: Framing; names: TableNames }) {
    this.#template = template;
    this.#framing = framing;
    this.#names = names;
  }

  async write(key: string, rows: Uint8Array, columns: readonly string[] | undefined): Promise<void> {
    await this.#framing.table?.(this.#byKey.get(key) ?? this.#nameOf(key), rows, columns);
  }

  async written(): Promise<void> {}

  async end(): Promise<void> {}

  get notices(): readonly string[] {
    const [first = ""] = this.#changed;
    const { length } = this.#changed;
    if (length === 0) return [];
    const more = length > TOLD ? `, and ${length - TOLD} more` : "";
    const list = this.#changed.slice(0, TOLD).join(", ");
    return [
      length === 1
        ? `a sheet is not called as its rows are: ${first}`
        : `sheets are not called as their rows are: ${list}${more}`,
    ];
  }

  /** A name that the format takes, and that no other table has. */
  #nameOf(key: string): string {
    const wanted = this.#template.nameOf(JSON.parse(key) as string[]);
    let name = this.#names.like(wanted, "");
    for (let count = 2; this.#taken.has(name.toLowerCase()); count++) name = this.#names.like(wanted, ` (${count})`);
    this.#taken.add(name.toLowerCase());
    this.#byKey.set(key, name);
    if (name !== wanted) this.#changed.push(`${JSON.stringify(wanted)} is ${JSON.stringify(name)}`);
    return name;
  }
}
