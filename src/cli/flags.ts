/** The flags of a run, made of the table of options: parsing, help and completions come from here. */
import { UsageError } from "../errors.ts";
import { wordsOfOption } from "../options/kinds.ts";
import type { Option, OptionGroup } from "../options/option.ts";
import type { OptionsOf, RunOptions } from "../options/run-options.ts";
import { OPTION_ENTRIES } from "../options/table.ts";
import { readerOf } from "./flag-values.ts";
import type { Flag } from "./flag.ts";

/** All that a command line may say: the options of a run, and what the command line alone knows. */
export type CliRunOptions = RunOptions & OptionsOf<"line">;

/** Every flag of `run` and `eval`, in the order in which help shows them. */
export const FLAGS: readonly Flag<CliRunOptions>[] = [
  ...OPTION_ENTRIES.flatMap(([name, option]) =>
    Object.entries(flagsOf(option)).map(([flags, help]) => flag(name, option, { flags, help })),
  ),
  ...OPTION_ENTRIES.flatMap(([name, option]) => wordFlags(name, option)),
];

/** The flags of an option, with what help says of each. */
function flagsOf({ flag: one, flags, help = "" }: Option): Readonly<Record<string, string>> {
  return flags ?? (one === undefined ? {} : { [one]: help });
}

function flag(
  name: keyof CliRunOptions,
  option: Option,
  { flags, help }: { flags: string; help: string },
): Flag<CliRunOptions> {
  const read = readerOf(flags, option);
  const apply = (options: CliRunOptions, text: string): void => {
    // Where it stands says when it runs.
    if (option.stage !== undefined && options[name] !== undefined) throw twice(flags);
    if (name === "join" && isPlace(flags, text, options)) Object.assign(options, { cluster: text });
    else if (read !== undefined) Object.assign(options, { [name]: read(text, options[name]) });
  };
  return {
    flags,
    help: help.replace("{words}", () => wordsOfOption(option).join(", ")).replace("{default}", String(option.default)),
    group: groupOf(option),
    isEveryday: option.isEveryday === true,
    apply: Object.assign(apply, { words: read?.words }),
  };
}

/** Where no join waits for its columns, `--on slurm` is no column. */
function isPlace(flags: string, text: string, { join = [] }: CliRunOptions): boolean {
  const last = [join].flat().at(-1);
  const isWaiting = last !== undefined && Object.keys(last.on).length === 0;
  return flags.startsWith("--on ") && !isWaiting && /^slurm(?: |$)/.test(text);
}

function twice(flags: string): UsageError {
  const [name = ""] = flags.split(/[ [=]/, 1);
  return new UsageError(
    `${name} stands there twice`,
    "each step runs once; another time behind it: rowmill … | rowmill …",
  );
}

/** `--icsv` is `--from csv`. */
function wordFlags(name: keyof CliRunOptions, option: Option): Flag<CliRunOptions>[] {
  const { flag: of = "", wordFlags: start } = option;
  if (start === undefined) return [];
  return wordsOfOption(option).map((word) => ({
    flags: `${start}${word}`,
    help: `same as ${of.split(" ", 1)[0]} ${word}`,
    group: groupOf(option),
    apply: (options) => void Object.assign(options, { [name]: word }),
  }));
}

function groupOf({ group = "Work" }: Option): OptionGroup {
  return group;
}
