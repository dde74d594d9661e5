/** The standard streams: whether they are terminals, and how text is written to them. */
import { fstatSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { asksForJson } from "../errors-form.ts";
import { STDIN } from "../io/files.ts";
import { stdoutSink } from "../io/sink.ts";
import { ClosedPipeError } from "../io/write-error.ts";
import { once } from "../once.ts";
import { wrapPage } from "./wrap.ts";

export const STDIN_FD = 0;
export const STDOUT_FD = 1;
export const STDERR_FD = 2;

/** `node:tty` takes 4 ms to load: only where a device is open is it asked. */
export async function isTerminal(fd: number): Promise<boolean> {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    // The shell closed it (`2>&-`).
    return false;
  }
  const { isatty } = await import("node:tty");
  return isatty(fd);
}

/** Text that was asked for: all of it, or an error. */
export async function print(text: string): Promise<void> {
  const sink = stdoutSink();
  try {
    await sink.write(Buffer.from(text));
    await sink.commit();
  } catch (error) {
    if (!(error instanceof ClosedPipeError)) throw error;
  }
}

/** A page of help: on a terminal, broken between words. */
export async function printPage(page: string): Promise<void> {
  const columns = await columnsOf(STDOUT_FD);
  await print(columns === undefined ? page : wrapPage(page, columns));
}

/** How wide a terminal is; undefined when there is none, or it does not say. */
async function columnsOf(fd: number): Promise<number | undefined> {
  if (!(await isTerminal(fd))) return undefined;
  const { WriteStream } = await import("node:tty");
  return new WriteStream(fd).columns || undefined;
}

/** Says that standard input is read from a terminal, which would look like hanging. */
export async function sayWhoWaits(inputs: readonly string[]): Promise<void> {
  const readsStdin = inputs.length === 0 || inputs.includes(STDIN);
  if (!readsStdin || !(await isTerminal(STDIN_FD))) return;
  say(`${basename(process.execPath)}: reading rows from this terminal; end with Ctrl-D, or name a file\n`);
}

/** What may be done next, for whoever sits at a terminal. */
export async function suggest(text: string): Promise<void> {
  if (!isForPrograms() && (await isTerminal(STDERR_FD))) say(text);
}

/** What is said on standard error, for people and for programs. */
export interface Said {
  /** `info`: what the transform prints, and how far work has come. */
  level: "error" | "warning" | "note" | "info";
  /** For programs, without a line end. */
  message: string;
  code?: string;
  /** For people, with its line ends. @default the message, as a line */
  text?: string;
  /** Further fields, for programs. */
  facts?: object;
}

/** Whether programs read what is said (`--errors json`): an object a line, and nothing that is drawn. */
export const isForPrograms: () => boolean = once(() => asksForJson(process.argv));

/** Says something short. A text is for people, and an `info` for programs. */
export function say(said: string | Said): void {
  const { level, code, message, text = `${message}\n`, facts } = typeof said === "string" ? infoOf(said) : said;
  const written = isForPrograms() ? `${JSON.stringify({ level, code, message, ...facts })}\n` : text;
  try {
    writeSync(STDERR_FD, written);
  } catch {
    // Standard error is closed: nothing can be said.
  }
}

function infoOf(text: string): Said {
  return { level: "info", message: text.trimEnd(), text };
}
