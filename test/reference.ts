/**
 * Writes docs/reference.md: `bun test/reference.ts`. Every command, option, export and exit code comes from where the program
 * has it, so that the page cannot say anything else; reference.test.ts holds it against that.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { markdownTable } from "markdown-table";
import { FURTHER_COMMANDS, type Command, type FurtherCommand } from "../src/cli/command.ts";
import { cache } from "../src/cli/commands/cache.ts";
import { add } from "../src/cli/commands/add.ts";
import { check } from "../src/cli/commands/check.ts";
import { merge } from "../src/cli/commands/cluster/merge.ts";
import { plan } from "../src/cli/commands/cluster/plan.ts";
import { shard } from "../src/cli/commands/cluster/shard.ts";
import { status } from "../src/cli/commands/cluster/status.ts";
import { submit } from "../src/cli/commands/cluster/submit.ts";
import { compile } from "../src/cli/commands/compile/command.ts";
import { completions } from "../src/cli/commands/completions/completions.ts";
import { types } from "../src/cli/commands/declarations/command.ts";
import { diff } from "../src/cli/commands/diff.ts";
import { explain } from "../src/cli/commands/explain/command.ts";
import { help as helpCommand } from "../src/cli/commands/help/command.ts";
import { info } from "../src/cli/commands/info.ts";
import { report } from "../src/cli/commands/report.ts";
import { init } from "../src/cli/commands/init.ts";
import { schema } from "../src/cli/commands/schema.ts";
import { upgrade } from "../src/cli/commands/upgrade/command.ts";
import { EXIT_CODES_HELP } from "../src/cli/exit-codes.ts";
import type { Flag } from "../src/cli/flag.ts";
import { allFlags } from "../src/cli/flags.ts";
import type { Scope } from "../src/options/option.ts";
import { OPTION_ENTRIES } from "../src/options/table.ts";
import { type Member, members } from "./declared-members.ts";

export const REFERENCE: string = join(import.meta.dir, "../docs/reference.md");

const COMMANDS: Record<FurtherCommand, Command> = {
  add,
  cache,
  check,
  compile,
  completions: completions((name) => Promise.resolve(COMMANDS[name])),
  diff,
  explain,
  help: helpCommand((name) => Promise.resolve(COMMANDS[name])),
  info,
  init,
  merge,
  plan,
  report,
  schema,
  shard,
  status,
  submit,
  types,
  upgrade,
};

type ShownFlag = Pick<Flag<object>, "flags" | "group" | "help">;

/** The page. */
export function reference(): string {
  const sections = [
    `# Reference

Written by \`bun test/reference.ts\` from the program's own tables; not to be edited. [guide.md](guide.md) goes by task, and the rules are
in [reading.md](reading.md), [expressions.md](expressions.md), [writing.md](writing.md), [runs.md](runs.md) and
[failures.md](failures.md).`,
    `## Commands

${table(
  ["command", "what it does"],
  [
    [
      "rowmill run TRANSFORM.ts [INPUT…]",
      "runs the function of a transform over every row of the inputs; `run` may be left out",
    ],
    [
      "rowmill eval EXPRESSION [INPUT…]",
      "does the same with an expression; `rowmill -e EXPRESSION [INPUT…]` is short for it",
    ],
    [
      "rowmill --filter EXPRESSION [INPUT…]",
      "passes on rows for which it is true; so do `--group-by`, `--count` and other figures",
    ],
    ...FURTHER_COMMANDS.map(({ name }) => [`rowmill ${COMMANDS[name].usage}`, oneLine(COMMANDS[name].description)]),
    ["rowmill version", "the version, as `rowmill --version`"],
  ].map(([command = "", text = ""]) => [code(command), text]),
)}

An input is a file, a quoted pattern, a member of an archive (\`a.zip#b.csv\`), an http(s) or s3 address, or \`-\` for standard input (the default).`,
    `## Options of run and eval

The second column has the name of an option in \`run()\` of the [library](library.md#run); the last one says which of them a transform
may set by \`export const options\`, where the command line does not say anything else.

${groupsOf(allFlags())
  .map((group) => `### ${group}\n\n${optionTable(allFlags().filter((flag) => flag.group === group))}`)
  .join("\n\n")}`,
    `## Options of other commands

All of them take \`--errors json\` as well.

${FURTHER_COMMANDS.flatMap(({ name }) =>
  COMMANDS[name].flags.length === 0 ? [] : [`### rowmill ${name}\n\n${commandOptions(COMMANDS[name].flags)}`],
).join("\n\n")}`,
    `## What a transform exports

${exportTable(members("TransformModule"))}

The context, \`ctx\`, of the function:

${memberTable(members("RowContext"))}

That of \`setup\`, and of \`teardown\`, which has the state as its first parameter:

${memberTable(members("WorkerContext"))}

The parts of \`reduce\`:

${exportTable(members("Reduce"))}

What \`options\` may hold:

${memberTable(members("TransformOptions"))}`,
    `## Exit codes

${table(["code", "meaning"], exitCodes())}

Those of \`rowmill diff\` are 0 nothing differs, 1 something does, 2 trouble of any kind.

The codes of failures are in [failures.md](failures.md#why-a-run-fails).`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function groupsOf(flags: readonly ShownFlag[]): string[] {
  return [...new Set(flags.map(({ group }) => group))];
}

function optionTable(flags: readonly ShownFlag[]): string {
  const rows = flags.map((flag) => {
    const [name = "", scope] = entryOf(flag) ?? [];
    return [
      code(flag.flags),
      scope === "line" || name === "" ? "" : code(name),
      cell(flag.help),
      scope === "module" ? "yes" : "",
    ];
  });
  return table(["option", "in `run()`", "meaning", "in a transform"], rows);
}

/** The name and the scope of the option that a flag sets; undefined for short forms such as `--icsv`. */
function entryOf({ flags }: ShownFlag): [name: string, scope: Scope] | undefined {
  for (const [name, { flag, flags: several = {}, scope, kind }] of OPTION_ENTRIES)
    if (kind !== "nothing" && (flag === flags || Object.hasOwn(several, flags))) return [name, scope];
  return undefined;
}

/** Options of a command; those that it shares with `run` are not said again. */
function commandOptions(flags: readonly ShownFlag[]): string {
  const shared = new Set(allFlags().map(({ flags: shown, help }) => `${shown} ${help}`));
  const own = flags.filter(({ flags: shown, help }) => !shared.has(`${shown} ${help}`));
  const groups = groupsOf(flags.filter((flag) => !own.includes(flag)));
  const links = groups.map((group) => `[${group}](#${group.toLowerCase().replaceAll(" ", "-")})`);
  const paragraphs = own.length === 0 ? [] : [flagTable(own)];
  if (links.length > 0) paragraphs.push(`It takes options of ${links.join(" and ")} as well.`);
  return paragraphs.join("\n\n");
}

function flagTable(flags: readonly ShownFlag[]): string {
  return table(
    ["option", "meaning"],
    flags.map((flag) => [code(flag.flags), cell(flag.help)]),
  );
}

function exportTable(list: readonly Member[]): string {
  return table(
    ["export", "meaning"],
    list.map(({ name, text }) => [code(name), cell(text)]),
  );
}

function memberTable(list: readonly Member[]): string {
  return table(
    ["name", "type", "meaning"],
    list.map(({ name, type, text }) => [code(name), code(type), cell(text)]),
  );
}

/** `  130  interrupted with Ctrl-C      143  terminated` is two of them. */
function exitCodes(): string[][] {
  return [...EXIT_CODES_HELP.matchAll(/(\d+) {2,}(.+?)(?= {3,}\d|\n|$)/g)].map(([, exit = "", text = ""]) => [
    exit,
    text,
  ]);
}

function oneLine(text: string): string {
  return cell(text.replaceAll(/\s*\n\s*/g, " "));
}

/** Text for a cell: what Markdown would take for its own is escaped, outside of code. */
function cell(text: string): string {
  const pieces = text
    .split("`")
    .map((piece, at) => piece.replaceAll(at % 2 === 0 ? /[|<*]/g : /[|]/g, String.raw`\$&`));
  return pieces.join("`");
}

function code(text: string): string {
  return `\`${text.replaceAll("|", String.raw`\|`)}\``;
}

function table(head: string[], rows: string[][]): string {
  return markdownTable([head, ...rows], { stringLength: Bun.stringWidth });
}

if (import.meta.main) writeFileSync(REFERENCE, reference());
