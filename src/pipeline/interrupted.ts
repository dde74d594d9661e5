/** Runs that end early and can go on later. */
import { type ErrorCode, type ErrorDetails, RowmillError, withDetails } from "../errors.ts";
import { NO_ROWS, type RowCounts } from "../transform/wire.ts";

/** The error of a run that was interrupted after these rows; `hint` says what that means where it cannot go on. */
export function interrupted({ rowsIn }: RowCounts, details: ErrorDetails): RowmillError {
  return new RowmillError("interrupted", `interrupted after ${rowsIn.toLocaleString("en")} rows`, details);
}

/** Rejects when the signal says so. */
export function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal === undefined) return;
    const stop = (): void => reject(interrupted(NO_ROWS, { cause: signal.reason }));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}

/**
 * What a promise comes to, unless the signal says that the run is to end. For what is waited for again and again: a promise that
 * never settles keeps all that it is raced with.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const { promise: end, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(interrupted(NO_ROWS, { cause: signal.reason }));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, end]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Beside interrupts: what can be set right from outside, so that the run can go on. */
const CAN_GO_ON: ReadonlySet<ErrorCode> = new Set(["output", "too-many-errors", "transform-changed"]);

/** Whether a run that ended with this error may go on when its cause is gone. */
export function canGoOn(error: unknown): boolean {
  return error instanceof RowmillError && CAN_GO_ON.has(error.code);
}

/** Whoever interrupts a resumed run before it has begun has changed nothing: it can be resumed all the same. */
export function stillResumable(error: unknown): unknown {
  const isEarly = error instanceof RowmillError && error.code === "interrupted" && error.hint === undefined;
  return isEarly ? withDetails(error, { isResumable: true }) : error;
}
