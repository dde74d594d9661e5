/** Policies and slow, absent or closed readers, few file descriptors: the same rows, the same rejects. */
import { expect, test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { Random } from "./random.ts";

const binary = installBinary();

const random = new Random(20170526);
const IN = `id,name\n${Array.from({ length: 60_000 }, (_, id) => (random.chance(0.01) ? `${id},a,b` : `${id},n`)).join("\n")}\n`;
const POLICY = "--on-error reject --rejects rejects.jsonl";

/** What comes out where nothing is in the way. */
async function undisturbed(): Promise<{ stdout: string; rejects: string }> {
  const folder = binary.folder({ "in.csv": IN });
  const ran = await folder.bash(`rowmill -e row in.csv ${POLICY}`);
  if (ran.code !== 3) ran.fail("wanted exit code 3");
  return { stdout: ran.stdout, rejects: folder.read("rejects.jsonl") };
}

test("a slow reader gets everything, and the rejects are whole", async () => {
  const right = await undisturbed();
  const folder = binary.folder({ "in.csv": IN });
  const ran = await folder.bash(`rowmill -e row in.csv ${POLICY} | dd bs=777 2>/dev/null; exit \${PIPESTATUS[0]}`);
  if (ran.code !== 3 || ran.stdout !== right.stdout) ran.fail("not the same output");
  expect(folder.read("rejects.jsonl")).toBe(right.rejects);
});

test("a reader that leaves ends the run quietly with 0", async () => {
  const folder = binary.folder({ "in.csv": IN });
  const ran = await folder.bash(`rowmill -e row in.csv ${POLICY} | head -1; exit \${PIPESTATUS[0]}`);
  ran.expect({ stdout: "id,name\n" });
});

test("with standard output closed the run fails", async () => {
  const folder = binary.folder({ "in.csv": IN });
  (await folder.bash(`rowmill -e row in.csv ${POLICY} >&-`)).expect({ code: 1, stderr: ["it is closed"] });
});

test("32 file descriptors are enough for output, rejects, journal and four workers", async () => {
  const right = await undisturbed();
  const folder = binary.folder({ "in.csv": IN });
  const ran = await folder.bash(`ulimit -n 32; rowmill -e row in.csv ${POLICY} -j 4 -o out.csv`);
  if (ran.code !== 3) ran.fail("wanted exit code 3");
  expect(folder.read("out.csv")).toBe(right.stdout);
  expect(folder.read("rejects.jsonl")).toBe(right.rejects);
});

test("more inputs than file descriptors: all rows, or an error in words", async () => {
  const names = Array.from({ length: 100 }, (_, at) => `in${at}.csv`);
  const folder = binary.folder(Object.fromEntries(names.map((name, at) => [name, `id\n${at}\n`])));
  const ran = await folder.bash(`ulimit -n 32; rowmill -e row ${names.join(" ")} -o out.csv`);
  if (ran.code === 0) expect(folder.read("out.csv")).toBe(`id\n${names.map((_, at) => `${at}\n`).join("")}`);
  else ran.expect({ code: 1, stderr: [/^error: cannot read in\d+\.csv: too many files are open\n/] });
});
