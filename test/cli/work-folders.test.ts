/** Temporary files of `--union` and `rowmill diff` are gone in every ending, and what is told of it is right. */
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const TABLE = "id,v\n1,a\n2,b\n";

/** Command lines that read standard input, and need temporary files. */
const COMMANDS: Record<string, string[]> = {
  "a union": ["--union", "-e", "row", "--from", "csv", "-", "t.csv"],
  "a union into a file": ["--union", "-e", "row", "--from", "csv", "-", "-o", "out.csv"],
  "a diff": ["diff", "-", "t.csv", "--on", "id"],
};

async function hasFiles(folder: string): Promise<void> {
  while (!existsSync(folder) || readdirSync(folder).length === 0) await Bun.sleep(5);
}

describe("nothing is left behind", () => {
  for (const [what, args] of Object.entries(COMMANDS)) {
    test.each([
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const)(`${what}, %s`, async (signal, code) => {
      const folder = binary.folder({ "t.csv": TABLE });
      mkdirSync(folder.at("tmp"));
      const child = folder.start(args, { TMPDIR: folder.at("tmp") });
      // It waits for more.
      await child.stdin.write(TABLE);
      await child.stdin.flush();
      await hasFiles(folder.at("tmp"));
      child.kill(signal);
      expect(await child.exited).toBe(code);
      expect(folder.names()).toEqual(["t.csv", "tmp"]);
      expect(readdirSync(folder.at("tmp"))).toEqual([]);
    });

    test(`${what}, by a failure`, async () => {
      const folder = binary.folder({ "t.csv": TABLE });
      mkdirSync(folder.at("tmp"));
      const ran = await folder.run(args, { stdin: "id,v\n1,2,3\n", env: { TMPDIR: folder.at("tmp") } });
      expect(ran.code).toBe(what === "a diff" ? 2 : 1);
      expect(ran.stderr).toContain("the row has 3 fields, the header has 2");
      expect(folder.names()).toEqual(["t.csv", "tmp"]);
      expect(readdirSync(folder.at("tmp"))).toEqual([]);
    });

    test(`${what} that comes to its end`, async () => {
      const folder = binary.folder({ "t.csv": TABLE });
      mkdirSync(folder.at("tmp"));
      const ran = await folder.run(args, { stdin: TABLE, env: { TMPDIR: folder.at("tmp") } });
      expect(ran.code).toBe(0);
      expect(readdirSync(folder.at("tmp"))).toEqual([]);
    });
  }
});

test("where nothing may be written, that is said before anything is read", async () => {
  const folder = binary.folder({ "t.csv": TABLE, "u.csv": TABLE });
  const ran = await folder.run(["diff", "t.csv", "u.csv", "--on", "id", "-o", "none/x.csv"]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("none");
});
