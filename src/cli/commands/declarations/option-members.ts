/**
 * The options that a transform module may set, as members of an interface: read off the table of options and the kinds of
 * values, with the comments that stand there. It runs in the bundler, and in tests.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { wordsOfOption } from "../../../options/kinds.ts";
import type { Option } from "../../../options/option.ts";
import { OPTION_ENTRIES } from "../../../options/table.ts";

/** One member a line or more, in the order of the table. */
export function optionMembers(): string {
  const comments = docstrings();
  const types = valueTypes();
  return OPTION_ENTRIES.filter(([, { scope }]) => scope === "module")
    .map(([name, option]) => `${comments.get(name)}\n  ${name}?: ${typeOf(option, types)};\n`)
    .join("");
}

/** What is said of each option above its entry, without its default: that of a transform is what the flag says. */
function docstrings(): ReadonlyMap<string, string> {
  const found = sourceOf("table.ts").matchAll(/^( {2}\/\*\*(?:(?!\*\/)[^])*\*\/)\n {2}(\w+): \{/gm);
  return new Map(Array.from(found, ([, comment = "", name = ""]) => [name, withoutDefault(comment)]));
}

function withoutDefault(comment: string): string {
  return comment.replace(/\n +\* @default .*/, "").replace(/ @default .*?(?= \*\/$|$)/m, "");
}

/** The types of `Values`, by kind. */
function valueTypes(): ReadonlyMap<string, string> {
  const [, body = ""] = /^export interface Values \{\n([^]*?)^\}/m.exec(sourceOf("option.ts")) ?? [];
  return new Map(Array.from(body.matchAll(/^ {2}"?([\w ]+)"?: (.+);$/gm), ([, kind = "", type = ""]) => [kind, type]));
}

/** Names of types that the declarations do not have are written out, as their words. */
function typeOf(option: Option, types: ReadonlyMap<string, string>): string | undefined {
  const isWord = option.kind === "word" || option.kind.endsWith(" format");
  return isWord
    ? wordsOfOption(option)
        .map((word) => JSON.stringify(word))
        .join(" | ")
    : types.get(option.kind);
}

function sourceOf(file: string): string {
  return readFileSync(join(import.meta.dir, "../../../options", file), "utf8");
}
