/**
 * `rowmill check`: the type checker of the runtime, over one transform and what it imports, and, with data, over what the
 * transform does with their fields.
 *
 * It runs in a folder of its own, with a tsconfig.json that takes over the nearest one of the transform: so the
 * declarations of `rowmill` and zod are there with nothing installed, and the transform's folder stays as it is.
 */
import { readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { RowmillError, UsageError } from "../../errors.ts";
import { STDIN } from "../../io/files.ts";
import { nearestAbove } from "../../io/nearest-above.ts";
import type { GivenRows } from "../../pipeline/check-rows.ts";
import type { RunOptions } from "../../options/run-options.ts";
import { mayTypeRows, recordTypeReader } from "../../fields/record-type/load-reader.ts";
import type { Command } from "../command.ts";
import { unusedRecord } from "../dry-run.ts";
import { EXIT } from "../exit-codes.ts";
import { count } from "../../pages/figures.ts";
import { askedInputs } from "../inputs.ts";
import { whileSaying } from "../live-line.ts";
import { whileReading } from "../progress.ts";
import { showControls } from "../render-error.ts";
import { describeNote } from "../run-report.ts";
import { print, say, suggest } from "../terminal.ts";
import { type BunAnswer, runBun } from "./bun-itself.ts";
import { ROW_FILE, type TypedCopy, saidOfData, writeTypedCopy } from "./check-data.ts";
import { declarationsFor, runtimeTypes } from "./declarations/declarations.ts";
import { INPUT_FLAGS, type InputOptions, SAMPLE_FLAGS, SAMPLE_ROWS } from "./schema.ts";
import { transformPath } from "./transform-path.ts";
import { inWorkFolder } from "../../io/work-folder.ts";

/** What holds where the transform's folder has no tsconfig.json; `rowmill init` writes the same. */
export const COMPILER_OPTIONS: object = {
  target: "esnext",
  module: "preserve",
  moduleResolution: "bundler",
  lib: ["esnext", "dom"],
  noEmit: true,
  strict: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
};

const USAGE = "check [options] <transform.ts> [input…]";

/** Files that the type checker knows. */
const CHECKED = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** What holds whatever the tsconfig.json of the transform says: nothing is written, and files may lie anywhere. */
const OVER_OWN: object = {
  noEmit: true,
  skipLibCheck: true,
  composite: false,
  incremental: false,
  rootDir: "/",
};

const JAVASCRIPT = /\.(?:[cm]?js|jsx)$/;

/** What is wrong with the options: `error TS1234: message`. */
const GENERAL = /^error (TS\d+): (.*)$/;

const ABOUT_PROJECT = /The file is in the program because|Part of 'files' list/;

/** `path(line,column): error TS1234: message`, as the checker says it. */
const FINDING = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/;

interface CheckOptions extends InputOptions {
  sample?: number;
  all?: boolean;
}

export const check: Command<CheckOptions> = {
  usage: USAGE,
  description: `Check the types of a transform and of all that it imports. The nearest tsconfig.json counts; the types of
zod and of ctx are there with nothing installed. With inputs: also whether the transform goes with their columns, and
their rows with what the transform says of them.`,
  flags: [...SAMPLE_FLAGS, ...INPUT_FLAGS],
  examples: `Examples:
  echo 'export default ({ born }: { born: number }) => ({ age: 2017 - born })' > /tmp/age.ts
  rowmill check /tmp/age.ts
  printf 'name,born\\nAda Lovelace,1815\\n' > /tmp/people.csv
  rowmill check /tmp/age.ts /tmp/people.csv`,
  async carryOut({ sample, all, filesFrom, ...input }, operands, signal) {
    if (all === true && sample !== undefined) throw new UsageError("there is --all and --sample", "give one of them");
    const [given = "", ...data] = operands;
    const real = transformPath(operands.slice(0, 1), USAGE);
    if (!CHECKED.test(real)) {
      throw new RowmillError("transform", `cannot check ${given}: the type checker goes by the ending of a name`, {
        hint: "call it .ts, .mts, .cts, .tsx, .js, .mjs, .cjs or .jsx",
      });
    }
    const second = data.find((name) => CHECKED.test(name));
    if (second !== undefined) throw new UsageError(`there is one transform too many: ${second}`, `rowmill ${USAGE}`);
    const inputs = await askedInputs({ inputs: data, filesFrom }, signal);
    if (inputs.includes(STDIN))
      throw new UsageError("check reads its data more than once, and standard input comes once", "name a file");
    const options = {
      ...input,
      transform: given,
      inputs,
      signal,
      ...(all !== true && { first: sample ?? SAMPLE_ROWS }),
    };
    const findings = inputs.length === 0 ? await checkAlone(real, given) : await checkWithData(real, given, options);
    if (findings.length === 0) await suggest(`${showControls(given)}: no type errors\n`);
    await print(findings.map((line) => `${line}\n`).join(""));
    return findings.length === 0 ? EXIT.done : EXIT.failed;
  },
};

/** Says, too, why the type of the rows is not used, where it is not. */
async function checkAlone(real: string, given: string): Promise<string[]> {
  const findings = await findingsOf(real, { given, data: undefined });
  noteUnused(await recordOf(real));
  return findings;
}

/** What the source says of its rows. */
async function recordOf(real: string): Promise<GivenRows["record"]> {
  if (!mayTypeRows(real, readFileSync(real, "utf8"))) return undefined;
  const { readRecordType } = await recordTypeReader();
  const answer = readRecordType(real);
  if (answer?.kind !== "used") return answer;
  return { name: answer.type.name, place: answer.type.place, fields: [] };
}

function isTypedBySource(record: GivenRows["record"]): boolean {
  return record !== undefined && "fields" in record;
}

/** Says what was found before what ends the command. */
async function afterFindings(findings: readonly string[], failure: unknown): Promise<unknown> {
  await print(findings.map((line) => `${line}\n`).join(""));
  return failure;
}

/** What the checker finds, what rows are not that they should be, and what is wrong with the code by itself. */
async function checkWithData(real: string, given: string, options: RunOptions): Promise<string[]> {
  const { checkRows, givenRows } = await import("../../pipeline/check-rows.ts");
  const found = await whileReading(options, givenRows);
  // Of a run that fails before its first row nothing is known but what the source says.
  const record = found.failure === undefined ? found.record : await recordOf(real);
  const rows = { ...found, record };
  noteUnused(record);
  const findings = await findingsOf(real, { given, data: rows });
  if (rows.failure !== undefined) {
    // What the code does with columns that are not there, the type checker has found with its place.
    if (findings.length === 0 || isTypedBySource(record)) throw await afterFindings(findings, rows.failure);
    return findings;
  }
  const { rowsIn, rowsFailed, firstFailure } = await whileReading(options, checkRows);
  if (firstFailure === undefined) return findings;
  const { file = "", line = 0 } = firstFailure.place ?? {};
  const more = rowsFailed > 1 ? ` (and ${count(rowsFailed - 1)} more of ${count(rowsIn)} rows)` : "";
  return [...findings, showControls(`${file}:${line}: ${firstFailure.message}${more}`)];
}

/** A type of rows that cannot be used is no type error: rows are what they are without it. */
function noteUnused(record: GivenRows["record"]): void {
  if (record !== undefined && "why" in record) say(describeNote(unusedRecord(record)));
}

async function typedCopy(real: string, folder: string, data: GivenRows): ReturnType<typeof writeTypedCopy> {
  return JAVASCRIPT.test(real) ? { because: "it is no TypeScript" } : await writeTypedCopy(real, folder, data);
}

interface Checking {
  /** The transform as the command line names it. */
  given: string;
  /** What its function gets; undefined where there are no data. */
  data: GivenRows | undefined;
}

async function findingsOf(real: string, { given, data }: Checking): Promise<string[]> {
  return await inWorkFolder("rowmill-check", [], async (folder) => {
    writeFileSync(join(folder, "rowmill.d.ts"), declarationsFor(dirname(real)));
    const isTyped = data?.hasSchema === true || isTypedBySource(data?.record);
    const written = data === undefined || isTyped ? undefined : await typedCopy(real, folder, data);
    const copy = written !== undefined && "path" in written ? written : undefined;
    if (written !== undefined && "because" in written)
      say(describeNote(`${given} was not checked against the columns: ${written.because}`));
    const packages = copy && nearestAbove(dirname(real), "node_modules");
    if (packages !== undefined) symlinkSync(packages, join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(projectOf(real, folder, copy)));
    const checker = ["check", "--no-script", "--no-pretty", "--all", "-p", folder];
    const answer = await whileSaying(`checking ${showControls(given)}`, runBun(checker, folder));
    return foundLines(answer, { folder, real, copy });
  });
}

/** A project of one transform, or of its copy: what that imports is looked for where the transform is. */
function projectOf(real: string, folder: string, copy: TypedCopy | undefined): object {
  const own = nearestAbove(dirname(real), "tsconfig.json");
  const packages = nearestAbove(dirname(real), join("node_modules", "@types"));
  // The checker must be told which of them count.
  const runtime = runtimeTypes(dirname(real));
  return {
    ...(own !== undefined && { extends: own }),
    compilerOptions: {
      ...(own === undefined ? COMPILER_OPTIONS : OVER_OWN),
      ...(JAVASCRIPT.test(real) && { allowJs: true }),
      ...(packages !== undefined && { typeRoots: [packages] }),
      ...(copy !== undefined && { rootDirs: [dirname(real), folder] }),
    },
    files: [
      ...(copy === undefined ? [real] : [copy.path, ROW_FILE]),
      "rowmill.d.ts",
      ...(runtime === undefined ? [] : [runtime]),
    ],
    include: [],
  };
}

/** What the checker found, with paths as the user's folder sees them. */
function foundLines({ code, stdout, stderr }: BunAnswer, checked: Checked): string[] {
  const lines = stdout.split("\n").flatMap((line) => shown(line, checked));
  if (code !== 0 && lines.length === 0) {
    throw new RowmillError("transform", `the type checker failed: ${[stdout.trim(), stderr.trim()].join("; ")}`, {
      hint: "is the nearest tsconfig.json as it should be?",
    });
  }
  return lines;
}

/** What is checked: the folder of the checker, and the real path of the transform. */
interface Checked {
  folder: string;
  real: string;
  /** What is checked in its place. */
  copy: TypedCopy | undefined;
}

/** What a line of the checker says, if it is for the user. */
function shown(line: string, { folder, real, copy }: Checked): string[] {
  const found = FINDING.exec(line);
  if (found !== null) {
    const [, path = "", row, column, code, message = ""] = found;
    const file = resolve(folder, path);
    if (copy === undefined || realpathSync(file) !== realpathSync(copy.path))
      return [`${relative(process.cwd(), file)}:${row}:${column}: ${message} (${code})`];
    const place = `${relative(process.cwd(), real)}:${row}:${originalColumn(copy, row, column)}`;
    return [`${place}: ${saidOfData(message, copy)} (${code})`];
  }
  const general = GENERAL.exec(line);
  if (general !== null) {
    const [, code, message] = general;
    const config = nearestAbove(dirname(real), "tsconfig.json");
    return [`${config === undefined ? "" : `${relative(process.cwd(), config)}: `}${message} (${code})`];
  }
  // Further lines of a finding. Those that explain why a file belongs to the checker's project are left out.
  return /^ {2,}\S/.test(line) && !ABOUT_PROJECT.test(line) ? [line] : [];
}

/** The column of the transform that a column of its copy is. */
function originalColumn({ line, column: from, more }: TypedCopy, row = "", column = ""): number {
  const at = Number(column);
  return Number(row) === line && at >= from ? at - more : at;
}
