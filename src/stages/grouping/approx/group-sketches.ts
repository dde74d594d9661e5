/**
 * Numbers of groups, of which those that are few are kept, and of those that are many a sketch. Which of the two it is hangs
 * on the numbers of the group alone, and not on how rows were cut into parts.
 *
 * A worker notes numbers as they come, and puts those of a group together when it packs them. Where parts are taken, they go
 * into what is held of each group.
 */
import type { DecimalFields } from "../../../formats/indexed/field-reader.ts";
import { VALUE_BYTES } from "../../kept.ts";
import { CollectedNumbers, NoteMemory, type PackedCollected } from "../collected-numbers.ts";
import { shortened } from "../short-numbers.ts";

/** So many are few. */
const FEW = 1024;
/** Bytes of a sketch, about. */
const SKETCH_BYTES = 8192;

type AnyNumber = number | bigint;

/** A kind of sketch, and of what stands for it while numbers are few. */
export interface SketchKind<Few extends Iterable<AnyNumber>, Sketch, Packed> {
  few(): Few;
  /** Adds a number to few; returns how many there are then. */
  keep(few: Few, number: AnyNumber): number;
  sketch(): Sketch;
  add(sketch: Sketch, number: AnyNumber): void;
  pack(sketch: Sketch): Packed;
  /** Adds what another one has. */
  join(sketch: Sketch, packed: Packed): void;
}

/** What is held of a group. */
export type Held<Few, Sketch> = { few: Few } | { sketch: Sketch };

export interface PackedSketches<Packed> {
  /** Numbers of groups that have no sketch here. */
  run: PackedCollected;
  sketches: { group: number; packed: Packed }[];
}

export class GroupSketches<Few extends Iterable<AnyNumber>, Sketch, Packed> {
  readonly #kind: SketchKind<Few, Sketch, Packed>;
  readonly #options = { quantiles: [], memory: new NoteMemory() };
  #noted: CollectedNumbers | undefined;
  /** Groups of which something was noted are below this number. */
  #groups = 0;
  #packed: PackedSketches<Packed> | undefined;
  /** By number of the group. */
  readonly #held: (Held<Few, Sketch> | undefined)[] = [];

  #few = 0;
  #sketches = 0;

  constructor(kind: SketchKind<Few, Sketch, Packed>, packed?: PackedSketches<Packed>) {
    this.#kind = kind;
    this.#packed = packed;
  }

  /** Bytes that they take, about. */
  get size(): number {
    return this.#few * VALUE_BYTES + this.#sketches * SKETCH_BYTES;
  }

  add(group: number, number: AnyNumber): void {
    this.#noted ??= new CollectedNumbers(this.#options);
    this.#noted.add(group, number);
    if (group >= this.#groups) this.#groups = group + 1;
  }

  /** Adds the number of each row, where it has one, to the group that the row belongs to. */
  addAll(groupOf: Int32Array, numbers: DecimalFields): void {
    this.#noted ??= new CollectedNumbers(this.#options);
    this.#noted.addAll(groupOf, numbers);
    for (let row = 0; row < groupOf.length; row++) {
      const group = groupOf[row] ?? 0;
      if (group >= this.#groups) this.#groups = group + 1;
    }
  }

  /** Adds all numbers of rows that come behind; may use them up. `groupOf`: what their groups are here. */
  addFrom(behind: GroupSketches<Few, Sketch, Packed>, groupOf: Int32Array): void {
    this.#settle();
    this.#take(behind.pack(groupOf.length), groupOf);
  }

  /** What is held of a group; undefined where there was no number. */
  of(group: number): Held<Few, Sketch> | undefined {
    this.#settle();
    return this.#held[group];
  }

  /** @param groups How many there are. */
  pack(groups: number): PackedSketches<Packed> {
    if (this.#packed !== undefined && this.#noted === undefined && this.#held.length === 0) return this.#packed;
    if (this.#held.length > 0 || this.#packed !== undefined) return this.#packHeld(groups);
    const run = (this.#noted ?? new CollectedNumbers(this.#options)).pack(groups);
    this.#noted = undefined;
    return this.#withSketches(run);
  }

  /** All that is there goes into what is held. */
  #settle(): void {
    const packed = this.#packed;
    this.#packed = undefined;
    if (packed !== undefined) this.#take(packed, undefined);
    const noted = this.#noted;
    this.#noted = undefined;
    if (noted !== undefined) this.#take({ run: noted.pack(this.#groups), sketches: [] }, undefined);
  }

  #take({ run, sketches }: PackedSketches<Packed>, groupOf: Int32Array | undefined): void {
    const here = (group: number): number => groupOf?.[group] ?? group;
    for (const { group, packed } of sketches) this.#kind.join(this.#sketchOf(here(group)), packed);
    const { groups, counts, numbers, power, large } = run;
    let at = 0;
    for (let place = 0; place < groups.length; place++) {
      const group = here(groups[place] ?? 0);
      const end = at + (counts[place] ?? 0);
      for (let held = this.#held[group]; at < end; at++) {
        const number = (numbers[at] ?? 0) / power;
        if (held !== undefined && "sketch" in held) this.#kind.add(held.sketch, number);
        else held = this.#put(group, number);
      }
    }
    for (const [group, all] of large) for (const number of all) this.#put(here(group), number);
  }

  #put(group: number, number: AnyNumber): Held<Few, Sketch> | undefined {
    const held = (this.#held[group] ??= { few: this.#kind.few() });
    if ("sketch" in held) this.#kind.add(held.sketch, number);
    else {
      this.#few++;
      if (this.#kind.keep(held.few, number) > FEW) this.#sketchOf(group);
    }
    return this.#held[group];
  }

  /** That of a group, which has one from now on. */
  #sketchOf(group: number): Sketch {
    const held = this.#held[group];
    if (held !== undefined && "sketch" in held) return held.sketch;
    const sketch = this.#kind.sketch();
    this.#sketches++;
    if (held !== undefined) this.#few = Math.max(0, this.#few - FEW);
    for (const number of held?.few ?? []) this.#kind.add(sketch, number);
    this.#held[group] = { sketch };
    return sketch;
  }

  #packHeld(groups: number): PackedSketches<Packed> {
    this.#settle();
    const noted = new CollectedNumbers(this.#options);
    const sketches: PackedSketches<Packed>["sketches"] = [];
    for (const [group, held] of this.#held.entries()) {
      if (held === undefined) continue;
      if ("sketch" in held) sketches.push({ group, packed: this.#kind.pack(held.sketch) });
      else for (const number of held.few) noted.add(group, number);
    }
    return { run: noted.pack(groups), sketches };
  }

  /** Of groups with many numbers, what is held of these goes on, and not they themselves. */
  #withSketches(run: PackedCollected): PackedSketches<Packed> {
    if (run.counts.every((count) => count <= FEW)) return { run, sketches: [] };
    const many = new GroupSketches(this.#kind);
    const counts = run.counts.slice();
    const numbers = new Float64Array(run.numbers.length);
    let [at, length] = [0, 0];
    for (const [place, count] of run.counts.entries()) {
      const end = at + count;
      const group = run.groups[place] ?? 0;
      if (count > FEW) for (; at < end; at++) many.#put(group, (run.numbers[at] ?? 0) / run.power);
      else for (; at < end; at++) numbers[length++] = (run.numbers[at] ?? 0) / run.power;
      const held = many.#held[group];
      if (held === undefined) continue;
      const start = length;
      if ("few" in held) for (const number of held.few) numbers[length++] = Number(number);
      counts[place] = length - start;
    }
    return {
      run: { ...run, counts, ...shortened(numbers.subarray(0, length)) },
      sketches: many.#held.flatMap((held, group) =>
        held !== undefined && "sketch" in held ? [{ group, packed: this.#kind.pack(held.sketch) }] : [],
      ),
    };
  }
}
