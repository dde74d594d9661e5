/** Tables as somebody at a terminal sees them, and as files. */
import { describe, expect, test } from "bun:test";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

/** Runs a command line on a terminal that is so wide; gives its lines. */
async function onTerminal(there: Folder, columns: number, command: string): Promise<string[]> {
  there.write({ "command.sh": `stty cols ${columns} rows 24\n${command}\n` });
  const ran = await there.bash("script -qefc 'bash command.sh' /dev/null");
  return ran.stdout.trimEnd().split(/\r*\n/);
}

const WIDE = `id,text,other\n1,${"x".repeat(200)},${"漢字".repeat(30)}\n2,short,é\n`;
const MANY = `n\n${Array.from({ length: 1500 }, (_, row) => row).join("\n")}\n`;

describe("a table on a terminal", () => {
  test("fits its width", async () => {
    const lines = await onTerminal(binary.folder({ "in.csv": WIDE }), 50, "rowmill -e row in.csv --to table");
    expect(lines.map((line) => Bun.stringWidth(line))).toEqual(lines.map(() => 50));
    expect(lines[3]).toMatch(/^│ {2}1 │ x+… │ [漢字]+… ? │$/);
  });

  test("says which columns it has left out, and how many rows there were", async () => {
    const columns = Array.from({ length: 30 }, (_, index) => `column${index}`).join(",");
    const there = binary.folder({ "in.csv": `${columns}\n${columns}\n`, "many.csv": MANY });
    const lines = await onTerminal(there, 60, "rowmill -e row in.csv --to table");
    expect(Math.max(...lines.slice(0, -1).map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(60);
    expect(lines.at(-1)).toStartWith("25 of 30 columns do not fit: column5, column6,");
    const rows = await onTerminal(there, 60, "rowmill -e row many.csv --to table");
    expect(rows).toHaveLength(1505);
    expect(rows.at(-1)).toStartWith("1500 rows: --limit 20 shows the first ones");
    expect(await onTerminal(there, 60, "rowmill -e row many.csv --to table -q")).toHaveLength(1504);
    expect((await onTerminal(there, 60, "rowmill info in.csv")).join("\n")).toContain("columns do not fit");
  });

  test("is written whole to a file and to a pipe", async () => {
    const there = binary.folder({ "in.csv": WIDE });
    const whole = (await there.run(["-e", "row", "in.csv", "--to", "table"])).stdout;
    expect(Bun.stringWidth(whole.split("\n")[0] ?? "")).toBe(4 + 82 + 82 + 4);
    expect(await onTerminal(there, 50, "rowmill -e row in.csv --to table -o out.txt")).toEqual([""]);
    expect(there.read("out.txt")).toBe(whole);
    expect((await onTerminal(there, 50, "rowmill -e row in.csv --to table | cat")).join("\n")).toBe(whole.trimEnd());
  });
});

describe("drawn rows", () => {
  test("are the same for all jobs and batches", async () => {
    const rows = Array.from({ length: 5000 }, (_, row) => `${row},${"é|".repeat(row % 40)}\n`);
    const there = binary.folder({ "in.csv": `n,text\n${rows.join("")}` });
    for (const to of ["table", "md"]) {
      const args = ["-e", "row", "in.csv", "--to", to];
      const { stdout } = (await there.run([...args, "-j", "1", "-b", "100000"])).expect({ stdout: /^/ });
      expect(stdout.split("\n")).toHaveLength(5000 + (to === "md" ? 3 : 5));
      for (const more of [
        ["-j", "2"],
        ["-j", "3", "-b", "7"],
        ["-b", "999"],
      ]) {
        (await there.run([...args, ...more])).expect({ stdout });
      }
    }
  });

  test("md is the format of a .md file; it cannot be resumed", async () => {
    const there = binary.folder({ "in.csv": "a,b\nx|y,1\n" });
    (await there.run(["-e", "row", "in.csv", "-o", "out.md"])).expect({});
    expect(there.read("out.md")).toBe("| a    |   b |\n| :--- | --: |\n| x\\|y |   1 |\n");
    (await there.run(["-e", "row", "in.csv", "-o", "out.md", "--resume"])).expect({
      code: 2,
      stderr: ["--resume is not possible: a table is drawn as a whole"],
    });
    (await there.run(["-e", "row", "in.csv", "--omd"])).expect({ stdout: there.read("out.md") });
  });
});
