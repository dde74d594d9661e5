/**
 * Opens what may block: a FIFO until its other end is open, a file until its server answers. Never on the main thread,
 * which could not hear an interrupt meanwhile.
 */
import { closeSync, constants, open, stat } from "node:fs";
import { placed } from "./start-folder.ts";
import { errorCode, writeError } from "./write-error.ts";

/** How often a FIFO is tried until it has a reader. */
const LOOK_MS = 10;

/** An open stream that is written. */
export interface OpenStream {
  fd: number;
  close(): void;
}

/**
 * Opens a device or FIFO for writing.
 *
 * @param signal Ends the wait for a reader.
 */
export async function openStream(path: string, signal: AbortSignal | undefined): Promise<OpenStream> {
  try {
    // A FIFO is opened without waiting until that succeeds: its reader is there. Opened once more, writes wait for it.
    const first = await openWhenRead(path, signal);
    const fd = await openSoon(path, constants.O_WRONLY);
    closeSync(first);
    return { fd, close: () => closeSync(fd) };
  } catch (error) {
    signal?.throwIfAborted();
    throw writeError(error, path);
  }
}

async function openWhenRead(path: string, signal: AbortSignal | undefined): Promise<number> {
  const isFifo = await isFifoAt(path);
  for (;;) {
    try {
      return await openSoon(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (!isFifo || errorCode(error) !== "ENXIO") throw error;
      signal?.throwIfAborted();
      await Bun.sleep(LOOK_MS);
    }
  }
}

function isFifoAt(path: string): Promise<boolean> {
  return new Promise((resolve) => stat(placed(path), (error, found) => resolve(error === null && found.isFIFO())));
}

/** Opens a file off the main thread. */
export function openSoon(path: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    open(placed(path), flags, (error, fd) => (error === null ? resolve(fd) : reject(error)));
  });
}
