/** `rowmill explain`: what a code of a failure means, why it comes, and what to do about it. */
import { UsageError } from "../../../errors.ts";
import { didYouMean, nearest } from "../../../nearest.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { on } from "../../flag.ts";
import { print, printPage } from "../../terminal.ts";
import { CODES, type Explanation } from "./codes.ts";

interface ExplainOptions {
  json?: boolean;
}

export const explain: Command<ExplainOptions> = {
  usage: "explain [options] [code…]",
  description: `Say what the code of a failure means, why it comes, and what to do. Codes stand in the rejects file, in the log of
a run (--summary) and in --errors json. Without a code: all of them, each in a line.`,
  flags: [{ flags: "--json", help: "as JSON", group: "Output", apply: on("json") }],
  examples: `Examples:
  rowmill explain
  rowmill explain row-schema
  rowmill explain memory --json`,
  async carryOut({ json }, operands) {
    const found = (operands.length === 0 ? Object.keys(CODES) : operands).map(explained);
    if (json === true) await print(found.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    else if (operands.length === 0) await printPage(list());
    else await printPage(found.map(page).join("\n"));
    return EXIT.done;
  },
};

function explained(code: string): Explained {
  const found = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  if (found !== undefined) return { code, ...found };
  const near = nearest(code, Object.keys(CODES));
  throw new UsageError(
    `${JSON.stringify(code)} is no code of a failure`,
    near === undefined ? "rowmill explain lists them" : didYouMean(near),
  );
}

function list(): string {
  const width = Math.max(...Object.keys(CODES).map((code) => code.length));
  return Object.entries(CODES)
    .map(([code, { meaning }]) => `${code.padEnd(width)}  ${meaning}\n`)
    .join("");
}

type Explained = Explanation & { code: string };

function page({ code, meaning, causes, remedies }: Explained): string {
  return `${code}: ${meaning}\n${listed("Why it comes", causes)}${listed("What to do", remedies)}`;
}

function listed(heading: string, items: readonly string[]): string {
  return `\n${heading}:\n${items.map((item) => `  - ${item}\n`).join("")}`;
}
