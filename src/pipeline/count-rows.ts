/** Counts the rows of inputs by the splitter's scan alone: nothing is decoded. */
import { fromWire } from "../errors.ts";
import { type RunOptions, inputPlan, inputsOf } from "./options.ts";
import { RowSource } from "./row-source.ts";

/** Bytes of a step: an interrupt is heard between two of them. */
const STEP_BYTES = 1024 * 1024;

/**
 * Counts all rows, bad ones among them.
 *
 * @throws {RowmillError} `input`, when the inputs cannot be read to their end.
 */
export async function countRows(options: RunOptions): Promise<number> {
  const source = new RowSource(inputsOf(options), inputPlan(options), {});
  try {
    await source.open();
    for (;;) {
      options.signal?.throwIfAborted();
      const pulled = await source.pull({ bytes: STEP_BYTES, rows: undefined });
      if (pulled === undefined) return source.rows;
      if (pulled.kind === "result" && pulled.result.end !== undefined) throw fromWire(pulled.result.end);
    }
  } finally {
    source.close();
  }
}
