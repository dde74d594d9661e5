/** `rowmill completions`: the script that makes a shell complete command lines, and the answers that it asks for. */
import { UsageError } from "../../../errors.ts";
import { didYouMean, nearest } from "../../../nearest.ts";
import { type Command, FURTHER_COMMANDS, type FurtherCommand, isFurtherCommand } from "../../command.ts";
import { offeredFlags } from "../../common-flags.ts";
import { EXIT } from "../../exit-codes.ts";
import { allFlags } from "../../flags.ts";
import { print } from "../../terminal.ts";
import { type CommandWords, candidates } from "./candidates.ts";
import { SCRIPTS } from "./scripts.ts";
import { typedLine } from "./typed-line.ts";

const SHELLS: readonly string[] = Object.keys(SCRIPTS);

/** The command; `load` brings the others, whose flags are completed too. */
export function completions(load: (name: FurtherCommand) => Promise<Command>): Command {
  return {
    usage: `completions <${SHELLS.join("|")}>`,
    description:
      "Print the script that makes a shell complete commands, options, their values, files and the columns of the input.",
    flags: [],
    examples: `Examples:
  rowmill completions bash > /tmp/rowmill.bash
  rowmill completions zsh > /tmp/rowmill.zsh
  rowmill completions fish > /tmp/rowmill.fish
  rowmill completions powershell > /tmp/rowmill.ps1`,
    async carryOut(_, operands) {
      const [shell, ...words] = operands;
      // What the scripts ask.
      const text = shell === "candidates" ? await answer(words, load) : SCRIPTS[shell ?? ""];
      if (text === undefined) throw noShell(shell);
      await print(text);
      return EXIT.done;
    },
  };
}

function noShell(shell: string | undefined): UsageError {
  const near = shell === undefined ? undefined : nearest(shell, SHELLS);
  return new UsageError(
    shell === undefined ? "there is no shell" : `${JSON.stringify(shell)} is no shell that is known`,
    near === undefined ? `rowmill completions ${SHELLS.join("|")}` : didYouMean(near),
  );
}

/**
 * Characters that end a word for bash (COMP_WORDBREAKS): a completion replaces only what stands behind the last of
 * them.
 */
const BASH_BREAKS = /^.*[=:@<>;|&(]/s;

/** A line that says what the words are, then the words. */
async function answer([shell, left = "", right = ""]: readonly string[], load: Loader): Promise<string> {
  const line = typedLine(left, right);
  const found = await candidates(line, await commandWords(line.before, load));
  const kind = `${found.takesFiles ? "files" : ""} ${found.isOpen ? "open" : ""}`.trim();
  const done = shell === "bash" && line.quote === "" ? (BASH_BREAKS.exec(line.current)?.[0].length ?? 0) : 0;
  const words = found.words.map((word) => asTyped(word.slice(done), shell, line.quote));
  return [kind, ...words].map((text) => `${text}\n`).join("");
}

/** A word as these shells put it into the line; zsh and fish quote by themselves. Behind an open quote it stands as it is. */
function asTyped(word: string, shell: string | undefined, quote: string): string {
  if (quote !== "" || !/[^\p{L}\p{N}_@%+=:,./-]/u.test(word)) return word;
  if (shell === "bash") return word.replaceAll(/[^\p{L}\p{N}_@%+=:,./-]/gu, String.raw`\$&`);
  return shell === "powershell" ? `'${word.replaceAll("'", "''")}'` : word;
}

type Loader = (name: FurtherCommand) => Promise<Command>;

/** What may follow these words. */
async function commandWords([first]: readonly string[], load: Loader): Promise<CommandWords> {
  if (first === "completions") return { flags: [], operands: SHELLS, takesFiles: false };
  if (first === "help" || first === "explain") return await wordsOfHelp(first, load);
  if (first !== undefined && isFurtherCommand(first)) {
    return { flags: offeredFlags((await load(first)).flags), operands: [], takesFiles: true };
  }
  const names = ["run", "eval", ...FURTHER_COMMANDS.map(({ name }) => name), "version"];
  return { flags: allFlags(), operands: first === undefined ? names : [], takesFiles: true };
}

/** Commands and topics, or codes. */
async function wordsOfHelp(name: "help" | "explain", load: Loader): Promise<CommandWords> {
  const flags = offeredFlags((await load(name)).flags);
  if (name === "explain") {
    const { CODES } = await import("../explain/codes.ts");
    return { flags, operands: Object.keys(CODES), takesFiles: false };
  }
  const { TOPICS } = await import("../help/topics.ts");
  const names = ["run", "eval", ...FURTHER_COMMANDS.map(({ name: command }) => command), "topics"];
  return { flags, operands: [...names, ...Object.keys(TOPICS)], takesFiles: false };
}
