/**
 * What a run whose tables have no room in memory wants of its rows before it begins: the keys that they will look for there,
 * each once for those that come together.
 */
import type { Row } from "../formats/format.ts";
import type { FoldingStage, PartTaker } from "../stages/stage.ts";
import { keyField } from "../tables/key-field.ts";
import { KeyBytes, keyText } from "../tables/key-index.ts";

/** The keys of joins are wanted. */
export interface JoinKeysAsked {
  kind: "join keys";
  /** The columns of the key of each. */
  joins: readonly (readonly string[])[];
  /** Texts that stand for null. */
  nullTexts: readonly string[];
}

/** The keys of rows that come together. */
export interface JoinKeys {
  /** The index of the first of the rows. */
  first: number;
  /** Of each join, the keys as bytes, the length and the hash of each before it. */
  keys: Uint8Array[];
}

/** Length and hash. */
export const KEY_HEAD_BYTES = 8;
/** Where the hash is in it. */
export const KEY_HASH = 4;
const WORD_BYTES = 4;

/** The keys of the rows so far. */
class KeySets {
  first = Number.NaN;
  readonly #joins: readonly (readonly string[])[];
  readonly #nullTexts: readonly string[];
  readonly #sets: Set<string>[];

  constructor({ joins, nullTexts }: JoinKeysAsked) {
    this.#joins = joins;
    this.#nullTexts = nullTexts;
    this.#sets = joins.map(() => new Set());
  }

  add(row: Row, index: number): void {
    if (Number.isNaN(this.first)) this.first = index;
    for (const [join, columns] of this.#joins.entries()) {
      const key = keyText(columns.map((name) => this.#field(Object.hasOwn(row, name) ? row[name] : undefined)));
      if (key !== undefined) this.#sets[join]?.add(key);
    }
  }

  #field(value: unknown): string | undefined {
    const field = keyField(value, undefined);
    return field !== undefined && this.#nullTexts.includes(field) ? undefined : field;
  }

  /** The index of the first row, how many bytes the keys of each join take, and these. */
  pack(): Uint8Array<ArrayBuffer> {
    const key = new KeyBytes();
    const all = this.#sets.map((set) => {
      let bytes = Buffer.allocUnsafe(4096);
      let end = 0;
      for (const text of set) {
        key.set(text);
        const next = end + KEY_HEAD_BYTES + key.length;
        if (next > bytes.length) bytes = Buffer.concat([bytes], next * 2);
        bytes.writeUInt32LE(key.length, end);
        bytes.writeUInt32LE(key.hash, end + KEY_HASH);
        bytes.set(key.bytes.subarray(0, key.length), end + KEY_HEAD_BYTES);
        end = next;
      }
      return bytes.subarray(0, end);
    });
    const head = Buffer.allocUnsafe(FIRST_BYTES + all.length * WORD_BYTES);
    head.writeDoubleLE(this.first, 0);
    for (const [join, { length }] of all.entries()) head.writeUInt32LE(length, FIRST_BYTES + join * WORD_BYTES);
    // What is sent is its buffer as a whole.
    return new Uint8Array(Buffer.concat([head, ...all]));
  }
}

const FIRST_BYTES = 8;

/** @param joins How many. */
export function unpackJoinKeys(part: Uint8Array, joins: number): JoinKeys {
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.length);
  let at = FIRST_BYTES + joins * WORD_BYTES;
  const keys = Array.from({ length: joins }, (_, join) => {
    const start = at;
    at += bytes.readUInt32LE(FIRST_BYTES + join * WORD_BYTES);
    return bytes.subarray(start, at);
  });
  return { first: bytes.readDoubleLE(0), keys };
}

function setsOf(part: unknown): KeySets {
  if (part instanceof KeySets) return part;
  throw new Error("the part holds no keys");
}

/** Makes the stage. */
export function joinKeysStage(asked: JoinKeysAsked): FoldingStage {
  return {
    kind: "folding",
    name: "join keys",
    what: "",
    isAtomic: true,
    init: () => new KeySets(asked),
    step: (part, row, { index }) => {
      setsOf(part).add(row as Row, index);
      return part;
    },
    steps: (part, rows, { index }) => {
      for (const row of rows) setsOf(part).add(row as Row, index);
      return part;
    },
    pack: (part) => setsOf(part).pack(),
    unpack: (bytes) => unpackJoinKeys(bytes, asked.joins.length),
    taker: (): PartTaker => {
      throw new Error("its parts are taken by who asked for them");
    },
  };
}
