/**
 * A terminal for tests: the binary on a pseudo-terminal, and behind that an emulator which keeps a screen as people see
 * it, lines that scrolled out of it included.
 */
import { Terminal } from "@xterm/headless";
import type { Folder } from "./binary.ts";

const ROWS = 12;
/** A message to the terminal that none shows: what a script writes last. */
const END_CODES = String.raw`\033]7777;end\007`;
const END = "\u001B]7777;end\u0007";

export interface ScreenRun {
  columns: number;
  env?: Record<string, string>;
  /** Called when anything has come; may resize, and look at the lines. */
  onDrawn?: (screen: Screen) => void;
}

export class Screen {
  readonly #emulator: Terminal;
  readonly #pty: Bun.Terminal;
  readonly #ended = Promise.withResolvers<void>();
  /** All that came, as it came. */
  raw = "";

  constructor(columns: number, onData: (screen: Screen) => void) {
    this.#emulator = new Terminal({ cols: columns, rows: ROWS, allowProposedApi: true, scrollback: 1000 });
    this.#pty = new Bun.Terminal({
      cols: columns,
      rows: ROWS,
      data: (_, bytes) => {
        this.raw += Buffer.from(bytes).toString();
        if (this.raw.endsWith(END)) this.#ended.resolve();
        this.#emulator.write(bytes, () => onData(this));
      },
    });
  }

  get pty(): Bun.Terminal {
    return this.#pty;
  }

  resize(columns: number): void {
    // As a window does: what is shown changes first, then the program is told.
    this.#emulator.resize(columns, ROWS);
    this.#pty.resize(columns, ROWS);
  }

  /** The lines that are not blank, without what is blank at their ends. */
  get lines(): string[] {
    const { buffer } = this.#emulator;
    const lines = Array.from({ length: buffer.active.length }, (_, at) =>
      buffer.active.getLine(at)?.translateToString(true),
    );
    return lines.filter((line): line is string => line !== undefined && line !== "");
  }

  /** Whether a line goes on in the next one, for want of room. */
  get hasWrapped(): boolean {
    const { active } = this.#emulator.buffer;
    return Array.from({ length: active.length }, (_, at) => active.getLine(at)?.isWrapped === true).includes(true);
  }

  /** All that a script wrote has come, and has been shown. */
  async settled(): Promise<void> {
    await this.#ended.promise;
    await new Promise<void>((done) => this.#emulator.write("", done));
  }

  close(): void {
    this.#pty.close();
    this.#emulator.dispose();
  }
}

/** Runs a line of bash on a terminal of its own; the screen is as it is left. */
export async function onScreen(there: Folder, script: string, { columns, env, onDrawn }: ScreenRun): Promise<Screen> {
  const screen = new Screen(columns, onDrawn ?? (() => {}));
  // What it wrote may come after the news that it has ended.
  const child = there.startOn(screen.pty, `trap "printf '${END_CODES}'" EXIT\n${script}`, env);
  await child.exited;
  await screen.settled();
  return screen;
}
