/**
 * When a way is given up: after so many blocks one behind the other that it could not take. A block now and then with
 * something unusual in it costs only itself.
 */

const MAX_MISSES = 16;

export class Misses {
  #misses = 0;

  /** No further block is tried. */
  get isGivenUp(): boolean {
    return this.#misses >= MAX_MISSES;
  }

  miss(): void {
    this.#misses++;
  }

  hit(): void {
    this.#misses = 0;
  }
}
