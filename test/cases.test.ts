/**
 * Cases that need no code: a folder below test/cases/, or one of examples/, with a command, its input files, and what it must
 * come to.
 *
 *     test/cases/KIND/NAME/
 *       cmd       a bash script, run in a fresh copy of the folder with `rowmill` on its PATH and no standard input
 *       stdout    what it prints there, exactly (no such file: nothing)
 *       stderr    what it prints on standard error, exactly (no such file: nothing)
 *       exit      its exit code (no such file: 0)
 *       …         any other file is input
 *
 * `ROWMILL_ACCEPT=1 bun test test/cases.test.ts` writes what was printed as what is expected, to be read in `git diff`.
 * A name after `-t` picks cases. The temporary folder shows as $PWD.
 */
import { describe, test } from "bun:test";
import { cpSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { type Ran, installBinary } from "./cli/binary.ts";

const TESTS: string = import.meta.dir;
const binary = installBinary();

const ACCEPTS: boolean = process.env["ROWMILL_ACCEPT"] === "1";
/** What a case comes to, by the names of its files; the rest of the folder is input. */
const OUTCOMES = ["stdout", "stderr", "exit"] as const;

type Outcome = Record<(typeof OUTCOMES)[number], string>;

/** Folders of cases, from here. */
const folders: string[] = ["cases/**/cmd", "../examples/*/cmd"]
  .flatMap((pattern) => Array.from(new Glob(pattern).scanSync(TESTS)))
  .map((path) => dirname(path))
  .toSorted();

function expected(folder: string): Outcome {
  const read = (file: string, missing: string): string => {
    const path = join(TESTS, folder, file);
    return existsSync(path) ? readFileSync(path, "utf8") : missing;
  };
  return { stdout: read("stdout", ""), stderr: read("stderr", ""), exit: read("exit", "0\n") };
}

function accept(folder: string, outcome: Outcome): void {
  for (const file of OUTCOMES) {
    const path = join(TESTS, folder, file);
    if (outcome[file] === (file === "exit" ? "0\n" : "")) rmSync(path, { force: true });
    else writeFileSync(path, outcome[file]);
  }
}

/** @param adapted What becomes of the command. */
async function outcomeOf(
  source: string,
  adapted: (command: string) => string = (command) => command,
): Promise<{ ran: Ran; outcome: Outcome }> {
  const folder = binary.folder();
  cpSync(join(TESTS, source), folder.path, { recursive: true });
  for (const file of ["cmd", ...OUTCOMES]) rmSync(folder.at(file), { force: true });
  const ran = await folder.bash(adapted(readFileSync(join(TESTS, source, "cmd"), "utf8")));
  const path = realpathSync(folder.path);
  const shown = (text: string): string => text.replaceAll(path, "$PWD");
  return { ran, outcome: { stdout: shown(ran.stdout), stderr: shown(ran.stderr), exit: `${ran.code}\n` } };
}

/** So many cases run at the same time: each starts a handful of processes. */
const AT_ONCE = 4;
/** To wait for its turn counts as a case's own time. */
const TIMEOUT_MS = 600_000;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn(run: () => Promise<void>): Promise<void> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    await run();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

function compare({ ran, outcome }: { ran: Ran; outcome: Outcome }, wanted: Outcome): void {
  for (const file of OUTCOMES) {
    if (outcome[file] !== wanted[file]) ran.fail(`${file} is not as expected:\n${wanted[file]}`);
  }
}

describe.concurrent("cases", () => {
  for (const folder of folders) {
    test(
      folder.replace(/^(?:cases|\.\.)\//, ""),
      () =>
        inTurn(async () => {
          const came = await outcomeOf(folder);
          if (ACCEPTS) accept(folder, came.outcome);
          else compare(came, expected(folder));
        }),
      TIMEOUT_MS,
    );
  }
});

/** What is looked up in stays in memory, and what is said of memory is said already. */
const OTHERS: ReadonlySet<string> = new Set(["cases/join/lookup", "cases/join/memory"]);

function withoutMemory(command: string): string {
  return command.replaceAll("rowmill ", "rowmill --memory 1 ");
}

describe.concurrent("with tables that have no room in memory", () => {
  for (const folder of folders.filter((path) => path.startsWith("cases/join/") && !OTHERS.has(path))) {
    test.skipIf(ACCEPTS)(
      folder.replace("cases/", ""),
      () =>
        inTurn(async () => {
          compare(await outcomeOf(folder, withoutMemory), expected(folder));
        }),
      TIMEOUT_MS,
    );
  }
});
