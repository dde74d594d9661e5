/**
 * From argv to what is to be done. commander parses; which command a line means (`rowmill x.ts` is `rowmill run x.ts`)
 * is decided here.
 */
import { extname } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { UsageError } from "../errors.ts";
import type { RunOptions } from "../pipeline/options.ts";
import { type CliOptions, FLAGS, type FlagGroup } from "./flags.ts";
import { EXIT_CODES_HELP } from "./exit-codes.ts";
import { VERSION } from "./version.ts";

/** What a command line asks for. */
export type Request =
  | { kind: "run"; options: RunOptions & CliOptions }
  /** Text that was asked for. */
  | { kind: "print"; text: string };

type CommandName = "rowmill" | "run" | "eval";

const DATA_EXTENSIONS = new Set([".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".txt"]);

const SUMMARY: Record<CommandName, string> = {
  rowmill: "Map a TypeScript function over the rows of a file: in parallel, in order, from one executable.",
  run: "Run the function of a transform module over every row of the inputs.",
  eval: "Run an expression over every row of the inputs.",
};

const USAGE: Record<CommandName, string> = {
  rowmill: `run <transform.ts> [input…]     or  rowmill <transform.ts> [input…]
       rowmill eval <expression> [input…]      or  rowmill -e <expression> [input…]
       rowmill --filter <expression> [input…]`,
  run: "[options] <transform.ts> [input…]",
  eval: "[options] <expression> [input…]",
};

const EXAMPLES: Record<CommandName, string> = {
  rowmill: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill -e '{ name, age: 2017 - born }'
  printf 'a;b\\n1;2\\n' | rowmill -e '{ ...row, c: Number(a) + Number(b) }' --to jsonl
  printf '{"n":1}\\n{"n":2}\\n' | rowmill --ijsonl --filter 'n > 1'

More: rowmill run --help, rowmill eval --help`,
  run: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' > /tmp/scientists.csv
  echo 'export default ({ name, born }) => ({ name, age: 2017 - born })' > /tmp/age.ts
  rowmill run /tmp/age.ts /tmp/scientists.csv
  rowmill run /tmp/age.ts /tmp/scientists.csv -o /tmp/ages.jsonl

The module's default export gets (row, ctx). It returns an object (a row), an array (many rows) or null (none).
It may also export: schema, output (zod), columns, setup, teardown, options.`,
  eval: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill eval '{ name, age: 2017 - born }'
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill eval 'r => r.born > 1800 ? r : null'
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill --filter 'born > 1900' --to json

Names are: row (or r), the columns of the input, i (index from 0), args, and JavaScript's globals.
An object is a row, an array many rows, null none; a function is called with (row, ctx).`,
};

/**
 * Reads a command line.
 *
 * @throws {UsageError} When it is wrong.
 */
export function readCommandLine(argv: readonly string[]): Request {
  const [first] = argv;
  if (first === undefined)
    throw new UsageError("nothing to do: give a transform or an expression", "rowmill --help shows how");
  if (first === "-V" || first === "--version") return { kind: "print", text: `rowmill ${VERSION}\n` };
  if (first === "help") return { kind: "print", text: command(commandName(argv[1]) ?? "rowmill").helpInformation() };
  const name = commandName(first) ?? "rowmill";
  return parse(name, name === "rowmill" ? argv : argv.slice(1));
}

function commandName(word: string | undefined): CommandName | undefined {
  return word === "run" || word === "eval" ? word : undefined;
}

function parse(name: CommandName, argv: readonly string[]): Request {
  const options: RunOptions & CliOptions = {};
  const program = command(name, options);
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === "commander.helpDisplayed") return { kind: "print", text: program.helpInformation() };
      throw usageError(error);
    }
    throw error;
  }
  return { kind: "run", options: assignOperands(name, options, program.args) };
}

function command(name: CommandName, options: RunOptions & CliOptions = {}): Command {
  const program = new Command(name === "rowmill" ? name : `rowmill ${name}`)
    .usage(USAGE[name])
    .description(SUMMARY[name])
    .argument("[operands...]")
    .helpOption("-h, --help", "show this")
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .configureHelp({ visibleArguments: () => [], helpWidth: process.stdout.columns ?? 100 })
    .addHelpText("after", `\n${EXAMPLES[name]}\n\n${EXIT_CODES_HELP}`);
  if (name !== "run") {
    const expression = new Option("-e, --expression <expr>", "the expression to run over every row").helpGroup("Rows:");
    program.addOption(expression.argParser((text: string) => Object.assign(options, { expression: text })));
  }
  for (const flag of FLAGS)
    program.addOption(commanderOption(flag.flags, flag.help, flag.group, (text) => flag.apply(options, text)));
  return program;
}

function commanderOption(
  flags: string,
  help: string,
  group: FlagGroup,
  apply: (text: string | undefined) => void,
): Option {
  const option = new Option(flags, help).helpGroup(`${group}:`);
  // Flags fill the options themselves, as they come: commander's own store is not read.
  if (option.required) return option.argParser((text: string) => apply(text));
  option.negate = false;
  return option;
}

/** The part of an operand list that is a transform or an expression goes where it belongs; the rest are inputs. */
function assignOperands(
  name: CommandName,
  options: RunOptions & CliOptions,
  operands: readonly string[],
): RunOptions & CliOptions {
  const [first, ...rest] = operands;
  if (options.expression !== undefined) return { ...options, inputs: [...operands] };
  if (name !== "run" && options.filter !== undefined && !isTransformPath(first))
    return { ...options, inputs: [...operands] };
  if (first === undefined) {
    throw name === "eval"
      ? new UsageError("there is no expression", "rowmill eval '{ name }' FILE")
      : new UsageError("there is no transform", "rowmill run TRANSFORM.ts FILE, or rowmill -e EXPRESSION FILE");
  }
  if (name === "eval") return { ...options, expression: first, inputs: rest };
  if (DATA_EXTENSIONS.has(extname(first).toLowerCase())) {
    throw new UsageError(
      `${first} is data, not a transform`,
      `rowmill TRANSFORM.ts ${first}, or rowmill -e EXPRESSION ${first}`,
    );
  }
  return { ...options, transform: first, inputs: rest };
}

function isTransformPath(operand: string | undefined): boolean {
  return operand !== undefined && /\.[cm]?[jt]sx?$/.test(operand);
}

function usageError(error: CommanderError): UsageError {
  const [message = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion?.match(/Did you mean (.*)\?/)?.[1];
  return new UsageError(message, hint === undefined ? "rowmill --help lists the options" : `did you mean ${hint}?`);
}
