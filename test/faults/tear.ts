/** Does to a journal what a machine that stopped in the middle of a write does: its last record is not whole. */
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import type { Random } from "./random.ts";

const LF = 10;

/** Tears the last record of the journal, or lets garbage follow it; says what was done. */
export function tearJournal(path: string, random: Random): string {
  const bytes = readFileSync(path);
  const wholeEnd = bytes.at(-1) === LF ? bytes.length - 1 : bytes.length;
  const start = bytes.lastIndexOf(LF, Math.max(0, wholeEnd - 1)) + 1;
  switch (random.below(5)) {
    case 0: {
      const garbage = Buffer.from(Array.from({ length: random.between(1, 80) }, () => random.below(256)));
      appendFileSync(path, garbage);
      return `${garbage.length} bytes of garbage behind the journal`;
    }
    case 1: {
      // As much of a record as a write may leave: here the last one's first half again.
      const piece = bytes.subarray(start, start + random.between(0, Math.max(0, wholeEnd - start)));
      appendFileSync(path, piece);
      return `the first ${piece.length} bytes of another record behind the journal`;
    }
    case 2: {
      const zeros = random.between(1, 600);
      appendFileSync(path, Buffer.alloc(zeros));
      return `${zeros} zeros behind the journal`;
    }
    case 3: {
      const at = random.between(start, Math.max(start, wholeEnd - 1));
      const turned = Uint8Array.from(bytes);
      turned[at] = (turned[at] ?? 0) ^ 1;
      writeFileSync(path, turned);
      return `byte ${at} of ${bytes.length} of the journal changed`;
    }
    default: {
      const length = random.between(start, Math.max(start, bytes.length - 1));
      truncateSync(path, length);
      return `the journal cut from ${bytes.length} to ${length} bytes`;
    }
  }
}
