/** `rowmill help`: a command or a topic, for people, for programs, and as a man page. */
import { UsageError } from "../../../errors.ts";
import { didYouMean, nearestWord } from "../../../nearest.ts";
import { VERSION } from "../../../version.ts";
import { type Command, FURTHER_COMMANDS, isFurtherCommand } from "../../command.ts";
import { offeredFlags } from "../../common-flags.ts";
import { EXIT } from "../../exit-codes.ts";
import { on } from "../../flag.ts";
import { foreignWord } from "../../foreign-words.ts";
import { type CommandName, RUN_COMMANDS, commandHelp, helpText } from "../../help.ts";
import { print, printPage } from "../../terminal.ts";
import type { CommandFacts, LoadCommand } from "./command-facts.ts";

interface HelpOptions {
  json?: boolean;
  man?: boolean;
}

/** @param load Brings the other commands. */
export function help(load: LoadCommand): Command<HelpOptions> {
  return {
    usage: "help [options] [command | topic]",
    description: `Say what there is to know of a command or of a topic: rowmill help topics lists these.`,
    flags: [
      {
        flags: "--json",
        help: "of one command, or of all: options, types, defaults, examples, exit codes, as JSON",
        group: "Output",
        apply: on("json"),
      },
      {
        flags: "--man",
        help: "the man page of a command, or that of rowmill, as groff and mandoc read it",
        group: "Output",
        apply: on("man"),
      },
    ],
    examples: `Examples:
  rowmill help diff
  rowmill help formats
  rowmill help --json > /tmp/rowmill.json
  rowmill help --man diff > /tmp/rowmill-diff.1`,
    async carryOut({ json, man }, operands) {
      const [word = "", ...others] = operands;
      if (others.length > 0)
        throw new UsageError("help is about one command or topic", "rowmill help topics lists all");
      if (json === true && man === true) throw new UsageError("there is --json and --man", "give one of them");
      if (json === true) await print(await forPrograms(word, load));
      else if (man === true) await print(await asManPage(word, load));
      else await printPage(await forPeople(word, load));
      return EXIT.done;
    },
  };
}

async function forPeople(word: string, load: LoadCommand): Promise<string> {
  if (isFurtherCommand(word)) {
    const command = await load(word);
    return commandHelp({ ...command, flags: offeredFlags(command.flags) });
  }
  const name = runCommand(word);
  if (name !== undefined) return helpText(name);
  const { TOPICS, topicList } = await import("./topics.ts");
  if (word === "topics") return topicList();
  const topic = Object.hasOwn(TOPICS, word) ? TOPICS[word] : undefined;
  if (topic === undefined) throw unknown(word, Object.keys(TOPICS));
  return `${topic.text()}\n`;
}

/** Nothing is `rowmill`. */
function runCommand(word: string): CommandName | undefined {
  return word === "" ? "rowmill" : RUN_COMMANDS.find((name) => name === word);
}

function unknown(word: string, topics: readonly string[]): UsageError {
  const names = ["run", "eval", ...FURTHER_COMMANDS.map(({ name }) => name), "topics", ...topics];
  const foreign = foreignWord(word);
  if (foreign !== undefined) return new UsageError(`${JSON.stringify(word)} is no command and no topic`, foreign);
  const near = nearestWord(word, names) ?? names.find((name) => word.length > 2 && name.startsWith(word));
  return new UsageError(
    `${JSON.stringify(word)} is no command and no topic`,
    near === undefined ? "rowmill help topics lists the topics, rowmill help the commands" : didYouMean(near),
  );
}

async function factsOf(word: string, load: LoadCommand): Promise<CommandFacts> {
  const facts = await import("./command-facts.ts");
  if (isFurtherCommand(word)) return await facts.furtherFacts(word, load);
  const name = runCommand(word);
  if (name === undefined) throw unknown(word, []);
  return facts.runFacts(name);
}

async function forPrograms(word: string, load: LoadCommand): Promise<string> {
  const { allFacts } = await import("./command-facts.ts");
  const { TOPICS } = await import("./topics.ts");
  const commands = word === "" ? await allFacts(load) : [await factsOf(word, load)];
  const topics = Object.entries(TOPICS).map(([name, { summary }]) => ({ name, summary }));
  return `${JSON.stringify({ rowmill: VERSION, commands, ...(word === "" && { topics }) }, undefined, 2)}\n`;
}

async function asManPage(word: string, load: LoadCommand): Promise<string> {
  const { manPage } = await import("./man-page.ts");
  const names = ["", "run", "eval", ...FURTHER_COMMANDS.map(({ name }) => name)];
  return manPage(await factsOf(word, load), names);
}
