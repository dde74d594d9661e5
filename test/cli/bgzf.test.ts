/** BGZF: read by workers, gone on with where a run stopped, and written as `bgzip` and `tabix` take it. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { END, bgzfOf } from "../io/bgzf-writer.ts";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();
const hasTabix = Bun.which("bgzip") !== null && Bun.which("tabix") !== null;
if (!hasTabix) console.log("skipped: what needs bgzip and tabix, which are not installed");

const ROWS = 200_000;
const CSV = `id,name\n${Array.from({ length: ROWS }, (_, id) => `${id},n${(id * 7919) % 1009}\n`).join("")}`;
const LENGTHS = [50_000, 0, 333, 60_000];
const PACKED = bgzfOf(Buffer.from(CSV), LENGTHS);

/** Where blocks begin, and how long each is, packed and not. */
function blocksOf(file: Buffer): { packed: number; bytes: number }[] {
  const blocks: { packed: number; bytes: number }[] = [];
  for (let at = 0; at < file.length;) {
    expect(file.subarray(at, at + 4).equals(Buffer.from([0x1f, 0x8b, 8, 4]))).toBe(true);
    const packed = file.readUInt16LE(at + 16) + 1;
    blocks.push({ packed, bytes: file.readUInt32LE(at + packed - 4) });
    at += packed;
  }
  return blocks;
}

describe("a file of blocks", () => {
  test("gives what it holds, however the work is spread, among other inputs too", async () => {
    const folder = binary.folder({ "a.csv.gz": PACKED, "b.csv": "id,name\n-1,x\n" });
    const wanted = CSV.split("\n")
      .filter((line) => !line.endsWith("7"))
      .join("\n");
    for (const spread of [
      ["-j", "1"],
      ["-j", "3"],
      ["-j", "2", "-b", "100"],
    ]) {
      (await folder.run(["--filter", "!name.endsWith('7')", "a.csv.gz", "-o", "out.csv", ...spread])).expect({});
      expect(folder.read("out.csv")).toBe(wanted);
    }
    (await folder.run(["--count", "b.csv", "a.csv.gz", "b.csv", "a.csv.gz"])).expect({
      stdout: `count\n${2 * ROWS + 2}\n`,
    });
    (await folder.bash("rowmill --count < a.csv.gz")).expect({ stdout: `count\n${ROWS}\n` });
  });

  test("has its rows found by workers; a log has the sum of the file", async () => {
    const folder = binary.folder({ "a.csv.gz": PACKED });
    const sum = new Bun.CryptoHasher("sha256").update(PACKED).digest("hex");
    (await folder.run(["--filter", "id > 7", "a.csv.gz", "-o", "out.csv", "--summary", "run.json"])).expect({});
    const { inputs } = JSON.parse(folder.read("run.json")) as { inputs: unknown };
    expect(inputs).toEqual([{ name: "a.csv.gz", bytes: PACKED.length, sha256: sum }]);
  });

  test("that lacks its end is read with a notice, and one that is cut off with an error", async () => {
    const folder = binary.folder({
      "a.csv.gz": PACKED.subarray(0, -END.length),
      "b.csv.gz": PACKED.subarray(0, PACKED.length / 2),
    });
    const whole = await folder.run(["--count", "a.csv.gz"]);
    whole.expect({
      stdout: `count\n${ROWS}\n`,
      stderr: ["a.csv.gz: its last block is missing, by which BGZF ends: it may be cut off"],
    });
    (await folder.run(["--count", "b.csv.gz"])).expect({
      code: 1,
      stderr: ["error: cannot read b.csv.gz to its end: its gzip data is cut off"],
    });
  });

  test("is gone on with where a run was stopped, and checked", async () => {
    const fails = `
      import { existsSync } from "node:fs";
      export default (row) => {
        if (Number(row.id) % 50_000 === 40_000 && existsSync("stop")) throw new Error("stop");
        return { id: row.id, name: row.name.toUpperCase() };
      };`;
    const stopped = async (file: Uint8Array, others: string[]): Promise<Folder> => {
      const folder = binary.folder({ "a.csv.gz": file, "c.csv": CSV, "t.ts": fails, stop: "" });
      const args = ["t.ts", ...others, "-o", "out.csv", "--on-error", "skip", "--max-errors", "3"];
      (await folder.run(args)).expect({ code: 1, stderr: ["go on with:"] });
      expect(folder.names()).toContain("out.csv.journal");
      await folder.bash("rm stop");
      return folder;
    };
    const args = ["t.ts", "-o", "out.csv", "--on-error", "skip", "--resume"];
    const upper = CSV.replaceAll(",n", ",N")
      .replace("id,Name", "id,name")
      .split("\n")
      .filter((line) => !/^(?:4|9|14)0000,/.test(line))
      .join("\n");
    for (const inputs of [["a.csv.gz"], ["a.csv.gz", "c.csv"], ["c.csv", "a.csv.gz"]]) {
      const folder = await stopped(PACKED, inputs);
      (await folder.run([...args, ...inputs])).expect({ code: 3, stderr: [/^3 of [\d,]+ rows failed/] });
      const second = inputs.length === 1 ? "" : CSV.replaceAll(",n", ",N").replace(/^.*\n/, "");
      expect(folder.read("out.csv")).toBe(upper + second);
    }
    const folder = await stopped(PACKED, ["a.csv.gz"]);
    // The same time and size, and other rows.
    const changed = (id: number): Buffer => bgzfOf(Buffer.from(CSV.replace(`\n${id},n`, `\n${id},o`)), LENGTHS);
    const other = Iterator.from(Array(200).keys())
      .map(changed)
      .find(({ length }) => length === PACKED.length);
    if (other === undefined) throw new Error("none has the same size");
    await folder.bash("touch -r a.csv.gz then");
    folder.write({ "a.csv.gz": other });
    await folder.bash("touch -r then a.csv.gz");
    (await folder.run([...args, "a.csv.gz"])).expect({
      code: 1,
      stderr: ["cannot resume: what was read of a.csv.gz is not the same any more"],
    });
  });

  test("is spread over shards, which begin within it", async () => {
    const folder = binary.folder({ "a.csv.gz": PACKED });
    const code = ["-e", "{ id, name: name + 1 }", "a.csv.gz", "-q"];
    (await folder.run(["plan", ...code, "-o", "work", "--shards", "3"])).expect({});
    const { shards } = JSON.parse(folder.read("work/plan.json")) as { shards: { offset?: number }[] };
    expect(shards).toHaveLength(3);
    expect(shards.every(({ offset = 0 }) => offset > 0)).toBe(true);
    (await folder.run(["shard", "work", "all", "-q"])).expect({});
    (await folder.run(["merge", "work", "-o", "out.csv"])).expect({});
    expect(folder.read("out.csv")).toBe(CSV.replaceAll(/,n\d+/g, (name) => `${name}1`));
  });

  test("stays one when it is rewritten in place", async () => {
    const folder = binary.folder({ "a.csv.gz": PACKED, "b.csv.gz": Bun.gzipSync(CSV) });
    (await folder.run(["-i", "--filter", "id < 100", "a.csv.gz"])).expect({});
    const file = readFileSync(folder.at("a.csv.gz"));
    expect(blocksOf(file).map(({ bytes }) => bytes)).toEqual([789, 0]);
    (await folder.run(["-i", "--bgzf", "--filter", "id < 100", "b.csv.gz"])).expect({});
    expect(readFileSync(folder.at("b.csv.gz")).equals(file)).toBe(true);
  });
});

describe("what is written with --bgzf, or to .bgz", () => {
  test("is in blocks, whose bytes do not depend on how the work is spread", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    const seen: Buffer[] = [];
    for (const spread of [
      ["-j", "1"],
      ["-j", "3", "-b", "777"],
    ]) {
      (await folder.run(["-e", "row", "in.csv", "-o", "out.csv.gz", "--bgzf", ...spread])).expect({});
      seen.push(readFileSync(folder.at("out.csv.gz")));
      (await folder.run(["-e", "row", "in.csv", "-o", "out.csv.bgz", ...spread])).expect({});
      seen.push(readFileSync(folder.at("out.csv.bgz")));
    }
    const [first = Buffer.of()] = seen;
    expect(seen.every((bytes) => bytes.equals(first))).toBe(true);
    const blocks = blocksOf(first);
    expect(blocks.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(CSV.length);
    expect(blocks.at(-1)).toEqual({ packed: 28, bytes: 0 });
    expect(blocks.every(({ bytes }) => bytes <= 65_280)).toBe(true);
    (await folder.bash("gzip -t out.csv.gz && gzip -dc < out.csv.bgz | cmp - in.csv")).expect({});
    (await folder.run(["-e", "null", "in.csv", "-o", "none.csv.bgz"])).expect({});
    expect(readFileSync(folder.at("none.csv.bgz")).equals(END)).toBe(true);
  });

  test("may be many files, and those of --emit", async () => {
    const folder = binary.folder({
      "in.csv": "id,g\n1,a\n2,b\n3,a\n",
      "t.ts": "export default (row, ctx) => { ctx.emit('e', row); return row; };",
    });
    (
      await folder.run(["t.ts", "in.csv", "--split-by", "g", "-o", "{g}.csv.gz", "--bgzf", "--emit", "e=e.csv.gz"])
    ).expect({});
    for (const [name, bytes] of [
      ["a.csv.gz", 13],
      ["b.csv.gz", 9],
      ["e.csv.gz", 17],
    ] as const) {
      expect(blocksOf(readFileSync(folder.at(name))).map((block) => block.bytes)).toEqual([bytes, 0]);
    }
  });

  test("is refused for outputs of other names", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    for (const args of [[], ["-o", "out.csv"], ["-o", "out.csv.zst"], ["-i"]]) {
      (await folder.run(["-e", "row", "in.csv", "--bgzf", ...args])).expect({
        code: 2,
        stderr: ["--bgzf is for outputs whose names end in .gz or .bgz"],
      });
    }
  });

  test.skipIf(!hasTabix)("is taken by bgzip and tabix, and what bgzip writes is read", async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, at) => `chr${1 + Math.floor(at / 10_000)}\t${1 + (at % 10_000)}\tx${at}\n`,
    );
    const folder = binary.folder({ "in.tsv": `chrom\tpos\tname\n${lines.join("")}` });
    (await folder.run(["-e", "row", "in.tsv", "-o", "out.tsv.gz", "--bgzf"])).expect({});
    (await folder.bash("bgzip -t out.tsv.gz && tabix -S 1 -s 1 -b 2 -e 2 out.tsv.gz")).expect({});
    (await folder.bash("tabix out.tsv.gz chr2:77-78")).expect({ stdout: "chr2\t77\tx10076\nchr2\t78\tx10077\n" });
    (await folder.bash("bgzip -k in.tsv && rowmill --count in.tsv.gz")).expect({ stdout: "count\n20000\n" });
  });
});
