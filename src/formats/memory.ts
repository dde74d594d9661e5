/**
 * Memory in which formats work: whoever reads an input puts its bytes there. What can be done with them there, by the kernel
 * whose memory it is, only formats know.
 */
import { INPUT, Kernel } from "./kernel/host.ts";

export interface Memory {
  /** All of it; made anew when it grows. */
  readonly bytes: Buffer;
  /** Makes room for so many bytes of input; what is there stays. */
  reserve(inputBytes: number): void;
}

/** Address of the first byte of an input. */
export const INPUT_START: number = INPUT;

export function openMemory(): Memory {
  return new Kernel();
}

/** The kernel whose memory it is. For formats alone. */
export function kernelOf(memory: Memory): Kernel {
  if (memory instanceof Kernel) return memory;
  throw new TypeError("the memory belongs to no kernel");
}
