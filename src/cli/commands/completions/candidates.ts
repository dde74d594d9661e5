/** What a word of the command line may become: by the tables of flags, and by the header of the input. */
import { statSync } from "node:fs";
import { RowmillError } from "../../../errors.ts";
import { inputPlan } from "../../../pipeline/options.ts";
import { RowSource } from "../../../pipeline/row-source.ts";
import { FIELD_TYPES } from "../../../fields/typed-fields.ts";
import { type Flag, longName, shortName, takesValue, wordsOf } from "../../flag.ts";
import { type CliRunOptions, allFlags } from "../../flags.ts";
import { parseFlags } from "../../parse-flags.ts";
import type { TypedLine } from "./typed-line.ts";

/** What can be said of a word. */
export interface Candidates {
  words: string[];
  /** Names of files fit as well. */
  takesFiles: boolean;
  /** More of the word may follow: no space behind it. */
  isOpen: boolean;
}

/** What is known of the command whose words are typed. */
export interface CommandWords {
  flags: readonly Pick<Flag<object>, "flags" | "apply">[];
  /** Words that may stand for an operand, files apart. */
  operands: readonly string[];
  takesFiles: boolean;
}

const NONE: Candidates = { words: [], takesFiles: false, isOpen: false };
const FILES: Candidates = { ...NONE, takesFiles: true };

/** What the word at the cursor may become. */
export async function candidates(line: TypedLine, { flags, operands, takesFiles }: CommandWords): Promise<Candidates> {
  const { before, current } = line;
  if (before.includes("--")) return FILES;
  const last = before.at(-1) ?? "";
  const valued = flags.find(
    (flag) => takesValue(flag) && (last === `--${longName(flag)}` || last === `-${shortName(flag)}`),
  );
  if (valued !== undefined) return await valueCandidates(valued, current, line);
  const [, name = "", text] = /^--([\w-]+)=(.*)$/s.exec(current) ?? [];
  const assigned = flags.find((flag) => takesValue(flag) && longName(flag) === name);
  if (assigned !== undefined && text !== undefined) {
    const found = await valueCandidates(assigned, text, line);
    return { ...found, words: found.words.map((word) => `--${name}=${word}`) };
  }
  const names = [...flags.map((flag) => `--${longName(flag)}`), "--help", "--version"];
  const words = current.startsWith("-") ? names : operands;
  return { words: starting(current, words), takesFiles: takesFiles && !current.startsWith("-"), isOpen: false };
}

async function valueCandidates(
  flag: CommandWords["flags"][number],
  text: string,
  line: TypedLine,
): Promise<Candidates> {
  const words = wordsOf(flag);
  if (words !== undefined) return { ...NONE, words: starting(text, words) };
  const [, kind] = /<(.*)>$/.exec(flag.flags) ?? [];
  if (kind === "file") return FILES;
  // In a list, the last item is completed.
  const head = kind === "expr" ? text.replace(/[\p{ID_Continue}$]*$/u, "") : text.slice(0, text.lastIndexOf(",") + 1);
  const item = text.slice(head.length);
  const found = async (each: (column: string) => string[]): Promise<Candidates> => {
    const names = (await columnsOf(line)).flatMap(each);
    return { words: starting(item, names).map((name) => head + name), takesFiles: false, isOpen: true };
  };
  const taken = new Set(text.split(",").slice(0, -1));
  if (kind === "a,b,…") return await found((column) => (taken.has(column) || column.includes(",") ? [] : [column]));
  if (kind === "expr")
    return await found((column) => (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(column) ? [column] : []));
  if (kind !== "a=int,…") return NONE;
  return await found((column) =>
    item.startsWith(`${column}=`) ? FIELD_TYPES.map((type) => `${column}=${type}`) : [`${column}=`],
  );
}

function starting(text: string, words: readonly string[]): string[] {
  // A name with a line feed cannot be handed to a shell.
  return words.filter((word) => word.startsWith(text) && !word.includes("\n"));
}

/** The columns of the first input that the line names, read as the line says. */
async function columnsOf({ before, after }: TypedLine): Promise<readonly string[]> {
  try {
    // Without the flag whose value is typed.
    const { options, operands } = parseFlags<CliRunOptions>(allFlags(), [...before.slice(0, -1), ...after], {});
    const input = operands.find(
      (name) => !/\.[cm]?[jt]s$/.test(name) && statSync(name, { throwIfNoEntry: false })?.isFile(),
    );
    if (input === undefined) return [];
    const source = new RowSource([input], inputPlan({ ...options, inputs: [input] }), {});
    try {
      await source.open();
      return source.columns ?? [];
    } finally {
      source.close();
    }
  } catch (error) {
    // A line that is half typed may be wrong in any way; what is wrong is said when it is run.
    if (error instanceof RowmillError || (error instanceof Error && "syscall" in error)) return [];
    throw error;
  }
}
