/**
 * About how many different values the groups of a column have: hashes of values are kept as long as they are few, and counted;
 * of more, there is a sketch of a fixed size.
 */
import { stringifyJson } from "../../../formats/values/json.ts";
import { GroupSketches, type PackedSketches, type SketchKind } from "./group-sketches.ts";
import { HASH_BITS, REGISTERS, estimate, note, noteAll } from "./hyperloglog.ts";

export type PackedDistinct = PackedSketches<Uint8Array>;

const KIND: SketchKind<Set<number>, Uint8Array, Uint8Array> = {
  few: () => new Set(),
  keep: (few, hash) => few.add(Number(hash)).size,
  sketch: () => new Uint8Array(REGISTERS),
  add: (registers, hash) => note(registers, Number(hash)),
  pack: (registers) => registers,
  join: noteAll,
};

export class DistinctCounts {
  readonly #hashes: GroupSketches<Set<number>, Uint8Array, Uint8Array>;

  constructor(packed?: PackedDistinct) {
    this.#hashes = new GroupSketches(KIND, packed);
  }

  /** Bytes that they take, about. */
  get size(): number {
    return this.#hashes.size;
  }

  add(group: number, value: unknown): void {
    this.#hashes.add(group, hashOf(value));
  }

  /** Adds the values of rows that come behind; `groupOf`: what their groups are here. */
  addFrom(behind: DistinctCounts, groupOf: Int32Array): void {
    this.#hashes.addFrom(behind.#hashes, groupOf);
  }

  count(group: number): number {
    const held = this.#hashes.of(group);
    if (held === undefined) return 0;
    return "few" in held ? held.few.size : estimate(held.sketch);
  }

  /** @param groups How many there are. */
  pack(groups: number): PackedDistinct {
    return this.#hashes.pack(groups);
  }
}

/** The same texts of values of other types are other values. */
const SEEDS: Readonly<Record<string, bigint>> = { string: 0n, number: 1n, bigint: 2n, boolean: 3n, object: 4n };

/** The same on every machine. */
function hashOf(value: unknown): number {
  const text = typeof value === "string" ? value : stringifyJson(value);
  return Number(BigInt.asUintN(HASH_BITS, Bun.hash.xxHash64(text, SEEDS[typeof value])));
}
