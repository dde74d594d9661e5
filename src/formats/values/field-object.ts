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
  readonly #isSeen: boolean;

  /** @param isSeen Somebody may look at its values. */
  constructor(text: string, notation: Notation, isSeen: boolean) {
    this.#text = text;
    this.#notation = notation;
    this.#isSeen = isSeen;
    if (!isSeen) return;
    const given = notation.read(text, numberOf);
    const own = this as unknown as Record<string, unknown>;
    for (const name in given) {
      if (name === "__proto__") Object.defineProperty(this, name, { value: given[name], enumerable: true });
      else own[name] = given[name];
    }
  }

  /** As it stood in the input, or as it was changed. */
  static textOf(field: FieldObject): string {
    return field.#isUnchanged() ? field.#text : field.#notation.write(field);
  }

  /** Read again to see it: most rows that a filter looks at go no further. */
  #isUnchanged(): boolean {
    if (!this.#isSeen) return true;
    const given = this.#notation.read(this.#text, numberOf);
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

/** Whether a value of a row is an object that a notation may have to be found for: one of fields is written as it is. */
export function isOtherObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof FieldObject);
}

/** Whether a row has one. A list of the fields of each row would take as long as all else. */
export function hasOtherObject(row: Record<string, unknown>): boolean {
  for (const name in row) if (isOtherObject(row[name])) return true;
  return false;
}

function isSame(value: unknown, given: unknown): boolean {
  if (!Array.isArray(value) || !Array.isArray(given)) return Object.is(value, given);
  return value.length === given.length && value.every((item, at) => Object.is(item, given[at]));
}

/** A number; one whose digits that cannot hold is a large integer. */
export function numberOf(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? value : BigInt(text);
}
