/**
 * One row fails, in every way there is, under every policy: nothing but that row is missing, the order is kept, exit code
 * and reject record are right.
 *
 *     bun test/faults/matrix.ts [--binary PATH] [--kind REGEXP] [--policy fail|skip|reject] [--sample N] [--seed N]
 *
 * Without --sample all combinations run: kinds × policies × jobs 1, 2, 4 × six places × file and standard input.
 */
import type { Ran } from "../cli/binary.ts";
import { FAILURE_KINDS, type FailureKind } from "./failure-kinds.ts";
import { type Harness, difference, eachOf, runCommand } from "./harness.ts";
import { Random } from "./random.ts";
import { type WantedRecord, recordsDifference } from "./reject-records.ts";

const ROWS = 60;
const BATCH_ROWS = 10;
/** First, middle and last row of the first and of the last batch. */
const PLACES = [0, 5, 9, 50, 55, 59] as const;
const POLICIES = ["fail", "skip", "reject"] as const;
const TARGET = "as it was\n";

interface Case {
  kind: FailureKind;
  policy: (typeof POLICIES)[number];
  jobs: number;
  place: number;
  isStdin: boolean;
  /** Written with -o; otherwise to standard output. */
  hasOutput: boolean;
}

/** Which cases are wanted. */
interface Selection {
  kind: string;
  policy: string;
  /** So many of them, at random; 0: all. */
  sample: number;
}

/** Runs the selected cases; how many there were. */
export async function runMatrix(harness: Harness, { kind, policy, sample }: Selection): Promise<number> {
  const all = allCases().filter((one) => new RegExp(kind).test(one.kind.name) && one.policy.includes(policy));
  const random = new Random(harness.seed);
  const cases = sample === 0 ? all : Array.from({ length: sample }, () => random.pick(all));
  await eachOf(cases, 2, async (one) => await runCase(harness, one));
  return cases.length;
}

function allCases(): Case[] {
  const cases: Case[] = [];
  for (const kind of FAILURE_KINDS) {
    for (const policy of POLICIES) {
      for (const jobs of [1, 2, 4]) {
        for (const place of PLACES) {
          for (const isStdin of [false, true]) {
            cases.push({ kind, policy, jobs, place, isStdin, hasOutput: (cases.length >> 1) % 2 === 0 });
          }
        }
      }
    }
  }
  return cases;
}

/** An input whose row at `place` is of that kind: its bytes, and what comes out of the others. */
function inputOf({ kind, place, isStdin }: Case): { bytes: Buffer; outputs: string[]; record: WantedRecord } {
  const isCsv = kind.format === "csv";
  const pieces: (string | Buffer)[] = isCsv ? ["id,text\n"] : [];
  const outputs: string[] = [];
  let line = isCsv ? 2 : 1;
  let failing = line;
  for (let id = 0; id < ROWS; id++) {
    if (id === place) failing = line;
    const text = id % 7 === 3 && !kind.isOnlyQuote ? `row\n${id}` : `row ${id}`;
    const good = isCsv ? `${id},${text.includes("\n") ? `"${text}"` : text}` : JSON.stringify({ id: `${id}`, text });
    const raw = id === place ? kind.raw(id) : good;
    pieces.push(raw, "\n");
    line += 1 + raw.toString().split("\n").length - 1;
    outputs.push(id === place && kind.codes.length > 0 ? "" : `${id === place ? raw.toString() : good}\n`);
  }
  const record: WantedRecord = {
    file: isStdin ? "-" : `in.${kind.format}`,
    line: failing,
    row: place,
    codes: kind.codes,
    input: Buffer.from(kind.raw(place)),
    column: kind.column,
    columns: isCsv ? ["id", "text"] : undefined,
    hasStack: kind.hasStack,
  };
  return { bytes: Buffer.concat(pieces.map((piece) => Buffer.from(piece))), outputs, record };
}

async function runCase({ binary }: Harness, one: Case): Promise<void> {
  const { kind, policy, jobs, place, isStdin, hasOutput } = one;
  const { bytes, outputs, record } = inputOf(one);
  const name = `in.${kind.format}`;
  const output = `out.${kind.format}`;
  const rejects = hasOutput ? `${output}.rejects.jsonl` : "rejects.jsonl";
  const folder = binary.folder({ "x.ts": kind.module, [name]: bytes, ...(hasOutput && { [output]: TARGET }) });
  const args = ["x.ts", ...(isStdin ? ["-", "--from", kind.format] : [name]), ...kind.args];
  args.push("-j", String(jobs), "-b", String(BATCH_ROWS));
  if (policy !== "fail") args.push("--on-error", policy);
  if (hasOutput) args.push("-o", output);
  else if (policy === "reject") args.push("--rejects", rejects);
  const ran = await folder.run(args, isStdin ? { stdin: bytes } : {});

  const fails = kind.codes.length > 0;
  const isBroken = fails && policy === "fail";
  const code = !fails ? 0 : isBroken ? 1 : 3;
  if (ran.code !== code) failCase(ran, one, `exit code ${ran.code}, wanted ${code}`);
  const header = kind.format === "csv" ? "id,text\n" : "";
  const written = isBroken ? outputs.slice(0, place) : outputs;
  const wanted = written.length === 0 ? "" : header + written.join("");
  const found = hasOutput ? Buffer.from(folder.read(output)) : Buffer.from(ran.bytes);
  const what = hasOutput ? "the output" : "standard output";
  check(ran, one, difference(what, found, hasOutput && isBroken ? TARGET : wanted));
  if (isBroken) checkMessage(ran, one, record);
  const hasRejects = policy === "reject";
  const names = [name, "x.ts", ...(hasOutput ? [output] : []), ...(hasRejects ? [rejects] : [])].toSorted();
  if (!Bun.deepEquals(folder.names(), names)) failCase(ran, one, `files left: ${folder.names().join(", ")}`);
  if (!hasRejects) return;
  check(ran, one, recordsDifference(folder.read(rejects), fails ? [record] : []));
  if (fails && jobs === 2) await runAgain(one, record, { folder, rejects });
}

/** The rejects as an input: the one row fails again, in the same way. */
async function runAgain(
  one: Case,
  record: WantedRecord,
  { folder, rejects }: { folder: ReturnType<Harness["binary"]["folder"]>; rejects: string },
): Promise<void> {
  const { kind } = one;
  const policy = ["--on-error", "reject", "--rejects", "again.jsonl"];
  const args = ["x.ts", "--from", "rejects", rejects, "--to", kind.format, ...kind.args, ...policy];
  const ran = await folder.run(args);
  if (ran.code !== 3) failCase(ran, one, `exit code ${ran.code} of the rejects, wanted 3`);
  const header = ran.stdout === "" || (kind.format === "csv" && ran.stdout === "id,text\n");
  if (!header) failCase(ran, one, "the rejects gave output");
  const [again = ""] = folder.read("again.jsonl").split("\n");
  const { file, line, row } = JSON.parse(again) as { file: string; line: number; row: number };
  // Where it says the row stands is not looked at: in the file it came from, or in that of the rejects.
  check(ran, one, recordsDifference(folder.read("again.jsonl"), [{ ...record, file, line, row }]));
}

function checkMessage(ran: Ran, one: Case, { file, line }: WantedRecord): void {
  const start = `error: ${file === "-" ? "standard input" : file}:${line}: `;
  if (!ran.stderr.startsWith(start)) failCase(ran, one, `the message does not start with ${JSON.stringify(start)}`);
}

function check(ran: Ran, one: Case, why: string | undefined): void {
  if (why !== undefined) failCase(ran, one, why);
}

function failCase(ran: Ran, { kind, place }: Case, why: string): never {
  ran.fail(`${kind.name}, row ${place}: ${why}`);
}

if (import.meta.main) {
  await runCommand({ kind: "", policy: "", sample: "0" }, async (settings) => {
    const selection = {
      kind: settings.text("kind"),
      policy: settings.text("policy"),
      sample: settings.number("sample"),
    };
    console.log(`${await runMatrix(settings, selection)} runs, no difference`);
  });
}
