/**
 * The flags of a run, made of the table of options: parsing, help and completions come from here. What no line says is
 * not made: all flags together are a thirtieth of a short run.
 */
import { UsageError } from "../errors.ts";
import { wordsOfOption } from "../options/kinds.ts";
import type { Option, OptionGroup } from "../options/option.ts";
import type { OptionsOf, RunOptions } from "../options/run-options.ts";
import { OPTION_ENTRIES } from "../options/table.ts";
import { once } from "../once.ts";
import { readerOf } from "./flag-values.ts";
import type { Flag, FlagList, Named } from "./flag.ts";

/** All that a command line may say: the options of a run, and what the command line alone knows. */
export type CliRunOptions = RunOptions & OptionsOf<"line">;

/** A flag of an option. */
class OptionFlag implements Flag<CliRunOptions> {
  readonly flags: string;
  readonly #name: keyof CliRunOptions;
  readonly #option: Option;
  readonly #help: string;
  #apply: Flag<CliRunOptions>["apply"] | undefined;

  constructor(name: keyof CliRunOptions, option: Option, { flags, help }: { flags: string; help: string }) {
    this.flags = flags;
    this.#name = name;
    this.#option = option;
    this.#help = help;
  }

  get help(): string {
    const words = (): string => wordsOfOption(this.#option).join(", ");
    return this.#help.replace("{words}", words).replace("{default}", String(this.#option.default));
  }

  get group(): OptionGroup {
    return groupOf(this.#option);
  }

  get isEveryday(): boolean {
    return this.#option.isEveryday === true;
  }

  get apply(): Flag<CliRunOptions>["apply"] {
    return (this.#apply ??= this.#applied());
  }

  #applied(): Flag<CliRunOptions>["apply"] {
    const { flags } = this;
    const name = this.#name;
    const read = readerOf(flags, this.#option);
    const apply = (options: CliRunOptions, text: string): void => {
      const { stage, once: hintForTwo } = this.#option;
      // Of a step it says when that runs, and of an expression none may be passed over.
      const hint = stage === undefined ? hintForTwo : STEP_ONCE;
      if (hint !== undefined && options[name] !== undefined) throw twice(flags, hint);
      if (name === "join" && isPlace(flags, text, options)) Object.assign(options, { cluster: text });
      else if (read !== undefined) Object.assign(options, { [name]: read(text, options[name]) });
    };
    return Object.assign(apply, { words: read?.words });
  }
}

/** Every flag of `run` and `eval`, in the order in which help shows them. */
export const allFlags: () => readonly Flag<CliRunOptions>[] = once(() => [...flagsWhere(() => true)]);

/** The same, of which one is found without the others. */
export const RUN_FLAGS: FlagList<CliRunOptions> = {
  find: (isIt) => flagsWhere(isIt).next().value,
  map: (to) => allFlags().map(to),
};

function* flagsWhere(isIt: (shown: Named) => boolean): Generator<Flag<CliRunOptions>, undefined> {
  for (const [name, option] of OPTION_ENTRIES) {
    const { flag, flags, help = "" } = option;
    if (flag !== undefined) {
      if (isIt({ flags: flag })) yield new OptionFlag(name, option, { flags: flag, help });
    } else if (flags !== undefined) {
      for (const [one, ofOne] of Object.entries(flags))
        if (isIt({ flags: one })) yield new OptionFlag(name, option, { flags: one, help: ofOne });
    }
  }
  yield* wordFlagsWhere(isIt);
}

/** `--icsv` is `--from csv`. */
function* wordFlagsWhere(isIt: (shown: Named) => boolean): Generator<Flag<CliRunOptions>> {
  for (const [name, option] of OPTION_ENTRIES) {
    const { flag: of = "", wordFlags: start } = option;
    if (start === undefined) continue;
    for (const word of wordsOfOption(option)) {
      const flags = `${start}${word}`;
      if (!isIt({ flags })) continue;
      const help = `same as ${of.split(" ", 1)[0]} ${word}`;
      yield { flags, help, group: groupOf(option), apply: (options) => void Object.assign(options, { [name]: word }) };
    }
  }
}

/** Where no join waits for its columns, `--on slurm` is no column. */
function isPlace(flags: string, text: string, { join = [] }: CliRunOptions): boolean {
  const last = [join].flat().at(-1);
  const isWaiting = last !== undefined && Object.keys(last.on).length === 0;
  return flags.startsWith("--on ") && !isWaiting && /^slurm(?: |$)/.test(text);
}

const STEP_ONCE = "each step runs once; another time behind it: rowmill … | rowmill …";

function twice(flags: string, hint: string): UsageError {
  return new UsageError(`${flags.split(/[ [=,]/, 1)[0]} stands there twice`, hint);
}

function groupOf({ group = "Work" }: Option): OptionGroup {
  return group;
}
