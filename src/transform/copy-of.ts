/**
 * Copies of values that keep what they are: plain objects, arrays, dates, maps, sets and instances of classes. What holds
 * anything that a copy would not have (private fields, handles of the runtime) is the same object afterwards.
 */

export function copyOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? new Copier().copy(value) : value;
}

/** A copy of the class that the object is of. */
function like<Copy extends object>(copy: Copy, proto: unknown): Copy {
  return Object.getPrototypeOf(copy) === proto ? copy : (Object.setPrototypeOf(copy, proto as object | null) as Copy);
}

/** Objects around a single value, which nobody changes. */
const BOXES: ReadonlySet<unknown> = new Set([Number.prototype, String.prototype, Boolean.prototype]);

class Copier {
  /** Copies by what they are of: what is met twice is one object in the copy, too. */
  readonly #copies = new Map<object, object>();

  copy(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    return this.#copies.get(value) ?? this.#make(value);
  }

  #make(value: object): object {
    const proto: unknown = Object.getPrototypeOf(value);
    if (proto === Array.prototype) {
      const copy: unknown[] = [];
      copy.length = (value as unknown[]).length;
      return this.#fill(value, copy);
    }
    if (proto === Object.prototype) return this.#fill(value, {});
    if (value instanceof Date) return like(new Date(value), proto);
    if (BOXES.has(proto)) return value;
    if (proto === Map.prototype) {
      const copy = this.#note(value, new Map());
      for (const [key, member] of value as Map<unknown, unknown>) copy.set(this.copy(key), this.copy(member));
      return copy;
    }
    if (proto === Set.prototype) {
      const copy = this.#note(value, new Set());
      for (const member of value as Set<unknown>) copy.add(this.copy(member));
      return copy;
    }
    if (Buffer.isBuffer(value)) return Buffer.from(value);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return like(structuredClone(value), proto);
    return isOpen(proto) ? this.#fill(value, Object.create(proto as object | null) as object) : value;
  }

  #fill(value: object, copy: object): object {
    this.#note(value, copy);
    for (const [name, part] of Object.entries(value)) {
      // Whatever its name is, `__proto__` included.
      Object.defineProperty(copy, name, {
        value: this.copy(part),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return copy;
  }

  #note<Copy extends object>(value: object, copy: Copy): Copy {
    this.#copies.set(value, copy);
    return copy;
  }
}

const open = new WeakMap<object, boolean>();

/** Whether objects with a prototype are made of their fields alone. */
function isOpen(proto: unknown): boolean {
  if (typeof proto !== "object" || proto === null || proto === Object.prototype) return true;
  let known = open.get(proto);
  if (known === undefined) {
    const maker: unknown = Object.hasOwn(proto, "constructor") ? Reflect.get(proto, "constructor") : undefined;
    const source = typeof maker === "function" ? Function.prototype.toString.call(maker) : "[native code]";
    known = !/#|\[native code\]/.test(source) && isOpen(Object.getPrototypeOf(proto));
    open.set(proto, known);
  }
  return known;
}
