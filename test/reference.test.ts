/** docs/reference.md says what the program says. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { longName } from "../src/cli/flag.ts";
import { allFlags } from "../src/cli/flags.ts";
import { REFERENCE, reference } from "./reference.ts";

test("the reference is up to date", () => {
  if (readFileSync(REFERENCE, "utf8") === reference()) return;
  throw new Error("docs/reference.md is not what the program says: bring it up to date with `bun test/reference.ts`");
});

test("it has every option, export and exit code", () => {
  const names = [...reference().matchAll(/^\| `?((?:\\\||[^`|])+?)`? +\|/gm)].map(([, name = ""]) => name);
  const options = allFlags()
    .map(longName)
    .filter((option) => !names.some((name) => new RegExp(`--${option}(?![\\w-])`).test(name)));
  expect(options).toEqual([]);
  const others = ["default", "batch", "reduce", "schema", "output", "columns", "setup", "teardown", "options"];
  for (const name of [...others, "0", "1", "2", "3", "130", "143"]) expect(names).toContain(name);
});
