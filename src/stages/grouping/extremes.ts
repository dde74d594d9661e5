/** The least and the greatest numbers of groups. */

export type Figures = number | bigint;

interface Bounds {
  least: Figures;
  greatest: Figures;
}

/** The numbers, as they go between threads. */
export interface PackedExtremes {
  least: Float64Array;
  greatest: Float64Array;
  large: Map<number, Bounds>;
}

export class Extremes {
  #least: Float64Array = new Float64Array(0);
  #greatest: Float64Array = new Float64Array(0);
  /** Those of groups to which a whole number has come that no double holds: they stand here instead. */
  #large = new Map<number, Bounds>();

  /** Makes room for so many groups. */
  grow(groups: number): void {
    this.#least = grown(this.#least, groups);
    this.#greatest = grown(this.#greatest, groups);
  }

  /** All of them, where each is a double. */
  get lists(): { least: Float64Array; greatest: Float64Array } | undefined {
    return this.#large.size > 0 ? undefined : { least: this.#least, greatest: this.#greatest };
  }

  /** Takes numbers into a group. @param isFirst It has none so far. */
  widen(group: number, { isFirst, least, greatest }: Bounds & { isFirst: boolean }): void {
    const before = isFirst ? { least, greatest } : this.of(group);
    const after = {
      least: least < before.least ? least : before.least,
      greatest: greatest > before.greatest ? greatest : before.greatest,
    };
    if (typeof after.least === "number" && typeof after.greatest === "number") {
      this.#least[group] = after.least;
      this.#greatest[group] = after.greatest;
      this.#large.delete(group);
    } else this.#large.set(group, after);
  }

  /** Those of a group that has any. */
  of(group: number): Bounds {
    return this.#large.get(group) ?? { least: this.#least[group] ?? 0, greatest: this.#greatest[group] ?? 0 };
  }

  /** @param groups How many there are. */
  pack(groups: number): PackedExtremes {
    return { least: this.#least.slice(0, groups), greatest: this.#greatest.slice(0, groups), large: this.#large };
  }

  static unpack({ least, greatest, large }: PackedExtremes): Extremes {
    const unpacked = new Extremes();
    unpacked.#least = least;
    unpacked.#greatest = greatest;
    unpacked.#large = large;
    return unpacked;
  }
}

/** A list with room for so many numbers; new ones are 0. */
export function grown(list: Float64Array, count: number): Float64Array {
  if (count <= list.length) return list;
  const longer = new Float64Array(Math.max(count, list.length * 2, FEW));
  longer.set(list);
  return longer;
}

/** There is room for so many at first. */
const FEW = 16;
