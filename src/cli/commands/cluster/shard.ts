/** `rowmill shard`: does shards of planned work. */
import { RowmillError, UsageError, withDetails } from "../../../errors.ts";
import { doShard, keptRows } from "../../../cluster/do-shard.ts";
import { forgetFailure, isForEver, noteFailure } from "../../../cluster/failed-shards.ts";
import { slotCores } from "../../../cluster/slot-cores.ts";
import { missingShards } from "../../../cluster/merge-shards.ts";
import { readNumbers } from "../../../cluster/number-list.ts";
import { arrayIndex } from "../../../cluster/array-index.ts";
import { SHARD_EXIT, TIME_UP_SIGNAL } from "../../../cluster/shard-exit.ts";
import { shardsOf } from "../../../cluster/shard-groups.ts";
import { Work } from "../../../cluster/work.ts";
import { startHere } from "../../../io/start-folder.ts";
import type { Command } from "../../command.ts";
import { count as shownCount } from "../../../pages/figures.ts";
import { count, on, to } from "../../flag.ts";
import { ProgressLine } from "../../progress.ts";
import { reportError } from "../../report-error.ts";
import { describeNote } from "../../run-report.ts";
import { resolve } from "node:path";

interface ShardCommandOptions {
  offset?: number;
  group?: number;
  jobs?: number;
  quiet?: boolean;
}

export const shard: Command<ShardCommandOptions> = {
  usage: "shard [options] <folder> [numbers]",
  description: `Do shards of planned work: those of these numbers (3,17,40-42, from 0), all that are missing (all), or that of the array
task in which it runs, of Slurm, Kubernetes or AWS Batch. What an earlier process has done of it is not done again.`,
  flags: [
    {
      group: "Work",
      flags: "--offset <n>",
      help: "added to the index of the array task (-1 for arrays that begin with 1)",
      apply: to("offset", wholeNumber),
    },
    {
      group: "Work",
      flags: "--group <n>",
      help: "an array task does so many shards, one after another",
      apply: to("group", count("--group", 1)),
    },
    {
      group: "Work",
      flags: "-j, --jobs <n>",
      help: "workers (default: the cores that may be used)",
      apply: to("jobs", count("-j", 1)),
    },
    { group: "Work", flags: "-q, --quiet", help: "say nothing but errors", apply: on("quiet") },
  ],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\nEmmy Noether,1882\\n' > /tmp/scientists.csv
  rm -rf /tmp/ages && rowmill plan -e '{ name, age: 2017 - born }' /tmp/scientists.csv -o /tmp/ages --shards 2
  SLURM_ARRAY_TASK_ID=0 rowmill shard /tmp/ages && rowmill shard /tmp/ages 1 && rowmill merge /tmp/ages`,
  exitCodes: `Exit codes:
  0    the shards are done, rows that failed among them
  1    it may go better another time: a disk that is full, a worker that died
  2    it will not: wrong usage, a transform that throws, an input that has changed
  75   stopped by SIGUSR2, since its time is up, and further than before: start it again
  130  interrupted with Ctrl-C      143  terminated      129  hung up`,
  async carryOut({ offset, group, jobs, quiet }, operands, signal) {
    const [folder, numbers, ...others] = operands;
    if (folder === undefined || others.length > 0)
      throw new UsageError("shard takes a folder with a plan, and numbers", "rowmill shard run/ 0-3");
    try {
      const work = Work.open(resolve(folder));
      const shards =
        numbers === undefined
          ? shardsOf(work, { index: arrayIndex(), offset, group })
          : numbers === "all"
            ? missingShards(work)
            : readNumbers(numbers, work.plan.shards.length);
      enter(work);
      const timeUp = new AbortController();
      process.once(TIME_UP_SIGNAL, () => timeUp.abort());
      const told = {
        jobs: jobs ?? slotCores(),
        quiet: quiet === true,
        signal: AbortSignal.any([signal, timeUp.signal]),
      };
      const before = keptRows(work, shards);
      const codes = new Set<number>();
      for (const number of shards) {
        // One that fails is no reason to leave out the others of its task.
        const code = await doOne(work, number, told).catch((error: unknown) => {
          // Said below, once.
          if (signal.aborted) throw error;
          return timeUp.signal.aborted && isInterrupt(error) ? undefined : codeOf(error, { operands, signal });
        });
        if (code === undefined)
          return await outOfTime(work, number, { operands, isFurther: keptRows(work, shards) > before });
        codes.add(code);
      }
      return codes.has(SHARD_EXIT.again) ? SHARD_EXIT.again : Math.max(...codes, SHARD_EXIT.done);
    } catch (error) {
      return await codeOf(error, { operands, signal });
    }
  },
};

function isInterrupt(error: unknown): boolean {
  return error instanceof RowmillError && error.code === "interrupted";
}

/** Says what went wrong; returns the exit code. */
async function codeOf(
  error: unknown,
  { operands, signal }: { operands: readonly string[]; signal: AbortSignal },
): Promise<number> {
  if (!(error instanceof RowmillError)) throw error;
  if (signal.aborted) throw goesOn(error);
  // It is the same command that goes on.
  await reportError(withDetails(error, { isResumable: false }), ["shard", ...operands]);
  return isForEver(error) ? SHARD_EXIT.never : SHARD_EXIT.again;
}

/** The time is up. A shard that is no further than it was would be started again and again. */
async function outOfTime(
  work: Work,
  number: number,
  { operands, isFurther }: { operands: readonly string[]; isFurther: boolean },
): Promise<number> {
  if (isFurther) return SHARD_EXIT.timeUp;
  const error = new RowmillError("interrupted", `shard ${number} has come no further in all of its time`, {
    hint: "give it more time (--time), or plan smaller shards; what is read from its start to its end begins anew each time",
  });
  noteFailure(work, number, error);
  await reportError(error, ["shard", ...operands]);
  return SHARD_EXIT.again;
}

/** The same command goes on. */
function goesOn({ code, message, isResumable, cause }: RowmillError): RowmillError {
  const hint = isResumable ? "the same command goes on where it was" : "the same command begins again";
  return new RowmillError(code, message, { hint, cause });
}

/** Paths of the plan are meant from the folder in which it was made. */
export function enter({ plan }: Work): void {
  try {
    process.chdir(plan.cwd);
  } catch (error) {
    throw new RowmillError("input", `the folder ${plan.cwd}, in which the work was planned, is not there`, {
      hint: "all machines must see it",
      cause: error,
    });
  }
  startHere();
}

async function doOne(
  work: Work,
  number: number,
  { jobs, quiet, signal }: { jobs: number | undefined; quiet: boolean; signal: AbortSignal },
): Promise<number> {
  const line = new ProgressLine(quiet ? "never" : "auto", { inputs: [], isScrolling: false });
  // Whoever listens to a signal is kept as long as that is: one for all would keep every shard that is done.
  const own = new AbortController();
  const stop = (): void => own.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { receipt, wasDone } = await doShard(work, number, {
      signal: own.signal,
      ...(jobs !== undefined && { jobs }),
      onLog: (text) => line.say(`${text}\n`),
      ...(!quiet && { onNote: (text: string) => line.say(describeNote(text)) }),
      onProgress: (progress) => line.update(progress),
    });
    forgetFailure(work, number);
    const { rowsIn, rowsFailed } = receipt.counts;
    const failed = rowsFailed === 0 ? "" : `, ${shownCount(rowsFailed)} of them failed`;
    if (!quiet) line.say(`shard ${number} ${wasDone ? "was" : "is"} done: ${shownCount(rowsIn)} rows${failed}\n`);
    return SHARD_EXIT.done;
  } catch (error) {
    if (error instanceof RowmillError && !isInterrupt(error)) noteFailure(work, number, error);
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    line.end();
  }
}

function wholeNumber(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new UsageError(`--offset is ${JSON.stringify(text)}, wanted a whole number`, "for example: --offset -1");
}
