/**
 * Accumulators on their way between threads: bytes of a structured clone. Clones lose classes and their methods, so the
 * first accumulators of a worker are looked through, and one that would not arrive as it is ends the run with a reason.
 */
import { deserialize, serialize } from "bun:jsc";
import { messageOf } from "../../errors.ts";
import { ReduceError } from "./reduce-error.ts";

/** So many accumulators of a worker are looked through, and so many values in each. */
const CHECKED_ACCUMULATORS = 4;
const CHECKED_VALUES = 10_000;

const HINT =
  "an accumulator goes between threads as plain objects, arrays, Map, Set, Date and typed arrays: keep data in it, and make of it what you like in finish";

/**
 * Makes the function that turns accumulators into bytes; it throws a {@linkcode ReduceError} when one holds what no other
 * thread would get.
 */
export function accumulatorPacker(): (accumulator: unknown) => Uint8Array<ArrayBuffer> {
  let checked = 0;
  return (accumulator) => {
    if (checked++ < CHECKED_ACCUMULATORS) {
      const lost = firstLost(accumulator);
      if (lost !== undefined) throw new ReduceError(`the accumulator of reduce ${lost}`, { hint: HINT });
    }
    try {
      // What it gives is memory that all threads share; a copy can be handed over.
      return new Uint8Array(serialize(accumulator)).slice();
    } catch (error) {
      const lost = firstLost(accumulator) ?? `cannot be copied: ${messageOf(error)}`;
      throw new ReduceError(`the accumulator of reduce ${lost}`, { hint: HINT, cause: error });
    }
  };
}

export function unpackAccumulator(bytes: Uint8Array): unknown {
  return deserialize(bytes);
}

/** What a structured clone keeps as it is. */
const KEPT_PROTOTYPES: ReadonlySet<unknown> = new Set([
  null,
  Object.prototype,
  Array.prototype,
  ...[Map, Set, Date, RegExp, ArrayBuffer, SharedArrayBuffer, DataView, Boolean, Number, String].map(prototypeOf),
  ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(prototypeOf),
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map(prototypeOf),
  ...[Float16Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array].map(prototypeOf),
]);

function prototypeOf({ prototype }: { prototype: object }): object {
  return prototype;
}

interface Seen {
  value: unknown;
  path: string;
}

/** What of a value would be lost, in words; undefined where nothing is found. */
function firstLost(value: unknown): string | undefined {
  const waiting: Seen[] = [{ value, path: "" }];
  const known = new Set<unknown>();
  for (let count = 0; count < CHECKED_VALUES; count++) {
    const next = waiting.pop();
    if (next === undefined) return undefined;
    const where = next.path === "" ? "" : ` in ${next.path}`;
    if (typeof next.value === "function") return `holds a function${where}`;
    if (typeof next.value === "symbol") return `holds a symbol${where}`;
    if (typeof next.value !== "object" || next.value === null || known.has(next.value)) continue;
    known.add(next.value);
    const prototype: unknown = Object.getPrototypeOf(next.value);
    if (!KEPT_PROTOTYPES.has(prototype)) return `${lostClass(prototype)}${where}`;
    if (!ArrayBuffer.isView(next.value)) waiting.push(...partsOf(next.value, next.path, CHECKED_VALUES - count));
  }
  return undefined;
}

function lostClass(prototype: unknown): string {
  const name: unknown = Reflect.get(Reflect.get(Object(prototype), "constructor") ?? {}, "name");
  return `is or holds an object of the class ${String(name)}, whose methods other threads do not get,`;
}

/** Some of what an object holds, at most so much. */
function partsOf(value: object, path: string, most: number): Seen[] {
  const parts: Seen[] = [];
  const add = (part: unknown, name: string): void => void parts.push({ value: part, path: `${path}${name}` });
  if (value instanceof Map) {
    for (const [key, entry] of value) {
      if (parts.length >= most) return parts;
      add(entry, "[value of a Map]");
      if (typeof key === "object") add(key, "[key of a Map]");
    }
  } else if (value instanceof Set) {
    for (const entry of value) {
      if (parts.length >= most) return parts;
      add(entry, "[value of a Set]");
    }
  } else {
    for (const key of Object.keys(value)) {
      if (parts.length >= most) return parts;
      add(Reflect.get(value, key), Array.isArray(value) ? `[${key}]` : `.${key}`);
    }
  }
  return parts;
}
