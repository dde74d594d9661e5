/** Lists of numbers that grow, as memory without objects. */

/** Words of 32 bits. */
export class GrowingWords {
  #words = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All of them, and what has been set aside for more; anew when it grows. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Adds so many words of another list, from `at` on. */
  add(from: Uint32Array, at: number, count: number): void {
    const length = this.#length + count;
    if (length > this.#words.length) {
      const grown = new Uint32Array(Math.max(length, this.#words.length * 2));
      grown.set(this.#words.subarray(0, this.#length));
      this.#words = grown;
    }
    // They are few: a view of them takes longer.
    for (let word = 0; word < count; word++) this.#words[this.#length + word] = from[at + word] ?? 0;
    this.#length = length;
  }
}

/** Whole numbers. */
export class GrowingNumbers {
  #numbers = new Float64Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(number: number): void {
    if (this.#length === this.#numbers.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers[this.#length++] = number;
  }

  /** The one at a place where there is one. */
  at(place: number): number {
    return this.#numbers[place] ?? 0;
  }

  set(place: number, number: number): void {
    this.#numbers[place] = number;
  }

  /** Where a number stands, in a list that is in ascending order; -1 where it does not. */
  placeOf(number: number): number {
    let low = 0;
    let high = this.#length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.at(middle);
      if (found === number) return middle;
      if (found < number) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** Which of many are meant: a bit each. */
export class Bits {
  #bytes = new Uint8Array(1024);

  /** A byte for each eight, the lowest bit first. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  set(place: number): void {
    const byte = Math.floor(place / 8);
    if (byte >= this.#bytes.length) {
      const grown = new Uint8Array(Math.max(byte + 1, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[byte] = (this.#bytes[byte] ?? 0) | (1 << (place % 8));
  }
}
