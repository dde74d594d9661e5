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

/** Notes in a task whose worker died how it must be run the next time. */
export function blame({ jobs, tasksDone, progress }: DeadWorker, { code, error, item }: Death): void {
  const running = jobs.find(({ message }) => message.id === progress[PROGRESS_TASK]);
  const open = progress[PROGRESS_OPEN] ?? 0;
  if (running === undefined) {
    // No task was running: a task before it was at fault. A worker that had done none may have died of its first one.
    const [first] = jobs;
    if (first !== undefined && tasksDone === 0) first.unexplainedDeaths++;
  } else if (open === 1 || (open > 1 && running.message.isSerial)) {
    const failure = new RowmillError(code, error.message, error.cause === undefined ? {} : { cause: error.cause });
    running.message.poisoned.push({ item: item ?? progress[PROGRESS_ITEM] ?? 0, error: toWire(failure) });
  } else if (open > 1) {
    // Those that were handed in are not run again.
    running.message.isSerial = true;
  } else {
    // Something that one of its items has left behind may be at fault, such as a timer.
    running.message.isSerial = true;
    running.unexplainedDeaths++;
  }
}
