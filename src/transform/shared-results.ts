/**
 * Finds asynchronous functions that give one object for several rows. Rows that are under way together then overwrite
 * each other's results before these can be taken: such rows are run once more, one at a time. When that gives something
 * else, all further rows are run so; when it does not, the object was a constant or came out of a cache, and the rows are
 * left to overlap.
 */
import { Many, type Outcome } from "./outcome.ts";

/** Deeper objects are seldom shared. */
const MAX_DEPTH = 8;

export class SharedResults {
  /** Who gave an object last, and when. */
  readonly #givers = new WeakMap<object, { row: number; at: number }>();
  /** When rows that are under way began, in results. */
  readonly #begun = new Map<number, number>();
  readonly #again = new Set<number>();
  /** So many results have come. */
  #results = 0;
  #isWatching = true;
  /** What {@linkcode SharedResults.certain} is to reach for a row. */
  readonly #wanted = new Map<number, number>();
  /** Rows must not overlap. */
  isSerial = false;
  readonly #areNew: boolean;

  /** @param areNew Each result is an object that nobody else has; objects in it may be anybody's. */
  constructor({ areNew = false }: { areNew?: boolean } = {}) {
    this.#areNew = areNew;
  }

  /** A row is about to begin, or has just begun. */
  begin(row: number): void {
    if (this.#isWatching) this.#begun.set(row, this.#results);
  }

  /** A row is done. */
  end(row: number): void {
    this.#begun.delete(row);
  }

  /** A row that began, alone or not, has come to a result; `given` is what its function was given. */
  look(result: unknown, row: number, given?: object): void {
    if (!this.#isWatching || this.isSerial) return;

    const begun = this.#begun.get(row) ?? this.#results;
    this.#results++;
    const all = Array.isArray(result) ? (result as unknown[]) : [result];
    const found = this.#areNew ? all.flatMap(partsOf) : all;
    for (const value of found) this.#lookAt(value, { row, begun, depth: 0 });
    // Others get hold of what a row was given only where somebody keeps it for them.
    const isOwn = result === given || !found.some((value) => typeof value === "object" && value !== null);
    this.#wanted.set(row, isOwn ? 0 : this.#results);
  }

  /** An object, and those in it. */
  #lookAt(value: unknown, at: { row: number; begun: number; depth: number }): void {
    if (typeof value !== "object" || value === null || at.depth > MAX_DEPTH) return;
    const { row, begun, depth } = at;
    const giver = this.#givers.get(value);
    if (giver?.row === row && giver.at === this.#results) return;
    if (giver !== undefined && giver.row !== row && giver.at > begun) this.#again.add(giver.row).add(row);
    this.#givers.set(value, { row, at: this.#results });
    for (const part of partsOf(value)) this.#lookAt(part, { row, begun, depth: depth + 1 });
  }

  /** What {@linkcode SharedResults.certain} is to reach for a row whose result has come; asked once. */
  takeWanted(row: number): number {
    const wanted = this.#wanted.get(row) ?? 0;
    this.#wanted.delete(row);
    return wanted;
  }

  /** What came with this result or before it will not be found any more: no row is open that was so then. */
  get certain(): number {
    if (!this.#isWatching || this.isSerial) return Number.POSITIVE_INFINITY;
    if (this.hasFound) return -1;
    return Math.min(...this.#begun.values(), Number.POSITIVE_INFINITY);
  }

  /** Rows may be found that must be run again. */
  get mayRunAgain(): boolean {
    return this.#isWatching && !this.isSerial;
  }

  /** Rows have been found that must be run again. */
  get hasFound(): boolean {
    return this.#again.size > 0;
  }

  /** Those rows in their order; none is open any more. */
  take(): number[] {
    const rows = [...this.#again].toSorted((a, b) => a - b);
    this.#again.clear();
    return rows;
  }

  /** What the rows came to, when they overlapped and alone. */
  judge(overlapping: readonly Outcome[], alone: readonly Outcome[]): void {
    const isSame = overlapping.every((outcome, at) => Bun.deepEquals(valuesOf(outcome), valuesOf(alone[at])));
    if (isSame) this.#isWatching = false;
    else this.isSerial = true;
  }
}

/** What a list or a plain object holds; getters are not called. */
function partsOf(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return [];
  return Object.values(Object.getOwnPropertyDescriptors(value)).map((one: PropertyDescriptor): unknown => one.value);
}

function valuesOf(outcome: Outcome): unknown {
  return outcome instanceof Many ? outcome.values : outcome;
}
