/**
 * Output that a worker keeps until it is told where in the file it belongs, and writes there by itself: its bytes cross
 * to no other thread.
 */
import { ForeignLengthError, PlacedWriter } from "../io/placed-writes.ts";
import { giveBack, heldPieces, hold } from "../io/shared-blocks.ts";
import { errorCode } from "../io/write-error.ts";
import type { Served } from "../scheduler/serve-tasks.ts";
import type { BatchResult, FromWorker, OutputSharing, PlaceMessage } from "./wire.ts";

/** What it has to do with its worker. */
interface Keeper {
  tell(message: FromWorker): void;
  /** Memory that is free. */
  free(memory: ArrayBuffer): void;
}

export class KeptOutput {
  readonly #sharing: OutputSharing;
  readonly #keeper: Keeper;
  readonly #writer: PlacedWriter;

  constructor(sharing: OutputSharing, keeper: Keeper) {
    this.#sharing = sharing;
    this.#keeper = keeper;
    this.#writer = new PlacedWriter(sharing.file, sharing.book);
  }

  /** Keeps the output of a stretch, where there is enough of it and room, and says of it what there is to know. */
  keep(served: Served<BatchResult>): Served<BatchResult> {
    const { output, joint } = served.value;
    const { writer, keepsFrom, blocks } = this.#sharing;
    if (joint === undefined || joint === "misfit" || output.length < keepsFrom) return served;
    const held = hold(blocks, output);
    if (held === undefined) return served;
    const kept = { ...held, writer, crc: Bun.hash.crc32(output) };
    const transfer = served.transfer.filter((buffer) => buffer !== output.buffer);
    this.#keeper.free(output.buffer);
    return { value: { ...served.value, output: new Uint8Array(0), kept }, transfer };
  }

  /** Writes what it has kept. What it may not write any more is the parent's to write. */
  place({ kept, position }: PlaceMessage): void {
    const { blocks } = this.#sharing;
    try {
      if (this.#writer.write(heldPieces(blocks, kept), position)) giveBack(blocks, kept);
    } catch (error) {
      const code = error instanceof ForeignLengthError ? undefined : errorCode(error);
      this.#keeper.tell({ type: "unwritten", code });
    }
  }
}
