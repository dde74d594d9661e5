/** Words of other tools, as commands and as options: what is answered works when it is followed. */
import { describe, expect, test } from "bun:test";
import { UsageError } from "../../src/errors.ts";
import { foreignWords } from "../../src/cli/foreign-words.ts";
import { readCommandLine } from "../../src/cli/program.ts";
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** What is said of a command line. */
function said(argv: readonly string[]): string {
  try {
    readCommandLine(argv);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}: ${error.hint ?? ""}`;
    throw error;
  }
  return "";
}

/** As people type them, with a part of what is answered. */
const COMMANDS: Record<string, string> = {
  "sort -f name in.csv": "rowmill --sort-by",
  "head -n 5 in.csv": "--limit 10",
  "head in.csv": "--limit 10",
  "top -n 5 -f born in.csv": "rowmill --top 10 --by -born",
  "tail -n 5 in.csv": "rowmill --tail 10",
  "join -f other.csv -j id in.csv": "rowmill --join other.csv --on name",
  "uniq -g name in.csv": "--group-by name",
  "pivot in.csv": "--pivot name=born",
  "melt in.csv": "--unpivot born",
  "rename name,who in.csv": "{ scientist: name, born }",
  "drop born in.csv": "...rest",
  "cut -f name in.csv": "{ name, born }",
  "select name in.csv": "{ name, born }",
  "where 'born > 1900' in.csv": "--filter",
  "filter '$born > 1900' in.csv": "--filter",
  "grep Ada in.csv": "--filter",
  "search Ada in.csv": "--filter",
  "count in.csv": "--count",
  "freq -s name in.csv": "--group-by born --count",
  "frequency in.csv": "--group-by born --count",
  "stats in.csv": "rowmill info FILE",
  "describe in.csv": "rowmill info FILE",
  "headers in.csv": "rowmill info FILE",
  "cat a.csv b.csv": "-e row FILE FILE",
  "concat a.csv b.csv": "-e row FILE FILE",
  "tac in.csv": "mlr --csv tac",
  "nest --ivar ; in.csv": "split(",
  "explode in.csv": "split(",
  "reorder -f born in.csv": "{ born, name }",
  "sec2gmt born in.csv": "new Date(1000 * born)",
  "dedup in.csv": "rowmill --distinct",
  "sample 100 in.csv": "rowmill --sample 100 FILE",
  "csvcut -c name in.csv": "rowmill -e '{ name, born }' FILE",
  "csvsort -c name in.csv": "--sort-by",
  "csvgrep -c name in.csv": "--filter",
  "split -n 10 in.csv": "qsv split",
  "slice -s 2 in.csv": "i >= 2",
  "table in.csv": "--to table",
  "pretty in.csv": "--to table",
  "flatten in.json": "rowmill --flatten",
  "csvdiff a.csv b.csv": "rowmill diff OLD.csv NEW.csv --on name",
  "unsparsify in.csv": "rowmill --union",
  "fillna in.csv": "|| ",
  "fill-down -f born in.csv": "--fill-down born",
  "groupby name in.csv": "--group-by name",
  "agg in.csv": "--group-by name",
  "stats1 -a mean -f born in.csv": "--mean born",
  "count-distinct -f name in.csv": "--count-distinct name",
  "median born in.csv": "--median born",
  "mutate in.csv": "...row, age",
  "put '$age = 2017 - $born' in.csv": "...row, age",
  "convert in.csv out.json": "--to json",
  "csvjson in.csv": "--to json",
  "tojsonl in.csv": "--to json",
  "jq .name in.json": "in TypeScript",
  "sql 'select 1' in.csv": "duckdb",
  "excel in.xlsx": "rowmill -e row",
  "transpose in.csv": "qsv transpose",
  "enum in.csv": "i + 1",
  "replace in.csv": "replaceAll",
  "validate in.csv": "rowmill schema",
  "astype in.csv": "--types",
  "build t.ts": "rowmill compile",
  "install zod": "rowmill add",
  "--icsv --ojson sort in.csv": "rowmill --sort-by",
};

const OPTIONS: Record<string, string> = {
  "--sort name": "rowmill --sort-by",
  "--order-by name": "rowmill --sort-by",
  "--left-join other.csv": "--kind left",
  "--head 5": "--limit",
  "--last 5": "rowmill --tail 10",
  "--where born": "--filter",
  "--select name": "-e '{ a, b }'",
  "--drop born": "...rest",
  "--rename a": "{ scientist: name, born }",
  "--unique": "--distinct",
  "--skip 5": "i >= 2",
  "--offset 5": "i >= 2",
  "--stats": "rowmill info",
  "--pretty": "--to table",
  "--markdown": "--to md",
  "--percentile 95": "--quantile born:0.95",
  "--std born": "--stddev born",
  "--nunique name": "--distinct-count name",
  "--corr a,b": "DuckDB",
  "--avg born": "--mean born",
  "--nrows 5": "--first",
  "-r": "--to csv",
  "-c": "--to jsonl",
  "-s": "export reduce",
};

describe("a word of another tool is answered:", () => {
  for (const [line, answer] of Object.entries(COMMANDS))
    test(`rowmill ${line}`, () => expect(said(line.split(" "))).toContain(answer));
  for (const [line, answer] of Object.entries(OPTIONS))
    test(`rowmill -e row in.csv ${line}`, () =>
      expect(said(["-e", "row", "in.csv", ...line.split(" ")])).toContain(answer));
});

describe("what is meant is suggested where a letter or two slipped, and nothing else:", () => {
  test.each([
    [["rnu", "x.ts"], "did you mean run?"],
    [["evla", "x"], "did you mean eval?"],
    [["complie", "x.ts"], "did you mean compile?"],
    [["shcema", "x.csv"], "did you mean schema?"],
    [["-e", "row", "--jbos", "2"], "did you mean --jobs?"],
    [["-e", "row", "--outptu", "2"], "did you mean --output?"],
    [["-e", "row", "--delimeter", ";"], "did you mean --delimiter?"],
    [["-e", "row", "--flter", "x"], "did you mean --filter?"],
  ])("%p", (argv, answer) => expect(said(argv)).toContain(answer));

  test.each([
    [["-e", "row", "--fire"]],
    [["-e", "row", "--minute"]],
    [["-e", "row", "--quiz"]],
    [["-e", "row", "-z"]],
    [["winfo", "x"]],
  ])("%p", (argv) => expect(said(argv)).not.toContain("did you mean"));
});

test("no word stands for two things, and none is a command or an option here", () => {
  const words = foreignWords().map(([word]) => word);
  for (const word of words) {
    expect(said(["help", word])).toBe("");
    expect(word).toMatch(/^[a-z0-9][\w-]*$/);
  }
  for (const command of [
    "diff",
    "run",
    "eval",
    "compile",
    "init",
    "add",
    "check",
    "schema",
    "types",
    "info",
    "completions",
  ])
    expect(words).not.toContain(command);
});

/** Commands in an answer that need no more than a file. */
const COMMAND =
  /rowmill (?:-|schema|info)(?:'[^']*'|[^',;])*?FILE(?:\.json)?(?: FILE)?(?: --?[a-z][\w-]*(?: (?!-)[\w.=]+)?)*/g;

test("each command in an answer works as it stands", async () => {
  const people = [{ name: "Ada Lovelace", born: 1815, address: { city: "London" } }];
  const answers = [...new Set(foreignWords().map(([, answer]) => answer))];
  const commands = [...new Set(answers.flatMap((answer) => answer.match(COMMAND) ?? []))];
  expect(commands.length).toBeGreaterThan(35);
  for (const answer of answers) {
    const untested = answer.replaceAll(COMMAND, "").match(/rowmill (?!run|add|init|compile|check|diff)[^;]*/);
    expect(untested?.[0]).toBeUndefined();
  }
  const all = commands.map(async (command) => {
    const folder = binary.scientists();
    await Bun.write(folder.at("scientists.json"), JSON.stringify(people));
    await Bun.write(folder.at("other.csv"), "name,city\nAda Lovelace,London\n");
    const line = command.replaceAll("FILE.json", "scientists.json").replaceAll("FILE", "scientists.csv");
    const ran = await folder.bash(line);
    expect({ line, code: ran.code, stderr: ran.stderr }).toEqual({ line, code: 0, stderr: "" });
    expect(ran.stdout === "" ? folder.names().length > 2 : true).toBe(true);
  });
  await Promise.all(all);
});
