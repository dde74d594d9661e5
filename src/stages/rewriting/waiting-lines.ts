/** Lines that wait, in their order: in memory as long as there is room for them, and then in a file. */
import { SpillFile, type SpillPlace } from "../../io/spill-file.ts";

/** What was read and has gone out is collected when it is so much: where memory is short, the runtime would wait longer. */
const COLLECT_BYTES = 32 * 1024 * 1024;

export class WaitingLines {
  readonly #memoryBytes: number;
  readonly #tempDir: string | undefined;
  #file: SpillFile | undefined;
  readonly #places: SpillPlace[] = [];
  /** Those behind the ones in the file. */
  #held: string[] = [];
  #heldChars = 0;

  constructor({ memoryBytes, tempDir }: { memoryBytes: number; tempDir: string | undefined }) {
    this.#memoryBytes = memoryBytes;
    this.#tempDir = tempDir;
  }

  /** Takes lines behind all others so far: a text that is well-formed. */
  add(lines: string): void {
    if (lines === "") return;
    this.#held.push(lines);
    this.#heldChars += lines.length;
    if (this.#heldChars > this.#memoryBytes) this.#spill();
  }

  #spill(): void {
    this.#file ??= new SpillFile(this.#tempDir);
    for (const lines of this.#held) this.#places.push(this.#file.append(Buffer.from(lines)));
    this.#held = [];
    this.#heldChars = 0;
    // What was written is no longer wanted, and there is as much of it as may be.
    Bun.gc(true);
  }

  /** All of them, as many at once as were added together. */
  *all(): Generator<string> {
    let read = 0;
    for (const { at, length } of this.#places) {
      const bytes = Buffer.allocUnsafeSlow(length);
      this.#file?.read(bytes, at);
      yield bytes.toString();
      read += length;
      if (read < COLLECT_BYTES) continue;
      read = 0;
      Bun.gc(true);
    }
    yield* this.#held;
  }

  close(): void {
    this.#held = [];
    this.#file?.close();
    this.#file = undefined;
  }
}
