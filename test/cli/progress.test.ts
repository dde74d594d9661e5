/** What people see of a run under way and at its end: on a terminal, in a pipe, with the options that change it. */
import { describe, expect, test } from "bun:test";
import { type Folder, type Ran, installBinary } from "./binary.ts";

const binary = installBinary();

/** Takes long enough for a few drawings of the progress line. */
const SLOW = "export default async (row) => { await Bun.sleep(20); return row; };";
const IN = `id\n${Array.from({ length: 2000 }, (_, id) => id).join("\n")}\n`;
const ARGS = "run slow.ts in.csv -o out.csv -j 2";

function folder(): Folder {
  return binary.folder({ "slow.ts": SLOW, "in.csv": IN });
}

/** Runs a command line on a terminal of its own; what that shows comes out on stdout. */
async function onTerminal(there: Folder, command: string): Promise<Ran> {
  return await there.bash(`script -qefc '${command}' /dev/null`);
}

const DRAWN = /\r\u001b\[K *\d+ % {2}[\d,]+ rows {2}[\d,]+ rows\/s/;
const END =
  /2,000 rows in, 2,000 out in [\d.]+ s \([\d,]+ rows\/s, [\d.]+ MB\/s\)\r?\n {2}workers busy: \d+ % \d+ % {3}parent: [\d.]+ % {3}time: /;

describe("on a terminal", () => {
  test("a line says how far it is, and is gone at the end; then a word on the run", async () => {
    const there = folder();
    const ran = await onTerminal(there, `rowmill ${ARGS}`);
    ran.expect({ stdout: DRAWN });
    expect(ran.stdout).toMatch(END);
    expect(ran.stdout.lastIndexOf("\r\u001b[K")).toBeLessThan(ran.stdout.indexOf("rows in"));
    expect(there.read("out.csv")).toBe(IN);
  });

  test("what a transform logs does not run into the line", async () => {
    const there = folder();
    there.write({
      "slow.ts": SLOW.replace("(row)", "(row, ctx)").replace(
        "return row",
        "if (row.id === '900') ctx.log('logged'); return row",
      ),
    });
    expect((await onTerminal(there, `rowmill ${ARGS}`)).stdout).toMatch(/(?:^|\n|\u001b\[K)logged\r\n/);
  });

  test("results on the same screen, -q and --progress never are left alone", async () => {
    expect((await onTerminal(folder(), "rowmill run slow.ts in.csv -j 2")).stdout).not.toMatch(DRAWN);
    for (const flags of ["-q", "--progress never"]) {
      expect((await onTerminal(folder(), `rowmill ${ARGS} ${flags}`)).stdout).toBe("");
    }
  });
});

describe("where standard error is no terminal", () => {
  test("nothing is said", async () => {
    (await folder().run(ARGS.split(" "))).expect({});
    (await folder().bash("rowmill run slow.ts in.csv -j 2 | cat")).expect({ stdout: IN });
  });

  test("--progress always says it all the same", async () => {
    (await folder().run([...ARGS.split(" "), "--progress", "always"])).expect({ stderr: [END] });
  });

  test("another word than auto, always and never is refused", async () => {
    (await folder().run([...ARGS.split(" "), "--progress", "allways"])).expect({
      code: 2,
      stderr: ["did you mean always?"],
    });
  });
});
