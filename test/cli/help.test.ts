import { describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** The lines of a help's examples. */
function examples(help: string): string[] {
  const [, block = ""] = /^Examples:\n((?: {2}.*\n)+)/m.exec(help) ?? [];
  return block
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

describe("help", () => {
  for (const args of [
    ["--help"],
    ["-h"],
    ["help"],
    ["run", "--help"],
    ["help", "run"],
    ["eval", "-h"],
    ["x.ts", "--help"],
  ]) {
    test(`${args.join(" ")} shows usage, options, examples and exit codes`, async () => {
      const ran = await binary.folder().run(args);
      ran.expect({ stdout: /^[^]*Usage: rowmill [^]*-j, --jobs <n>[^]*Examples:\n[^]*Exit codes:\n[^]*$/ });
      for (const code of [0, 1, 2, 130, 143]) expect(ran.stdout).toMatch(new RegExp(`^ .*\\b${code}\\b`, "m"));
    });
  }

  for (const command of ["", "run", "eval"]) {
    test(`the examples of rowmill ${command} run as they stand`, async () => {
      const folder = binary.folder();
      const { stdout } = await folder.run([...(command === "" ? [] : [command]), "--help"]);
      const lines = examples(stdout);
      expect(lines.length).toBeGreaterThan(2);
      // Those of one command belong together: a file that one of them makes is read by the next.
      for (const line of lines) {
        const ran = await folder.bash(line.replaceAll("/tmp/", `${folder.path}/`));
        ran.expect({ stdout: /^/ });
        const isQuiet = / > | -o |--filter/.test(line);
        if (!isQuiet) expect(ran.stdout).not.toBe("");
      }
    });
  }

  test("no line is wider than 120 characters", async () => {
    const { stdout } = await binary.folder().run(["--help"]);
    expect(stdout.split("\n").filter((line) => line.length > 120)).toEqual([]);
  });
});

describe("version", () => {
  for (const args of [["-V"], ["--version"], ["run", "--version"]]) {
    test(args.join(" "), async () => {
      (await binary.folder().run(args)).expect({ stdout: `rowmill ${manifest.version}\n` });
    });
  }
});
