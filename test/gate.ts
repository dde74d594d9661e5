/**
 * The one gate, `bun run ok`: builds, then checks format, types, lint, dead code, and runs all tests. Ends with a line
 * that counts tests and checks together, and exits 1 when one of them failed.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What must hold beside the tests; each counts as one. */
const CHECKS: [name: string, command: string[]][] = [
  ["build", [process.execPath, "run", "build"]],
  ["format", [process.execPath, "fmt", "--check"]],
  ["types", [process.execPath, "check"]],
  ["lint", ["node_modules/.bin/oxlint", "--type-aware"]],
  ["dead code", ["node_modules/.bin/knip"]],
];

/** Whole processes are started by many tests; none of them asserts a time. */
const TIMEOUT_MS = 60_000;

/** Many tests wait for one process, or work in one thread. */
const FILES_AT_ONCE = 2;

interface Count {
  passed: number;
  failed: number;
}

function runCheck([name, command]: (typeof CHECKS)[number]): Count {
  console.log(`\n== ${name}: ${command.join(" ")}`);
  const isFine = run(command) === 0;
  return { passed: isFine ? 1 : 0, failed: isFine ? 0 : 1 };
}

function run(command: string[]): number {
  return Bun.spawnSync(command, { stdio: ["ignore", "inherit", "inherit"] }).exitCode;
}

/** Runs the tests; their counts come from the report of the test runner, not from its words. */
function runTests(): Count {
  const folder = mkdtempSync(join(tmpdir(), "rowmill-gate-"));
  const report = join(folder, "report.xml");
  console.log("\n== tests: bun test");
  const exitCode = run([
    process.execPath,
    "test",
    `--parallel=${FILES_AT_ONCE}`,
    `--timeout=${TIMEOUT_MS}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ]);
  const count = readReport(report);
  rmSync(folder, { recursive: true });
  // A run that broke off, or in which nothing ran, is a failure whatever it counted.
  const isBroken = (exitCode !== 0 && count.failed === 0) || count.passed === 0;
  return isBroken ? { ...count, failed: count.failed + 1 } : count;
}

function readReport(path: string): Count {
  const summary = /<testsuites [^>]*>/.exec(readFileSync(path, "utf8"))?.[0] ?? "";
  const number = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(summary)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  return { passed: number("tests") - failed - number("skipped"), failed };
}

const counts = [...CHECKS.map(runCheck), runTests()];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
