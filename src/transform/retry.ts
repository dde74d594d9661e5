/** `--retries`: calls a row's function again when it threw or rejected, after a pause that grows. */
import { RowmillError } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import { copyOf } from "./copy-of.ts";
import type { Outcome, RowFunction } from "./outcome.ts";

/** The first pause, twice as long each time up to the longest; a random half of it is left out. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Gives a function more attempts; `onRetry` hears of each. What the run itself finds wrong with a row is final. Each
 * attempt gets the row as it was read, whatever the one before has done to it.
 */
export function withRetries(call: RowFunction, retries: number, onRetry: () => void): RowFunction {
  return (row, ctx, spelling) => {
    const asRead = copyOf(row) as Row;
    const again = async (thrown: unknown): Promise<Outcome> => {
      let last = thrown;
      for (let attempt = 1; attempt <= retries && !(last instanceof RowmillError); attempt++) {
        await Bun.sleep(pauseMs(attempt));
        // The row took too long, pauses included.
        if (ctx.signal.aborted) break;
        onRetry();
        try {
          return await call(copyOf(asRead) as Row, ctx, spelling);
        } catch (error) {
          last = error;
        }
      }
      throw last;
    };
    try {
      const outcome = call(row, ctx, spelling);
      return outcome instanceof Promise ? outcome.catch(again) : outcome;
    } catch (thrown) {
      if (thrown instanceof RowmillError) throw thrown;
      return again(thrown);
    }
  };
}

function pauseMs(attempt: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return longest * (1 - Math.random() / 2);
}
