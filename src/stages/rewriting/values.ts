/** What a step that rewrites rows reads off the values of a row. */
import { FieldText } from "../../formats/values/field-text.ts";
import { type Decimal, addDecimals, decimalOf } from "../grouping/decimal.ts";
import { type FoundNumber, readNumber } from "../grouping/row-fields.ts";
import { SeenColumns } from "../unseen-column.ts";
import { valueText } from "../value-text.ts";
import { ENTRY_BYTES, noRoom, shownCount } from "../kept.ts";
import type { StepFacts, TableRow } from "../stage.ts";

/** Whether a value is none: a field that is not there, null, an empty text. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return value instanceof FieldText && (value.value === undefined || value.value === null);
}

/**
 * The number that a value is, to its last digit; undefined where it is empty.
 *
 * @throws {RowmillError} `row-type`, where it is something else.
 */
export function numberIn(value: unknown, column: string): FoundNumber | undefined {
  if (!(value instanceof FieldText)) return readNumber(value, column);
  const { text, value: read } = value;
  return readNumber(typeof read === "number" || typeof read === "bigint" ? text : read, column);
}

/** Below 0 where `a` is the less; exact, whatever they are. */
export function compareNumbers(a: FoundNumber, b: FoundNumber): number {
  const [one, other] = [typeof a === "object" ? a.nearest : a, typeof b === "object" ? b.nearest : b];
  if (one < other) return -1;
  if (one > other) return 1;
  if (typeof a !== "object" && typeof b !== "object") return 0;
  const { digits, scale } = exactOf(b);
  const { digits: difference } = addDecimals(exactOf(a), { digits: -digits, scale });
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function exactOf(number: FoundNumber): Decimal {
  if (typeof number === "object") return number.exact;
  return typeof number === "bigint" ? { digits: number, scale: 0 } : decimalOf(String(number));
}

/** Looks at a value for steps that want numbers. */
export function checkNumber(value: unknown, column: string): void {
  numberIn(value, column);
}

/** Where the columns that a step asks for are in rows, and whether any row has had them. */
export class ColumnPlaces {
  readonly #columns: readonly string[];
  readonly #unseen: SeenColumns;
  readonly #seen: boolean[];
  #isFirst = true;
  #names: readonly string[] | undefined;
  #places: readonly number[] = [];

  /** @param areKnown Whether it is certain that all of them are there. */
  constructor(columns: readonly string[], areKnown: boolean) {
    this.#columns = columns;
    this.#unseen = new SeenColumns(areKnown ? [] : columns);
    this.#seen = columns.map(() => areKnown);
  }

  /** The places in rows with these names; -1 where there is none. */
  in({ names, values }: TableRow): readonly number[] {
    if (names !== this.#names) {
      this.#names = names;
      this.#places = this.#columns.map((column) => names.indexOf(column));
      if (this.#isFirst) this.#unseen.add({ seen: [], names: names.filter((name) => !name.startsWith("\0")) });
      this.#isFirst = false;
    }
    for (let at = 0; at < this.#seen.length; at++)
      if (this.#seen[at] !== true && values[this.#places[at] ?? -1] !== undefined) this.#seen[at] = true;
    return this.#places;
  }

  /** @throws {RowmillError} `input`, where rows came and none had one of them. */
  check(): void {
    this.#unseen.add({ seen: [...this.#seen], names: [] });
    this.#unseen.check();
  }
}

/** What a group takes beside its key. */
const GROUP_BYTES = 4 * ENTRY_BYTES;

/** What is known of each group of rows: of those with the same values in some columns. */
export class Groups<State> {
  readonly #columns: readonly string[];
  readonly #make: () => State;
  readonly #states = new Map<string, State>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor({ per, mostBytes }: Pick<StepFacts, "per" | "mostBytes">, make: () => State) {
    this.#columns = per;
    this.#mostBytes = mostBytes;
    this.#make = make;
  }

  /** @param places Where the columns are in the values. */
  of(values: readonly unknown[], places: readonly number[]): State {
    const key = this.#keyOf(values, places);
    let state = this.#states.get(key);
    if (state === undefined) {
      state = this.#make();
      this.#states.set(key, state);
      this.#bytes += GROUP_BYTES + key.length;
      if (this.#bytes > this.#mostBytes)
        throw noRoom(`--per ${this.#columns.join(",")} has ${shownCount(this.#states.size)} groups`, {
          most: this.#mostBytes,
          hint: "fewer columns behind --per make fewer groups",
        });
    }
    return state;
  }

  #keyOf(values: readonly unknown[], places: readonly number[]): string {
    const [column = ""] = this.#columns;
    if (places.length === 0) return "";
    if (places.length === 1) return valueText(values[places[0] ?? -1], column);
    let key = "";
    for (const [at, place] of places.entries()) {
      const text = valueText(values[place], this.#columns[at] ?? "");
      // Of several texts put together, their lengths tell which.
      key = `${key}${text.length}:${text}`;
    }
    return key;
  }
}
