/** Counts the rows of inputs by the splitter's scan alone: nothing is decoded. */
import { fromWire } from "../errors.ts";
import { NO_ROWS } from "../transform/wire.ts";
import type { RunOptions } from "../options/run-options.ts";
import { inputPlan, inputsOf } from "./options.ts";
import { RowSource } from "./row-source.ts";
import { expandInputs } from "./expand-inputs.ts";

const STEP_BYTES = 1024 * 1024;
/** After so many steps an interrupt is heard, and progress drawn: files are read without a pause. */
const STEPS_A_TURN = 64;

/**
 * Counts all rows, bad ones among them.
 *
 * @throws {RowmillError} `input`, when the inputs cannot be read to their end.
 */
export async function countRows(options: RunOptions): Promise<number> {
  const inputs = await expandInputs(inputsOf(options));
  const source = new RowSource(inputs, inputPlan({ ...options, inputs }), { httpHeader: options.httpHeader });
  try {
    await source.open();
    for (let step = 1; ; step++) {
      if (step % STEPS_A_TURN === 0) await new Promise(setImmediate);
      options.signal?.throwIfAborted();
      options.onProgress?.({ ...NO_ROWS, rowsIn: source.rows, bytes: source.sums.bytes });
      const pulled = await source.pull({ bytes: STEP_BYTES, rows: undefined });
      if (pulled === undefined) return source.rows;
      if (pulled.kind === "task") source.giveBack(pulled.payload);
      else if (pulled.result.end !== undefined) throw fromWire(pulled.result.end);
    }
  } finally {
    source.close();
  }
}
