/** What a flag is: how it is shown, and what it does to the options of its command. Parsing and help come from this. */
import { UsageError } from "../errors.ts";
import { didYouMean, nearestWord } from "../nearest.ts";

/** One flag of a command with these options. */
export interface Flag<Options> {
  /** As shown: `-j, --jobs <n>`; `--trim[=left]` for a flag whose value may be left out. */
  flags: string;
  help: string;
  /** Under which heading help shows it. */
  group: string;
  /** The help of no command shows it. */
  isEveryday?: boolean;
  /** It is known so that the reason why it is refused can be said: nothing offers it. */
  isRefused?: boolean;
  /** Fills options; `text` is the value, empty for a flag without one. */
  apply: (options: Options, text: string) => void;
}

/** What a flag is found by: its names, as shown. */
export type Named = Pick<Flag<never>, "flags">;

/** Flags of which a line names some. An array is one; others make a flag when it is asked for. */
export interface FlagList<Options> {
  find(isIt: (shown: Named) => boolean): Flag<Options> | undefined;
  map<To>(to: (flag: Flag<Options>) => To): To[];
}

/** The name of a flag without dashes: `jobs`. */
export function longName({ flags }: Named): string {
  const [name = ""] = flags.slice(longNameAt(flags)).split(" ", 1);
  return name.split("[", 1)[0] ?? "";
}

/** Whether a flag has this name: asked of most flags for each word of a line, and so of their text first. */
export function isNamed(flag: Named, name: string): boolean {
  return flag.flags.startsWith(name, longNameAt(flag.flags)) && longName(flag) === name;
}

function longNameAt(flags: string): number {
  return flags.indexOf("--") + 2;
}

/** Its letter: `j`. */
export function shortName({ flags }: Named): string | undefined {
  return flags[2] === "," ? flags[1] : undefined;
}

export function takesValue({ flags }: Named): boolean {
  return flags.endsWith(">");
}

/** Whether a value may stand behind an equals sign, and there alone: a word behind a blank is an operand. */
export function mayHaveValue({ flags }: Named): boolean {
  return flags.endsWith("]");
}

/** What a flag without a value does: set an option to true. */
export function on<Options extends object>(key: keyof Options): Flag<Options>["apply"] {
  return (options) => Object.assign(options, { [key]: true });
}

/** What a flag with a value does: set an option to what it reads. */
export function to<Options extends object>(
  key: keyof Options,
  read: (text: string) => unknown = (text) => text,
): Flag<Options>["apply"] {
  const apply = (options: Options, text: string): void => void Object.assign(options, { [key]: read(text) });
  const { words, type } = read as Partial<Worded>;
  return Object.assign(apply, { words, type });
}

/** What knows the words that it takes, or of which kind what it takes is. */
interface Worded {
  words: readonly string[];
  type?: string;
}

/** Of which kind the value of a flag is, where its reader says so. */
export function typeOf({ apply }: Pick<Flag<never>, "apply">): string | undefined {
  return (apply as Partial<Worded>).type;
}

/** The words that a flag takes, where it takes no others. */
export function wordsOf({ apply }: Pick<Flag<never>, "apply">): readonly string[] | undefined {
  return (apply as Partial<Worded>).words;
}

/** One of some words; `aliases` are other words for them. */
export function oneOf(
  name: string,
  values: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
): ((text: string) => string) & Worded {
  const read = (text: string): string => {
    const word = text.toLowerCase();
    const value = Object.hasOwn(aliases, word) ? (aliases[word] ?? word) : word;
    if (values.includes(value)) return value;
    const near = nearestWord(text, values);
    throw new UsageError(
      `${name} is ${JSON.stringify(text)}, wanted one of ${values.join(", ")}`,
      near === undefined ? undefined : didYouMean(near),
    );
  };
  return Object.assign(read, { words: values, type: "word" });
}

/** A whole number. */
export function count(name: string, least: number, example: number = Math.max(least, 2)): (text: string) => number {
  const read = (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(
      `${name} is ${JSON.stringify(text)}, wanted a whole number from ${least}`,
      `for example: ${name} ${example}`,
    );
  };
  return Object.assign(read, { type: least === 0 ? "number" : "count" });
}

/** The name of a file. */
export function fileName(name: string, example = "out.csv"): (text: string) => string {
  const read = (text: string): string => {
    if (text !== "") return text;
    throw new UsageError(`${name} has an empty name`, `for example: ${name} ${example}`);
  };
  return Object.assign(read, { type: "file" });
}
