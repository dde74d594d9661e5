/** `rowmill merge`: puts together what shards have come to. */
import { resolve } from "node:path";
import { UsageError } from "../../../errors.ts";
import { durationMs } from "../../../options/quantities.ts";
import { slotCores } from "../../../cluster/slot-cores.ts";
import { mergeShards, untilDone } from "../../../cluster/merge-shards.ts";
import { Work } from "../../../cluster/work.ts";
import { STDOUT } from "../../../io/sink.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { count, fileName, on, to } from "../../flag.ts";
import { ProgressLine } from "../../progress.ts";
import { describeNote, sayFailedRows, sayNotices } from "../../run-report.ts";
import { enter } from "./shard.ts";

interface MergeCommandOptions {
  output?: string;
  rejects?: string;
  summary?: string;
  metrics?: string;
  restart?: boolean;
  wait?: boolean;
  patience?: number;
  asTask?: boolean;
  jobs?: number;
  quiet?: boolean;
}

/** When nothing is heard of shards for so long, they are not waited for any longer. */
const PATIENCE = "1h";

export const merge: Command<MergeCommandOptions> = {
  usage: "merge [options] <folder>",
  description: `Put together what the shards of planned work have come to: the output and the rejects that one machine would have
written, byte for byte. When shards are missing it names them, and writes nothing.`,
  flags: [
    {
      group: "Output",
      flags: "-o, --output <file>",
      help: "write it there: whole, or not at all (default: standard output)",
      apply: to("output", fileName("-o")),
    },
    {
      group: "Output",
      flags: "--rejects <file>",
      help: "where failed rows are kept, if the plan says --on-error reject (default: OUTPUT.rejects.jsonl)",
      apply: to("rejects", fileName("--rejects", "rejects.jsonl")),
    },
    {
      group: "Output",
      flags: "--summary <file>",
      help: "write a log of the run there, as JSON",
      apply: to("summary", fileName("--summary", "summary.json")),
    },
    {
      group: "Output",
      flags: "--metrics <file>",
      help: "write figures of the run there, for Prometheus",
      apply: to("metrics", fileName("--metrics", "run.prom")),
    },
    {
      group: "Output",
      flags: "--restart",
      help: "drop what another run with that output has left (what a merge has left is dropped anyway)",
      apply: on("restart"),
    },
    {
      group: "Work",
      flags: "--wait",
      help: "wait until all shards are done, or have failed for good",
      apply: on("wait"),
    },
    {
      group: "Work",
      flags: "--patience <time>",
      help: `with --wait: no longer, when for so long nothing was heard of any shard (default: ${PATIENCE})`,
      apply: to("patience", (text) => durationMs("--patience", text)),
    },
    {
      group: "Work",
      flags: "--as-task",
      help: "for schedulers: exit with 0 also where rows failed, as shard does",
      apply: on("asTask"),
    },
    {
      group: "Work",
      flags: "-j, --jobs <n>",
      help: "workers, for what is made of all rows (default: the cores that may be used)",
      apply: to("jobs", count("-j", 1)),
    },
    { group: "Work", flags: "-q, --quiet", help: "say nothing but errors", apply: on("quiet") },
  ],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\nEmmy Noether,1882\\n' > /tmp/scientists.csv
  rm -rf /tmp/ages && rowmill plan -e '{ name, age: 2017 - born }' /tmp/scientists.csv -o /tmp/ages --shards 2
  rowmill shard /tmp/ages 0-1 && rowmill merge /tmp/ages -o /tmp/ages.csv && cat /tmp/ages.csv`,
  async carryOut({ quiet, wait, patience, asTask, ...told }, operands, signal) {
    const [folder, ...others] = operands;
    if (folder === undefined || others.length > 0)
      throw new UsageError("merge takes a folder with a plan", "rowmill merge run/ -o out.csv");
    const work = Work.open(resolve(folder));
    if (wait === true) await untilDone(work, { patienceMs: patience ?? durationMs("--patience", PATIENCE), signal });
    const paths = Object.fromEntries(
      (["output", "rejects", "summary", "metrics"] as const).flatMap((name) => {
        const path = told[name];
        return path === undefined ? [] : [[name, path === STDOUT ? path : resolve(path)]];
      }),
    );
    enter(work);
    const jobs = told.jobs ?? slotCores();
    const line = new ProgressLine(quiet === true ? "never" : "auto", {
      inputs: [],
      isScrolling: told.output === undefined || told.output === STDOUT,
    });
    try {
      const summary = await mergeShards(work, {
        ...told,
        ...paths,
        ...(jobs !== undefined && { jobs }),
        signal,
        onLog: (text) => line.say(`${text}\n`),
        ...(quiet !== true && { onNote: (text: string) => line.say(describeNote(text)) }),
        onProgress: (progress) => line.update(progress),
      });
      line.end();
      if (quiet !== true && !summary.isCutShort) {
        sayNotices(summary);
        await sayFailedRows(summary);
      }
      return summary.rowsFailed === 0 || summary.isCutShort || asTask === true ? EXIT.done : EXIT.rowsFailed;
    } finally {
      line.end();
    }
  },
};
