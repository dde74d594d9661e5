/**
 * The end of a call, as its workers learn of it: a word in shared memory, because a worker in the middle of a batch hears
 * no messages.
 */
import { CALL_OVER, type CallWire } from "./wire.ts";

/** The parent's side: tells everyone who works for the call that nobody waits for it any more. */
export function announceEnd({ over }: CallWire): void {
  Atomics.store(over, 0, CALL_OVER);
  Atomics.notify(over, 0);
}

/** The worker's side. */
export class CallEnd {
  readonly #over: Int32Array;
  readonly #watchers = new Set<() => void>();
  #isWatching = false;

  constructor({ over }: CallWire) {
    this.#over = over;
  }

  get isOver(): boolean {
    return Atomics.load(this.#over, 0) === CALL_OVER;
  }

  /** Calls `watcher` at the end, unless it is taken back before. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
    if (this.#isWatching) return;
    this.#isWatching = true;
    const wait = Atomics.waitAsync(this.#over, 0, 0);
    if (wait.async) void wait.value.then(() => this.#tell());
    else this.#tell();
  }

  unwatch(watcher: () => void): void {
    this.#watchers.delete(watcher);
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}
