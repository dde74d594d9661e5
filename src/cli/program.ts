/**
 * From argv to what is to be done. `util.parseArgs` of the runtime cuts argv into flags and operands; which command a
 * line means (`rowmill x.ts` is `rowmill run x.ts`) and what a flag does is decided here and in flags.ts.
 */
import { extname } from "node:path";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { UsageError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { type CliRunOptions, FLAGS, type Flag, longName, shortName, takesValue } from "./flags.ts";
import { type CommandName, helpText } from "./help.ts";
import { VERSION } from "../version.ts";

/** What a command line asks for. */
export type Request =
  | { kind: "run"; options: CliRunOptions }
  /** Text that was asked for. */
  | { kind: "print"; text: string };

const DATA_EXTENSIONS = new Set([".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".txt"]);

/**
 * Reads a command line.
 *
 * @throws {UsageError} When it is wrong.
 */
export function readCommandLine(argv: readonly string[]): Request {
  const [first] = argv;
  if (first === undefined)
    throw new UsageError("nothing to do", "give a transform or an expression: rowmill --help shows how");
  if (first === "help") return { kind: "print", text: helpText(commandName(argv[1]) ?? "rowmill") };
  const name = commandName(first) ?? "rowmill";
  return parse(name, name === "rowmill" ? argv : argv.slice(1));
}

const COMMANDS: readonly Exclude<CommandName, "rowmill">[] = ["run", "eval"];

function commandName(word: string | undefined): CommandName | undefined {
  return COMMANDS.find((known) => known === word);
}

const BY_NAME: ReadonlyMap<string, Flag> = new Map(FLAGS.map((flag) => [longName(flag), flag]));

function parse(name: CommandName, argv: readonly string[]): Request {
  // Not strict: what is unknown or lacks its value is found below, with a suggestion.
  const { tokens } = parseArgs({
    args: argv,
    options: parserOptions(),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: CliRunOptions = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    if (token.name === "help" || token.rawName === "-h") return { kind: "print", text: helpText(name) };
    if (token.name === "version" || token.rawName === "-V") return { kind: "print", text: `rowmill ${VERSION}\n` };
    applyFlag(token.rawName, BY_NAME.get(token.name), token.value, options);
  }
  return { kind: "run", options: assignOperands(...commandOf(name, options, operands)) };
}

/** A command may also stand behind options: `rowmill --to json run x.ts`. */
function commandOf(
  name: CommandName,
  options: CliRunOptions,
  operands: string[],
): [CommandName, CliRunOptions, readonly string[]] {
  const later = name === "rowmill" && options.expression === undefined ? commandName(operands[0]) : undefined;
  return later === undefined ? [name, options, operands] : [later, options, operands.slice(1)];
}

function parserOptions(): ParseArgsOptionsConfig {
  return Object.fromEntries(
    FLAGS.map((flag) => {
      const short = shortName(flag);
      return [longName(flag), { type: takesValue(flag) ? "string" : "boolean", ...(short !== undefined && { short }) }];
    }),
  );
}

function applyFlag(rawName: string, flag: Flag | undefined, value: string | undefined, options: CliRunOptions): void {
  if (flag === undefined) {
    const candidates = FLAGS.flatMap((known) => [`--${longName(known)}`]);
    const near = nearest(rawName, [...candidates, "--help", "--version"]);
    throw new UsageError(
      `unknown option ${rawName}`,
      near === undefined ? "rowmill --help lists the options" : `did you mean ${near}?`,
    );
  }
  if (takesValue(flag) && value === undefined) throw new UsageError(`${rawName} needs a value`, flag.flags);
  if (!takesValue(flag) && value !== undefined)
    throw new UsageError(`${rawName} takes no value`, `write ${rawName} alone`);
  flag.apply(options, value ?? "");
}

/** The operand that is a transform or an expression goes where it belongs; the rest are inputs. */
function assignOperands(name: CommandName, options: CliRunOptions, operands: readonly string[]): CliRunOptions {
  const [first, ...rest] = operands;
  if (options.expression !== undefined) return { ...options, inputs: [...operands] };
  const isOptional = name === "rowmill" ? !isTransformPath(first) : name === "eval";
  if (options.filter !== undefined && isOptional) return { ...options, inputs: [...operands] };
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
  if (name === "rowmill" && !isTransformPath(first)) throw notAWord(first);
  return { ...options, transform: first, inputs: rest };
}

/** The first word is no command, and does not look like a transform either. */
function notAWord(word: string): UsageError {
  const near = nearest(word, COMMANDS);
  return new UsageError(
    `${JSON.stringify(word)} is no command and no transform file`,
    near === undefined
      ? "rowmill run TRANSFORM FILE, or for an expression: rowmill -e EXPRESSION FILE"
      : `did you mean ${near}?`,
  );
}

function isTransformPath(operand: string | undefined): boolean {
  return operand !== undefined && /\.[cm]?[jt]sx?$/.test(operand);
}
