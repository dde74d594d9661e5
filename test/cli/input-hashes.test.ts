/** The SHA-256 of inputs that `--summary` keeps, of inputs long enough for workers to find their rows and a thread to sum them. */
import { describe, expect, test } from "bun:test";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

const ROWS = 150_000;

/** About 9 MB. Some of its line feeds are quoted. */
const CSV = `id,text\n${Array.from({ length: ROWS }, (_, n) =>
  n % 1000 === 7 ? `${n},"a\nb ${"x".repeat(40)}"` : `${n},some text ${n} ${"y".repeat(40)}`,
).join("\n")}\n`;
const JSONL = Array.from({ length: ROWS }, (_, n) => `{"id":${n},"text":"${"y".repeat(40)}"}\n`).join("");

interface Hash {
  name: string;
  bytes: number;
  sha256: string;
}

function hashesIn(folder: Folder, path = "log.json"): Hash[] {
  return (JSON.parse(folder.read(path)) as { inputs: Hash[] }).inputs;
}

/** What a summary has to say of so many of a file's first bytes. */
function hashOf(name: string, content: string | Uint8Array, bytes = Buffer.byteLength(content)): Hash {
  const read = Buffer.from(content).subarray(0, bytes);
  return { name, bytes, sha256: new Bun.CryptoHasher("sha256").update(read).digest("hex") };
}

describe("a long input has the hash of its bytes", () => {
  test.each([
    ["CSV", "in.csv", CSV, "-e row"],
    ["CSV whose rows are counted before they are read", "in.csv", CSV, "-b 1000 -e row"],
    ["rows that are not looked at", "in.csv", CSV, "--count"],
    ["rows with something in common", "in.csv", CSV, "--group-by text --count"],
    ["JSON lines", "in.jsonl", JSONL, "-e row"],
    ["what is read by a thread that unpacks", "in.csv.gz", Bun.gzipSync(CSV), "-e row"],
    ["UTF-16", "in.csv", Buffer.from(`\uFEFF${CSV}`, "utf16le"), "-e row"],
  ])("%s", async (_, name, content, how) => {
    const folder = binary.folder({ [name]: content });
    (await folder.bash(`rowmill ${how} ${name} --summary log.json > out`)).expect({});
    expect(hashesIn(folder)).toEqual([hashOf(name, content)]);
  });

  test("from standard input", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    (await folder.bash("cat in.csv | rowmill -e row --summary log.json > out")).expect({});
    expect(hashesIn(folder)).toEqual([hashOf("-", CSV)]);
  });

  test("packed in blocks, whole and one of several", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    (await folder.run(["-e", "row", "in.csv", "-o", "in.csv.bgz"])).expect({});
    (
      await folder.bash("cp in.csv.bgz b.csv.bgz; rowmill -e row in.csv.bgz in.csv b.csv.bgz --summary log.json > out")
    ).expect({});
    const packed = await Bun.file(folder.at("in.csv.bgz")).bytes();
    expect(hashesIn(folder)).toEqual([
      hashOf("in.csv.bgz", packed),
      hashOf("in.csv", CSV),
      hashOf("b.csv.bgz", packed),
    ]);
  });

  test("as Parquet", async () => {
    const folder = binary.folder({ "in.csv": CSV });
    (await folder.run(["-e", "{ id, text: text + Math.sin(id) }", "in.csv", "-o", "in.parquet"])).expect({});
    (await folder.bash("rowmill -e row in.parquet --summary log.json > out")).expect({});
    expect(hashesIn(folder)).toEqual([hashOf("in.parquet", await Bun.file(folder.at("in.parquet")).bytes())]);
  });
});

test("more long files than are kept open, and short ones between them", async () => {
  const short = "id,text\n1,a\n";
  const names = Array.from({ length: 12 }, (_, n) => `${String(n).padStart(2, "0")}.csv`);
  const contents = names.map((_, n) => (n % 3 === 1 ? short : CSV.replaceAll("some", `no ${n}`)));
  const folder = binary.folder(Object.fromEntries(names.map((name, n) => [name, contents[n] ?? ""])));
  (await folder.bash("rowmill -e row *.csv --summary log.json | wc -l")).expect({ stdout: /^\d+\n$/ });
  expect(hashesIn(folder)).toEqual(names.map((name, n) => hashOf(name, contents[n] ?? "")));
});

test("a file that is not read to its end has the hash of what was read", async () => {
  const folder = binary.folder({ "in.csv": CSV });
  (await folder.bash("rowmill -e row in.csv --limit 120000 --summary log.json > out")).expect({});
  const [found] = hashesIn(folder);
  expect(found?.bytes).toBeGreaterThan(6_000_000);
  expect(found?.bytes).toBeLessThan(CSV.length);
  expect(found).toEqual(hashOf("in.csv", CSV, found?.bytes));
});

test("a run that goes on has the hash of all, also of what was read before", async () => {
  const code = `import { existsSync } from "node:fs";
    export default (row) => {
      // Long after a checkpoint.
      if (row.id === "100000" && !existsSync("go")) setTimeout(() => process.kill(process.pid, "SIGKILL"), 1500);
      return row.id === "100000" ? Bun.sleep(existsSync("go") ? 0 : 60_000).then(() => row) : row;
    };`;
  const folder = binary.folder({ "0.csv": CSV, "1.csv": CSV.replace("id,text\n0,", "id,text\n-1,"), "x.ts": code });
  const command = "rowmill run x.ts 0.csv 1.csv -o out.csv --summary log.json";
  (await folder.bash(command)).expect({ code: 137 });
  (await folder.bash(`touch go; ${command} --resume`)).expect({ stderr: [/^/] });
  expect(hashesIn(folder)).toEqual(["0.csv", "1.csv"].map((name) => hashOf(name, folder.read(name))));
});

test("a run that fails has the hash of what was read", async () => {
  const folder = binary.folder({ "in.csv": CSV });
  (
    await folder.bash(`rowmill -e 'id === "100000" ? JSON.parse("{") : row' in.csv -o out.csv --summary log.json`)
  ).expect({
    code: 1,
    stderr: [/in\.csv:100102: JSON/],
  });
  const [found] = hashesIn(folder);
  expect(found).toEqual(hashOf("in.csv", CSV, found?.bytes));
});
