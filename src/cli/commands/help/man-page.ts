/** Man pages, in the macros of man(7), as groff and mandoc read them. */
import { VERSION } from "../../../version.ts";
import type { CommandFacts, OptionFacts } from "./command-facts.ts";

/** The page of a command. @param others The names of all of them, for what it refers to. */
export function manPage(facts: CommandFacts, others: readonly string[]): string {
  const title = pageName(facts.name);
  const lines = [
    // The date of a build would make each build another one.
    `.TH "${title.toUpperCase().replaceAll("-", String.raw`\-`)}" "1" "${RELEASED}" "rowmill ${roff(VERSION)}" "Rowmill"`,
    // No hyphens within words, and no room made by blanks between them: names are to be copied.
    ".nh",
    ".ad l",
    ".SH NAME",
    ...filled(`${title} - ${facts.summary}`),
    ".SH SYNOPSIS",
    ...facts.usage.flatMap((usage, at) => [...(at === 0 ? [] : [".br"]), bold(usage)]),
    ".SH DESCRIPTION",
    ...filled(facts.description),
    ...facts.notes.flatMap((note) => [".PP", ...filled(note)]),
    ".SH OPTIONS",
    ...optionLines(facts.options),
    ".SH EXIT STATUS",
    ...facts.exitCodes.flatMap(({ code, meaning }) => [".TP", `.B ${code}`, ...filled(meaning)]),
    ".SH EXAMPLES",
    ".nf",
    ...facts.examples.map((line) => roff(line)),
    ".fi",
    ".SH SEE ALSO",
    others
      .filter((name) => name !== facts.name)
      .map((name) => `.BR ${roff(pageName(name))} (1)`)
      .join(" ,\n"),
  ];
  return `${lines.join("\n")}\n`;
}

/** When the text of the pages was last gone through. */
const RELEASED = "2026-11-29";

function pageName(command: string): string {
  return command === "" ? "rowmill" : `rowmill-${command}`;
}

function optionLines(options: readonly OptionFacts[]): string[] {
  const groups = [...new Set(options.map(({ group }) => group))];
  const general = [
    { shown: "-h, --help", meaning: "say what there is to say on a command" },
    { shown: "-V, --version", meaning: "say which version it is" },
  ];
  const lines: string[] = [];
  for (const group of groups) {
    lines.push(`.SS ${roff(group)}`);
    for (const option of options) if (option.group === group) lines.push(...optionLine(option));
  }
  lines.push(".SS General");
  for (const option of general) lines.push(...optionLine(option));
  return lines;
}

function optionLine({ shown, meaning }: Pick<OptionFacts, "shown" | "meaning">): string[] {
  return [".TP", bold(shown), ...filled(meaning)];
}

/** The longest line that linters of man pages like. */
const MAX_CHARS = 80;

/** Text that is set anew, whatever its lines: broken between words. */
function filled(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").map((each) => roff(each, ""))) {
    if (line !== "" && line.length + word.length >= MAX_CHARS) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((each) => (/^[.']/.test(each) ? String.raw`\&${each}` : each));
}

function bold(text: string): string {
  return String.raw`\fB${roff(text, "")}\fR`;
}

/** What a typesetter would make something else of. */
const SIGNS: Readonly<Record<string, string>> = {
  "\\": String.raw`\e`,
  "-": String.raw`\-`,
  "'": String.raw`\(aq`,
  '"': String.raw`\(dq`,
  "`": String.raw`\(ga`,
  "^": String.raw`\(ha`,
  "~": String.raw`\(ti`,
};

/** Text as it stands, in ASCII. @param start What stands before a sign that would begin a request. */
function roff(text: string, start = String.raw`\&`): string {
  const safe = text.replaceAll(/[\\'"`^~-]|[^\u0000-\u007f]/gu, (sign) => SIGNS[sign] ?? unicode(sign));
  return /^[.']/.test(safe) ? start + safe : safe;
}

function unicode(sign: string): string {
  const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return String.raw`\[u${code}]`;
}
