import { describe, expect, test } from "bun:test";
import { foreignFlag, foreignFlags } from "../../src/cli/foreign-flags.ts";
import { longName, shortName } from "../../src/cli/flag.ts";
import { allFlags } from "../../src/cli/flags.ts";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const KNOWN = new Set(allFlags().flatMap((flag) => [`--${longName(flag)}`, `-${shortName(flag)}`]));

describe("an option of another tool", () => {
  test.each([
    [["--c2p"], "Miller's --c2p is --to table here"],
    [["--header", ":"], "the first line is the header; -n says that there is none"],
    [["-F", ":"], "awk's -F is -d here"],
    [["-F:"], "awk's -F is -d here"],
    [["--raw-output"], "fields of CSV have no quotes of JSON: --to csv"],
    [["--block=10M"], "GNU parallel's --block is -b, which counts rows, here"],
    [["--no-header-row"], "csvkit's --no-header-row is -n here"],
    [["--workers", "4"], "other tools' --workers is -j here"],
  ])("%p is named as it is called here", async (words, hint) => {
    const [raw = ""] = /^--?\w[\w-]*?(?=[=:]|$)/.exec(words[0] ?? "") ?? [];
    (await binary.scientists().run(["-e", "row", ...words, "scientists.csv"])).expect({
      code: 2,
      stderr: [`unknown option ${raw}\n`, `hint: ${hint}\n`],
    });
  });

  test("none of them is an option here, none stands twice, and what is named instead is one", () => {
    expect(foreignFlags().filter((flag) => KNOWN.has(flag))).toEqual([]);
    expect(foreignFlags()).toHaveLength(new Set(foreignFlags()).size);
    for (const flag of foreignFlags()) {
      const hint = (foreignFlag(flag) ?? "").replace(/^.*? is (?=-)/, "");
      const named = hint.match(/(?<![\w-])--?[a-z][\w-]*/gi) ?? [];
      expect(named.filter((name) => !KNOWN.has(name))).toEqual([]);
    }
  });

  test("a name of Object's is nobody's", async () => {
    (await binary.scientists().run(["-e", "row", "--constructor"])).expect({
      code: 2,
      stderr: ["unknown option --constructor"],
    });
  });
});
