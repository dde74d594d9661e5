/**
 * The one line that is drawn on a terminal, again and again, while something takes its time. It never wraps, and it is
 * gone at the end.
 *
 * The cursor waits at its start. When the window becomes narrower, terminals wrap the line and keep the cursor at the
 * character that it was on: the lines from there on are cleared. (Not the screen from there on: tmux would keep that in
 * its history.)
 */
import { STDERR_FD, type Said, isForPrograms, isTerminal, say } from "./terminal.ts";

/** Work that is done sooner shows no line, which would only flicker. */
const FIRST_AFTER_MS = 400;
const DRAW_EVERY_MS = 100;
const LOG_EVERY_MS = 10_000;
/** Where a terminal does not say how wide it is. */
const DEFAULT_WIDTH = 80;
const CLEAR_LINE = "\r\u001b[K";
/** The window may have become narrower without a resize event yet: a line that does not fit must not wrap. */
const WRAP_OFF = "\u001b[?7l";
const WRAP_ON = "\u001b[?7h";
const CLEAR_NEXT_LINE = "\u001b[B\u001b[2K";
const GAP = "  ";

/** Where the line is shown: on a terminal, or now and then as a plain line; undefined for nowhere. */
export type LivePlace = "terminal" | "log" | undefined;

export class LiveLine {
  readonly #parts: () => readonly string[];
  #timer: Timer | undefined;
  #measure: (() => void) | undefined;
  #columns = DEFAULT_WIDTH;
  /** How many characters are on the terminal, and in how many lines. */
  #drawn = 0;
  #drawnLines = 1;

  /**
   * @param place Asked when it is known that there is something to show.
   * @param parts What the line says, the most telling first; none: nothing yet.
   */
  constructor(place: () => Promise<LivePlace>, parts: () => readonly string[]) {
    this.#parts = parts;
    this.#timer = setTimeout(() => void this.#begin(place), FIRST_AFTER_MS);
  }

  /** Says something else: the line makes room. */
  say(said: string | Said): void {
    this.#clear();
    say(said);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#measure !== undefined) process.off("SIGWINCH", this.#measure);
    this.#clear();
  }

  async #begin(whereTo: () => Promise<LivePlace>): Promise<void> {
    const place = await whereTo();
    const isOnTerminal = place === "terminal";
    if (isOnTerminal) await this.#watchWidth();
    // It may have ended meanwhile.
    if (place === undefined || this.#timer === undefined) return;
    this.#timer = setInterval(() => this.#draw(isOnTerminal), isOnTerminal ? DRAW_EVERY_MS : LOG_EVERY_MS);
    if (isOnTerminal) this.#draw(isOnTerminal);
  }

  async #watchWidth(): Promise<void> {
    const { WriteStream } = await import("node:tty");
    if (this.#timer === undefined) return;
    this.#measure = (): void => {
      this.#columns = new WriteStream(STDERR_FD).columns || DEFAULT_WIDTH;
      this.#drawnLines = Math.max(this.#drawnLines, Math.ceil(this.#drawn / this.#columns));
    };
    this.#measure();
    process.on("SIGWINCH", this.#measure);
  }

  #draw(isOnTerminal: boolean): void {
    const parts = this.#parts();
    if (parts.length === 0) return;
    if (!isOnTerminal) {
      say(`${parts.join(GAP)}\n`);
      return;
    }
    const text = fitting(parts, this.#columns - 1);
    say(`${this.#clearing()}${WRAP_OFF}${text}${WRAP_ON}\r`);
    this.#drawn = Bun.stringWidth(text);
  }

  #clear(): void {
    if (this.#drawn > 0) say(this.#clearing());
    this.#drawn = 0;
  }

  /** What clears the lines that are drawn, and leaves the cursor where they began. */
  #clearing(): string {
    const further = this.#drawnLines - 1;
    this.#drawnLines = 1;
    return CLEAR_LINE + (further === 0 ? "" : `${CLEAR_NEXT_LINE.repeat(further)}\u001b[${further}A`);
  }
}

/** Whether a line may be drawn over on standard error. The logs of build machines keep all that is drawn, one after another. */
export async function isLiveTerminal(): Promise<boolean> {
  return !isForPrograms() && process.env["TERM"] !== "dumb" && !process.env["CI"] && (await isTerminal(STDERR_FD));
}

/** Says on a terminal what is being done, and for how long, while that takes its time. */
export async function whileSaying<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const started = performance.now();
  const seconds = (): string => `${Math.floor((performance.now() - started) / 1000)} s`;
  const line = new LiveLine(
    async () => ((await isLiveTerminal()) ? "terminal" : undefined),
    () => [what, seconds()],
  );
  try {
    return await work;
  } finally {
    line.end();
  }
}

/** As many parts as fit. A first part that does not fit is cut, so that something is shown. */
function fitting(parts: readonly string[], width: number): string {
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}${GAP}${part}`;
    if (Bun.stringWidth(longer) > width) return line === "" ? cut(part, width) : line;
    line = longer;
  }
  return line;
}

/** The start of a text that takes so much room at most, the … at its end among it. */
function cut(text: string, width: number): string {
  let start = "";
  // Made here: it takes 2 ms, and most runs need none.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (Bun.stringWidth(start + segment) > width - 1) break;
    start += segment;
  }
  return width < 1 ? "" : `${start}…`;
}
