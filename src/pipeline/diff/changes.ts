/** The rows that a diff gives, of the rows that differ: one for each of them, or one for each field of them. */
import { RowmillError } from "../../errors.ts";
import { parseJson, stringifyJson } from "../../formats/values/json.ts";
import { type Comparing, comparedText } from "../../stages/digest/compared-text.ts";

type Row = Record<string, unknown>;

/** The columns that a diff gives beside those of the rows. */
export const CHANGE = "_change";
export const CHANGED_COLUMNS = "_columns";
export const COLUMN = "_column";
export const OLD = "_old";
export const NEW = "_new";

export interface ChangeForm {
  by: readonly string[];
  /** The columns that both inputs have; undefined where rows have keys of their own. */
  compared: ReadonlySet<string> | undefined;
  ignored: ReadonlySet<string>;
  comparing: Comparing;
  /** A row for each field that has changed. */
  isLong: boolean;
}

/** Makes the lines of JSON of rows that differ, and notes the columns that these have. */
export class Changes {
  readonly #form: ChangeForm;
  readonly #columns: Set<string>;
  readonly #order: readonly string[];

  /** @param columns Those of the inputs' headers, in the order in which they are written. */
  constructor(form: ChangeForm, columns: readonly string[]) {
    this.#form = form;
    this.#order = columns;
    this.#columns = new Set(
      form.isLong
        ? [CHANGE, ...form.by, COLUMN, OLD, NEW]
        : [CHANGE, ...(form.by.length > 0 ? [CHANGED_COLUMNS] : []), ...columns],
    );
  }

  /** All columns that rows have. */
  get columns(): string[] {
    return [...this.#columns];
  }

  added(text: string): string[] {
    return this.#lone("added", rowOf(text));
  }

  removed(text: string): string[] {
    return this.#lone("removed", rowOf(text));
  }

  /** @throws {RowmillError} `input`, where nothing has changed: then it is not the row of which the digest was made. */
  changed(oldText: string, newText: string): string[] {
    const [before, after] = [rowOf(oldText), rowOf(newText)];
    const { comparing, by, isLong } = this.#form;
    const names = this.#comparedNames(after, before).filter(
      (name) => comparedText(own(before, name), comparing) !== comparedText(own(after, name), comparing),
    );
    if (names.length === 0 || by.some((name) => names.includes(name))) throw changedMeanwhile();
    if (!isLong) return [this.#line({ [CHANGE]: "changed", [CHANGED_COLUMNS]: names.join(",") }, after)];
    return names.map((name) => this.#field("changed", after, { name, before, after }));
  }

  /** A row that one input alone has. */
  #lone(change: "added" | "removed", row: Row): string[] {
    const { isLong, by } = this.#form;
    if (!isLong) return [this.#line({ [CHANGE]: change }, row)];
    const names = this.#namesOf(row).filter(
      (name) => !by.includes(name) && !this.#form.ignored.has(name) && comparedText(row[name], "as texts") !== "",
    );
    const [before, after] = change === "added" ? [{}, row] : [row, {}];
    // That a row is there is said, where it has nothing beside its key.
    if (names.length === 0) return [this.#field(change, row, undefined)];
    return names.map((name) => this.#field(change, row, { name, before, after }));
  }

  #line(head: Row, row: Row): string {
    for (const name of Object.keys(row)) this.#columns.add(name);
    // What is called as what stands before the row has been refused, or is a key of JSON: that would be lost.
    const taken = [CHANGE, CHANGED_COLUMNS].find((name) => Object.hasOwn(row, name));
    if (taken !== undefined) throw nameTaken(taken);
    return lineOf([...Object.entries(head), ...this.#namesOf(row).map((name) => [name, row[name]] as const)]);
  }

  #field(change: string, row: Row, field: { name: string; before: Row; after: Row } | undefined): string {
    const { by } = this.#form;
    const key = by.map((name) => [name, own(row, name)] as const);
    const what: [string, unknown][] =
      field === undefined
        ? []
        : [
            [COLUMN, field.name],
            [OLD, own(field.before, field.name)],
            [NEW, own(field.after, field.name)],
          ];
    return lineOf([[CHANGE, change], ...key, ...what]);
  }

  /** The columns of a row, in the order of the inputs' headers, where there are any. */
  #namesOf(row: Row): string[] {
    const known = new Set(this.#order);
    const ordered = this.#order.filter((name) => Object.hasOwn(row, name));
    return [...ordered, ...Object.keys(row).filter((name) => !known.has(name))];
  }

  #comparedNames(after: Row, before: Row): string[] {
    const { compared, ignored } = this.#form;
    const names = this.#namesOf({ ...after, ...before });
    return names.filter((name) => !ignored.has(name) && compared?.has(name) !== false);
  }
}

export function nameTaken(name: string): RowmillError {
  return new RowmillError("input", `the rows have a column ${name}, as the diff has`, {
    hint: "give it another name before the two are compared",
  });
}

export function changedMeanwhile(): RowmillError {
  return new RowmillError("input", "the input changed while it was read", {
    hint: "run again when nothing writes to it any more",
  });
}

function own(row: Row, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

/** A line of JSON whose keys stand as they are given: an object has those that are whole numbers first. */
function lineOf(fields: readonly (readonly [name: string, value: unknown])[]): string {
  const members = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${stringifyJson(value)}`);
  return `{${members.join(",")}}`;
}

function rowOf(text: string): Row {
  return parseJson(text) as Row;
}
