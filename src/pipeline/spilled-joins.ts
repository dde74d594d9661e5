/**
 * Joins with tables that have no room in memory. Before the run its input is read once for the keys that rows will look for,
 * and what the tables have for them is put in the order of the input, in a file; then each batch brings what its rows may
 * find, and all else is as in any join. Keys, like the tables, lie in lists by their hashes: a list of the table that fits in
 * memory is held against the same list of keys.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { RowmillError } from "../errors.ts";
import { NONE } from "../formats/indexed/key-arrays.ts";
import { SpillLists } from "../io/spill-lists.ts";
import { FoundRows } from "../tables/found-rows.ts";
import { LISTS, type LoadedRows, type SpilledTable, type TableRoom, listOf } from "../tables/spilled-table.ts";
import { KEY_HASH, KEY_HEAD_BYTES, unpackJoinKeys } from "../transform/join-keys.ts";
import type { JoinSetup, RowTask } from "../transform/wire.ts";
import { GrowingNumbers } from "./growing.ts";

/** A table in a file. */
export interface SpilledJoin {
  /** The number of its join. */
  join: number;
  rows: SpilledTable;
}

/** How the input is read for the keys of its rows. */
export interface KeyReading {
  joins: readonly JoinSetup[];
  /** The columns of the input, where it has a header. */
  columns: readonly string[] | undefined;
  signal: AbortSignal | undefined;
  /** Reads it, and gives how many rows it has, as far as they can be read. */
  read: (wanted: WantedKeys) => Promise<number>;
}

/** The keys that are wanted. */
interface WantedKeys {
  /** Of which joins, by number. */
  joins: readonly number[];
  /** Rows get the columns of so many tables first. */
  before: number;
  /** Takes them, packed, for rows that come together, one after the other. */
  take: (part: Uint8Array) => void;
}

/** More windows become half as many, twice as long. */
const MOST_WINDOWS = 16_384;
/** The number of a cell, before its length and the hash of a key. */
const CELL_BYTES = 4;

/** Batches may bring what takes such a share of the room, all of them together. */
const BATCHES_SHARE = 1 / 4;
/** A worker has one batch under way, and one that waits. */
const BATCHES = 2;

/** Stretches of the input, by whose numbers is found what their rows need. */
class Windows {
  /** The first row of each cell in which the input was read. */
  readonly #cells = new GrowingNumbers();
  /** A window is so many of them. */
  #length = 1;
  /** So many rows were read. */
  rows = 0;

  /** Adds the next cell; gives its number. */
  add(first: number): number {
    this.#cells.add(first);
    while (this.#cells.length / this.#length > MOST_WINDOWS) this.#length *= 2;
    return this.#cells.length - 1;
  }

  get count(): number {
    return Math.ceil(this.#cells.length / this.#length);
  }

  ofCell(cell: number): number {
    return Math.floor(cell / this.#length);
  }

  firstOf(window: number): number {
    return this.#cells.at(window * this.#length);
  }

  /** The window that a row is in; one before them all has no key. */
  ofRow(row: number): number {
    let [low, high] = [0, this.count];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.firstOf(middle) <= row) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** What a table has for the rows of the input. */
interface Found {
  join: number;
  rows: FoundRows;
  windows: Windows;
}

export class SpilledJoins {
  readonly #spilled: readonly SpilledJoin[];
  readonly #room: TableRoom;
  readonly #found: Found[] = [];

  constructor(spilled: readonly SpilledJoin[], room: TableRoom) {
    this.#spilled = spilled;
    this.#room = room;
  }

  /**
   * Finds what rows will look for, before the first of them.
   *
   * @throws {RowmillError} `spill`, where a file cannot be written.
   */
  async find(reading: KeyReading): Promise<void> {
    const { signal } = reading;
    for (const spilled of this.#passes(reading)) {
      const keys = spilled.map(() => new SpillLists(this.#room.tempDir, LISTS));
      try {
        const joins = spilled.map(({ join }) => join);
        const windows = await this.#readKeys(reading, { joins, keys });
        for (const [at, { join, rows }] of spilled.entries()) {
          const found = new FoundRows(this.#room.tempDir, windows.count);
          this.#found.push({ join, rows: found, windows });
          const own = keys[at];
          if (own !== undefined) await this.#findRows(found, { rows, keys: own, windows }, signal);
        }
      } finally {
        for (const lists of keys) lists.close();
      }
    }
  }

  /** Which joins are done together: those whose keys come from tables before them follow these. */
  #passes(reading: KeyReading): SpilledJoin[][] {
    const isBehind = ({ join }: SpilledJoin): boolean => needsTables(join, reading);
    const together = this.#spilled.filter((one) => !isBehind(one));
    return [...(together.length > 0 ? [together] : []), ...this.#spilled.filter(isBehind).map((one) => [one])];
  }

  /** Reads the input for the keys of joins. */
  async #readKeys(
    reading: KeyReading,
    { joins, keys }: { joins: readonly number[]; keys: readonly SpillLists[] },
  ): Promise<Windows> {
    const windows = new Windows();
    const [first = 0] = joins;
    windows.rows = await reading.read({
      joins,
      before: needsTables(first, reading) ? first : 0,
      take: (part) => {
        const { first: row, keys: packed } = unpackJoinKeys(part, joins.length);
        const cell = windows.add(row);
        for (const [at, bytes] of packed.entries()) addKeys(keys[at], bytes, cell);
      },
    });
    return windows;
  }

  /** Finds what a table has for the keys, list by list. */
  async #findRows(
    found: FoundRows,
    { rows, keys, windows }: { rows: SpilledTable; keys: SpillLists; windows: Windows },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const turn = async (): Promise<void> => {
      // An interrupt is heard meanwhile.
      await nextTurn();
      signal?.throwIfAborted();
    };
    for (let list = 0; list < LISTS; list++) {
      for (const loaded of rows.load(list)) {
        await turn();
        if (loaded === undefined || loaded.isEmpty) continue;
        found.begin();
        const last = new Int32Array(loaded.keys).fill(NONE);
        for (const bytes of keys.read(list)) {
          match(bytes, { rows: loaded, found, windows, last });
          await turn();
        }
        found.end();
      }
    }
  }

  /** So many rows from this one on bring no more than there is room for, or are those of one window. */
  rowsWithin(first: number, jobs: number): number {
    const most = (this.#room.bytes * BATCHES_SHARE) / (BATCHES * jobs * Math.max(1, this.#found.length));
    const rows = this.#found.map((found) => rowsWithin(found, first, most));
    return Math.min(Number.POSITIVE_INFINITY, ...rows);
  }

  /** A task with what its rows may find. */
  withFound(task: RowTask): RowTask {
    const last = task.firstRow + task.rows - 1;
    const found: (Uint8Array | undefined)[] = [];
    for (const { join, rows, windows } of this.#found) {
      if (last >= windows.rows)
        throw new RowmillError("input", "the input has more rows than when it was read for the keys of --join", {
          hint: "run again when nothing writes to it any more",
        });
      const to = Math.min(windows.ofRow(last) + 1, windows.count);
      found[join] = rows.read(windows.ofRow(task.firstRow), to);
    }
    return { ...task, found };
  }

  /** The first key of a table for which a test is true; undefined where it is in memory, too. */
  firstKey(join: number, is: (key: string) => boolean): string | undefined {
    let first: string | undefined;
    for (const found of this.#spilled.find((one) => one.join === join)?.rows.firstKey(is) ?? []) first = found;
    return first;
  }

  /** Gives back what it has beside memory, however the run ends. */
  close(): void {
    for (const { rows } of this.#spilled) rows.close();
    for (const { rows } of this.#found) rows.close();
  }
}

function rowsWithin({ rows, windows }: Found, first: number, most: number): number {
  let window = windows.ofRow(first);
  for (let bytes = rows.bytesOf(window); window + 1 < windows.count; window++) {
    bytes += rows.bytesOf(window + 1);
    if (bytes > most) return Math.max(1, windows.firstOf(window + 1) - first);
  }
  return Number.POSITIVE_INFINITY;
}

/** Notes what a part of a table has for some keys. @param last By key, the last window that has its rows. */
function match(
  bytes: Buffer,
  { rows, found, windows, last }: { rows: LoadedRows; found: FoundRows; windows: Windows; last: Int32Array },
): void {
  const key = { bytes, from: 0, to: 0 };
  for (let at = 0; at < bytes.length; at = key.to) {
    const head = at + CELL_BYTES;
    key.from = head + KEY_HEAD_BYTES;
    key.to = key.from + bytes.readUInt32LE(head);
    const number = rows.find(key, bytes.readUInt32LE(head + KEY_HASH));
    if (number === NONE) continue;
    const window = windows.ofCell(bytes.readUInt32LE(at));
    if (last[number] === window) continue;
    last[number] = window;
    found.add(window, key, { rows, number });
  }
}

/** Adds keys as they were packed to the lists of their hashes. */
function addKeys(lists: SpillLists | undefined, packed: Uint8Array, cell: number): void {
  if (lists === undefined) return;
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  for (let at = 0; at < bytes.length;) {
    const end = at + KEY_HEAD_BYTES + bytes.readUInt32LE(at);
    const { to, at: place } = lists.room(listOf(bytes.readUInt32LE(at + KEY_HASH)), CELL_BYTES + end - at);
    to.writeUInt32LE(cell, place);
    bytes.copy(to, place + CELL_BYTES, at, end);
    at = end;
  }
}

/** Whether a column of a join's key may be one that a table before it brings. */
function needsTables(join: number, { joins, columns }: KeyReading): boolean {
  const before = new Set(joins.slice(0, join).flatMap(({ names }) => names));
  return joins[join]?.on.some((name) => before.has(name) && columns?.includes(name) !== true) === true;
}
