/** All bytes of an input, read as a run reads them. */
import { blockBytes } from "../../src/io/bgzf/blocks.ts";
import { compressionByBytes } from "../../src/io/compression.ts";
import { RowmillError } from "../../src/errors.ts";
import { openMemory } from "../../src/formats/memory.ts";
import { type OpenInput, openInput } from "../../src/io/open-input.ts";
import { InputSums } from "../../src/pipeline/input-sums.ts";
import { InputWindow } from "../../src/pipeline/input-window.ts";

/** What came of an input. */
export interface ReadInput {
  bytes: Buffer;
  /** Why it ended, where that is no end. */
  error: RowmillError | undefined;
}

const STEP_BYTES = 64 * 1024;
/** To make one takes longer than to read a short file. */
const memory = openMemory();

/** Reads an input to its end, unpacked; throws what no run should meet. */
export async function readInput(name: string): Promise<ReadInput> {
  const pieces: Buffer[] = [];
  let opened: OpenInput | undefined;
  try {
    const input = await openInput(name);
    opened = input;
    const window = new InputWindow(memory, input, new InputSums({ keepsHashes: false }));
    await window.fill(4, STEP_BYTES);
    const compression = compressionByBytes(window.head(4));
    const hasBlocks = blockBytes(window.head(STEP_BYTES)) !== undefined && window.readBlocks();
    if (compression !== undefined && !hasBlocks) window.decompress(compression);
    for (;;) {
      await window.fill(1, STEP_BYTES);
      if (window.length === 0) break;
      pieces.push(Buffer.from(window.head(window.length)));
      window.consume(window.end);
    }
    return { bytes: Buffer.concat(pieces), error: undefined };
  } catch (error) {
    if (!(error instanceof RowmillError)) throw error;
    return { bytes: Buffer.concat(pieces), error };
  } finally {
    opened?.close();
  }
}
