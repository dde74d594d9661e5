/**
 * Columns that may tell rows apart: hashes of 64 bits of all their values, so that every value that comes twice is found. The
 * columns are those of which hardly a value comes again in each of the parts, and the key that was asked for.
 */
import { type PartRows, rowAt } from "./survey.ts";

/** So many hashes are kept of all columns: 8 bytes each. */
const MAX_HASHES = 32_000_000;
/** Rows that are shown of a key that comes twice. */
const MAX_SHOWN = 10;
const MAX_ROWS_OF_ONE = 4;

export interface FoundKey {
  name: string;
  /** It was asked for. */
  isAsked: boolean;
  /** Rows that have a value. */
  count: number;
  /** Different values. */
  distinct: number;
  /** Rows that have the same, the first of them: numbers of rows, from 0. */
  again: { rows: number[] }[];
  /** There were more rows than could be kept. */
  isGivenUp: boolean;
}

/** Those of a part. */
interface PartHashes {
  /** Two words for each row. */
  hashes: Uint32Array;
  rows: PartRows;
}

export class KeyHashes {
  readonly #asked: string | undefined;
  readonly #kept = new Map<string, PartHashes[]>();
  /** Values of these come again. */
  readonly #gone = new Set<string>();
  readonly #givenUp = new Set<string>();
  #size = 0;

  constructor(asked: string | undefined) {
    this.#asked = asked;
  }

  /** @param present Columns that have a value in these rows. */
  take(
    keys: readonly { name: string; hashes: Uint32Array }[],
    { rows, present }: { rows: PartRows; present: readonly string[] },
  ): void {
    const may = new Set(keys.map(({ name }) => name));
    for (const name of present) if (!may.has(name) && name !== this.#asked) this.#drop(name, this.#gone);
    for (const { name, hashes } of keys) {
      if (this.#gone.has(name) || this.#givenUp.has(name)) continue;
      const kept = this.#kept.get(name);
      if (kept === undefined) this.#kept.set(name, [{ hashes, rows }]);
      else kept.push({ hashes, rows });
      this.#size += hashes.length / 2;
    }
    while (this.#size > MAX_HASHES) {
      const last = [...this.#kept.keys()].findLast((name) => name !== this.#asked) ?? this.#asked;
      if (last === undefined || !this.#kept.has(last)) break;
      this.#drop(last, this.#givenUp);
    }
  }

  end(): FoundKey[] {
    const found = [...this.#kept].map(([name, parts]) => foundIn(parts, { name, isAsked: name === this.#asked }));
    const givenUp = [...this.#givenUp].map((name) => ({
      name,
      isAsked: name === this.#asked,
      count: 0,
      distinct: 0,
      again: [],
      isGivenUp: true,
    }));
    return [...found, ...givenUp];
  }

  #drop(name: string, to: Set<string>): void {
    to.add(name);
    for (const { hashes } of this.#kept.get(name) ?? []) this.#size -= hashes.length / 2;
    this.#kept.delete(name);
  }
}

function foundIn(parts: readonly PartHashes[], of: Pick<FoundKey, "name" | "isAsked">): FoundKey {
  const { words, ends } = piled(parts);
  const again = new Map<bigint, number[]>();
  let slots = new Int32Array(0);
  let [count, distinct] = [0, 0];
  for (let pile = 0; pile < ends.length; pile++) {
    const [start, end] = [pile === 0 ? 0 : (ends[pile - 1] ?? 0), ends[pile] ?? 0];
    const room = 2 ** Math.ceil(Math.log2((end - start) * 2 + 1));
    if (slots.length < room) slots = new Int32Array(room);
    else slots.fill(0, 0, room);
    for (let at = start; at < end; at++) {
      const low = words[at * 2] ?? 0;
      const high = words[at * 2 + 1] ?? 0;
      // Those of a pile share the lower bits of their lower words.
      let slot = high & (room - 1);
      let place = (slots[slot] ?? 0) - 1;
      while (place >= 0 && (words[place * 2] !== low || words[place * 2 + 1] !== high)) {
        slot = (slot + 1) & (room - 1);
        place = (slots[slot] ?? 0) - 1;
      }
      if (place >= 0) again.set(bothWords(low, high), []);
      else {
        slots[slot] = at + 1;
        distinct++;
      }
    }
    count += end - start;
  }
  if (again.size > 0) findRows(parts, again);
  const shown = [...again.values()].toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)).slice(0, MAX_SHOWN);
  return { ...of, count, distinct, again: shown.map((rows) => ({ rows })), isGivenUp: false };
}

/** About so many hashes are in a pile: what tells them apart has room in the cache of a processor. */
const PILE = 4096;
const MOST_PILES = 4096;

/** All hashes that are not 0, in piles of those whose lower bits are the same. @returns Where each pile ends. */
function piled(parts: readonly PartHashes[]): { words: Uint32Array; ends: Uint32Array } {
  const all = parts.reduce((sum, { hashes }) => sum + hashes.length / 2, 0);
  const piles = Math.min(MOST_PILES, 2 ** Math.ceil(Math.log2(all / PILE + 1)));
  const ends = new Uint32Array(piles);
  for (const { hashes } of parts)
    for (let at = 0; at < hashes.length; at += 2) {
      const low = hashes[at] ?? 0;
      const pile = low & (piles - 1);
      if (low !== 0 || hashes[at + 1] !== 0) ends[pile] = (ends[pile] ?? 0) + 1;
    }
  let end = 0;
  for (let pile = 0; pile < piles; pile++) {
    const size = ends[pile] ?? 0;
    ends[pile] = end;
    end += size;
  }
  // What has the start of each becomes its end as it is filled.
  const words = new Uint32Array(end * 2);
  for (const { hashes } of parts)
    for (let at = 0; at < hashes.length; at += 2) {
      const low = hashes[at] ?? 0;
      const high = hashes[at + 1] ?? 0;
      if (low === 0 && high === 0) continue;
      const pile = low & (piles - 1);
      const to = ends[pile] ?? 0;
      ends[pile] = to + 1;
      words[to * 2] = low;
      words[to * 2 + 1] = high;
    }
  return { words, ends };
}

function bothWords(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

function findRows(parts: readonly PartHashes[], again: ReadonlyMap<bigint, number[]>): void {
  for (const { hashes, rows } of parts) {
    for (let at = 0; at < hashes.length; at += 2) {
      const found = again.get(bothWords(hashes[at] ?? 0, hashes[at + 1] ?? 0));
      if (found !== undefined && found.length < MAX_ROWS_OF_ONE) found.push(rowAt(rows, at / 2));
    }
  }
}
