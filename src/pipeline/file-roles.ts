/**
 * What each file of a run is for. No file may be two things of which one is written: an input, a transform or another
 * output would be lost. Files are told apart by what they are, not by how they are called.
 */
import { existsSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { descriptorOf } from "../io/descriptor-path.ts";
import { fileKey, isKeptAt, openFileKey } from "../io/file-identity.ts";
import { placed } from "../io/start-folder.ts";
import { STDIN, fileOf, shownName } from "../io/files.ts";
import { type FileTarget, STDOUT, STDOUT_FD, shownBeside } from "../io/sink.ts";
import { configFiles } from "./config-files.ts";
import type { RunOptions } from "../options/run-options.ts";
import { inputsOf } from "./options.ts";
import { formatByName, inputPath, isConverted } from "./told-format.ts";
import { type OutputTargets, journalPlace } from "./output-targets.ts";

/** A file, and what it is for. */
interface Role {
  /** As it is called in messages. */
  name: string;
  /** `an input`, `the output`. */
  what: string;
  isWritten: boolean;
  /** Roles of the same part may be of one file: an input is replaced by its output. */
  part: string;
}

const STDIN_FD = 0;
const STDERR_FD = 2;

/** Checks one file more that is written. @throws {UsageError} When it is something else as well. */
export type CheckFile = (path: string, target: FileTarget) => void;

/**
 * Checks that nothing is written over. `modules` are the files of the transform. What it returns checks files that are
 * only known when rows come.
 *
 * @throws {UsageError} When a file is two things.
 */
export function checkRoles(options: RunOptions, targets: OutputTargets, modules: readonly string[]): CheckFile {
  const { output, rejectsPath, rejects, summary, metrics, report, emits, table } = targets;
  const path = options.output ?? STDOUT;
  if (output === undefined && table === undefined) checkOpenOutput(path, inputsOf(options));
  // Standard output was opened by the shell, and overwrites nothing.
  const beside = [rejectsPath, options.summary, options.metrics, options.report];
  const isOpen = path === STDOUT && beside.every((file) => file === undefined);
  if (isOpen && emits.length === 0) return () => {};
  const roles = new Roles();
  const inputs = inputsOf(options);
  // What an output would replace holds more than the rows that are read of it.
  const isReplaced = !isConverted(options.from ?? formatByName(inputs[0] ?? STDIN));
  for (const name of inputs) roles.read(inputPath(name) ?? name, "an input", isReplaced ? "output" : "input");
  for (const name of options.readsBeside ?? []) roles.read(name, "the list of inputs", "list");
  for (const { file } of [...(options.join ?? []), ...Object.values(options.lookup ?? {})])
    roles.read(file, "a table that is read", "table");
  for (const name of modules) roles.read(name, "a file of the transform", "transform");
  for (const name of configFiles(modules)) roles.read(name, "a file that the transform is loaded by", "transform");
  roles.read(process.execPath, "the program that runs", "program");
  // The file to which the shell sends it must not be replaced.
  if (openKey(STDERR_FD) !== openKey(STDOUT_FD)) {
    roles.add(openKey(STDERR_FD), {
      name: "standard error",
      what: "where messages go",
      isWritten: true,
      part: "messages",
    });
  }
  // Tables of one database may be read and written.
  if (table !== undefined)
    roles.add(keyOf(table.path), { name: path, what: "the output", isWritten: true, part: "input" });
  else roles.write(path, output, { what: "the output", part: "output" });
  roles.write(rejectsPath, rejects, { what: "the rejects file", part: "rejects" });
  roles.write(options.summary, summary, { what: "the summary", part: "summary" });
  roles.write(options.metrics, metrics, { what: "the file of metrics", part: "metrics" });
  roles.write(options.report, report, { what: "the page of the run", part: "report" });
  for (const { name, file, target } of emits) {
    roles.write(file, target, { what: `the file of --emit ${name}`, part: `emit ${name}` });
  }
  const own = new Set(emits.map(({ file }) => file));
  return (name, target) => {
    if (!own.has(name)) roles.check(keyOf(target.target), { name, what: SPLIT_FILE, isWritten: true, part: name });
  };
}

/** What is open already is not replaced, but written at its end, where it would be read again. */
function checkOpenOutput(path: string, inputs: readonly string[]): void {
  const key = path === STDOUT ? openKey(STDOUT_FD) : keyOf(path);
  if (key === undefined) return;
  const input = inputs.find((name) => (name === STDIN ? openKey(STDIN_FD) : keyOf(name)) === key);
  if (input === undefined) return;
  throw new UsageError(
    `${shownName(input)} is an input, and the output is written to it`,
    "write to another file, or rewrite a file with --in-place",
  );
}

const SPLIT_FILE = "a file of --split-by";
const BESIDE = "a file beside";

class Roles {
  readonly #byKey = new Map<string, Role[]>();

  read(name: string, what: string, part: string): void {
    this.add(name === STDIN ? openKey(STDIN_FD) : keyOf(name), { name, what, isWritten: false, part });
  }

  /** A file that is written, and those beside it that are on the way. */
  write(
    path: string | undefined,
    target: FileTarget | undefined,
    { what, part }: { what: string; part: string },
  ): void {
    if (path === undefined) return;
    const key = path === STDOUT ? openKey(STDOUT_FD) : keyOf(target?.target ?? path);
    this.add(key, { name: path === STDOUT ? "standard output" : path, what, isWritten: true, part });
    if (target === undefined) return;
    const journal = journalPlace(target).path;
    for (const file of [target.part, journal, `${journal}.new`]) {
      const beside = `${BESIDE} ${what} until that is done`;
      const name = shownBeside(target, file);
      this.add(fileKey(file), { name, what: beside, isWritten: true, part: `beside ${part}` });
    }
  }

  add(key: string | undefined, role: Role): void {
    if (key === undefined) return;
    this.check(key, role);
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), role]);
  }

  /** Checks that nothing else is at a place. */
  check(key: string | undefined, role: Role): void {
    const others = key === undefined ? [] : (this.#byKey.get(key) ?? []);
    const other = others.find(({ part, isWritten }) => part !== role.part && (isWritten || role.isWritten));
    if (other !== undefined) throw conflict(role, other);
  }
}

function conflict(role: Role, other: Role): UsageError {
  const { what } = role.isWritten ? role : other;
  const otherName = other.name === role.name ? "" : ` (${shownName(other.name)})`;
  return new UsageError(
    `${shownName(role.name)} is ${role.what}, and ${other.what} as well${otherName}`,
    what === SPLIT_FILE
      ? "write to another folder"
      : what.startsWith(BESIDE)
        ? "give the input or the output another name"
        : `name another file for ${what}`,
  );
}

/** Undefined for what can be shared: terminals, `/dev/null`, servers, and where messages go. */
function keyOf(name: string): string | undefined {
  const file = fileOf(name);
  if (file === undefined) return undefined;
  const descriptor = descriptorOf(file);
  if (descriptor !== undefined) return descriptor === STDERR_FD ? undefined : openKey(descriptor);
  return !existsSync(placed(file)) || isKeptAt(file) ? fileKey(file) : undefined;
}

function openKey(fd: number): string | undefined {
  try {
    return openFileKey(fd);
  } catch {
    // The shell has closed it.
    return undefined;
  }
}
