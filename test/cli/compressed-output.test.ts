import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const hasZstd = Bun.which("zstd") !== null;
if (!hasZstd) console.log("skipped: what needs the zstd command, which is not installed");

const VEGA = join(import.meta.dir, "../../node_modules/vega-datasets/data");
const GRID = 1 << 20;
const ROWS = Array.from({ length: 300_000 }, (_, at) => `${at},${(at * 7919) % 1009}\n`);
const CSV = `n,m\n${ROWS.join("")}`;

describe.each([
  ["gz", "gunzip -c", true],
  ["zst", "zstd -dc", hasZstd],
] as const)("compressed output, .%s", (extension, unpack, canUnpack) => {
  const out = `out.csv.${extension}`;
  const unpacked = (bytes: Uint8Array): string =>
    Buffer.from(extension === "gz" ? gunzipSync(bytes) : Bun.zstdDecompressSync(bytes)).toString();

  test.skipIf(!canUnpack)(`${unpack} reads it, and the bytes do not depend on how the work is spread`, async () => {
    const folder = binary.folder({ "in.csv": CSV });
    const seen: Buffer[] = [];
    for (const spread of [
      ["-j", "2"],
      ["-j", "1"],
      ["-j", "3", "-b", "777"],
    ]) {
      (await folder.run(["-e", "row", "in.csv", "-o", out, ...spread])).expect({});
      (await folder.bash(`${unpack} ${out}`)).expect({ stdout: CSV });
      seen.push(readFileSync(folder.at(out)));
    }
    expect(seen.every((bytes) => bytes.equals(seen[0] ?? Buffer.of()))).toBe(true);
    expect(folder.names()).toEqual(["in.csv", out]);
  });

  test("what ends at the grid, beside it, and far before it", async () => {
    for (const length of [GRID, GRID + 1, GRID - 1, 3 * GRID, 10]) {
      const text = `x\n${"a".repeat(length - 3)}\n`;
      const folder = binary.folder({ "in.csv": text });
      (await folder.run(["-e", "row", "in.csv", "-o", out])).expect({});
      (await folder.run(["-e", "row", out])).expect({ stdout: text });
    }
  });

  test("no rows at all make an archive of nothing", async () => {
    const folder = binary.folder({ "in.csv": "x\n1\n" });
    (await folder.run(["-e", "null", "in.csv", "-o", out])).expect({});
    expect(unpacked(readFileSync(folder.at(out)))).toBe("");
  });

  test("the format is that of the name below", async () => {
    const folder = binary.folder({ "in.csv": "x\n1\n" });
    (await folder.run(["-e", "row", "in.csv", "-o", `out.jsonl.${extension}`])).expect({});
    expect(unpacked(readFileSync(folder.at(`out.jsonl.${extension}`)))).toBe('{"x":1}\n');
    (await folder.run(["-e", "row", "in.csv", "-o", out, "--dry-run"])).expect({
      stdout: /\noutput: +csv, compressed with /,
    });
  });

  test("a run that fails leaves the file as it was, and nothing beside it", async () => {
    const folder = binary.folder({ "in.csv": `${CSV}%,0\n`, [out]: "before" });
    (await folder.run(["-e", "decodeURIComponent(n) && row", "in.csv", "-o", out])).expect({
      code: 1,
      stderr: ["URI"],
    });
    expect(folder.read(out)).toBe("before");
    expect(folder.names()).toEqual(["in.csv", out].toSorted());
  });

  test("it cannot be resumed, and says so", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    (await folder.run(["-e", "row", "in.csv", "-o", out, "--resume"])).expect({
      code: 2,
      stderr: ["--resume is not possible: a compressed file is not written row by row"],
    });
    expect(folder.names()).toEqual(["in.csv"]);
  });

  test("an interrupt leaves nothing, and says why", async () => {
    const folder = binary.folder();
    const child = folder.start(["-e", "row", "-o", out]);
    void child.stdin.write(CSV);
    await child.stdin.flush();
    while (!folder.names().includes(`${out}.part`)) await Bun.sleep(1);
    child.kill("SIGINT");
    const [code, stderr] = await Promise.all([child.exited, child.stderr.text()]);
    expect(code).toBe(130);
    expect(stderr).toContain("nothing was kept");
    expect(folder.names()).toEqual([]);
  });

  test("-i keeps a file as it was compressed, whatever its name says", async () => {
    const folder = binary.folder({ "plain.csv": "x\n1\n" });
    (await folder.run(["-e", "row", "plain.csv", "-o", out])).expect({});
    writeFileSync(folder.at("odd.csv"), readFileSync(folder.at(out)));
    writeFileSync(folder.at(out), "x\n1\n");
    for (const name of ["odd.csv", out]) (await folder.run(["-i", "-e", "{ x: 'new' }", name])).expect({});
    expect(unpacked(readFileSync(folder.at("odd.csv")))).toBe("x\nnew\n");
    expect(folder.read(out)).toBe("x\nnew\n");
  });

  test("a FIFO gets it as well", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    const ran = await folder.bash(`mkfifo ${out} && { cat ${out} & rowmill -e row in.csv -o ${out}; wait; }`);
    expect(unpacked(ran.bytes) === CSV).toBe(true);
  });
});

// The second one is of the kind that comes out larger at the faster level.
test.each([
  ["numbers", (): string => CSV],
  ["birdstrikes.csv", (): string => readFileSync(join(VEGA, "birdstrikes.csv"), "utf8")],
])("a compressed file is at most a twentieth larger than that of gzip -6: %s", async (_, text) => {
  const folder = binary.folder({ "in.csv": text() });
  (await folder.run(["-e", "row", "in.csv", "-o", "out.csv.gz"])).expect({});
  const { bytes } = await folder.bash("rowmill -e row in.csv | gzip -6");
  expect(readFileSync(folder.at("out.csv.gz")).length).toBeLessThan(bytes.length * 1.05);
});
