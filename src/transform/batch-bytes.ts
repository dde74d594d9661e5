/** The bytes of a batch on their way into memory: copied, or read from a file piece by piece. */
import { readSync } from "node:fs";
import { RowmillError } from "../errors.ts";
import { BLOCK_BYTES } from "../formats/block-bytes.ts";
import type { LoadBytes } from "../formats/format.ts";
import { INPUT_START, type Memory } from "../formats/memory.ts";
import type { StageClock } from "./stage-clock.ts";
import type { RowBytes } from "./wire.ts";

const LF = 10;

export interface BatchInput {
  /** Name of the file, for messages. */
  name: string;
  /** A last line feed that is missing is added. */
  needsLineEnd: boolean;
  clock: StageClock;
}

/** Makes room for a batch; where its bytes will end, and what brings them in. */
export function batchBytes(
  memory: Memory,
  bytes: RowBytes,
  { name, needsLineEnd, clock }: BatchInput,
): { end: number; load: LoadBytes } {
  const length = bytes.kind === "copy" ? bytes.data.length : bytes.end - bytes.start;
  memory.reserve(length + 1);
  const behind = INPUT_START + length;
  let loaded = INPUT_START;
  const load = (to: number): void => {
    if (to <= loaded || loaded === behind) return;
    clock.lap("parse");
    const until = Math.min(behind, Math.max(to, loaded + BLOCK_BYTES));
    read(memory, bytes, { name, from: loaded, to: until });
    loaded = until;
    clock.lap("read");
  };
  if (length === 0 || !needsLineEnd) return { end: behind, load };
  read(memory, bytes, { name, from: behind - 1, to: behind });
  if (memory.bytes[behind - 1] === LF) return { end: behind, load };
  memory.bytes[behind] = LF;
  return { end: behind + 1, load };
}

/** Reads a stretch of a batch to where it belongs, the batch beginning at INPUT_START. */
function read(memory: Memory, bytes: RowBytes, { name, from, to }: { name: string; from: number; to: number }): void {
  if (bytes.kind === "copy") {
    memory.bytes.set(bytes.data.subarray(from - INPUT_START, to - INPUT_START), from);
    return;
  }
  for (let at = from; at < to;) {
    const got = readSync(bytes.fd, memory.bytes, at, to - at, bytes.start + at - INPUT_START);
    if (got === 0) {
      throw new RowmillError("input", `${name} became shorter while it was read`, {
        hint: "run again when nothing writes to it any more",
      });
    }
    at += got;
  }
}
