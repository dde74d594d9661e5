/**
 * Which rows of two inputs belong together, and which of them differ, by their digests alone. Of the old rows digests are
 * kept; of the new ones only what differs.
 */
import { DIGEST_WORDS } from "../../formats/indexed/row-digester.ts";
import type { RowDigests } from "../../stages/digest/digest-stage.ts";
import { DigestTable, sameDigest } from "./digest-table.ts";
import { Bits, GrowingNumbers, GrowingWords } from "../growing.ts";

/** Rows of one input have the same key. */
export class SameKey extends Error {
  /** Their indexes. */
  readonly rows: readonly [number, number];

  constructor(rows: readonly [number, number]) {
    super("two rows have the same key");
    this.rows = rows;
  }
}

const NONE = -1;

/** What of two inputs differs. */
export interface Differences {
  added: number;
  removed: number;
  changed: number;
  same: number;
  /** The new rows that were added or have changed, in their order: which rows they are. */
  newRows: GrowingNumbers;
  /** The old row that each of them was, by its index; -1 where there was none. */
  oldOfNew: GrowingNumbers;
  /** The old rows that were removed, in their order. */
  removedRows: GrowingNumbers;
  /** The old rows that are to be read: these, and those that have changed. */
  wantedOld: Bits;
  wantedNew: Bits;
}

export class Pairing {
  readonly #hasKeys: boolean;
  readonly #table = new DigestTable();
  /** Of each old row, its index. */
  readonly #indexes = new GrowingNumbers();
  /** Of each old row, its digest. Without keys it is its key. */
  readonly #rows = new GrowingWords();
  /** With keys: for each old row the index of the new one, or -1. Without: the next old row that is the same, or -1. */
  readonly #links = new GrowingNumbers();
  /** Without keys, for each digest the first old row that no new one was paired with, and the last; or -1. */
  readonly #firsts = new GrowingNumbers();
  readonly #lasts = new GrowingNumbers();
  /** The old row behind the one that was found last. */
  #next = 0;
  /** Keys that are new, and the rows that have them. */
  readonly #added = new DigestTable();
  readonly #addedRows = new GrowingNumbers();
  readonly #found: Differences = {
    added: 0,
    removed: 0,
    changed: 0,
    same: 0,
    newRows: new GrowingNumbers(),
    oldOfNew: new GrowingNumbers(),
    removedRows: new GrowingNumbers(),
    wantedOld: new Bits(),
    wantedNew: new Bits(),
  };

  /** @param how "by key": rows with the same key belong together. "whole": those that are the same. */
  constructor(how: "by key" | "whole") {
    this.#hasKeys = how === "by key";
  }

  /** Takes the next old rows. @throws {SameKey} */
  takeOld({ indexes, keys, rows }: RowDigests): void {
    for (let row = 0; row < indexes.length; row++) {
      const index = indexes[row] ?? 0;
      const number = this.#indexes.length;
      const known = this.#table.add(this.#hasKeys ? keys : rows, row * DIGEST_WORDS);
      if (this.#hasKeys) {
        if (known !== undefined) throw new SameKey([this.#indexes.at(known), index]);
        this.#rows.add(rows, row * DIGEST_WORDS, DIGEST_WORDS);
      } else if (known === undefined) {
        this.#firsts.add(number);
        this.#lasts.add(number);
      } else {
        this.#links.set(this.#lasts.at(known), number);
        this.#lasts.set(known, number);
      }
      this.#indexes.add(index);
      this.#links.add(NONE);
    }
  }

  /** Takes the next new rows, when all old ones are taken. @throws {SameKey} */
  takeNew(digests: RowDigests): void {
    const { indexes } = digests;
    for (let row = 0; row < indexes.length; row++) {
      const place = { at: row * DIGEST_WORDS, index: indexes[row] ?? 0 };
      if (this.#hasKeys) this.#takeKeyed(digests, place);
      else this.#takeWhole(digests, place);
    }
  }

  #takeKeyed({ keys, rows }: RowDigests, { at, index }: { at: number; index: number }): void {
    const old = this.#oldOf(keys, at);
    if (old === undefined) {
      const known = this.#added.add(keys, at);
      if (known !== undefined) throw new SameKey([this.#addedRows.at(known), index]);
      this.#addedRows.add(index);
      this.#differs(index, undefined);
      return;
    }
    const before = this.#links.at(old);
    if (before !== NONE) throw new SameKey([before, index]);
    this.#links.set(old, index);
    if (sameDigest(this.#rows.words, old * DIGEST_WORDS, { words: rows, at })) this.#found.same++;
    else this.#differs(index, this.#indexes.at(old));
  }

  /** The old row with a key. Most stand in the same order: then no table is asked. */
  #oldOf(keys: Uint32Array, at: number): number | undefined {
    const next = this.#next;
    const old = next < this.#table.count && this.#table.is(next, keys, at) ? next : this.#table.find(keys, at);
    if (old !== undefined) this.#next = old + 1;
    return old;
  }

  #takeWhole({ rows }: RowDigests, { at, index }: { at: number; index: number }): void {
    const known = this.#table.find(rows, at);
    const old = known === undefined ? NONE : this.#firsts.at(known);
    if (known === undefined || old === NONE) {
      this.#differs(index, undefined);
      return;
    }
    this.#found.same++;
    this.#firsts.set(known, this.#links.at(old));
    // What is paired is not removed.
    this.#links.set(old, PAIRED);
  }

  #differs(index: number, old: number | undefined): void {
    const found = this.#found;
    found.newRows.add(index);
    found.oldOfNew.add(old ?? NONE);
    found.wantedNew.set(index);
    if (old === undefined) found.added++;
    else {
      found.changed++;
      found.wantedOld.set(old);
    }
  }

  /** All rows are taken. */
  end(): Differences {
    const found = this.#found;
    const isLeft = (link: number): boolean => (this.#hasKeys ? link === NONE : link !== PAIRED);
    for (let old = 0; old < this.#indexes.length; old++) {
      if (!isLeft(this.#links.at(old))) continue;
      const index = this.#indexes.at(old);
      found.removed++;
      found.removedRows.add(index);
      found.wantedOld.set(index);
    }
    return found;
  }
}

const PAIRED = -2;
