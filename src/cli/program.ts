/**
 * From argv to what is to be done: which command a line means (`rowmill x.ts` is `rowmill run x.ts`), and which of its
 * operands is a transform, an expression or an input.
 */
import { extname } from "node:path";
import { UsageError } from "../errors.ts";
import { compressionByName } from "../io/compression.ts";
import { didYouMean, nearestWord } from "../nearest.ts";
import { groupingOf } from "../stages/grouping/grouping.ts";
import { stepsOf } from "../pipeline/options.ts";
import { formatByName } from "../pipeline/told-format.ts";
import { VERSION } from "../version.ts";
import { type FurtherCommand, isFurtherCommand, FURTHER_COMMANDS } from "./command.ts";
import { type CliRunOptions, RUN_FLAGS } from "./flags.ts";
import { foreignWord } from "./foreign-words.ts";
import type { CommandName } from "./help.ts";
import { parseFlags } from "./parse-flags.ts";

/** What a command line asks for. */
export type Request =
  | { kind: "run"; options: CliRunOptions }
  /** A command beside `run` and `eval`, with the words behind it. */
  | { kind: "command"; name: FurtherCommand; argv: string[] }
  /** The help of `run`, of `eval`, or of no command. */
  | { kind: "help"; topic: CommandName }
  /** Text that was asked for. */
  | { kind: "print"; text: string }
  /** Nothing was said. */
  | { kind: "start" };

/**
 * Reads a command line.
 *
 * @throws {UsageError} When it is wrong.
 */
export function readCommandLine(argv: readonly string[]): Request {
  const [first, ...rest] = argv;
  if (first === undefined) return { kind: "start" };
  if (first === "version") return versionText();
  if (isFurtherCommand(first)) return { kind: "command", name: first, argv: rest };
  const name = commandName(first) ?? "rowmill";
  // The words behind it are those of another tool, too.
  if (name === "rowmill" && /^[a-z]/i.test(first) && foreignWord(first) !== undefined) throw notAWord(first);
  return parse(name, name === "rowmill" ? argv : rest);
}

function versionText(): Request {
  return { kind: "print", text: `rowmill ${VERSION}\n` };
}

const COMMANDS: readonly Exclude<CommandName, "rowmill">[] = ["run", "eval"];

function commandName(word: string | undefined): CommandName | undefined {
  return COMMANDS.find((known) => known === word);
}

function parse(name: CommandName, argv: readonly string[]): Request {
  const { options, operands, asksFor } = parseFlags<CliRunOptions>(RUN_FLAGS, argv, {});
  if (asksFor === "help") return { kind: "help", topic: topicOf(name, options, operands) };
  if (asksFor === "version") return versionText();
  return { kind: "run", options: assignOperands(...commandOf(name, options, operands)) };
}

/** `rowmill x.ts --help` asks about `run`. */
function topicOf(name: CommandName, { expression }: CliRunOptions, operands: readonly string[]): CommandName {
  if (name !== "rowmill") return name;
  if (expression !== undefined) return "eval";
  return operands.length > 0 ? "run" : name;
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

/** The operand that is a transform or an expression goes where it belongs; the rest are inputs. */
export function assignOperands(name: CommandName, options: CliRunOptions, operands: readonly string[]): CliRunOptions {
  const [first, ...rest] = operands;
  if (options.expression !== undefined) return { ...options, inputs: [...operands] };
  if (isExpressionOptional(options) && isInput(name, first)) return { ...options, inputs: [...operands] };
  if (first === undefined) {
    throw name === "eval"
      ? new UsageError("there is no expression", "rowmill eval '{ name }' FILE")
      : new UsageError("there is no transform", "rowmill run TRANSFORM.ts FILE, or rowmill -e EXPRESSION FILE");
  }
  if (name === "eval") return { ...options, expression: first, inputs: rest };
  if (isDataPath(first)) {
    throw new UsageError(
      `${first} is data, not a transform`,
      `rowmill TRANSFORM.ts ${first}, or rowmill -e EXPRESSION ${first}`,
    );
  }
  if (first === "") throw new UsageError("the transform has an empty name", "a variable of the shell may be empty");
  if (name === "rowmill" && !isTransformPath(first)) throw notAWord(first);
  return { ...options, transform: first, inputs: rest };
}

/** What is to be done with the rows is said without an expression. */
function isExpressionOptional(options: CliRunOptions): boolean {
  return [
    options.filter,
    groupingOf(options),
    stepsOf(options)[0],
    options.by,
    options.join,
    options.union,
    options.splitBy,
  ].some((asked) => asked !== undefined);
}

/** `row`, `{ a, b }`, `(r) => r` */
const LOOKS_LIKE_CODE = /^\s*(?:row\s*$|[{([])|=>/;

/** Whether the first operand is an input, where it need not be a transform or an expression. */
function isInput(name: CommandName, first: string | undefined): boolean {
  if (name === "eval") return first === undefined || !LOOKS_LIKE_CODE.test(first) || isDataPath(first);
  return name === "run" ? first === undefined || isDataPath(first) : !isTransformPath(first);
}

/** The first word is no command, and does not look like a transform either. */
function notAWord(word: string): UsageError {
  const foreign = foreignWord(word);
  if (foreign !== undefined) return new UsageError(`${JSON.stringify(word)} is no command of Rowmill's`, foreign);
  const near = nearestWord(word, [...COMMANDS, "version", ...FURTHER_COMMANDS.map(({ name }) => name)]);
  return new UsageError(
    `${JSON.stringify(word)} is no command and no transform file`,
    near === undefined
      ? "rowmill run TRANSFORM FILE, or for an expression: rowmill -e EXPRESSION FILE"
      : didYouMean(near),
  );
}

function isDataPath(operand: string): boolean {
  return (
    formatByName(operand) !== undefined ||
    compressionByName(operand) !== undefined ||
    extname(operand).toLowerCase() === ".txt"
  );
}

function isTransformPath(operand: string | undefined): boolean {
  return operand !== undefined && /\.[cm]?[jt]sx?$/.test(operand);
}
