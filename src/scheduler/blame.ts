/**
 * What the death of a worker means for its tasks: which item was at fault, as far as its book of open items tells.
 */
import { RowmillError, toWire } from "../errors.ts";
import { PROGRESS_ITEM, PROGRESS_OPEN, PROGRESS_TASK, type TaskMessage } from "./messages.ts";

/** How a worker ended, and the item at fault where that is known already. */
export interface Death {
  code: "row-worker-died" | "row-timeout";
  error: Error;
  item?: number;
}

export interface BlamableTask {
  message: TaskMessage<unknown>;
  /** Workers that died with this task and no item to blame. */
  unexplainedDeaths: number;
}

export interface DeadWorker {
  jobs: readonly BlamableTask[];
  tasksDone: number;
  progress: Int32Array;
}

/** Notes with the task that a worker died with how it has to be run the next time. */
export function blame({ jobs, tasksDone, progress }: DeadWorker, { code, error, item }: Death): void {
  const running = jobs.find(({ message }) => message.id === progress[PROGRESS_TASK]);
  const open = progress[PROGRESS_OPEN] ?? 0;
  if (running === undefined) {
    // Between two tasks: the fault of one that is done. A worker that never got so far may have died of the first.
    const [first] = jobs;
    if (first !== undefined && tasksDone === 0) first.unexplainedDeaths++;
  } else if (open === 1 || (open > 1 && running.message.isSerial)) {
    const failure = new RowmillError(code, error.message, error.cause === undefined ? {} : { cause: error.cause });
    running.message.poisoned.push({ item: item ?? progress[PROGRESS_ITEM] ?? 0, error: toWire(failure) });
  } else if (open > 1) {
    // Those that were handed in are not run again.
    running.message.isSerial = true;
  } else {
    // Perhaps something that one of them has left behind.
    running.message.isSerial = true;
    running.unexplainedDeaths++;
  }
}
