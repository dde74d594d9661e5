/** A column that no row has had: a mistyped name must not make a result of empty fields. */
import { RowmillError } from "../errors.ts";
import { hasHidden, isPlainName, quotedText, shownColumn, shownColumns } from "../formats/columns.ts";
import { namesWord, shellWord } from "../formats/command-words.ts";
import { objectKey } from "../code/column-code.ts";
import { didYouMean, nearest } from "../nearest.ts";

/** Such a column, and the columns that the first row had. */
export interface UnseenColumn {
  column: string;
  names: readonly string[];
}

/** Which of the columns that are asked for its rows have had, as one worker knows it; its parts tell it. */
export interface SeenNames {
  seen: boolean[];
  /** Columns of the first row that the worker had. */
  names: string[];
}

/** Puts together what workers have seen. */
export class SeenColumns {
  readonly #columns: readonly string[];
  readonly #seen: boolean[];
  #names: string[] = [];

  constructor(columns: readonly string[]) {
    this.#columns = columns;
    this.#seen = columns.map(() => false);
  }

  add({ seen, names }: SeenNames): void {
    for (const [at, isSeen] of seen.entries()) if (isSeen) this.#seen[at] = true;
    if (this.#names.length === 0) this.#names = names;
  }

  /** @throws {RowmillError} `input`, where rows came, and none had one of them. */
  check(): void {
    const column = this.#columns.find((_, at) => this.#seen[at] !== true);
    if (this.#names.length > 0 && column !== undefined) checkSeen({ column, names: this.#names });
  }
}

/** @throws {RowmillError} `input`, where there is one. */
export function checkSeen(unseen: UnseenColumn | undefined): void {
  if (unseen === undefined) return;
  const { column, names } = unseen;
  throw new RowmillError("input", `no row has a column ${shownColumn(column)}`, { hint: unseenHint(column, names) });
}

/** What is known of the first row: of JSON, only the columns that are looked at are read. */
export function unseenHint(column: string, names: readonly string[]): string {
  if (names.includes(column)) return "each row gives it a name and no value: what it is made of is not there";
  const near = nearest(column, names);
  if (near !== undefined && (hasHidden(near) || near.normalize() === column.normalize())) {
    const key = quotedText(near, /\P{ASCII}/gu);
    return `the key is ${key}: -e ${shellWord(`{ ...row, ${objectKey(column)}: row[${key}] }`)} gives it a name that can be typed`;
  }
  if (near !== undefined) return didYouMean(isPlainName(near) ? near : namesWord([near]));
  return names.length === 0
    ? "it must be written as the key stands in the rows: --limit 1 -e row shows the first one"
    : `the first row has: ${shownColumns(names)}`;
}
