/** What programs read: errors as objects, help as JSON, codes, metrics. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { FURTHER_COMMANDS } from "../../src/cli/command.ts";
import { CODES } from "../../src/cli/commands/explain/codes.ts";
import { longName } from "../../src/cli/flag.ts";
import { allFlags } from "../../src/cli/flags.ts";
import { installBinary } from "./binary.ts";
import { parseMetrics } from "./metrics-text.ts";

const CHECKOUT: string = join(import.meta.dir, "../..");
const binary = installBinary();

/** Codes that the source has: of the type in errors.ts, and all that begin with `row-`. */
function codesOfSource(): string[] {
  const errors = readFileSync(join(CHECKOUT, "src/errors.ts"), "utf8");
  const [, union = ""] = /export type ErrorCode =([^;]*);/.exec(errors) ?? [];
  const named = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code = ""]) => code);
  const rows = [...new Glob("src/**/*.ts").scanSync(CHECKOUT)].flatMap((path) =>
    Array.from(
      readFileSync(join(CHECKOUT, path), "utf8").matchAll(/"(row-[a-z]+(?:-[a-z]+)*)"/g),
      ([, code = ""]) => code,
    ),
  );
  return [...new Set([...named, ...rows])].toSorted();
}

describe("codes", () => {
  test("rowmill explain knows those of the source, and no others but that of its warning", () => {
    const known = Object.keys(CODES).filter((code) => code !== "rows-failed");
    expect(known.toSorted()).toEqual(codesOfSource());
  });

  test("docs/failures.md has each of them", () => {
    const page = readFileSync(join(CHECKOUT, "docs/failures.md"), "utf8");
    const tables = page.split("\n").filter((line) => line.startsWith("| `"));
    const cells = tables.map((line) => line.split("|")[1]).join(" ");
    const named = [...cells.matchAll(/`([a-z-]+)`/g)];
    expect(named.map(([, code = ""]) => code).toSorted()).toEqual(Object.keys(CODES).toSorted());
  });
});

describe("help --json", () => {
  interface Described {
    commands: {
      name: string;
      usage: string[];
      options: { name: string; type: string; meaning: string; default?: unknown; words?: string[] }[];
      examples: string[];
      exitCodes: { code: number }[];
    }[];
    topics: { name: string }[];
  }

  test("has every command, its options, examples and exit codes", async () => {
    const ran = await binary.folder().run(["help", "--json"]);
    const { commands, topics } = JSON.parse(ran.stdout) as Described;
    expect(commands.map(({ name }) => name)).toEqual(["", "run", "eval", ...FURTHER_COMMANDS.map(({ name }) => name)]);
    for (const { name, usage, options, examples, exitCodes } of commands) {
      expect([name, usage.length > 0, examples.length > 0, exitCodes.length > 2]).toEqual([name, true, true, true]);
      for (const option of options) {
        expect(option.name).toMatch(/^--[a-z][\w-]*$/);
        expect([option.name, option.type !== "", option.meaning !== ""]).toEqual([option.name, true, true]);
      }
    }
    const run = commands.find(({ name }) => name === "run");
    expect(run?.options.map(({ name }) => name)).toEqual(allFlags().map((flag) => `--${longName(flag)}`));
    const named = (name: string): object | undefined => run?.options.find((option) => option.name === name);
    expect(named("--jobs")).toMatchObject({ short: "-j", value: "n", type: "count", option: "jobs" });
    expect(named("--on-error")).toMatchObject({ words: ["fail", "skip", "reject"], default: "fail", type: "word" });
    expect(named("--trim")).toMatchObject({ isValueOptional: true, words: ["both", "left"] });
    expect(named("--arg")).toMatchObject({ value: "k=v", isRepeatable: true });
    expect(named("--sort-by")).toMatchObject({ isStep: true, type: "keys" });
    expect(topics.length).toBeGreaterThan(8);
  });
});

describe("--errors json", () => {
  const lines = [
    ["-e", "row", "--formt", "x"],
    ["run", "nothing.ts", "no.csv"],
    ["-e", "{ a: 1 +"],
    ["eval"],
    ["help", "nothing-like-it"],
    ["upgrade-me"],
    ...FURTHER_COMMANDS.map(({ name }) => [name, "--no-such-flag"]),
  ];
  for (const words of lines) {
    test(`rowmill ${words.join(" ")}: each line of standard error is an object`, async () => {
      const ran = await binary.folder().run([...words, "--errors", "json"]);
      expect(ran.code).toBeGreaterThan(0);
      const said = ran.stderr
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { level: string; code: string; message: string });
      expect(said.at(-1)).toMatchObject({ level: "error" });
      for (const { code } of said) expect(Object.keys(CODES)).toContain(code);
    });
  }
});

describe("--metrics", () => {
  test("is in the format that Prometheus reads, also of a run that failed, with any name", async () => {
    const folder = binary.scientists();
    const name = 'a "b"\\c.prom';
    (await folder.run(["run", "age.ts", "scientists.csv", "-o", "ages.csv", "--metrics", name])).expect({});
    const metrics = parseMetrics(readFileSync(folder.at(name), "utf8"));
    const run = 'a "b"\\c';
    const value = (wanted: string, labels: Record<string, string> = {}): number | undefined =>
      metrics.find((one) => one.name === wanted && Bun.deepEquals(one.labels, { run, ...labels }))?.value;
    expect(value("rowmill_run_success")).toBe(1);
    expect(value("rowmill_run_rows_in")).toBe(7);
    expect(value("rowmill_run_rows", { outcome: "mapped" })).toBe(7);
    expect(value("rowmill_run_rows_out")).toBe(7);
    expect(value("rowmill_run_end_timestamp_seconds")).toBeGreaterThan(1.7e9);
    expect(new Set(metrics.map((one) => one.labels["run"]))).toEqual(new Set([run]));

    await folder.run(["-e", "{ a: nam.b }", "scientists.csv", "--metrics", name]);
    const failed = parseMetrics(readFileSync(folder.at(name), "utf8"));
    expect(failed.find((one) => one.name === "rowmill_run_success")?.value).toBe(0);
    expect(failed.find((one) => one.name === "rowmill_run_error")?.labels).toEqual({ run, code: "transform" });
  });

  test("is no file that is read", async () => {
    const folder = binary.scientists();
    const input = readFileSync(folder.at("scientists.csv"), "utf8");
    const ran = await folder.run(["-e", "row", "scientists.csv", "--metrics", "scientists.csv"]);
    ran.expect({ code: 2, stderr: ["scientists.csv is the file of metrics, and an input as well"] });
    expect(readFileSync(folder.at("scientists.csv"), "utf8")).toBe(input);
  });

  test.skipIf(Bun.which("promtool") === null)("promtool has nothing to say (Debian's prometheus)", async () => {
    const folder = binary.scientists();
    const line = "rowmill run age.ts scientists.csv --metrics run.prom > /dev/null; promtool check metrics < run.prom";
    (await folder.bash(line)).expect({});
  });

  test("a file on its way is not one that a collector takes", async () => {
    const folder = binary.scientists();
    folder.write({ "stop.ts": "export default () => { process.kill(process.pid, 'SIGKILL'); };" });
    await folder.run(["run", "stop.ts", "scientists.csv", "--metrics", "run.prom"]);
    const names = [...new Glob("*.prom").scanSync(folder.path)];
    expect(names).toEqual([]);
  });
});
