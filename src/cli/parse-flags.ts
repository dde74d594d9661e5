/** Cuts argv into flags and operands, by a table of flags. The runtime's own `util.parseArgs` does the cutting. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { UsageError } from "../errors.ts";
import { nearestWord } from "../nearest.ts";
import { foreignFlag } from "./foreign-flags.ts";
import { foreignWord } from "./foreign-words.ts";
import { type Flag, longName, mayHaveValue, shortName, takesValue, wordsOf } from "./flag.ts";

/** What a command line says. */
export interface ParsedLine<Options> {
  options: Options;
  operands: string[];
  /** Set where help or the version is asked for, whatever else the line says. */
  asksFor: "help" | "version" | undefined;
}

/**
 * Reads the words behind a command.
 *
 * @throws {UsageError} When a flag is unknown, or its value is wrong or missing.
 */
export function parseFlags<Options extends object>(
  flags: readonly Flag<Options>[],
  argv: readonly string[],
  options: Options,
): ParsedLine<Options> {
  // Not strict: what is unknown or lacks its value is found below, with a suggestion.
  const { tokens } = parseArgs({
    args: argv,
    options: parserOptions(flags),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const byName = new Map(flags.map((flag) => [longName(flag), flag]));
  const operands: string[] = [];
  let before: Flag<Options> | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (before !== undefined) refuseWord(before, token.value);
      operands.push(token.value);
    }
    before = undefined;
    if (token.kind !== "option") continue;
    if (token.name === "help" || token.rawName === "-h") return { options, operands, asksFor: "help" };
    if (token.name === "version" || token.rawName === "-V") return { options, operands, asksFor: "version" };
    const flag = byName.get(token.name);
    if (flag === undefined) throw unknownFlag(token.rawName, flags);
    apply(flag, token, options);
    if (mayHaveValue(flag) && token.value === undefined) before = flag;
  }
  return { options, operands, asksFor: undefined };
}

function parserOptions(flags: readonly { flags: string }[]): ParseArgsOptionsConfig {
  return Object.fromEntries(
    flags.map((flag) => {
      const short = shortName(flag);
      return [longName(flag), { type: takesValue(flag) ? "string" : "boolean", ...(short !== undefined && { short }) }];
    }),
  );
}

function unknownFlag(rawName: string, flags: readonly { flags: string }[]): UsageError {
  const known = flags.map((flag) => `--${longName(flag)}`);
  const foreign = foreignFlag(rawName) ?? (rawName.startsWith("--") ? foreignWord(rawName.slice(2)) : undefined);
  if (foreign !== undefined) return new UsageError(`unknown option ${rawName}`, foreign);
  const near = nearestWord(rawName, [...known, "--help", "--version"]);
  return new UsageError(
    `unknown option ${rawName}`,
    near === undefined ? "--help behind the command lists its options" : `did you mean ${near}?`,
  );
}

/** A word that a flag takes behind an equals sign, as an operand behind it, is meant for the flag. */
function refuseWord<Options>(flag: Flag<Options>, word: string): void {
  if (wordsOf(flag)?.includes(word) !== true) return;
  const name = `--${longName(flag)}`;
  throw new UsageError(`${name} takes its value behind an equals sign`, `${name}=${word}, or ./${word} for a file`);
}

function apply<Options>(
  flag: Flag<Options>,
  { rawName, value }: { rawName: string; value?: string | undefined },
  options: Options,
): void {
  if (takesValue(flag) && value === undefined) throw new UsageError(`${rawName} needs a value`, flag.flags);
  if (!takesValue(flag) && !mayHaveValue(flag) && value !== undefined) {
    throw new UsageError(`${rawName} takes no value`, `write ${rawName} alone`);
  }
  flag.apply(options, value ?? "");
}
