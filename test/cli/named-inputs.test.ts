import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { naturalOrder } from "../../src/io/natural-order.ts";
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** Files of one row each, which says their name. */
function files(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `x\n${name}\n`]));
}

describe("patterns", () => {
  const cases: [pattern: string, found: string[]][] = [
    ["d/a*.csv", ["d/a1.csv", "d/a2.csv", "d/a10.csv"]],
    ["./d/a?.csv", ["d/a1.csv", "d/a2.csv"]],
    ["d/a[2-9].csv", ["d/a2.csv"]],
    ["d/{b,a1}.csv", ["d/a1.csv", "d/b.csv"]],
    ["**/*.csv", ["d/a1.csv", "d/a2.csv", "d/a10.csv", "d/b.csv", "d/e/a3.csv"]],
    ["*/e/*.csv", ["d/e/a3.csv"]],
  ];
  test.each(cases)("%s is expanded, in the order in which people count", async (pattern, found) => {
    const folder = binary.folder(files("d/a1.csv", "d/a2.csv", "d/a10.csv", "d/b.csv", "d/e/a3.csv"));
    (await folder.run(["-e", "row", pattern])).expect({ stdout: `x\n${found.map((name) => `${name}\n`).join("")}` });
  });

  test("beside plain names, with folders above and absolute ones", async () => {
    const folder = binary.folder(files("a1.csv", "a2.csv", "b.csv"));
    mkdirSync(folder.at("in"));
    const inputs = `../b.csv '../a*.csv' '${folder.path}/a[2].csv'`;
    (await folder.bash(`cd in && rowmill -e row ${inputs}`)).expect({ stdout: "x\nb.csv\na1.csv\na2.csv\na2.csv\n" });
  });

  test("a file of that very name comes first", async () => {
    const folder = binary.folder(files("a[1].csv", "a1.csv", "{b}.csv", "b.csv"));
    (await folder.run(["-e", "row", "a[1].csv", "{b}.csv"])).expect({ stdout: "x\na[1].csv\n{b}.csv\n" });
  });

  test("links to files are taken, folders and links that lead nowhere are not", async () => {
    const folder = binary.folder({ ...files("a.csv"), "f.csv/in.txt": "" });
    symlinkSync("a.csv", folder.at("link.csv"));
    symlinkSync("gone", folder.at("lost.csv"));
    (await folder.run(["-e", "row", "*.csv"])).expect({ stdout: "x\na.csv\na.csv\n" });
  });

  test.each(["d/*.csv", "nowhere/*.csv", "[.csv"])("%s: no match is an error", async (pattern) => {
    const folder = binary.folder({ "d/a.txt": "" });
    (await folder.run(["-e", "row", pattern])).expect({
      code: 1,
      stderr: [`cannot read ${pattern}: no file matches`, "hint: the pattern is looked for from the current folder"],
    });
  });

  test("the format is that of the first match", async () => {
    const folder = binary.folder({ "1.jsonl": '{"x":1}\n', "2.jsonl": '{"x":2}\n' });
    (await folder.run(["-e", "row", "*.jsonl"])).expect({ stdout: '{"x":1}\n{"x":2}\n' });
  });

  test("--in-place takes one that means one file", async () => {
    const folder = binary.folder(files("a1.csv", "b1.csv", "b2.csv"));
    (await folder.run(["-i", "-e", "{ x: x + '!' }", "a*.csv"])).expect({});
    expect(folder.read("a1.csv")).toBe("x\na1.csv!\n");
    (await folder.run(["-i", "-e", "row", "b*.csv"])).expect({ code: 2, stderr: ["--in-place needs one input file"] });
  });
});

/** A run that fails at a row that is bad, and keeps what it has done. */
const KEPT = "-e,decodeURIComponent(x)&&row,-o,out.csv,-b,100,--on-error,skip,--max-errors,0,--files-from,list".split(
  ",",
);

describe("--files-from", () => {
  test.each([
    ["lines", "b.csv\na 1.csv\n"],
    ["lines of Windows, blank ones among them, the last without an end", "b.csv\r\n\r\na 1.csv"],
    ["between NULs", "b.csv\0a 1.csv\0"],
  ])("%s", async (_, list) => {
    const folder = binary.folder({ ...files("a 1.csv", "b.csv"), list });
    (await folder.run(["-e", "row", "--files-from", "list"])).expect({ stdout: "x\nb.csv\na 1.csv\n" });
    (await folder.run(["-e", "row", "--files-from", "-"], { stdin: list })).expect({ stdout: "x\nb.csv\na 1.csv\n" });
    (await folder.run(["-e", "row", "a*.csv", "--files-from=list"])).expect({ stdout: "x\na 1.csv\nb.csv\na 1.csv\n" });
  });

  test("names stand for themselves: a line feed is one between NULs, a star is a star", async () => {
    const folder = binary.folder({ ...files("*.csv", "a.csv"), "l\nf.csv": "x\nfeed\n", list: "*.csv\0l\nf.csv\0" });
    (await folder.run(["-e", "row", "--files-from", "list"])).expect({ stdout: "x\n*.csv\nfeed\n" });
  });

  test("what is wrong with it", async () => {
    const folder = binary.folder({ ...files("a.csv"), empty: "\n", list: "a.csv\ngone.csv\n", stdin: "-\n" });
    const run = (list: string, ...inputs: string[]) =>
      folder.run(["-e", "row", "-o", "out", "--files-from", list, ...inputs], { stdin: "a.csv\n-\n" });
    (await run("none")).expect({ code: 1, stderr: ["cannot read the list none: there is no such file"] });
    (await run("empty")).expect({ code: 1, stderr: ["--files-from empty names no input"] });
    (await run("list")).expect({ code: 1, stderr: ["cannot read gone.csv: there is no such file"] });
    (await run("-")).expect({ code: 2, stderr: ["standard input is the list of inputs, and an input as well"] });
  });

  test("a run is resumed only with the files that it began with", async () => {
    const rows = Array.from({ length: 2000 }, (_, at) => `${at}\n`).join("");
    const folder = binary.folder({
      "a.csv": `x\n${rows}`,
      "b.csv": "x\n%\n",
      "c.csv": "x\n1\n",
      list: "a.csv\nb.csv\n",
    });
    const run = (...more: string[]) => folder.run([...KEPT, ...more]);
    (await run()).expect({ code: 1, stderr: ["--resume"] });
    folder.write({ list: "a.csv\nc.csv\n" });
    (await run("--resume")).expect({ code: 1, stderr: ["cannot resume out.csv: input 2 was b.csv and is c.csv"] });
    folder.write({ list: "a.csv\nb.csv\n" });
    (await run("--resume", "--max-errors", "1")).expect({ code: 3, stderr: ["1 of 2,001 rows failed"] });
    expect(folder.read("out.csv")).toBe(`x\n${rows}`);
  });
});

describe("naturalOrder", () => {
  test("counts", () => {
    const names = ["a", "a1", "a01b", "a2", "a10", "a10b", "a99999999999999999999", "a100000000000000000000", "b"];
    expect(names.toReversed().toSorted(naturalOrder)).toEqual(names);
  });

  test("is an order: names that count alike are told apart", () => {
    expect([naturalOrder("a01", "a1"), naturalOrder("a1", "a01"), naturalOrder("a1", "a1")]).toEqual([-1, 1, 0]);
  });
});
