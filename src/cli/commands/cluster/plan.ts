/** `rowmill plan`: a run as shards, which any number of machines do. */
import { UsageError } from "../../../errors.ts";
import { REFUSED, makePlan } from "../../../cluster/make-plan.ts";
import { byteSize } from "../../../options/quantities.ts";
import { NO_ROWS } from "../../../transform/wire.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { count as shownCount } from "../../../pages/figures.ts";
import { type Flag, count, fileName, longName, to } from "../../flag.ts";
import { type CliRunOptions, allFlags } from "../../flags.ts";
import { namedFiles } from "../../inputs.ts";
import { assignOperands } from "../../program.ts";
import { whileReading } from "../../progress.ts";
import { say, suggest } from "../../terminal.ts";
import { shellWord } from "../../../formats/command-words.ts";

interface PlanCommandOptions extends CliRunOptions {
  folder?: string;
  shards?: number;
  shardBytes?: number;
}

/** Those of a run that are said of a shard, or of the merge, or of neither. */
const OTHERS: ReadonlySet<string> = new Set([
  "output",
  "in-place",
  "jobs",
  "progress",
  "dry-run",
  "resume",
  "restart",
  "wait",
]);
const RUN_FLAGS: Flag<PlanCommandOptions>[] = allFlags()
  .filter((flag) => !OTHERS.has(longName(flag)))
  .map(ofPlan);

function ofPlan(flag: Flag<PlanCommandOptions>): Flag<PlanCommandOptions> {
  const name = longName(flag);
  const { flags, help, group, apply } = flag;
  return {
    flags,
    help,
    group,
    apply,
    isRefused: name === "cluster" || REFUSED.some((refused) => refused.flag === `--${name}`),
  };
}

export const plan: Command<PlanCommandOptions> = {
  usage: "plan [options] <transform.ts | -e expression> <input…> -o <folder>",
  description: `Cut a run into shards, for machines that share a file system. The folder then holds all that is needed: what is to be
done, where each shard begins, and a copy of the code. rowmill shard does one, rowmill merge puts them together: the
result is that of one machine, byte for byte.`,
  flags: [
    {
      group: "Work",
      flags: "-o, --output <folder>",
      help: "a new folder for the plan, which all machines see",
      apply: to("folder", fileName("-o", "run/")),
    },
    {
      group: "Work",
      flags: "--shards <n>",
      help: "so many shards, about",
      apply: to("shards", count("--shards", 1, 64)),
    },
    {
      group: "Work",
      flags: "--shard-bytes <size>",
      help: "bytes of input of a shard, about (default: 1G)",
      apply: to("shardBytes", (text) => byteSize("--shard-bytes", text)),
    },
    ...RUN_FLAGS,
  ],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\nEmmy Noether,1882\\n' > /tmp/scientists.csv
  rm -rf /tmp/ages && rowmill plan -e '{ name, age: 2017 - born }' /tmp/scientists.csv -o /tmp/ages --shards 2
  rowmill shard /tmp/ages 0-1 && rowmill merge /tmp/ages`,
  async carryOut({ folder, shards, shardBytes, filesFrom, quiet, cluster, ...given }, operands, signal) {
    if (folder === undefined) throw new UsageError("there is no folder for the plan", "name a new one: -o run/");
    if (cluster !== undefined)
      throw new UsageError(
        "--cluster (--on) plans a run by itself, and does it, too",
        `leave it out, then: rowmill submit slurm ${shellWord(folder)}; or say run in place of plan`,
      );
    if (shards !== undefined && shardBytes !== undefined)
      throw new UsageError("there is --shards and --shard-bytes", "give one of them");
    const named = assignOperands("rowmill", given, operands);
    const inputs = await namedFiles({ inputs: named.inputs, filesFrom });
    if (inputs.length === 0) throw new UsageError("no input is named", "rowmill plan TRANSFORM.ts FILE -o run/");
    const options = { ...named, inputs, signal };
    const work = await whileReading(options, ({ onProgress }) =>
      makePlan(options, {
        folder,
        shards,
        shardBytes,
        signal,
        onProgress: (rowsIn, bytes) => onProgress?.({ ...NO_ROWS, rowsIn, bytes }),
      }),
    );
    const { plan: made } = work;
    const last = made.shards.length - 1;
    if (quiet !== true)
      say(
        `${folder}: ${shownCount(made.shards.length)} ${last > 0 ? "shards" : "shard"} of ${shownCount(made.rows)} rows\n`,
      );
    const word = shellWord(folder);
    await suggest(`next: rowmill shard ${word} 0${last > 0 ? `-${last}` : ""}, or rowmill submit slurm ${word}\n`);
    return EXIT.done;
  },
};
