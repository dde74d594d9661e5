/** Things that are no plain files where files are named, folders that take nothing, and few files at once. */
import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { type Folder, type Ran, installBinary } from "./binary.ts";

const binary = installBinary();

const IN = { "in.csv": "n\n1\n" };
const isRoot = process.getuid?.() === 0;
/** Root may do everything: a line of bash is run as nobody, by `setpriv`. */
const canBeNobody = !isRoot || Bun.which("setpriv") !== null;

/** Runs a line of bash as somebody whose rights count. */
async function asNobody(folder: Folder, script: string): Promise<Ran> {
  if (!isRoot) return await folder.bash(script);
  // The folder of the tests is root's own.
  chmodSync(folder.at(".."), 0o755);
  const quoted = `'${script.replaceAll("'", `'\\''`)}'`;
  return await folder.bash(`setpriv --reuid=65534 --regid=65534 --clear-groups sh -c ${quoted}`);
}

describe("as input", () => {
  test("a FIFO, a device that is empty, files of /proc", async () => {
    const folder = binary.folder(IN);
    (await folder.bash("mkfifo f; cat in.csv > f & rowmill -e row f; wait")).expect({ stdout: "n\n1\n" });
    (await folder.run(["-e", "row", "/dev/null", "in.csv"])).expect({ stdout: "n\n1\n" });
    (await folder.run(["-e", "row", "/dev/null", "--to", "json"])).expect({ stdout: "[]\n" });
    (await folder.run(["-n", "-e", "row", "/proc/self/comm"])).expect({ stdout: "rowmill\n" });
    (await folder.run(["-e", "row", "/proc/self/mem"])).expect({ code: 1, stderr: ["cannot read /proc/self/mem"] });
  });

  test("a socket, a folder, links in a loop", async () => {
    const folder = binary.folder(IN);
    mkdirSync(folder.at("d"));
    symlinkSync("two", folder.at("one"));
    symlinkSync("one", folder.at("two"));
    using server = Bun.listen({ unix: folder.at("sock"), socket: { data() {} } });
    expect(server.unix).toBe(folder.at("sock"));
    const cases = { sock: "it is a socket", d: "it is a folder", one: "too many links" };
    for (const [name, why] of Object.entries(cases)) {
      (await folder.run(["-e", "row", "in.csv", name])).expect({
        code: 1,
        stdout: /^(n\n1\n)?$/,
        stderr: [`cannot read ${name}: ${why}`, "hint: "],
      });
    }
  });

  test.skipIf(!canBeNobody)("a file that may not be read", async () => {
    const folder = binary.folder(IN);
    chmodSync(folder.at("in.csv"), 0);
    (await asNobody(folder, "rowmill -e row in.csv")).expect({
      code: 1,
      stderr: ["cannot read in.csv: permission denied"],
    });
  });
});

describe("as output", () => {
  test("a folder that is gone, a link in a loop", async () => {
    const folder = binary.folder(IN);
    symlinkSync("two", folder.at("one"));
    symlinkSync("one", folder.at("two"));
    const before = folder.names();
    (await folder.run(["-e", "row", "in.csv", "-o", "one"])).expect({
      code: 1,
      stderr: ["cannot write one: too many links"],
    });
    const script = "mkdir gone && cd gone && rmdir ../gone && rowmill -e row ../in.csv -o out.csv";
    (await folder.bash(script)).expect({ code: 1, stderr: [/error: /] });
    expect(folder.names()).toEqual(before);
  });

  test.skipIf(!canBeNobody)("a folder that may not be written", async () => {
    const folder = binary.folder({ "ro/in.csv": "n\n1\n" });
    chmodSync(folder.at("ro"), 0o555);
    (await asNobody(folder, "rowmill -e row ro/in.csv -o ro/out.csv")).expect({
      code: 1,
      stderr: ["cannot write ro/out.csv: permission denied"],
    });
  });
});

/** Inputs of so many rows, in turns small and larger than what is read at once. */
function many(inputs: number): { folder: Folder; rows: string } {
  const texts = Array.from({ length: inputs }, (_, input) =>
    Array.from({ length: input % 5 === 0 ? 9000 : 20 }, (_unused, row) => `${input},row ${row}\n`).join(""),
  );
  const files = texts.map((text, input) => [`${String(input).padStart(3, "0")}.csv`, `n,m\n${text}`] as const);
  return { folder: binary.folder(Object.fromEntries(files)), rows: texts.join("") };
}

describe("32 open files", () => {
  test.each([1, 2, 4])("are enough for any number of inputs, with %d workers", async (jobs) => {
    for (const inputs of [1, 10, 100]) {
      const { folder, rows } = many(inputs);
      const run = `ulimit -n 32; rowmill -j ${jobs} -e row *.csv`;
      (await folder.bash(run)).expect({ stdout: `n,m\n${rows}` });
      (await folder.bash(`${run} -o out.txt --to csv`)).expect({});
      expect(folder.read("out.txt")).toBe(`n,m\n${rows}`);
    }
  });
});
