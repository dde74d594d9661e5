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
  const words = new Uint32Array(parts.reduce((sum, { hashes }) => sum + hashes.length, 0));
  let length = 0;
  for (const { hashes } of parts) {
    words.set(hashes, length);
    length += hashes.length;
  }
  // In whatever order: the same ones lie side by side.
  new BigUint64Array(words.buffer).sort();
  const again = new Map<bigint, number[]>();
  let count = 0;
  let distinct = 0;
  let lastLow = 0;
  let lastHigh = 0;
  for (let at = 0; at < words.length; at += 2) {
    const low = words[at] ?? 0;
    const high = words[at + 1] ?? 0;
    if (low === 0 && high === 0) continue;
    count++;
    if (low === lastLow && high === lastHigh) again.set(bothWords(low, high), []);
    else distinct++;
    lastLow = low;
    lastHigh = high;
  }
  if (again.size > 0) findRows(parts, again);
  const shown = [...again.values()].toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)).slice(0, MAX_SHOWN);
  return { ...of, count, distinct, again: shown.map((rows) => ({ rows })), isGivenUp: false };
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
