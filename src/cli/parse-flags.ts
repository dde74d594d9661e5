/** Cuts argv into flags and operands, by a table of flags. */
import { existsSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { placed } from "../io/start-folder.ts";
import { didYouMean, nearestWord } from "../nearest.ts";
import { foreignFlag } from "./foreign-flags.ts";
import { foreignWord } from "./foreign-words.ts";
import {
  type Flag,
  type FlagList,
  type Named,
  isNamed,
  longName,
  mayHaveValue,
  shortName,
  takesValue,
  wordsOf,
} from "./flag.ts";

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
  flags: FlagList<Options>,
  argv: readonly string[],
  options: Options,
): ParsedLine<Options> {
  const operands: string[] = [];
  let before: Flag<Options> | undefined;
  for (const token of tokensOf(argv, flags)) {
    if (token.kind === "positional") {
      if (before !== undefined) refuseWord(before, token.value);
      operands.push(token.value);
    }
    before = undefined;
    if (token.kind === "positional") continue;
    if (token.name === "help" || token.rawName === "-h") return { options, operands, asksFor: "help" };
    if (token.name === "version" || token.rawName === "-V") return { options, operands, asksFor: "version" };
    const flag = flags.find((one) => isNamed(one, token.name));
    if (flag === undefined) throw unknownFlag(token.rawName, flags);
    apply(flag, token, options);
    if (mayHaveValue(flag) && token.value === undefined) before = flag;
  }
  return { options, operands, asksFor: undefined };
}

/** One word of a command line, or a part of one. */
export type Token =
  | { kind: "positional"; value: string }
  | {
      kind: "option";
      /** Its long name, or what stands there where no flag has that name. */
      name: string;
      /** As it was written, without a value. */
      rawName: string;
      value: string | undefined;
    };

/**
 * The words of a command line as `util.parseArgs` of Node.js cuts them when it is not strict (a test compares the two):
 * that module takes the runtime a millisecond to load, at every start. What is unknown, or lacks its value, is a token too.
 */
export function* tokensOf(
  argv: readonly string[],
  flags: { find: (isIt: (shown: Named) => boolean) => Named | undefined },
): Generator<Token> {
  const named = (name: string): Named | undefined => flags.find((flag) => isNamed(flag, name));
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") {
      for (const value of words) yield { kind: "positional", value };
      return;
    }
    if (word.length < 2 || !word.startsWith("-")) {
      yield { kind: "positional", value: word };
      continue;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=", 3);
      const rawName = word.slice(0, equals < 0 ? undefined : equals);
      const name = rawName.slice(2);
      const behind = (): string | undefined => (valueFollows(named(name)) ? words.shift() : undefined);
      yield { kind: "option", name, rawName, value: equals < 0 ? behind() : word.slice(equals + 1) };
      continue;
    }
    // `-nqd;` is `-n -q -d ";"`: the first letter that takes a value has the rest of the word.
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at);
      const flag = flags.find((one) => shortName(one) === letter) ?? named(letter);
      const name = flag === undefined ? letter : longName(flag);
      if (!valueFollows(flag)) {
        yield { kind: "option", name, rawName: `-${letter}`, value: undefined };
        continue;
      }
      const rest = word.slice(at + 1);
      yield { kind: "option", name, rawName: `-${letter}`, value: rest === "" ? words.shift() : rest };
      break;
    }
  }
}

function valueFollows(flag: Named | undefined): boolean {
  return flag !== undefined && takesValue(flag);
}

function unknownFlag(rawName: string, flags: Pick<FlagList<never>, "map">): UsageError {
  const known = flags.map((flag) => `--${longName(flag)}`);
  const foreign = foreignFlag(rawName) ?? (rawName.startsWith("--") ? foreignWord(rawName.slice(2)) : undefined);
  if (foreign !== undefined) return new UsageError(`unknown option ${rawName}`, foreign);
  const near = nearestWord(rawName, [...known, "--help", "--version"]);
  return new UsageError(
    `unknown option ${rawName}`,
    near === undefined ? "--help behind the command lists its options" : didYouMean(near),
  );
}

/**
 * A word behind a flag whose value may be left out is an operand. One that could be the value was meant for the flag, and
 * so was a plain word that no file is called: `--trim right`.
 */
function refuseWord<Options>(flag: Flag<Options>, word: string): void {
  const words = wordsOf(flag) ?? [];
  const name = `--${longName(flag)}`;
  if (words.includes(word)) {
    throw new UsageError(`${name} takes its value behind an equals sign`, `${name}=${word}, or ./${word} for a file`);
  }
  if (words.length === 0 && /^\w+(?:,\w+)*$/.test(word) && !existsSync(placed(word))) {
    throw new UsageError(
      `${name} takes its value behind an equals sign, and there is no file ${JSON.stringify(word)}`,
      `${name}=${word}`,
    );
  }
  if (words.length === 0 || !/^[a-z]+$/i.test(word) || existsSync(placed(word))) return;
  const values = words.map((value) => `${name}=${value}`).join(" or ");
  throw new UsageError(`${name} has no value ${JSON.stringify(word)}, and there is no such file`, values);
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
