/**
 * Columns that may tell rows apart: hashes of 64 bits of all their values, so that every value that comes twice is found. The
 * columns are those of which hardly a value comes again in each of the parts, and the key that was asked for.
 */
import { equalHashes } from "../../formats/indexed/equal-hashes.ts";
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
  const { count, again } = equalHashes(parts.map(({ hashes }) => hashes));
  const { rows, missing } = again.length === 0 ? { rows: [], missing: 0 } : findRows(parts, again);
  const shown = rows.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)).slice(0, MAX_SHOWN);
  return { ...of, count, distinct: count - missing, again: shown.map((own) => ({ rows: own })), isGivenUp: false };
}

/** Bits of a hash by which most of those that come once are told from those that come again. */
const SIEVE_BITS = 16;

/** The first rows of each of these hashes; `missing`: how many more rows than different hashes there are. */
function findRows(parts: readonly PartHashes[], again: Uint32Array): { rows: number[][]; missing: number } {
  const found = new Map<bigint, number[]>();
  const sieve = new Uint8Array(2 ** SIEVE_BITS);
  for (let at = 0; at < again.length; at += 2) {
    found.set(bothWords(again[at] ?? 0, again[at + 1] ?? 0), []);
    sieve[(again[at] ?? 0) >>> (32 - SIEVE_BITS)] = 1;
  }
  let rowCount = 0;
  for (const { hashes, rows } of parts) {
    for (let at = 0; at < hashes.length; at += 2) {
      if (sieve[(hashes[at] ?? 0) >>> (32 - SIEVE_BITS)] === 0) continue;
      const own = found.get(bothWords(hashes[at] ?? 0, hashes[at + 1] ?? 0));
      if (own === undefined) continue;
      rowCount++;
      if (own.length < MAX_ROWS_OF_ONE) own.push(rowAt(rows, at / 2));
    }
  }
  return { rows: [...found.values()], missing: rowCount - found.size };
}

function bothWords(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
