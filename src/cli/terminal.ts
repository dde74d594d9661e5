/** The streams of the process: is somebody there, what is said to people, what was asked for. */
import { fstatSync, writeSync } from "node:fs";
import { stdoutSink } from "../io/sink.ts";
import { ClosedPipeError } from "../io/write-error.ts";

export const STDIN_FD = 0;
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

/** Short texts for people. */
export function say(text: string): void {
  try {
    writeSync(STDERR_FD, text);
  } catch {
    // Where nobody can read them any more, there is nobody to tell.
  }
}
