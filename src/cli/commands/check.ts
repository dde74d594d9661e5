/**
 * `rowmill check`: the type checker of the runtime, over one transform and what it imports.
 *
 * It runs in a folder of its own, with a tsconfig.json that takes over the nearest one of the transform: so the
 * declarations of `rowmill` and zod are there with nothing installed, and the transform's folder stays as it is.
 */
import { writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { RowmillError } from "../../errors.ts";
import { nearestAbove } from "../../io/nearest-above.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { whileSaying } from "../live-line.ts";
import { showControls } from "../render-error.ts";
import { print, suggest } from "../terminal.ts";
import { type BunAnswer, runBun } from "./bun-itself.ts";
import { declarationsFor } from "./declarations/declarations.ts";
import { transformPath } from "./transform-path.ts";
import { inWorkFolder } from "./work-folder.ts";

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
    if (!CHECKED.test(real)) {
      throw new RowmillError(
        "transform",
        `cannot check ${operands[0] ?? ""}: the type checker goes by the ending of a name`,
        {
          hint: "call it .ts, .mts, .cts, .tsx, .js, .mjs, .cjs or .jsx",
        },
      );
    }
    return await inWorkFolder("rowmill-check", [], async (folder) => {
      writeFileSync(join(folder, "rowmill.d.ts"), declarationsFor(dirname(real)));
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(projectOf(real)));
      const checker = ["check", "--no-script", "--no-pretty", "--all", "-p", folder];
      const [given = ""] = operands;
      const code = await report(await whileSaying(`checking ${showControls(given)}`, runBun(checker, folder)), {
        folder,
        real,
      });
      if (code === EXIT.done) await suggest(`${showControls(given)}: no type errors\n`);
      return code;
    });
  },
};

/** A project of one transform. */
function projectOf(real: string): object {
  const own = nearestAbove(dirname(real), "tsconfig.json");
  const packages = nearestAbove(dirname(real), join("node_modules", "@types"));
  return {
    ...(own !== undefined && { extends: own }),
    compilerOptions: {
      ...(own === undefined ? COMPILER_OPTIONS : OVER_OWN),
      ...(JAVASCRIPT.test(real) && { allowJs: true }),
      ...(packages !== undefined && { typeRoots: [packages] }),
    },
    files: [real, "rowmill.d.ts"],
    include: [],
  };
}

/** Says what the checker found, with paths as the user's folder sees them. */
async function report({ code, stdout, stderr }: BunAnswer, { folder, real }: Checked): Promise<number> {
  const findings = stdout.split("\n").flatMap((line) => shown(line, { folder, real }));
  if (code !== 0 && findings.length === 0) {
    throw new RowmillError("transform", `the type checker failed: ${[stdout.trim(), stderr.trim()].join("; ")}`, {
      hint: "is the nearest tsconfig.json as it should be?",
    });
  }
  await print(findings.map((line) => `${line}\n`).join(""));
  return code === 0 ? EXIT.done : EXIT.failed;
}

/** What is checked: the folder of the checker, and the real path of the transform. */
interface Checked {
  folder: string;
  real: string;
}

/** What a line of the checker says, if it is for the user. */
function shown(line: string, { folder, real }: Checked): string[] {
  const found = FINDING.exec(line);
  if (found !== null) {
    const [, path = "", row, column, code, message] = found;
    return [`${relative(process.cwd(), resolve(folder, path))}:${row}:${column}: ${message} (${code})`];
  }
  const general = GENERAL.exec(line);
  if (general !== null) {
    const [, code, message] = general;
    const config = nearestAbove(dirname(real), "tsconfig.json");
    return [`${config === undefined ? "" : `${relative(process.cwd(), config)}: `}${message} (${code})`];
  }
  // The rest of what the line before says. That files are named by the checker's own project is no news.
  return /^ {2,}\S/.test(line) && !ABOUT_PROJECT.test(line) ? [line] : [];
}
