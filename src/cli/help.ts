/** What --help prints: usage, the flags from their table, examples that run as they stand, and the exit codes. */
import { EXIT_CODES_HELP } from "./exit-codes.ts";
import { type Command, FURTHER_COMMANDS } from "./command.ts";
import type { Flag } from "./flag.ts";
import { allFlags } from "./flags.ts";
import { wrapPage } from "./wrap.ts";

export type CommandName = "rowmill" | "run" | "eval";

/** Those that have no page of their own below `commands/`; `rowmill` is no command. */
export const RUN_COMMANDS: readonly CommandName[] = ["rowmill", "run", "eval"];

const SUMMARY: Record<CommandName, string> = {
  rowmill: "Map a TypeScript function over the rows of a file: in parallel, in order, from one executable.",
  run: "Run the function of a transform module over every row of the inputs.",
  eval: "Run an expression over every row of the inputs.",
};

const INPUTS =
  "       An input is a file, a quoted pattern, a.zip#b.csv, an http(s) or s3 address, or - for standard input (the default).";

const USAGE: Record<CommandName, string> = {
  rowmill: `Usage: rowmill run <transform.ts> [input…]     or  rowmill <transform.ts> [input…]
       rowmill eval <expression> [input…]      or  rowmill -e <expression> [input…]
       rowmill --filter <expression> [input…]  or  rowmill --group-by <columns> --count [input…]`,
  run: `Usage: rowmill run [options] <transform.ts> [input…]\n${INPUTS}`,
  eval: `Usage: rowmill eval [options] <expression> [input…]\n${INPUTS}`,
};

const EXAMPLES: Record<CommandName, string> = {
  rowmill: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill -e '{ name, age: 2017 - born }'
  printf 'a;b\\n1;2\\n' | rowmill -e '{ ...row, c: Number(a) + Number(b) }' --to jsonl
  printf '{"n":1}\\n{"n":2}\\n' | rowmill --ijsonl --filter 'n > 1'
  printf 'city,sales\\nOslo,3\\nRome,5\\nOslo,4\\n' | rowmill --group-by city --sum sales --count

All options: rowmill run --help, rowmill eval --help, rowmill COMMAND --help
By subject:  rowmill help formats, steps, groups, joins, expressions, failed-rows, …: rowmill help topics`,
  run: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' > /tmp/scientists.csv
  echo 'export default ({ name, born }) => ({ name, age: 2017 - born })' > /tmp/age.ts
  rowmill run /tmp/age.ts /tmp/scientists.csv
  rowmill run /tmp/age.ts /tmp/scientists.csv -o /tmp/ages.jsonl

The module's default export gets (row, ctx). It returns an object (a row), an array (many rows) or null (none).
It may also export: schema, output (zod), columns, setup, teardown, options; reduce, which folds all rows; and batch,
in place of the default export, which takes many rows at once.`,
  eval: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill eval '{ name, age: 2017 - born }'
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill eval 'r => r.born > 1800 ? r : null'
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill --filter 'born > 1900' --to json

Names are: row (or r), the columns of the input, i (index from 0), args, and JavaScript's globals.
An object is a row, an array many rows, null none; a function is called with (row, ctx).`,
};

const START = `Start with what you have:  rowmill info FILE        what is in it
                           rowmill init            a transform and sample data to play with
Options and examples:      rowmill --help`;

/** What help says of `run`, `eval` or no command, options and exit codes apart. */
export function helpParts(command: CommandName): { summary: string; usage: string; examples: string } {
  return { summary: SUMMARY[command], usage: USAGE[command], examples: EXAMPLES[command] };
}

/** The help of `run` and `eval`; `rowmill` is that of no command. */
export function helpText(command: CommandName): string {
  if (command !== "rowmill")
    return page([SUMMARY[command], USAGE[command], ...flagGroups(allFlags()), EXAMPLES[command]]);
  const everyday = allFlags().filter(({ isEveryday }) => isEveryday);
  const shown = everyday.map(({ flags, help }) => ({ flags, help, group: "Everyday options" }));
  return page([...overview(), ...flagGroups(shown), EXAMPLES.rowmill]);
}

/** What to say to somebody who has said nothing. */
export function startText(): string {
  return `${[...overview(), START].join("\n\n")}\n`;
}

/** The help of a command beside them. */
export function commandHelp({ usage, description, flags, examples, exitCodes }: Command): string {
  return page([description, `Usage: rowmill ${usage}`, ...flagGroups(flags), examples], exitCodes);
}

/** The help of a program that `rowmill compile` made. */
export function standaloneHelp(
  { name, description }: { name: string; description: string | undefined },
  flags: readonly ShownFlag[],
): string {
  const summary = description === undefined ? [] : [description];
  const examples = `Examples:\n  ${name} FILE.csv\n  ${name} FILE.csv -o OUT.jsonl`;
  return page([...summary, `Usage: ${name} [options] [input…]`, ...flagGroups(flags), examples]);
}

/** Wider lines are broken, also where no terminal says how wide it is. */
const MAX_COLUMNS = 120;

function page(sections: readonly string[], exitCodes: string = EXIT_CODES_HELP): string {
  return wrapPage(`${[...sections, exitCodes].join("\n\n")}\n`, MAX_COLUMNS);
}

/** The flags under their headings, in the order of their table; `--help` and `--version` last. */
function flagGroups(flags: readonly ShownFlag[]): string[] {
  const width = Math.max(...flags.map((flag) => flag.flags.length), 0);
  const groups = [...new Set(flags.map(({ group }) => group))].map((group) => {
    const lines = flags
      .filter((flag) => flag.group === group)
      .map((flag) => `  ${flag.flags.padEnd(width)}  ${flag.help}`);
    return `${group}:\n${lines.join("\n")}`;
  });
  return [...groups, "  -h, --help\n  -V, --version"];
}

type ShownFlag = Pick<Flag<object>, "flags" | "group" | "help">;

function overview(): string[] {
  return [SUMMARY.rowmill, USAGE.rowmill, `Commands:\n${furtherCommands()}`];
}

function furtherCommands(): string {
  const width = Math.max(...FURTHER_COMMANDS.map(({ name }) => name.length));
  return FURTHER_COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join("\n");
}
