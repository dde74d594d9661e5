/**
 * What is known of a command, as data: its help for programs (`rowmill help --json`) and its man page are made of it. It comes from
 * the table of options and the commands themselves, and says nothing that these do not.
 */
import type { Kind, Option, Scope } from "../../../options/option.ts";
import { wordsOfOption } from "../../../options/kinds.ts";
import { OPTION_ENTRIES } from "../../../options/table.ts";
import { type Command, FURTHER_COMMANDS, type FurtherCommand } from "../../command.ts";
import { offeredFlags } from "../../common-flags.ts";
import { EXIT_CODES_HELP } from "../../exit-codes.ts";
import { type Flag, longName, mayHaveValue, shortName, takesValue, typeOf, wordsOf } from "../../flag.ts";
import { allFlags } from "../../flags.ts";
import { type CommandName, RUN_COMMANDS, helpParts } from "../../help.ts";

/** Loads a command beside `run` and `eval`. */
export type LoadCommand = (name: FurtherCommand) => Promise<Command>;

export interface CommandFacts {
  /** `run`, `diff`; empty for what no command is said. */
  name: string;
  /** In a line. */
  summary: string;
  description: string;
  /** Each way to call it. */
  usage: string[];
  options: OptionFacts[];
  /** Lines of a shell that run as they stand, one after another. */
  examples: string[];
  /** What is to be known besides. */
  notes: string[];
  exitCodes: { code: number; meaning: string }[];
}

export interface OptionFacts {
  /** `--jobs` */
  name: string;
  /** `-j` */
  short?: string;
  /** As help shows it: `-j, --jobs <n>`. */
  shown: string;
  /** What its value is called: `n`; none: it takes no value. */
  value?: string;
  /** The value may be left out, and stands behind an equals sign: `--trim=left`. */
  isValueOptional?: boolean;
  /** What its value is: `switch`, `count`, `file`, `word`, `columns`, … */
  type: string;
  /** All words that it takes, where there is a list of them. */
  words?: readonly string[];
  /** Where it is always the same one. */
  default?: unknown;
  /** In words, where it depends on something. */
  defaultText?: string;
  /** It may be said more than once. */
  isRepeatable?: boolean;
  group: string;
  meaning: string;
  /** Its name in `run()` of the library. */
  option?: string;
  /** A transform may set it by `export const options`. */
  isOfModule?: boolean;
  /** It is a step: where it stands says when it runs. */
  isStep?: boolean;
  /** Options that may not be said beside it. */
  excludes?: string[];
  /** Options that must be said beside it. */
  needs?: string[];
}

/** Every command, that of no command first. */
export async function allFacts(load: LoadCommand): Promise<CommandFacts[]> {
  const further = FURTHER_COMMANDS.map(async ({ name }) => await furtherFacts(name, load));
  return [...RUN_COMMANDS.map(runFacts), ...(await Promise.all(further))];
}

/** `run`, `eval`, or no command. */
export function runFacts(name: CommandName): CommandFacts {
  const { summary, usage, examples } = helpParts(name);
  return {
    name: name === "rowmill" ? "" : name,
    summary: summary.replace(/\.$/, ""),
    description: summary,
    usage: usageLines(usage),
    options: optionsOf(name === "rowmill" ? allFlags().filter(({ isEveryday }) => isEveryday) : allFlags()),
    ...examplesOf(examples),
    exitCodes: exitCodes(EXIT_CODES_HELP),
  };
}

export async function furtherFacts(name: FurtherCommand, load: LoadCommand): Promise<CommandFacts> {
  const command = await load(name);
  return {
    name,
    summary: FURTHER_COMMANDS.find((known) => known.name === name)?.summary ?? "",
    description: command.description.replaceAll("\n", " "),
    usage: [`rowmill ${command.usage}`],
    options: optionsOf(offeredFlags(command.flags)),
    ...examplesOf(command.examples),
    exitCodes: exitCodes(command.exitCodes ?? EXIT_CODES_HELP),
  };
}

/** Kinds of options whose values add up. */
const REPEATABLE: ReadonlySet<Kind> = new Set([
  "starts",
  "headers",
  "texts",
  "groups",
  "keys",
  "some columns",
  "figures",
  "joins",
  "lookups",
  "emits",
  "pairs",
]);

function optionsOf(flags: readonly Flag<never>[]): OptionFacts[] {
  return flags.map(optionFacts);
}

function optionFacts(flag: Flag<never>): OptionFacts {
  const [option, entry] = entryOf(flag);
  const short = shortName(flag);
  const [, value] = /[<=]([^<>=\]]*(?:=[^<>\]]*)?)[>\]]$/.exec(flag.flags) ?? [];
  const words = wordsOf(flag) ?? (entry === undefined ? [] : wordsOfOption(entry));
  const [, defaultText] = /\(default: (.+?)\)/.exec(flag.help) ?? [];
  const isSet = entry !== undefined && entry.default !== undefined;
  return {
    name: `--${longName(flag)}`,
    ...(short !== undefined && { short: `-${short}` }),
    shown: flag.flags,
    ...(value !== undefined && { value }),
    ...(mayHaveValue(flag) && { isValueOptional: true }),
    type: entry?.kind ?? typeOf(flag) ?? (takesValue(flag) ? "text" : "switch"),
    ...(words.length > 0 && { words }),
    ...(isSet ? { default: entry.default } : defaultText !== undefined && { defaultText }),
    ...(entry !== undefined && isRepeatable(entry) && { isRepeatable: true }),
    group: flag.group,
    meaning: flag.help,
    ...(option !== undefined && entry?.scope !== "line" && { option }),
    ...(entry?.scope === ("module" satisfies Scope) && { isOfModule: true }),
    ...(entry?.stage !== undefined && { isStep: true }),
    ...flagNames("excludes", Object.keys(entry?.excludes ?? {})),
    ...flagNames("needs", Object.keys(entry?.needs ?? {})),
  };
}

function isRepeatable({ kind, stage }: Option): boolean {
  return REPEATABLE.has(kind) && stage === undefined;
}

/** Options by the flags that set them. */
function flagNames(as: "excludes" | "needs", names: readonly string[]): Partial<OptionFacts> {
  const flags = names.flatMap((name) => {
    const entry = OPTION_ENTRIES.find(([known]) => known === name)?.[1];
    return entry?.flag === undefined ? [] : [`--${longName({ flags: entry.flag })}`];
  });
  return flags.length === 0 ? {} : { [as]: flags };
}

/** The entry of the table that a flag comes from; none for `--icsv`, and for what a command has of its own. */
function entryOf({ flags, help }: Flag<never>): [name: string, entry: Option] | [] {
  if (!allFlags().some((flag) => flag.flags === flags && flag.help === help)) return [];
  for (const [name, entry] of OPTION_ENTRIES)
    if (entry.flag === flags || Object.hasOwn(entry.flags ?? {}, flags)) return [name, entry];
  return [];
}

function usageLines(usage: string): string[] {
  const [, calls = ""] = /^Usage: ([^]*)$/.exec(usage) ?? [];
  return calls
    .split(/\n| +or {2}/)
    .map((line) => line.trim())
    .filter((line) => line.startsWith("rowmill"));
}

/** Lines of a shell, and paragraphs behind them. */
function examplesOf(text: string): Pick<CommandFacts, "examples" | "notes"> {
  const [first = "", ...further] = text.split("\n\n");
  const examples = first
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
  return { examples, notes: further.map((paragraph) => paragraph.replaceAll("\n", " ")) };
}

/** `  130  interrupted with Ctrl-C      143  terminated` is two of them. */
function exitCodes(text: string): CommandFacts["exitCodes"] {
  return [...text.matchAll(/(\d+) {2,}(.+?)(?= {3,}\d|\n|$)/g)].map(([, code = "", meaning = ""]) => ({
    code: Number(code),
    meaning,
  }));
}
