/**
 * `--pivot month=amount`: a row for each combination of the other columns, in which each month is a column that holds its
 * amount. Rows and columns stand in the order in which they first came.
 */
import { RowmillError } from "../../errors.ts";
import { sameColumns, shownColumn } from "../../formats/columns.ts";
import { FieldText } from "../../formats/values/field-text.ts";
import type { FoundNumber } from "../grouping/row-fields.ts";
import { ENTRY_BYTES, noRoom, shownCount, valueBytes } from "../kept.ts";
import type { MakeStage, TableRow } from "../stage.ts";
import { valueText } from "../value-text.ts";
import { ColumnPlaces, checkNumber, compareNumbers, isEmpty, numberIn } from "./values.ts";
import { RunningSum } from "./windows/running-sum.ts";

/** A row that is being made. */
interface PivotRow {
  names: readonly string[];
  others: readonly unknown[];
  cells: Map<string, Cell>;
}

/** What the values for one place come to. */
interface Cell {
  add(value: unknown): void;
  readonly value: unknown;
}

/** What a row takes beside its fields, and a cell beside its value. */
const ROW_BYTES = 4 * ENTRY_BYTES;
const CELL_BYTES = 2 * ENTRY_BYTES;

/** Rows come out in pieces of so many. */
const CHUNK_ROWS = 1024;

export const pivot: MakeStage = ([key = "", field = ""], facts) => {
  const { several } = facts;
  const isOfNumbers = several !== undefined && NUMBER_CELLS.has(several);
  return {
    name: "pivot",
    what: `${key}=${field}${several === undefined ? "" : ` with ${several}`}`,
    kind: "rewriting",
    keepsRows: false,
    columns: () => undefined,
    checked: isOfNumbers ? [key, field] : [key],
    check: (value, column) => {
      if (column === key) nameOf(value, key);
      else checkNumber(value, column);
    },
    rewriter: () => {
      const places = new ColumnPlaces([key, field], facts.areKnown);
      const table = new Map<string, PivotRow>();
      const columns = new Set<string>();
      let bytes = 0;
      let cellCount = 0;
      /** More of the table is there. */
      const keep = (more: number): void => {
        bytes += more;
        if (bytes <= facts.mostBytes) return;
        throw noRoom(`--pivot has ${shownCount(cellCount)} cells in ${shownCount(table.size)} rows`, {
          most: facts.mostBytes,
          hint: "columns that are not to make rows are left out before: -e '{ city, month, amount }'",
        });
      };
      const take = (row: TableRow): void => {
        const [keyAt = -1, fieldAt = -1] = places.in(row);
        const name = nameOf(row.values[keyAt], key);
        columns.add(name);
        const others = [...row.names.keys()].filter((at) => at !== keyAt && at !== fieldAt);
        const group = groupOf(row, others);
        let made = table.get(group);
        if (made === undefined) {
          made = {
            names: others.map((at) => row.names[at] ?? ""),
            others: others.map((at) => row.values[at]),
            cells: new Map(),
          };
          table.set(group, made);
          keep(ROW_BYTES + group.length + made.others.reduce((sum: number, value) => sum + valueBytes(value), 0));
        }
        const cell = made.cells.get(name);
        const value = row.values[fieldAt];
        if (cell !== undefined && several === undefined) throw twice({ made, key, name, field });
        const there = cell ?? makeCell(several, field);
        if (cell === undefined) {
          made.cells.set(name, there);
          cellCount++;
          keep(CELL_BYTES + valueBytes(value));
        }
        there.add(value);
      };
      return {
        take: (rows) => {
          for (const row of rows) take(row);
          return [];
        },
        *end() {
          places.check();
          const names = [...columns];
          let chunk: TableRow[] = [];
          let last: { own: readonly string[]; all: readonly string[] } | undefined;
          for (const { names: own, others, cells } of table.values()) {
            if (last === undefined || !sameColumns(own, last.own))
              last = { own, all: [...own, ...withoutOwn(names, own, key)] };
            const nothing = several === "count" ? 0 : null;
            chunk.push({
              names: last.all,
              values: [...others, ...names.map((name) => cells.get(name)?.value ?? nothing)],
            });
            if (chunk.length < CHUNK_ROWS) continue;
            yield chunk;
            chunk = [];
          }
          if (chunk.length > 0) yield chunk;
        },
      };
    },
  };
};

/** The column that a value names. */
function nameOf(value: unknown, key: string): string {
  const text = value instanceof FieldText ? value.text : value;
  const isText = typeof text === "string" || typeof text === "boolean";
  if (!isEmpty(value) && (isText || typeof text === "number" || typeof text === "bigint")) return String(text);
  const what = isEmpty(value) ? "is empty" : "holds an object";
  throw new RowmillError("row-type", `column ${shownColumn(key)} ${what}, and is to name a column`, {
    place: { file: "", line: 0, column: key },
  });
}

/** What tells rows apart that become different ones. */
function groupOf({ names, values }: TableRow, others: readonly number[]): string {
  let texts = "";
  for (const at of others) {
    const [name = "", value] = [names[at], values[at]];
    const text = valueText(value, name);
    // Of several texts put together, their lengths tell which.
    texts = `${texts}${name.length}:${name}${text.length}:${text}`;
  }
  return texts;
}

function withoutOwn(names: readonly string[], own: readonly string[], key: string): readonly string[] {
  const taken = names.find((name) => own.includes(name));
  if (taken === undefined) return names;
  throw new RowmillError(
    "input",
    `--pivot ${shownColumn(key)} makes a column ${shownColumn(taken)}, and there is one already`,
    { hint: "give that another name before, or leave it out" },
  );
}

function twice({ made, key, name, field }: { made: PivotRow; key: string; name: string; field: string }): RowmillError {
  const where = made.names.map((other, at) => `${shownColumn(other)} ${JSON.stringify(shown(made.others[at]))}`);
  const what = [...where, `${shownColumn(key)} ${JSON.stringify(name)}`].join(", ");
  return new RowmillError("input", `--pivot finds two values of ${shownColumn(field)} for ${what}`, {
    hint: "--pivot-with sum adds them up; first, last, count, mean, min and max are others",
  });
}

function shown(value: unknown): unknown {
  if (value instanceof FieldText) return value.text;
  return typeof value === "bigint" ? String(value) : value;
}

/** Ways to make one value of several that need numbers. */
const NUMBER_CELLS: ReadonlySet<string> = new Set(["sum", "mean", "min", "max"]);

function makeCell(several: string | undefined, column: string): Cell {
  switch (several) {
    case "count":
      return counted();
    case "sum":
    case "mean":
      return summed(several, column);
    case "min":
      return kept((number, best) => compareNumbers(number, best) < 0, column);
    case "max":
      return kept((number, best) => compareNumbers(number, best) > 0, column);
    case "last":
      return lastOne();
    default:
      return firstOne();
  }
}

function counted(): Cell {
  let count = 0;
  return {
    add: (value) => {
      if (!isEmpty(value)) count++;
    },
    get value() {
      return count;
    },
  };
}

function summed(what: "sum" | "mean", column: string): Cell {
  const sum = new RunningSum();
  let count = 0;
  return {
    add: (value) => {
      const number = numberIn(value, column);
      if (number === undefined) return;
      sum.add(number);
      count++;
    },
    get value() {
      if (count === 0) return null;
      return what === "sum" ? sum.sum : sum.mean(count);
    },
  };
}

function kept(isBetter: (number: FoundNumber, best: FoundNumber) => boolean, column: string): Cell {
  let best: { number: FoundNumber; value: unknown } | undefined;
  return {
    add: (value) => {
      const number = numberIn(value, column);
      if (number !== undefined && (best === undefined || isBetter(number, best.number))) best = { number, value };
    },
    get value() {
      return best?.value;
    },
  };
}

function firstOne(): Cell {
  let first: { value: unknown } | undefined;
  return {
    add: (value) => {
      first ??= { value };
    },
    get value() {
      return first?.value;
    },
  };
}

function lastOne(): Cell {
  let last: unknown;
  return {
    add: (value) => {
      last = value;
    },
    get value() {
      return last;
    },
  };
}
