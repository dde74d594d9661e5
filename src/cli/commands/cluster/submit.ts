/** `rowmill submit`: planned work as the jobs of a scheduler. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../../../errors.ts";
import { didYouMean, nearestWord } from "../../../nearest.ts";
import { awsBatchJobs } from "../../../cluster/submit/aws-batch.ts";
import type { JobOptions } from "../../../cluster/submit/jobs.ts";
import { kubernetesJobs } from "../../../cluster/submit/kubernetes.ts";
import { parallelScript } from "../../../cluster/submit/parallel.ts";
import { type SlurmOptions, maxArray, slurmScript } from "../../../cluster/submit/slurm.ts";
import { describeJobs, runOnSlurm, submitToSlurm } from "../../../cluster/submit/run-on-slurm.ts";
import { Work } from "../../../cluster/work.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { shellWord } from "../../../formats/command-words.ts";
import { count, fileName, on, to } from "../../flag.ts";
import { ProgressLine, type ProgressMode } from "../../progress.ts";
import { print, say } from "../../terminal.ts";

/** What is said of jobs of Slurm. */
export interface SlurmWords {
  group?: number;
  name?: string;
  partition?: string;
  cpus?: number;
  time?: string;
  memory?: string;
  sbatch?: string[];
}

interface SubmitCommandOptions extends SlurmWords {
  output?: string;
  program?: string;
  run?: boolean;
  wait?: boolean;
  image?: string;
  claim?: string;
  mount?: string;
  parallelism?: number;
  queue?: string;
  definition?: string;
  hosts?: string;
}

const SCHEDULERS = ["slurm", "kubernetes", "aws-batch", "parallel"] as const;

export const submit: Command<SubmitCommandOptions> = {
  usage: "submit <slurm | kubernetes | aws-batch | parallel> [options] <folder>",
  description: `Print planned work as jobs: an array of shards, and a merge behind it. A task that is ended by its scheduler, or whose
node fails, is started again, and goes on where it was. With --run jobs of Slurm are submitted.`,
  flags: [
    {
      group: "Work",
      flags: "-o, --output <file>",
      help: "where the merged rows go (default: out in the folder)",
      apply: to("output", fileName("-o")),
    },
    {
      group: "Work",
      flags: "--group <n>",
      help: "shards that an array task does, one after another (default: as few as the scheduler allows)",
      apply: to("group", count("--group", 1)),
    },
    {
      group: "Work",
      flags: "--program <path>",
      help: "rowmill on the machines that run jobs (default: this one)",
      apply: to("program", fileName("--program", "/opt/rowmill")),
    },
    { group: "Work", flags: "--name <name>", help: "what jobs are called", apply: to("name") },
    { group: "Work", flags: "--cpus <n>", help: "cores of a task", apply: to("cpus", count("--cpus", 1)) },
    {
      group: "Work",
      flags: "--memory <size>",
      help: "memory of a task, as the scheduler writes it",
      apply: to("memory"),
    },
    { group: "Slurm", flags: "--run", help: "submit the jobs", apply: on("run") },
    {
      group: "Slurm",
      flags: "--wait",
      help: "submit them, show how far they are, and end when they do",
      apply: on("wait"),
    },
    { group: "Slurm", flags: "--partition <name>", help: "where they run", apply: to("partition") },
    {
      group: "Slurm",
      flags: "--time <limit>",
      help: "how long a task may take, as sbatch writes it",
      apply: to("time"),
    },
    {
      group: "Slurm",
      flags: "--sbatch <word>",
      help: "a further word for sbatch, such as --account=x; may be repeated",
      apply: (options, text) => {
        options.sbatch = [...(options.sbatch ?? []), text];
      },
    },
    { group: "Kubernetes", flags: "--image <name>", help: "the image that holds rowmill", apply: to("image") },
    {
      group: "Kubernetes",
      flags: "--claim <name>",
      help: "the volume claim with inputs and folder",
      apply: to("claim"),
    },
    {
      group: "Kubernetes",
      flags: "--mount <path>",
      help: "where that is mounted (default: the first folder of the path)",
      apply: to("mount"),
    },
    {
      group: "Kubernetes",
      flags: "--parallelism <n>",
      help: "tasks at a time (default: 16)",
      apply: to("parallelism", count("--parallelism", 1)),
    },
    { group: "AWS Batch", flags: "--queue <name>", help: "the job queue", apply: to("queue") },
    { group: "AWS Batch", flags: "--definition <name>", help: "the job definition", apply: to("definition") },
    {
      group: "GNU parallel",
      flags: "--hosts <list>",
      help: "machines, as --sshlogin takes them (default: this one)",
      apply: to("hosts"),
    },
  ],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\nEmmy Noether,1882\\n' > /tmp/scientists.csv
  rm -rf /tmp/ages && rowmill plan -e '{ name, age: 2017 - born }' /tmp/scientists.csv -o /tmp/ages --shards 2
  rowmill submit slurm /tmp/ages
  rowmill submit parallel /tmp/ages -o /tmp/ages.csv`,
  async carryOut(options, operands, signal) {
    const [where, named, ...others] = operands;
    const scheduler = SCHEDULERS.find((one) => one === where);
    const near = scheduler === undefined && where !== undefined ? nearestWord(where, SCHEDULERS) : undefined;
    if (near !== undefined)
      throw new UsageError(`${JSON.stringify(where)} is no scheduler that is known`, didYouMean(near));
    if (scheduler === undefined || named === undefined || others.length > 0)
      throw new UsageError(
        `submit takes a scheduler (${SCHEDULERS.join(", ")}) and a folder with a plan`,
        "rowmill submit slurm run/",
      );
    const folder = resolve(named);
    const work = Work.open(folder);
    const job: JobOptions = {
      program: options.program ?? process.execPath,
      folder,
      output: options.output === undefined ? join(folder, `out.${work.plan.options.to}`) : resolve(options.output),
      group: options.group ?? 1,
      name: options.name ?? `rowmill-${work.plan.id.slice(0, 8)}`,
    };
    const isRun = options.run === true || options.wait === true;
    if (isRun && scheduler !== "slurm")
      throw new UsageError(`--run and --wait are for Slurm: jobs of ${scheduler} are printed`, "leave them out");
    if (scheduler === "kubernetes") await print(kubernetes(work, job, options));
    else if (scheduler === "aws-batch") await print(awsBatch(work, job, options));
    else if (scheduler === "parallel") await print(parallelScript(work, { ...job, hosts: options.hosts }));
    else {
      const slurm = await slurmOptions(work, job, options);
      if (!isRun) await print(slurmScript(work, slurm));
      else {
        mkdirSync(join(folder, "logs"), { recursive: true });
        return await submitted(work, slurm, { isAwaited: options.wait === true, signal });
      }
    }
    return EXIT.done;
  },
};

/** What jobs of Slurm are told; a task does several shards where the cluster does not allow as many. */
export async function slurmOptions(work: Work, job: JobOptions, options: SlurmWords): Promise<SlurmOptions> {
  const most = await maxArray();
  const { partition, cpus, time, memory, sbatch = [] } = options;
  const group = options.group ?? Math.max(1, Math.ceil(work.plan.shards.length / most));
  return { ...job, group, partition, cpus, time, memory, further: sbatch };
}

/** Submits, and waits where that is asked. */
async function submitted(
  work: Work,
  slurm: SlurmOptions,
  { isAwaited, signal }: { isAwaited: boolean; signal: AbortSignal },
): Promise<number> {
  if (isAwaited) return await awaited(work, slurm, { mode: "auto", signal });
  say(`${describeJobs(await submitToSlurm(work, slurm, signal))}\n`);
  return EXIT.done;
}

/** Submits jobs, and waits for them; returns the exit code of a run on one machine. */
export async function awaited(
  work: Work,
  slurm: SlurmOptions,
  { mode, signal }: { mode: ProgressMode; signal: AbortSignal },
): Promise<number> {
  mkdirSync(join(slurm.folder, "logs"), { recursive: true });
  const line = new ProgressLine(mode, { inputs: [], first: work.plan.rows, isScrolling: false });
  try {
    const { said, rowsFailed } = await runOnSlurm(work, slurm, {
      signal,
      say: (text) => line.say(`${text}\n`),
      onProgress: (progress) => line.update(progress),
    });
    line.end();
    say(said);
    if (rowsFailed !== undefined) return rowsFailed === 0 ? EXIT.done : EXIT.rowsFailed;
    if (said === "") {
      const message = "the merge has not run";
      const hint = `see ${slurm.folder}/logs, and rowmill status ${shellWord(slurm.folder)}`;
      const text = `error: ${message}\n  hint: ${hint}\n`;
      say({ level: "error", code: "output", message, text, facts: { hint } });
    }
    return EXIT.failed;
  } catch (error) {
    if (signal.aborted) line.say("the jobs are cancelled; what is done stays\n");
    throw error;
  } finally {
    line.end();
  }
}

function kubernetes(work: Work, job: JobOptions, options: SubmitCommandOptions): string {
  const { image, claim, mount = `/${job.folder.split("/")[1] ?? ""}`, parallelism = 16, cpus, memory } = options;
  if (image === undefined || claim === undefined)
    throw new UsageError(
      "jobs of Kubernetes need an image that holds rowmill, and the claim of the volume that all share",
      "--image IMAGE --claim CLAIM; docs/cluster.md has the image",
    );
  const program = options.program ?? "rowmill";
  const jobs = kubernetesJobs(work, { ...job, program, image, claim, mount, parallelism, cpus, memory });
  // JSON is YAML, and several documents are one file.
  return jobs.map((one) => `---\n${JSON.stringify(one, undefined, 2)}\n`).join("");
}

function awsBatch(
  work: Work,
  job: JobOptions,
  { queue, definition, program = "rowmill" }: SubmitCommandOptions,
): string {
  if (queue === undefined || definition === undefined)
    throw new UsageError(
      "jobs of AWS Batch need a queue and a job definition",
      "--queue QUEUE --definition DEFINITION",
    );
  return `${JSON.stringify(awsBatchJobs(work, { ...job, program, queue, definition }), undefined, 2)}\n`;
}
