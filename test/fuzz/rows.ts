/**
 * The long form of rows.test.ts: random CSV and JSONL, good and damaged, through the compiled binary with random options,
 * policies and transform faults, against a slow reference: output, rejects, counts and exit code.
 *
 *     bun test/fuzz/rows.ts [--rows 5000000] [--policies fail,skip,reject] [--replace 0] [--only N] [--binary PATH] [--seed N]
 *
 * --only runs the one file of that number again. --replace 1 takes --encoding-errors replace in as well.
 */
import { readFileSync, rmSync } from "node:fs";
import type { Folder, Ran } from "../cli/binary.ts";
import { type Harness, difference, eachOf, runCommand, shown } from "../faults/harness.ts";
import { Random } from "../faults/random.ts";
import { recordsDifference } from "../faults/reject-records.ts";
import { mapRow } from "./fault-function.ts";
import { type Abilities, type RandomRun, commandLine, randomRun } from "./random-runs.ts";
import { type Reference, reference } from "./row-reference.ts";

const MODULE = `export default ${mapRow.toString()};\n`;
const TARGET = "as it was\n";
const REJECTS = "rejects.jsonl";
const SUMMARY = "summary.json";

/** How much is run. */
export interface Amount extends Abilities {
  rows: number;
  /** The one file to run; undefined: as many as it takes. */
  only: number | undefined;
}

export interface RowsCounts {
  files: number;
  rows: number;
  rejected: number;
  failed: number;
}

/** Runs random files until so many rows were read; ends with an error at the first difference. */
export async function fuzzRows(harness: Harness, amount: Amount): Promise<RowsCounts> {
  const counts: RowsCounts = { files: 0, rows: 0, rejected: 0, failed: 0 };
  const numbers = function* (): Generator<number> {
    if (amount.only !== undefined) yield amount.only;
    else for (let number = 0; counts.rows < amount.rows; number++) yield number;
  };
  await eachOf(numbers(), 2, async (number) => {
    const run = randomRun(new Random(harness.seed, number), amount);
    const folder = harness.binary.folder({ "map.ts": MODULE });
    const wanted = await reference(run);
    await check({ run, folder, wanted, number });
    rmSync(folder.path, { recursive: true });
    counts.files++;
    counts.rows += wanted.counts.in;
    counts.rejected += wanted.counts.rejected;
    if (wanted.code === 1) counts.failed++;
  });
  return counts;
}

interface Checked {
  run: RandomRun;
  folder: Folder;
  wanted: Reference;
  number: number;
}

async function check({ run, folder, wanted, number }: Checked): Promise<void> {
  let stdin: Buffer | undefined;
  for (const { name, bytes } of run.files) {
    // What is piped stays in the folder for a look.
    folder.write({ [name === "-" ? "stdin" : name]: bytes });
    if (name === "-") stdin = bytes;
  }
  if (run.hasOutput) folder.write({ out: TARGET });
  const args = commandLine(run);
  if (run.policy !== "fail") args.push("--summary", SUMMARY);
  if (run.policy === "reject") args.push("--rejects", REJECTS);
  const ran = await folder.run(args, stdin === undefined ? {} : { stdin });
  const fail = (why: string): never => ran.fail(`file ${number} (--only ${number}) in ${folder.path}: ${why}`);
  if (ran.code !== wanted.code) fail(`exit code ${ran.code}, wanted ${wanted.code}`);
  const isUntouched = run.hasOutput && wanted.code === 1;
  const found = run.hasOutput ? readFileSync(folder.at("out")) : Buffer.from(ran.bytes);
  const why = difference("the output", found, isUntouched ? TARGET : wanted.output);
  if (why !== undefined) fail(why);
  if (wanted.place !== undefined) checkMessage(ran, wanted.place, fail);
  if (wanted.code !== 1 && run.policy !== "fail") checkRejects({ run, folder, wanted, number }, fail);
}

function checkMessage(ran: Ran, { file, line }: { file: string; line: number }, fail: (why: string) => never): void {
  const start = `error: ${file === "-" ? "standard input" : file}:${line}: `;
  if (!ran.stderr.startsWith(start)) fail(`the message does not start with ${JSON.stringify(start)}`);
}

function checkRejects({ run, folder, wanted }: Checked, fail: (why: string) => never): void {
  if (run.policy === "reject") {
    const why = recordsDifference(folder.read(REJECTS), wanted.rejects);
    if (why !== undefined) fail(why);
  }
  const { rows } = JSON.parse(folder.read(SUMMARY)) as { rows: unknown };
  if (!Bun.deepEquals(rows, wanted.counts)) fail(`the summary counts ${shown(rows)}, wanted ${shown(wanted.counts)}`);
}

if (import.meta.main) {
  const flags = { rows: "5000000", policies: "fail,skip,reject", replace: "0", only: "" };
  await runCommand(flags, async (settings) => {
    const wanted = settings.text("policies").split(",");
    const policies = (["fail", "skip", "reject"] as const).filter((policy) => wanted.includes(policy));
    const only = settings.text("only") === "" ? undefined : settings.number("only");
    const amount = { policies, replaces: settings.number("replace") > 0, rows: settings.number("rows"), only };
    const { files, rows, rejected, failed } = await fuzzRows(settings, amount);
    console.log(
      `${rows} rows in ${files} runs, ${rejected} of them rejected; ${failed} runs failed as they must: no difference`,
    );
  });
}
