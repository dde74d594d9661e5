/** Every entry of the table of options is, in each place that is made of it, what the entry says. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { longName, shortName } from "../../src/cli/flag.ts";
import { type CliRunOptions, allFlags } from "../../src/cli/flags.ts";
import { helpText } from "../../src/cli/help.ts";
import { parseFlags } from "../../src/cli/parse-flags.ts";
import { rowmillTypes } from "../../src/cli/commands/declarations/text.ts";
import { checkValues } from "../../src/options/check-values.ts";
import { wantedOf, wordsOfOption } from "../../src/options/kinds.ts";
import type { Kind, Option } from "../../src/options/option.ts";
import { OPTIONS, OPTION_ENTRIES } from "../../src/options/table.ts";
import { moduleOptions } from "../../src/options/module-options.ts";
import { reference } from "../reference.ts";

/** Its source: comments are part of it. */
const TABLE = readFileSync(join(import.meta.dir, "../../src/options/table.ts"), "utf8");

/** A value of each kind, as a command line says it; of a kind with words, the first of them. */
const SAID: Readonly<Partial<Record<Kind, string>>> = {
  texts: "NA,none",
  file: "a.csv",
  expression: "row",
  characters: ";",
  starts: "#",
  columns: "a,b",
  groups: "a,b",
  keys: "a,-b",
  figures: "a,b",
  count: "3",
  number: "0",
  duration: "5s",
  rate: "10/s",
  share: "1%",
  "encoding label": "utf-8",
  types: "a=int",
  "parquet types": "a=int",
  pairs: "a=1",
  lookups: "a=a.csv:id",
  emits: "a=a.csv",
};

/** What must stand before a flag. */
const BEFORE: Readonly<Partial<Record<Kind, readonly string[]>>> = { joins: ["--join", "a.csv"] };

/** The flags of an option, as help shows them. */
function shownFlags({ flag, flags }: Option): string[] {
  return flags === undefined ? [flag ?? []].flat() : Object.keys(flags);
}

/** What a flag makes of the options. */
function parsed(shown: string, option: Option): CliRunOptions {
  const name = `--${longName({ flags: shown })}`;
  const text = (name === "--quantile" ? "a:0.5,b:1" : SAID[option.kind]) ?? wordsOfOption(option)[0] ?? "";
  const words = shown.endsWith(">") ? [name, text] : [name];
  const before = shown.startsWith("--join") ? [] : (BEFORE[option.kind] ?? []);
  return parseFlags<CliRunOptions>(allFlags(), [...before, ...words], {}).options;
}

describe.each(OPTION_ENTRIES)("the option %s", (name, option) => {
  test("is set by its flags, to a value of its kind", () => {
    for (const shown of shownFlags(option)) {
      const options = parsed(shown, option);
      if (option.kind === "nothing") {
        expect(options).toEqual({});
        continue;
      }
      expect(Object.keys(options)).toEqual([name]);
      expect(wantedOf(option, options[name])).toBeUndefined();
      const letter = shortName({ flags: shown });
      if (letter !== undefined && !shown.endsWith(">")) {
        expect(parseFlags<CliRunOptions>(allFlags(), [`-${letter}`], {}).options).toEqual(options);
      }
    }
    for (const word of option.wordFlags === undefined ? [] : wordsOfOption(option)) {
      const { options } = parseFlags<CliRunOptions>(allFlags(), [`${option.wordFlags}${word}`], {});
      expect(options).toEqual({ [name]: word });
    }
  });

  test("is in the help and in the reference by its flags, and nowhere without", () => {
    const help = helpText("run");
    const page = reference();
    for (const shown of shownFlags(option)) {
      expect(help).toContain(`\n  ${shown} `);
      expect(page).toContain(`\n| \`${shown.replace("|", String.raw`\|`)}\` `);
      expect(helpText("rowmill").includes(`\n  ${shown} `)).toBe(option.isEveryday === true);
    }
    expect(option.flag === undefined || option.help !== undefined).toBe(true);
    expect(
      allFlags()
        .map(({ help: line }) => line)
        .filter((line) => /[{}]/.test(line)),
    ).toEqual([]);
  });

  test("may be set by a module where its scope says so, and is declared there", () => {
    const value = option.kind === "word" ? wordsOfOption(option)[0] : valueOf(name, option);
    const set = (): unknown => moduleOptions({ [name]: value }, "x.ts");
    const isDeclared = new RegExp(`^  ${name}\\?: `, "m").test(transformOptions());
    if (option.scope === "module") expect(set()).toEqual({ [name]: value });
    else expect(set).toThrow(`options has an unknown name: ${name}`);
    expect(isDeclared).toBe(option.scope === "module");
  });

  test("is checked for the library, and for modules", () => {
    const wrong = Symbol("wrong");
    expect(() => checkValues({ [name]: wrong })).toThrow(`${name} is Symbol(wrong), wanted `);
    if (option.scope !== "module") return;
    expect(() => moduleOptions({ [name]: wrong }, "x.ts")).toThrow(`options.${name} is Symbol(wrong), wanted `);
  });

  test("holds for nothing said, and names others that there are", () => {
    if (option.default !== undefined) expect(wantedOf(option, option.default)).toBeUndefined();
    const others = [...Object.keys(option.excludes ?? {}), ...Object.keys(option.needs ?? {})];
    for (const other of others) expect(Object.keys(OPTIONS)).toContain(other);
    for (const [other, [message, hint]] of Object.entries(option.excludes ?? {})) {
      const ofOther: Option = OPTIONS[other as keyof typeof OPTIONS];
      const needed = Object.fromEntries(Object.keys(ofOther.needs ?? {}).map((one) => [one, otherValue(one)]));
      expect(() => checkValues({ ...needed, [name]: valueOf(name, option), [other]: otherValue(other) })).toThrow(
        expect.objectContaining({ message, hint }),
      );
    }
    for (const [other, { words, hint }] of Object.entries(option.needs ?? {})) {
      const given = { [name]: valueOf(name, option) };
      expect(() => checkValues(given)).toThrow(expect.objectContaining({ hint }));
      for (const value of words ?? [otherValue(other)]) checkValues({ ...given, [other]: value });
    }
  });

  test("has a text for editors and the reference, which names its default", () => {
    const [, comment = ""] = new RegExp(`/\\*\\*((?:(?!\\*/)[^])+)\\*/\\n  ${name}: \\{`).exec(TABLE) ?? [];
    expect(comment.trim()).not.toBe("");
    if (option.default === undefined) return;
    const isSize = option.default === 16 * 1024 * 1024;
    expect(comment).toContain(`@default ${isSize ? "16 MiB" : JSON.stringify(option.default)}`);
  });
});

/** What a flag of the option sets; of one that has no flag, a text. */
function valueOf(name: keyof CliRunOptions | "keepOrder", option: Option): unknown {
  const [shown] = shownFlags(option);
  if (option.kind === "window") return { isWindow: true };
  return shown === undefined ? "x" : parsed(shown, option)[name];
}

function otherValue(name: string): unknown {
  const entry = OPTION_ENTRIES.find(([known]) => known === name);
  return entry && valueOf(...entry);
}

/** The members of what the declarations call so. */
function transformOptions(): string {
  return /^export interface TransformOptions \{\n([^]*?)^\}/m.exec(rowmillTypes())?.[1] ?? "";
}

test("no two flags are called the same", () => {
  const names = allFlags().flatMap((flag) => [`--${longName(flag)}`, shortName(flag) ?? []].flat());
  expect(names).toEqual([...new Set(names)]);
});

test("texts that stand for nothing are refused by the name of their flag", () => {
  expect(() => checkValues({ timeout: "5 s" })).toThrow('--timeout is "5 s", wanted a duration');
  expect(() => checkValues({ rate: "0" })).toThrow('--rate is "0", wanted calls a second');
  expect(() => checkValues({ maxErrors: "1 %", onError: "skip" })).toThrow('--max-errors is "1 %", wanted a number of');
  expect(() => checkValues({ encoding: "utf-9" })).toThrow('encoding is "utf-9", which is not known');
});

test("what is off excludes nothing", () => {
  checkValues({ resume: true, restart: false, unordered: false });
  checkValues({ resume: false, restart: true });
});
