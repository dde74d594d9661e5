import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const ROWS = Array.from({ length: 200_000 }, (_, at) => `${at},${(at * 7919) % 1009}\n`);
const CSV = Buffer.from(`n,m\n${ROWS.join("")}`);
const EXPECTED = `n,m\n${ROWS.join("")}`;
const gzip = (data: Uint8Array | string): Uint8Array => Bun.gzipSync(new Uint8Array(Buffer.from(data)));
const zstd = (data: Uint8Array | string): Uint8Array => Bun.zstdCompressSync(Buffer.from(data));

describe.each([
  ["gz", gzip],
  ["zst", zstd],
] as const)("compressed input, .%s", (extension, compress) => {
  const cut = compress(CSV).subarray(0, -100);

  test.each([1, 2])("is read with -j %i, by any name, and from standard input", async (jobs) => {
    const folder = binary.folder({ [`a.csv.${extension}`]: compress(CSV), "b.csv": compress(CSV) });
    for (const name of [`a.csv.${extension}`, "b.csv", "-"]) {
      const ran = await folder.run(["-e", "row", "-j", String(jobs), name], { stdin: compress(CSV) });
      ran.expect({ stdout: EXPECTED });
    }
  });

  test("the format is that of the name below", async () => {
    const folder = binary.folder({
      [`a.jsonl.${extension}`]: compress('{"x":1}\n'),
      [`b.tsv.${extension}`]: compress("x\ty\n1\t2\n"),
    });
    (await folder.run(["-e", "row", `a.jsonl.${extension}`])).expect({ stdout: '{"x":1}\n' });
    (await folder.run(["-e", "row", `b.tsv.${extension}`])).expect({ stdout: "x\ty\n1\t2\n" });
    (await folder.run([`a.jsonl.${extension}`])).expect({ code: 2, stderr: ["is data, not a transform"] });
  });

  test("several members are read to the end, and other inputs after it", async () => {
    const members = Buffer.concat([compress("x\n1"), compress("2\n3\n"), compress(""), compress("4\n")]);
    const folder = binary.folder({ a: members, "b.csv": "x\n5\n", c: compress("x\n6\n") });
    (await folder.run(["-e", "row", "b.csv", "a", "c", "b.csv"])).expect({ stdout: "x\n5\n12\n3\n4\n6\n5\n" });
  });

  test("what is compressed may be in another encoding, or nothing", async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("x\né\n", "utf16le")]);
    const folder = binary.folder({
      a: compress(utf16),
      b: compress(Buffer.from("x\n\xe9\n", "latin1")),
      c: compress(""),
    });
    (await folder.run(["-e", "row", "a"])).expect({ stdout: "x\né\n" });
    (await folder.run(["-e", "row", "b", "--encoding", "latin1"])).expect({ stdout: "x\né\n" });
    (await folder.run(["-e", "row", "c"])).expect({});
  });

  test("twice is once too often", async () => {
    const folder = binary.folder({ a: compress(compress("x\n1\n")) });
    (await folder.run(["-e", "row", "a"])).expect({ code: 1, stderr: ["cannot read a: it is compressed with"] });
  });

  test("data that is cut off ends the run behind the rows before it; a file stays as it was", async () => {
    const folder = binary.folder({ a: cut });
    const ran = await folder.run(["-e", "row", "a"]);
    ran.expect({ code: 1, stdout: /^n,m\n0,0\n/, stderr: ["cannot read a to its end: its ", "data is cut off"] });
    expect(EXPECTED.startsWith(ran.stdout)).toBe(true);
    (await folder.run(["-e", "row", "a", "-o", "out.csv"])).expect({ code: 1, stderr: ["data is cut off"] });
    expect(folder.names()).toEqual(["a"]);
  });

  test("bad rows are found where they stand", async () => {
    const folder = binary.folder({ [`a.csv.${extension}`]: compress('x\n1\nb"c\n2\n') });
    (await folder.run(["-e", "row", `a.csv.${extension}`])).expect({
      code: 1,
      stdout: "x\n1\n",
      stderr: [`a.csv.${extension}:3: a quote`],
    });
  });

  test("--resume goes on in a plain file behind it; hashes are those of the files", async () => {
    const folder = binary.folder({ a: compress("x\n1\n"), "b.csv": `x\n${"2\n".repeat(5000)}%\n3\n` });
    const words = "-e,decodeURIComponent(x)&&row,-o,out.csv,-b,100,--on-error,skip,--max-errors,0,a,b.csv".split(",");
    (await folder.run(words)).expect({ code: 1, stderr: ["--resume"] });
    (await folder.run([...words, "--max-errors", "1", "--resume", "--summary", "s.json"])).expect({
      code: 3,
      stderr: ["1 of 5,003 rows failed"],
    });
    expect(folder.read("out.csv")).toBe(`x\n1\n${"2\n".repeat(5000)}3\n`);
    const { inputs } = JSON.parse(folder.read("s.json")) as { inputs: { sha256: string }[] };
    const hash = new Bun.CryptoHasher("sha256").update(compress("x\n1\n")).digest("hex");
    expect(inputs[0]?.sha256).toBe(hash);
  });
});

describe("xz", () => {
  test("is named, with what to do", async () => {
    const folder = binary.folder({ "a.csv.xz": Buffer.from("fd377a585a0000", "hex") });
    (await folder.run(["-e", "row", "a.csv.xz"])).expect({
      code: 1,
      stderr: ["compressed with xz", "xz -dc a.csv.xz"],
    });
  });
});
