/**
 * What `rowmill diff` wants of rows: at first a digest of each row's key and one of all of it, by which the rows of two
 * inputs are told to be the same, later the rows that differ. Parts are taken by who asked for them.
 */
import { deserialize, serialize } from "bun:jsc";
import { stringifyJson } from "../../formats/values/json.ts";
import { openMemory } from "../../formats/memory.ts";
import { DIGEST_WORDS, TextDigester } from "../../formats/indexed/row-digester.ts";
import type { FoldingStage, PartTaker } from "../stage.ts";
import { type Comparing, comparedText } from "./compared-text.ts";

/** Digests are wanted. */
export interface DigestsAsked {
  kind: "digests";
  /** The columns by which rows are told apart; undefined: no row has a key. */
  by: readonly string[] | undefined;
  /** The columns that are compared, in ascending order; undefined where each row has keys of its own. */
  columns: readonly string[] | undefined;
  /** Columns that are not. */
  ignored: readonly string[];
  comparing: Comparing;
  /** Of the digests: a secret of the run. */
  secret: Uint8Array;
}

/** Rows are wanted, as JSON. */
export interface RowsAsked {
  kind: "rows";
  /** Which, by their indexes: a bit each. */
  wanted: Uint8Array;
  /** It is wanted in which lines they stand. */
  hasLines: boolean;
}

/** What of the rows of an input is asked. */
export type AskedOfRows = DigestsAsked | RowsAsked | KeysAsked;

/** The keys of rows are wanted. */
interface KeysAsked {
  kind: "keys";
}

/** Digests of rows, in their order. */
export interface RowDigests {
  /** Which rows they are. */
  indexes: Float64Array;
  /** Of each row {@linkcode DIGEST_WORDS} words that stand for its key; none where rows have no keys. */
  keys: Uint32Array;
  /** The same of all of the row. */
  rows: Uint32Array;
  /** Of each column of the key, whether a row has it. */
  has: boolean[];
}

/** Rows, in their order. */
export interface FoundRows {
  indexes: number[];
  /** As JSON. */
  rows: string[];
  lines: number[];
}

/** Makes the stage. */
export function askedStage(asked: AskedOfRows): FoldingStage {
  switch (asked.kind) {
    case "digests":
      return digestStage(asked);
    case "rows":
      return rowsStage(asked);
    case "keys":
      return keysStage();
  }
}

export function unpackDigests(bytes: Uint8Array): RowDigests {
  return deserialize(bytes) as RowDigests;
}

export function unpackRows(bytes: Uint8Array): FoundRows {
  return deserialize(bytes) as FoundRows;
}

/** Keys, in the order in which they first come. */
export function unpackKeys(bytes: Uint8Array): string[] {
  return deserialize(bytes) as string[];
}

/** Whether a row is one of those that are wanted. */
export function isWanted({ wanted }: RowsAsked, index: number): boolean {
  return (((wanted[Math.floor(index / 8)] ?? 0) >> (index % 8)) & 1) === 1;
}

function digestStage({ by, columns, ignored, comparing, secret }: DigestsAsked): FoldingStage {
  let digester: TextDigester | undefined;
  const look = (part: DigestPart, row: Record<string, unknown>, index: number): void => {
    digester ??= new TextDigester(openMemory(), secret);
    const textOf = (name: string): string => (Object.hasOwn(row, name) ? comparedText(row[name], comparing) : "");
    const names = columns ?? comparedColumns(Object.keys(row), ignored);
    part.addIndexes(index, 1);
    if (by !== undefined) {
      part.noteKeys((at) => Object.hasOwn(row, by[at] ?? ""));
      part.keys.add(digester.digest(by, by.map(textOf)));
    }
    part.rows.add(digester.digest(names, names.map(textOf)));
  };
  return {
    ...FOLDING,
    name: "digest",
    init: () => new DigestPart(by?.length ?? 0),
    step: (part, row, { index }) => {
      look(digestsOf(part), row as Record<string, unknown>, index);
      return part;
    },
    steps: (part, rows, { index }) => {
      for (const row of rows) look(digestsOf(part), row as Record<string, unknown>, index);
      return part;
    },
    pack: (part) => packed(digestsOf(part).result),
    unpack: unpackDigests,
  };
}

function rowsStage(asked: RowsAsked): FoldingStage {
  const look = (part: FoundRows, row: unknown, at: { index: number; readonly line: number }): void => {
    if (!isWanted(asked, at.index)) return;
    addFound(part, row, at.index);
    if (asked.hasLines) part.lines.push(at.line);
  };
  return {
    ...FOLDING,
    name: "rows",
    init: (): FoundRows => ({ indexes: [], rows: [], lines: [] }),
    step: (part, row, ctx) => {
      look(part as FoundRows, row, ctx);
      return part;
    },
    steps: (part, rows, ctx) => {
      for (const row of rows) look(part as FoundRows, row, ctx);
      return part;
    },
    pack: packed,
    unpack: unpackRows,
  };
}

/** Adds a row that is wanted to the part of a batch. */
export function addFound(part: unknown, row: unknown, index: number): void {
  const { indexes, rows } = part as FoundRows;
  indexes.push(index);
  rows.push(stringifyJson(row));
}

function addKeys(part: unknown, row: unknown): void {
  for (const key of Object.keys(row as object)) (part as Set<string>).add(key);
}

function keysStage(): FoldingStage {
  return {
    ...FOLDING,
    name: "keys",
    init: () => new Set<string>(),
    step: (part, row) => {
      addKeys(part, row);
      return part;
    },
    steps: (part, rows) => {
      for (const row of rows) addKeys(part, row);
      return part;
    },
    pack: (part) => packed([...(part as Set<string>)]),
    unpack: unpackKeys,
  };
}

const FOLDING = {
  kind: "folding",
  what: "",
  isAtomic: true,
  taker: (): PartTaker => {
    throw new Error("its parts are taken by who asked for them");
  },
} as const;

/** What `serialize` gives is memory that all threads share; a copy can be handed over. */
function packed(part: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(serialize(part)).slice();
}

/** The columns that are compared, of these: in an order of their own, which all who make digests must have. */
export function comparedColumns(names: readonly string[], ignored: readonly string[]): string[] {
  const left = new Set(ignored);
  // By their code units.
  return names.filter((name) => !left.has(name)).toSorted();
}

/** The digests of the rows of a batch so far. */
export class DigestPart {
  #indexes = new Float64Array(64);
  #count = 0;
  readonly keys: Words = new Words();
  readonly rows: Words = new Words();
  readonly #has: boolean[];

  /** @param keys How many columns the key has. */
  constructor(keys: number) {
    this.#has = Array.from({ length: keys }, () => false);
  }

  get result(): RowDigests {
    const indexes = this.#indexes.slice(0, this.#count);
    return { indexes, keys: this.keys.all, rows: this.rows.all, has: this.#has };
  }

  /** Adds the indexes of rows that stand one behind the other. */
  addIndexes(first: number, rows: number): void {
    const count = this.#count + rows;
    if (count > this.#indexes.length) {
      const more = new Float64Array(Math.max(count, this.#indexes.length * 2));
      more.set(this.#indexes.subarray(0, this.#count));
      this.#indexes = more;
    }
    for (let row = 0; row < rows; row++) this.#indexes[this.#count + row] = first + row;
    this.#count = count;
  }

  /** Notes which columns of the key a row has. */
  noteKeys(has: (column: number) => boolean): void {
    for (const [at, is] of this.#has.entries()) if (!is) this.#has[at] = has(at);
  }
}

/** Digests, one behind the other. */
class Words {
  #words = new Uint32Array(64 * DIGEST_WORDS);
  #length = 0;

  get all(): Uint32Array {
    return this.#words.slice(0, this.#length);
  }

  add(digests: Uint32Array): void {
    const length = this.#length + digests.length;
    if (length > this.#words.length) {
      const more = new Uint32Array(Math.max(length, this.#words.length * 2));
      more.set(this.#words.subarray(0, this.#length));
      this.#words = more;
    }
    this.#words.set(digests, this.#length);
    this.#length = length;
  }
}

/** The part of a batch that a worker makes. */
export function digestsOf(part: unknown): DigestPart {
  if (part instanceof DigestPart) return part;
  throw new Error("the part holds no digests");
}
