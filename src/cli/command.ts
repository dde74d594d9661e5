/**
 * The commands beside `run` and `eval`. Only their names are known here: each is loaded when it is asked for, so that a
 * run need not.
 */
import type { Flag } from "./flag.ts";
import type { CliRunOptions } from "./flags.ts";

/** A command: its flags, its help, and what it does. */
export interface Command<Options extends object = object> {
  /** The words behind `rowmill`, for the usage line: `schema [options] <input>`. */
  usage: string;
  /** What it does, in one or a few sentences. */
  description: string;
  flags: readonly Flag<Options>[];
  /** Lines that run as they stand. */
  examples: string;
  /** The exit code where it fails, where that is another than for all. */
  failureCode?: number;
  /** What its exit codes say, where they are other ones. */
  exitCodes?: string;
  /**
   * Does it; returns the exit code. `signal` says that it is to end early.
   *
   * @throws {UsageError} If the command line is wrong.
   */
  carryOut(options: Options, operands: readonly string[], signal: AbortSignal): Promise<number>;
}

/** The bundle entry that holds them. */
export interface CommandsEntry {
  runCommand: (name: FurtherCommand, argv: readonly string[], signal: AbortSignal) => Promise<number>;
  /** A run whose shards are done by the nodes of a cluster. */
  runOnCluster: (options: CliRunOptions, argv: readonly string[], signal: AbortSignal) => Promise<number>;
}

/** Their names, with what help says of each in a line. */
export const FURTHER_COMMANDS = [
  { name: "init", summary: "a transform, sample data and editor types to start from" },
  { name: "schema", summary: "a transform file with a zod schema of what is in a file" },
  { name: "info", summary: "what a file is and holds; alone: version, cores, and where the binary is" },
  { name: "report", summary: "a page of what is in a file: columns with their figures and charts, keys, odd rows" },
  { name: "diff", summary: "the rows in which two files differ" },
  { name: "check", summary: "the types of a transform" },
  { name: "compile", summary: "a program of a transform, in one file" },
  { name: "plan", summary: "a run as shards, for many machines" },
  { name: "shard", summary: "do a shard of planned work" },
  { name: "merge", summary: "put together what shards have come to" },
  { name: "status", summary: "how far planned work has come" },
  { name: "submit", summary: "planned work as jobs of Slurm, Kubernetes, AWS Batch, GNU parallel" },
  { name: "cache", summary: "what a folder of --cache holds; dropping what is old" },
  { name: "add", summary: "npm packages for a transform" },
  { name: "types", summary: "the declarations that an editor needs" },
  { name: "explain", summary: "what a code of a failure means, and what to do" },
  { name: "help", summary: "what there is to know of a command, or of a topic such as formats or steps" },
  { name: "upgrade", summary: "how it was installed, and what brings a newer version" },
  { name: "completions", summary: "complete command lines in bash, zsh, fish and PowerShell" },
] as const;

export type FurtherCommand = (typeof FURTHER_COMMANDS)[number]["name"];

export function isFurtherCommand(word: string): word is FurtherCommand {
  return FURTHER_COMMANDS.some(({ name }) => name === word);
}
