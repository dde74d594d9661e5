/** What all workers have seen of a run's calls: said at its end. */
import { RowmillError } from "../errors.ts";
import { shownColumn } from "../formats/columns.ts";
import { nearest } from "../nearest.ts";
import type { WatchedCalls } from "../transform/wire.ts";

export class Watched {
  readonly #gave = new Set<WatchedCalls["gave"]>();
  #lacking: ReadonlySet<string> | undefined;
  #localDate: WatchedCalls["localDate"];

  /** What one of them has seen so far. */
  add(seen: WatchedCalls | undefined): void {
    if (seen === undefined) return;
    this.#gave.add(seen.gave);
    this.#localDate ??= seen.localDate;
    if (seen.lacking === undefined) return;
    const lacking = new Set(seen.lacking);
    this.#lacking = this.#lacking?.intersection(lacking) ?? lacking;
  }

  /**
   * @param expression What was called, where it is an expression.
   * @throws {RowmillError} `transform`, when the function was called, and gave nothing each time.
   */
  async check(rows: number, expression: string | undefined): Promise<void> {
    if (!this.#gave.has("nothing") || this.#gave.has("something")) return;
    const many = rows === 1 ? "the only row" : `any of ${rows} rows`;
    if (expression !== undefined && !(await givesFunction(expression)))
      throw new RowmillError("transform", `the expression gave undefined for ${many}`, {
        hint: "an object is a row, { name: value, … }; to drop rows on purpose give null: … ?? null",
      });
    throw new RowmillError("transform", `the function gave nothing for ${many}`, {
      hint: "return a row: an object behind => stands in brackets, (row) => ({ … }); to drop rows on purpose return null",
    });
  }

  /** What to say of keys that no row had; `keys` are those that the first rows have. */
  notes(keys: () => readonly string[]): string[] {
    return [...this.#dateNotes(), ...this.#keyNotes(keys)];
  }

  #dateNotes(): string[] {
    if (this.#localDate === undefined) return [];
    const { column, text } = this.#localDate;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const name = shownColumn(column);
    const how = /^\d{4}-\d\d-\d\d[T ]/.test(text) ? `; in UTC it is new Date(${name} + "Z")` : "";
    return [`new Date(${name}) takes ${JSON.stringify(text)} as a time of this machine's zone, ${zone}${how}`];
  }

  #keyNotes(keys: () => readonly string[]): string[] {
    if (this.#lacking === undefined || this.#lacking.size === 0) return [];
    const known = keys();
    return [...this.#lacking].map((name) => {
      // The name may be one of a key within another one.
      const near = nearest(
        name,
        known.filter((one) => one !== name),
      );
      return `no row had ${shownColumn(name)}${near === undefined ? "" : `; did you mean ${shownColumn(near)}?`}`;
    });
  }
}

/** Whether an expression is a function, which is called for each row. */
async function givesFunction(expression: string): Promise<boolean> {
  // Who parses code is loaded for the error only.
  const [{ treeOfExpression }, { isFunction }] = await Promise.all([
    import("../code/expression.ts"),
    import("../code/proof-subject.ts"),
  ]);
  return isFunction(treeOfExpression(expression));
}
