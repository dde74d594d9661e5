/** Hands values from one who has them to one who wants them, one piece at a time; each waits for the other. */
export class Handoff<T> {
  #piece: { value: T } | undefined;
  #end: { error: unknown } | "end" | undefined;
  #wakeTaker: () => void = () => {};
  #wakeGiver: () => void = () => {};

  /** Resolves when the taker is done with the piece, which it is when it asks for the next one. */
  put(value: T): Promise<void> {
    this.#piece = { value };
    this.#wakeTaker();
    return new Promise((resolve) => {
      this.#wakeGiver = resolve;
    });
  }

  /** No piece comes any more. */
  end(): void {
    this.#end ??= "end";
    this.#wakeTaker();
  }

  /** No piece comes any more, because of `error`. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wakeTaker();
  }

  /** The next piece, or undefined at the end. */
  async take(): Promise<{ value: T } | undefined> {
    this.#wakeGiver();
    while (this.#piece === undefined && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve;
      });
    }
    if (typeof this.#end === "object") throw this.#end.error;
    const piece = this.#piece;
    this.#piece = undefined;
    return piece;
  }
}
