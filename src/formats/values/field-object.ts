/**
 * A field that holds several values in a notation of its own, such as INFO of VCF, as an object: its properties are the
 * values. Written as text it is what stood in the input, as long as nobody has changed it.
 */

/** Reads and writes fields of a notation. */
export interface Notation {
  /** @param number Makes the value of a text that is a number of JSON. */
  read(text: string, number: (text: string) => unknown): Record<string, unknown>;
  /** @throws {TypeError} When it has no form for a value. */
  write(values: object): string;
}

export class FieldObject {
  readonly #text: string;
  readonly #notation: Notation;
  /** The values as they were read; undefined where nobody looks at them. */
  readonly #given: Record<string, unknown> | undefined;

  /** @param isSeen Somebody may look at its values. */
  constructor(text: string, notation: Notation, isSeen: boolean) {
    this.#text = text;
    this.#notation = notation;
    if (!isSeen) return;
    const given = notation.read(text, numberOf);
    this.#given = given;
    for (const name in given) {
      const value = given[name];
      const own = Array.isArray(value) ? value.slice() : value;
      if (name === "__proto__") Object.defineProperty(this, name, { value: own, enumerable: true });
      else Reflect.set(this, name, own);
    }
  }

  /** As it stood in the input, or as it was changed. */
  static textOf(field: FieldObject): string {
    return field.#isUnchanged() ? field.#text : field.#notation.write(field);
  }

  #isUnchanged(): boolean {
    const given = this.#given;
    if (given === undefined) return true;
    let count = 0;
    for (const name in this) {
      if (!isSame((this as Record<string, unknown>)[name], given[name])) return false;
      count++;
    }
    return count === Object.keys(given).length;
  }

  /** Numbers have the digits of the input. */
  toJSON(): object {
    return this.#isUnchanged()
      ? this.#notation.read(this.#text, (digits) => JSON.rawJSON(digits))
      : Object.fromEntries(Object.entries(this));
  }
}

function isSame(value: unknown, given: unknown): boolean {
  if (!Array.isArray(value) || !Array.isArray(given)) return Object.is(value, given);
  return value.length === given.length && value.every((item, at) => Object.is(item, given[at]));
}

function numberOf(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? value : BigInt(text);
}
