/** The inputs of a run that are open: a run may have more of them than a process may have open files. */
import { dirname } from "node:path";
import { type InputAccess, type OpenInput, openInput } from "../io/open-input.ts";
import type { InputWindow } from "./input-window.ts";

/**
 * So many files are open at once for workers, which read them by file descriptor until the run ends. Files that fit in a
 * window, and files after these, are copied to them and closed.
 */
const MAX_SHARED_FILES = 8;

export class OpenInputs {
  readonly #access: InputAccess;
  readonly #opened: OpenInput[] = [];
  /** Folders in which an input was opened: their file system answers. */
  readonly #folders = new Set<string>();
  #shared = 0;
  #isClosed = false;

  /** @param access How servers are asked. */
  constructor(access: InputAccess) {
    this.#access = access;
  }

  /** Opens an input; see `openInput`. */
  async open(name: string): Promise<OpenInput> {
    const folder = dirname(name);
    const input = await openInput(name, { ...this.#access, isNear: this.#folders.has(folder) });
    this.#folders.add(folder);
    this.#opened.push(input);
    // The run has ended while it waited for this one.
    if (this.#isClosed) this.close();
    return input;
  }

  /** Whether workers are to read a file themselves; it must then stay open. */
  share(window: InputWindow): boolean {
    const isShared = window.isSeekable && !window.isFinal && this.#shared < MAX_SHARED_FILES;
    if (isShared) this.#shared++;
    return isShared;
  }

  close(): void {
    this.#isClosed = true;
    for (const input of this.#opened.splice(0)) input.close();
  }
}
