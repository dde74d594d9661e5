/**
 * Calls a window function for each row with the rows around it. Rows come out in the order in which they came: one waits for
 * those behind it that its function is to get, and the rows behind it with it. Of a partition no more rows are kept than one to
 * come may look at.
 */
import { RowmillError, describeThrown } from "../../errors.ts";
import { RowContext, type WorkerContext, listenTo } from "../../code/context.ts";
import { userFrames } from "../../code/frames.ts";
import type { WindowParts } from "../../code/window.ts";
import { validator } from "../../fields/schema/validator.ts";
import { columnsOfFirstRow, inputOrder } from "../../formats/columns.ts";
import { encodeError } from "../../formats/encode-error.ts";
import { resultEncoder, sharesColumns } from "../../formats/encoder.ts";
import type { OutputSetup, Row } from "../../formats/format.ts";
import { needRow } from "../../formats/result-row.ts";
import { FieldText } from "../../formats/values/field-text.ts";
import { parseJson } from "../../formats/values/json.ts";
import { NestedText } from "../../formats/values/nested-text.ts";
import { SharedNames } from "../../stages/rewriting/shared-names.ts";
import { ColumnPlaces } from "../../stages/rewriting/values.ts";
import { ENTRY_BYTES, noRoom, shownCount, valueBytes } from "../../stages/kept.ts";
import type { Rewriter, TableRow } from "../../stages/stage.ts";
import { valueText } from "../../stages/value-text.ts";
import type { LoadedWindow } from "../transform.ts";
import type { LateFailures } from "./late-failures.ts";
import { PLACE, placeIn, whereOf } from "./row-places.ts";
import { cellsObject, fixedValue, rowForm, setField, valuesBy } from "./table-rows.ts";

/** What a window needs of a run. */
export interface WindowRun {
  output: OutputSetup;
  inputColumns: readonly string[] | undefined;
  context: WorkerContext;
  /** Where rows know from where they come: those that fail. */
  late: LateFailures | undefined;
  /** So many bytes of rows may be kept, about. */
  mostBytes: number;
}

/** The context of a window function. */
class WindowContext extends RowContext {
  /** Where the row stands among the rows that the function gets. */
  readonly at: number;

  constructor(worker: WorkerContext, { file, row, line }: { file: string; row: number; line: number }, at: number) {
    super(worker, file, row, () => line);
    this.at = at;
    listenTo(this, noEmit);
  }
}

function noEmit(): never {
  throw new RowmillError("row-function", "ctx.emit is not there for a window", {
    hint: "emit in a function before it: export default (row, ctx) => …, and the window among the options",
  });
}

/** A row, for the function and as it came. */
interface Held {
  row: Row;
  table: TableRow;
  /** Columns of the row, and where they stand in the values. */
  places: ReadonlyMap<string, number>;
  place: string | undefined;
  /** What it takes in memory, about: as it came, and for the function. */
  bytes: number;
  partition: Partition;
  /** Its number in its partition. */
  at: number;
  /** What has become of it, when that is known. */
  out: readonly TableRow[] | undefined;
}

interface Partition {
  /** The rows that may still be looked at, what each takes in memory, and the number of the first of them. */
  rows: Row[];
  bytes: number[];
  first: number;
  /** Those whose function was not called yet, from `next` on. */
  waiting: Held[];
  next: number;
}

/** What rows and partitions take beside values and keys. */
const ROW_BYTES = 2 * ENTRY_BYTES;
const PARTITION_BYTES = 8 * ENTRY_BYTES;
/** So many more rows than are looked at are forgotten together. */
const FORGOTTEN_ROWS = 256;

export function codeWindow(window: LoadedWindow, run: WindowRun): Rewriter {
  return new CodeWindow(window, run);
}

class CodeWindow implements Rewriter {
  readonly #parts: WindowParts;
  readonly #run: WindowRun;
  readonly #results: WindowResults;
  readonly #columns: ColumnPlaces | undefined;
  readonly #partitions = new Map<string, Partition>();
  /** Rows that have not come out, from `#head` on. */
  #queue: Held[] = [];
  #head = 0;
  readonly #layouts = new WeakMap<readonly string[], ReadonlyMap<string, number>>();
  /** How many rows there were. */
  #count = 0;
  /** What rows that are kept take, about. */
  #bytes = 0;

  constructor(window: LoadedWindow, run: WindowRun) {
    this.#parts = window.parts;
    this.#run = run;
    this.#results = new WindowResults(window, run);
    const { partition } = window.parts;
    this.#columns = typeof partition === "function" ? undefined : new ColumnPlaces(partition, false);
  }

  take(rows: readonly TableRow[]): readonly TableRow[] {
    const out: TableRow[] = [];
    for (const row of rows) {
      this.#add(row);
      for (let next = this.#queue[this.#head]; next?.out !== undefined; next = this.#queue[++this.#head]) {
        out.push(...next.out);
        this.#bytes -= next.bytes;
      }
      if (this.#head >= FORGOTTEN_ROWS) this.#forget();
      if (this.#run.late?.isFull === true) break;
    }
    return out;
  }

  *end(): Generator<readonly TableRow[]> {
    this.#columns?.check();
    for (; this.#head < this.#queue.length; this.#head++) {
      if (this.#head >= FORGOTTEN_ROWS) this.#forget();
      const held = this.#queue[this.#head];
      if (held === undefined) continue;
      if (held.out === undefined) this.#call(held);
      // One by one: where the next one fails, what has come out before it is known.
      if (held.out !== undefined && held.out.length > 0) yield held.out;
      if (this.#run.late?.isFull === true) return;
    }
  }

  #forget(): void {
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }

  #add(table: TableRow): void {
    const place = placeIn(table);
    const places = this.#layoutOf(table.names);
    const row = rowOf(table, places);
    this.#count++;
    let partition: Partition;
    try {
      partition = this.#partitionOf(row, table);
    } catch (thrown) {
      if (thrown instanceof RowmillError && thrown.code === "memory") throw thrown;
      this.#fail(place, changing(thrown));
      return;
    }
    const at = partition.first + partition.rows.length;
    // As it came, and as an object; of the latter, the partition keeps it longer.
    const bytes = ROW_BYTES + table.values.reduce((sum: number, value) => sum + valueBytes(value), 0);
    const held: Held = { row, table, places, place, bytes, partition, at, out: undefined };
    partition.rows.push(row);
    partition.bytes.push(bytes);
    this.#keep(2 * bytes);
    partition.waiting.push(held);
    this.#queue.push(held);
    const { before, after } = this.#parts.range;
    for (let next = partition.waiting[partition.next]; next !== undefined && next.at + after <= at;) {
      this.#call(next);
      next = partition.waiting[++partition.next];
    }
    if (partition.next >= FORGOTTEN_ROWS || (after === 0 && partition.next === partition.waiting.length)) {
      partition.waiting = partition.waiting.slice(partition.next);
      partition.next = 0;
    }
    // Of those that are looked at, the next one to be called looks at the farthest.
    const from = (partition.waiting[partition.next]?.at ?? at + 1) - before - partition.first;
    if (from < FORGOTTEN_ROWS) return;
    for (const gone of partition.bytes.slice(0, from)) this.#bytes -= gone;
    partition.rows = partition.rows.slice(from);
    partition.bytes = partition.bytes.slice(from);
    partition.first += from;
  }

  #keep(bytes: number): void {
    const { mostBytes } = this.#run;
    this.#bytes += bytes;
    if (this.#bytes <= mostBytes) return;
    const groups = this.#partitions.size;
    const rows = this.#partitions.values().reduce((sum, partition) => sum + partition.rows.length, 0);
    throw noRoom(
      `the window keeps ${shownCount(rows)} rows${groups === 1 ? "" : ` of ${shownCount(groups)} partitions`}`,
      {
        most: mostBytes,
        hint: "a function gets so many rows as size says: fewer before and behind, or fewer partitions, keep fewer",
      },
    );
  }

  /** Calls the function for a row: all rows that it is to get are there, or no more come. */
  #call(held: Held): void {
    const { partition, row, place } = held;
    const { each, range } = this.#parts;
    const own = held.at - partition.first;
    const from = Math.max(0, own - range.before);
    const isWhole = range.before === Number.POSITIVE_INFINITY && range.after === range.before;
    // One that looks at all of them gets the same list each time: a copy for each row would be too much.
    const rows = isWhole ? Object.freeze(partition.rows) : partition.rows.slice(from, own + range.after + 1);
    const taken = place === undefined ? { file: "", row: this.#count - 1, line: 0 } : whereOf(place);
    const ctx = new WindowContext(this.#run.context, taken, own - from);
    try {
      const result: unknown = Reflect.apply(each, undefined, [rows, row, ctx]);
      held.out = this.#results.of(result, held);
    } catch (thrown) {
      held.out = [];
      this.#fail(place, changing(thrown));
    }
  }

  #fail(place: string | undefined, thrown: unknown): void {
    const { late } = this.#run;
    if (place !== undefined && late !== undefined) {
      late.fail(place, thrown);
      return;
    }
    const frames = thrown instanceof RowmillError ? thrown.frames : userFrames(thrown);
    const why = thrown instanceof RowmillError ? thrown.message : describeThrown(thrown);
    throw new RowmillError("transform", `the window failed for a row that the steps before it have made: ${why}`, {
      ...(thrown instanceof RowmillError && thrown.hint !== undefined && { hint: thrown.hint }),
      ...(frames !== undefined && { frames }),
      cause: thrown,
    });
  }

  #partitionOf(row: Row, table: TableRow): Partition {
    const key = this.#keyOf(row, table);
    let partition = this.#partitions.get(key);
    if (partition === undefined) {
      partition = { rows: [], bytes: [], first: 0, waiting: [], next: 0 };
      this.#partitions.set(key, partition);
      this.#keep(PARTITION_BYTES + key.length);
    }
    return partition;
  }

  #keyOf(row: Row, table: TableRow): string {
    const { partition } = this.#parts;
    if (typeof partition === "function") return valueText(Reflect.apply(partition, undefined, [row]), "partition");
    const columns = this.#columns?.in(table) ?? [];
    if (columns.length === 1) return valueText(table.values[columns[0] ?? -1], partition[0] ?? "");
    let key = "";
    for (const [at, place] of columns.entries()) {
      const text = valueText(table.values[place], partition[at] ?? "");
      // Of several texts put together, their lengths tell which.
      key = `${key}${text.length}:${text}`;
    }
    return key;
  }

  #layoutOf(names: readonly string[]): ReadonlyMap<string, number> {
    let places = this.#layouts.get(names);
    if (places === undefined) {
      places = new Map(names.flatMap((name, at) => (name === PLACE ? [] : [[name, at]])));
      this.#layouts.set(names, places);
    }
    return places;
  }
}

/** What the runtime says of somebody who changes what cannot be changed. */
const FROZEN = /readonly property|not extensible|Unable to delete property/;

/** What was thrown, with what to do where a row was to be changed. */
function changing(thrown: unknown): unknown {
  if (!(thrown instanceof TypeError) || !FROZEN.test(thrown.message)) return thrown;
  const frames = userFrames(thrown);
  return new RowmillError("row-function", describeThrown(thrown), {
    hint: "rows of a window are handed to other calls too: give a new one, { ...row, … }, and rows.toSorted() in place of sort()",
    ...(frames !== undefined && { frames }),
    cause: thrown,
  });
}

/** A row as the function gets it: it is handed to others as well, so nobody may change it. */
function rowOf({ values }: TableRow, places: ReadonlyMap<string, number>): Row {
  const row: Row = {};
  for (const [name, at] of places) setField(row, name, plainValue(values[at]));
  return Object.freeze(row);
}

function plainValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof FieldText) return plainValue(value.value);
  if (value instanceof NestedText) return frozen(parseJson(value.text));
  return value instanceof Date ? new Date(value) : value;
}

function frozen(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

/** What results of a window function come to as rows. */
class WindowResults {
  readonly #output: OutputSetup;
  readonly #inputColumns: readonly string[] | undefined;
  readonly #check: (result: unknown) => unknown;
  readonly #shared = new SharedNames();
  /** The columns of all rows, where these share them, once they are known. */
  #columns: readonly string[] | undefined;
  #known: ReadonlySet<string> = new Set();
  #tryToWrite: (row: TableRow) => void = () => {};

  constructor({ output, columns }: LoadedWindow, run: WindowRun) {
    this.#output = run.output;
    this.#inputColumns = run.inputColumns;
    this.#check = output === undefined ? (result) => result : validator(output, "output");
    if (columns !== undefined && sharesColumns(run.output)) this.#settle(columns);
  }

  /** The rows that a result is; what it throws fails the row that it is for. */
  of(result: unknown, held: Held): readonly TableRow[] {
    if (result === null || result === undefined) return [];
    const results = isIterable(result) ? [...result] : [result];
    return results.flatMap((one) => (one === null || one === undefined ? [] : [this.#rowOf(one, held)]));
  }

  #rowOf(result: unknown, held: Held): TableRow {
    const checked = this.#check(atOnce(result));
    try {
      return this.#tableRow(atOnce(checked), held);
    } catch (thrown) {
      throw encodeError(thrown, checked);
    }
  }

  #tableRow(result: unknown, held: Held): TableRow {
    // Throws for what is no row.
    IS_ROW(result);
    const own = rowForm(result) ?? {};
    const fields: Row = {};
    for (const name of Object.keys(own)) setField(fields, name, handedOn(name, own[name], held));
    if (!sharesColumns(this.#output)) {
      const names = this.#shared.of(inputOrder(Object.keys(fields), [...held.places.keys()]));
      return { names, values: names.map((name) => fixedValue(fields[name])) };
    }
    const columns = this.#columns ?? this.#settle(columnsOfFirstRow(fields, this.#inputColumns));
    const row = { names: columns, values: valuesBy(columns, this.#known, fields).map(fixedValue) };
    this.#tryToWrite(row);
    return row;
  }

  #settle(columns: readonly string[]): readonly string[] {
    this.#columns = columns;
    this.#known = new Set(columns);
    const { dialect, encoding } = this.#output;
    // What cannot be written where nothing is quoted, or in an encoding, is wrong with its row: later nobody knows which that was.
    if (dialect.quote !== "" && encoding === undefined) return columns;
    const { encode } = resultEncoder(this.#output, columns);
    this.#tryToWrite = (row) => void encode(cellsObject(row, dialect.rest));
    return columns;
  }
}

const IS_ROW = needRow(() => "");

function isIterable(result: unknown): result is Iterable<unknown> {
  return typeof result === "object" && result !== null && typeof Reflect.get(result, Symbol.iterator) === "function";
}

function atOnce(result: unknown): unknown {
  if (typeof result !== "object" || result === null || typeof Reflect.get(result, "then") !== "function") return result;
  // Whatever becomes of it: it is not what fails.
  if (result instanceof Promise) result.catch(() => {});
  throw new RowmillError("row-result", "the window function returned a promise, wanted the row itself", {
    hint: "what takes time belongs into a function before it: export default async (row) => …, and the window among the options",
  });
}

/** A field that a result hands on of its row, by its name and value, as it came. */
function handedOn(name: string, value: unknown, { row, table, places }: Held): unknown {
  const place = places.get(name);
  if (place === undefined || !Object.is(row[name], value)) return value;
  const came = table.values[place];
  const was = came instanceof FieldText ? came.value : came;
  return value instanceof Date && was instanceof Date && value.getTime() !== was.getTime() ? value : came;
}
