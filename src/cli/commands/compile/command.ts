/** `rowmill compile`: a standalone executable of one transform. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { RowmillError } from "../../../errors.ts";
import { fileKey } from "../../../io/file-identity.ts";
import type { Command } from "../../command.ts";
import { shellWord } from "../../../formats/command-words.ts";
import { EXIT } from "../../exit-codes.ts";
import { fileName, to } from "../../flag.ts";
import { whileSaying } from "../../live-line.ts";
import { showControls } from "../../render-error.ts";
import { describeNote } from "../../run-report.ts";
import { checkFileState } from "../../../code/state-check.ts";
import { print, say, suggest } from "../../terminal.ts";
import { transformPath } from "../transform-path.ts";
import { type LinkNotes, link } from "./link.ts";
import { TARGETS, type Target, programName, readTarget } from "./targets.ts";

interface CompileOptions {
  output?: string;
  target?: Target;
  include?: string[];
}

const USAGE = "compile <transform.ts> [-o <program>] [--include <path>] [--target <machine>]";
const EXECUTABLE = 0o111;
const MODE = 0o755;

export const compile: Command<CompileOptions> = {
  usage: USAGE,
  description: `Make a program of a transform: one file that needs nothing else, with all options of rowmill run, and the
packages that the transform imports inside. Name, description and version in its help come from the transform:
export const options = { name: "ages", description: "…", version: "1.0.0" }`,
  flags: [
    {
      flags: "-o, --output <program>",
      help: "write it there (default: the transform's name)",
      group: "Output",
      apply: to("output", fileName("-o")),
    },
    {
      flags: "--include <path>",
      help: "put a file or folder beside the transform into the program: it is read there by the transform's own path (import.meta.dir); may be repeated",
      group: "Output",
      apply: (options, text) => {
        options.include = [...(options.include ?? []), fileName("--include")(text)];
      },
    },
    {
      flags: "--target <machine>",
      help: Object.keys(TARGETS).join(", ").replace(/^/, "for another machine: "),
      group: "Output",
      apply: to("target", readTarget),
    },
  ],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' > /tmp/scientists.csv
  echo 'export default ({ name, born }) => ({ name, age: 2017 - born })' > /tmp/age.ts
  rowmill compile /tmp/age.ts -o /tmp/age && /tmp/age /tmp/scientists.csv`,
  async carryOut({ output, target, include = [] }, operands) {
    const transform = transformPath(operands, USAGE);
    const included = include.flatMap((name) => filesOf(name, transform));
    const program = programName(output ?? basename(transform, extname(transform)), target);
    checkFree(program, transform);
    const stateNotes = await checkFileState(transform, operands[0] ?? transform);
    const folder = folderBeside(program);
    let notes: LinkNotes;
    try {
      const made = join(folder, basename(program));
      const linking = link({ transform, outfile: made, target, included });
      notes = await whileSaying(work(operands[0] ?? "", target), linking);
      chmodSync(made, MODE);
      renameSync(made, program);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    for (const note of [...notesOnFiles(notes, { transform, included }), ...stateNotes]) say(describeNote(note));
    const megabytes = Math.round(statSync(program).size / 1e6);
    await print(`${program}: ${megabytes} MB${target === undefined ? "" : `, for ${target}`}\n`);
    const start = program.includes("/") ? program : `./${program}`;
    await suggest(
      target === undefined
        ? `next: ${shellWord(start)} FILE; it needs nothing else, here and wherever it is copied to\n`
        : `next: copy it to such a machine; it needs nothing else there\n`,
    );
    return EXIT.done;
  },
};

function work(transform: string, target: Target | undefined): string {
  const fetching = target === undefined ? "" : ` for ${target}, whose runtime is fetched the first time`;
  return `compiling ${showControls(transform)}${fetching}`;
}

/** The files that an operand of --include stands for: real paths. */
function filesOf(name: string, transform: string): string[] {
  const wrong = (message: string, hint: string): RowmillError =>
    new RowmillError("input", `cannot include ${name}: ${message}`, { hint });
  if (!existsSync(name)) throw wrong("there is no such file", "check the path");
  const path = realpathSync(name);
  if (relative(dirname(transform), path).startsWith("..")) {
    throw wrong(
      "it is not beside the transform, nor below",
      "what is read by the transform's own path lies in its folder",
    );
  }
  if (!statSync(path).isDirectory()) return [path];
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name));
}

/** A path as seen from the current folder. */
function shown(path: string): string {
  return relative(process.cwd(), path);
}

/** Says which files the program will not find, if there are any. */
function notesOnFiles(
  { reads }: LinkNotes,
  { transform, included }: { transform: string; included: readonly string[] },
): string[] {
  const notes: string[] = [];
  for (const [module, { paths, hasOthers }] of reads) {
    const lacking = paths.filter((path) => !included.some((file) => file === path || file.startsWith(`${path}/`)));
    for (const path of lacking) {
      const isBelow = !relative(dirname(transform), path).startsWith("..");
      const advice = isBelow ? `--include ${shellWord(shown(path))} puts it inside` : "give its path by --arg instead";
      notes.push(
        `${shown(module)} reads ${shown(path)} by its own path, which is another one in the program: ${advice}`,
      );
    }
    if (hasOthers && included.length === 0) {
      notes.push(
        `${shown(module)} asks for its own path, which is another one in the program: files that it reads there are put inside by --include`,
      );
    }
  }
  return notes;
}

/** An earlier program is replaced; data, sources and folders are not. */
function checkFree(program: string, transform: string): void {
  const found = lstatSync(program, { throwIfNoEntry: false });
  if (found === undefined) return;
  const isProgram = found.isFile() && ((found.mode & EXECUTABLE) !== 0 || program.toLowerCase().endsWith(".exe"));
  if (isProgram && fileKey(program) !== fileKey(transform)) return;
  throw new RowmillError("output", `${program} is there already, and is no program`, {
    hint: "give another name: rowmill compile TRANSFORM.ts -o PROGRAM",
  });
}

/** A folder in which the program is made, to take its place in one step. */
function folderBeside(program: string): string {
  try {
    return mkdtempSync(join(resolve(dirname(program)), ".rowmill-"));
  } catch (error) {
    throw new RowmillError("output", `cannot write ${program}: ${String(Reflect.get(Object(error), "code"))}`, {
      hint: "name a folder that is there and may be written to",
      cause: error,
    });
  }
}
