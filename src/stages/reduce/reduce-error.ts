/** Errors of a reduce itself: no row is to blame, and the run cannot go on. */
import { RowmillError, messageOf } from "../../errors.ts";
import { userFrames } from "../../code/frames.ts";

/** What a reduce gave or kept is not what it may. */
export class ReduceError extends RowmillError {
  override readonly name = "ReduceError";
  constructor(message: string, details: { hint?: string; frames?: string; cause?: unknown } = {}) {
    super("transform", message, details);
  }
}

/** The error of a run of which one of the functions of reduce threw. */
export function reduceFailure(name: string, error: unknown): RowmillError {
  if (error instanceof RowmillError) return error;
  const frames = userFrames(error);
  return new ReduceError(`reduce.${name} failed: ${messageOf(error)}`, {
    ...(frames !== undefined && { frames }),
    cause: error,
  });
}
