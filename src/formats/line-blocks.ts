/** Blocks of whole lines, for formats whose rows are lines. */
import type { LoadBytes } from "./format.ts";
import type { Memory } from "./memory.ts";

const LF = 10;

/** Where about so many bytes of whole lines end; they are loaded. */
export function behindLines(
  { bytes }: Memory,
  range: { start: number; end: number },
  { size, load }: { size: number; load: LoadBytes },
): number {
  const { start, end } = range;
  for (let wanted = start + size; wanted < end; wanted += wanted - start) {
    load(wanted);
    const feed = bytes.subarray(start, wanted).lastIndexOf(LF);
    if (feed >= 0) return start + feed + 1;
  }
  load(end);
  return end;
}
