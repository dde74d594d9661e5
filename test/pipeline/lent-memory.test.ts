/** Bytes that are lent to workers, and memory that comes back from them. */
import { beforeAll, describe, expect, test } from "bun:test";
import { type Folder, installBinary } from "../cli/binary.ts";
import { LentMemory } from "../../src/pipeline/lent-memory.ts";

const KIB = 1024;

describe("lent memory", () => {
  test("is shared from 32 KiB on, and used again when it has come back", () => {
    const lent = new LentMemory();
    const small = lent.lend(new Uint8Array(32 * KIB - 1).fill(7));
    expect(small.buffer).toBeInstanceOf(ArrayBuffer);
    lent.giveBack(small);
    const first = lent.lend(new Uint8Array(100 * KIB).fill(1));
    const second = lent.lend(new Uint8Array(100 * KIB).fill(2));
    expect(second.buffer).not.toBe(first.buffer);
    lent.giveBack(first);
    const third = lent.lend(new Uint8Array(90 * KIB).fill(3));
    expect(third.buffer).toBe(first.buffer);
    expect([third.length, third.every((byte) => byte === 3)]).toEqual([90 * KIB, true]);
    expect(second.every((byte) => byte === 2)).toBe(true);
  });

  test("is left to others where it is too short", () => {
    const lent = new LentMemory();
    const short = lent.lend(new Uint8Array(40 * KIB));
    lent.giveBack(short);
    const long = lent.lend(new Uint8Array(500 * KIB));
    expect(long.length).toBe(500 * KIB);
    lent.giveBack(long);
    expect(lent.lend(new Uint8Array(40 * KIB)).buffer).toBe(long.buffer);
  });
});

describe("a long stream comes to the bytes of the same file", () => {
  const binary = installBinary();
  const ROWS = 400_000;
  const lines = Array.from(
    { length: ROWS },
    (_, row) => `${row},${row % 97 === 0 ? `"a, ${row}\n"` : `text ${row % 1000}`},${(row * 7919) % 1009},${row % 13}`,
  );
  let there: Folder;

  beforeAll(() => {
    there = binary.folder({
      "in.csv": `id,text,number,group\n${lines.join("\n")}\n`,
      "slow-first.ts":
        "export default async ({ id, number }, { index }) => { if (index === 0) await Bun.sleep(300); return { id, twice: 2 * number }; };\n",
      // Columns are a guess until one comes that has more.
      "late.ts": "export default ({ id, number }) => (id < 150000 ? { id } : { id, number });\n",
      "fails.ts": `export default ({ id, text }) => { if (id % 5000 === 1) throw new Error("odd"); return { id, text }; };\n`,
    });
  });

  test.each([
    "-e '{ id, text, sum: Number(number) + Number(group) }'",
    "-e '{ ...row, more: text.length }' -j 1",
    "--filter 'number % 10 == 0' -b 5000",
    "run slow-first.ts",
    "run late.ts -b 3000",
    "run fails.ts --on-error skip",
    "--sort-by number",
    "--group-by group --sum number",
    "-e '{ id }' --limit 300000",
  ])("%s", async (words) => {
    const ofFile = words.startsWith("run ") ? words.replace(/^run \S+/, "$& in.csv") : `in.csv ${words}`;
    const ofStream = words.startsWith("run ") ? words.replace(/^run \S+/, "$& -") : `- ${words}`;
    const j = words.includes("-j") ? "" : "-j 2";
    const said = "2> said.txt";
    const file = await there.bash(`rowmill ${ofFile} ${j} ${said} > file.csv; echo $?`);
    const stream = await there.bash(
      `cat in.csv | rowmill ${ofStream} --from csv ${j} ${said} > stream.csv; echo \${PIPESTATUS[1]}`,
    );
    expect(stream.stdout).toBe(file.stdout);
    const ofBoth = there.read("file.csv");
    expect(ofBoth.length).toBeGreaterThan(100);
    expect(there.read("stream.csv") === ofBoth).toBe(true);
  });

  test("packed as well", async () => {
    const words = "-e '{ id, text, sum: Number(number) + Number(group) }' -j 2";
    (
      await there.bash(
        `gzip -1 -k in.csv && rowmill in.csv ${words} > file.csv && rowmill in.csv.gz ${words} > packed.csv`,
      )
    ).expect({});
    expect(there.read("packed.csv") === there.read("file.csv")).toBe(true);
  });
});
