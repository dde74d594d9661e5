/**
 * `rowmill check`: the type checker of the runtime, over one transform and what it imports.
 *
 * It runs in a folder of its own, with a tsconfig.json that takes over the nearest one of the transform: so the
 * declarations of `rowmill` and zod are there with nothing installed, and the transform's folder stays as it is.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { RowmillError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { whileSaying } from "../live-line.ts";
import { showControls } from "../render-error.ts";
import { print, suggest } from "../terminal.ts";
import { type BunAnswer, runBun } from "./bun-itself.ts";
import { declarationsFor, nearestAbove } from "./declarations/declarations.ts";
import { transformPath } from "./transform-path.ts";

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

const USAGE = "check <transform.ts>";

/** `path(line,column): error TS1234: message`, as the checker says it. */
const FINDING = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/;

export const check: Command = {
  usage: USAGE,
  description: `Check the types of a transform and of all that it imports. The nearest tsconfig.json counts; the types of
zod and of ctx are there with nothing installed.`,
  flags: [],
  examples: `Examples:
  echo 'export default ({ born }: { born: string }) => ({ age: 2017 - Number(born) })' > /tmp/age.ts
  rowmill check /tmp/age.ts`,
  async carryOut(_, operands) {
    const real = transformPath(operands, USAGE);
    const folder = mkdtempSync(join(tmpdir(), "rowmill-check-"));
    try {
      writeFileSync(join(folder, "rowmill.d.ts"), declarationsFor(dirname(real)));
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(projectOf(real)));
      const checker = ["check", "--no-script", "--no-pretty", "--all", "-p", folder];
      const [given = ""] = operands;
      const code = await report(await whileSaying(`checking ${showControls(given)}`, runBun(checker, folder)), folder);
      if (code === EXIT.done) await suggest(`${showControls(given)}: no type errors\n`);
      return code;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A project of one transform. */
function projectOf(real: string): object {
  const own = nearestAbove(dirname(real), "tsconfig.json");
  const packages = nearestAbove(dirname(real), join("node_modules", "@types"));
  return {
    ...(own !== undefined && { extends: own }),
    compilerOptions: {
      ...(own === undefined ? COMPILER_OPTIONS : { noEmit: true, skipLibCheck: true }),
      ...(packages !== undefined && { typeRoots: [packages] }),
    },
    files: [real, "rowmill.d.ts"],
    include: [],
  };
}

/** Says what the checker found, with paths as the user's folder sees them. */
async function report({ code, stdout, stderr }: BunAnswer, folder: string): Promise<number> {
  const lines = stdout.split("\n").filter((line) => line !== "");
  const findings = lines.map((line) => shown(line, folder));
  if (code !== 0 && !lines.some((line) => FINDING.test(line))) {
    throw new RowmillError("transform", `the type checker failed: ${[...findings, stderr.trim()].join("; ")}`, {
      hint: "is the nearest tsconfig.json as it should be?",
    });
  }
  await print(findings.map((line) => `${line}\n`).join(""));
  return code === 0 ? EXIT.done : EXIT.failed;
}

function shown(line: string, folder: string): string {
  const found = FINDING.exec(line);
  if (found === null) return line;
  const [, path = "", row, column, code, message] = found;
  return `${relative(process.cwd(), resolve(folder, path))}:${row}:${column}: ${message} (${code})`;
}
