import { describe, expect, test } from "bun:test";
import { chmodSync, lstatSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const IN = "n\n1\n2\n";
const TIMES_TEN = ["-e", "{ n: n * 10 }"];
const OUT = "n\n10\n20\n";

describe("-o", () => {
  test("may be the input itself", async () => {
    const folder = binary.folder({ "in.csv": IN });
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "in.csv"])).expect({});
    expect(folder.read("in.csv")).toBe(OUT);
    expect(folder.names()).toEqual(["in.csv"]);
  });

  test("may be the input itself, of many batches", async () => {
    const numbers = Array.from({ length: 300_000 }, (_, n) => n);
    const folder = binary.folder({ "in.csv": `n\n${numbers.join("\n")}\n` });
    (await folder.run(["-e", "{ n: n + 1 }", "--types", "n=int", "in.csv", "-o", "in.csv"])).expect({});
    expect(folder.read("in.csv")).toBe(`n\n${numbers.map((n) => n + 1).join("\n")}\n`);
  });

  test("- is standard output", async () => {
    (await binary.folder().run([...TIMES_TEN, "-o", "-"], { stdin: IN })).expect({ stdout: OUT });
  });

  test("follows a link: the target is replaced, the link stays", async () => {
    const folder = binary.folder({ "in.csv": IN, "real/out.csv": "old\n" });
    symlinkSync("real/out.csv", folder.at("link.csv"));
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "link.csv"])).expect({});
    expect(readlinkSync(folder.at("link.csv"))).toBe("real/out.csv");
    expect(lstatSync(folder.at("real/out.csv")).isFile()).toBe(true);
    expect(folder.read("real/out.csv")).toBe(OUT);
    expect(folder.names()).toEqual(["in.csv", "link.csv", "real"]);
  });

  test("follows a link to a file that is not there yet", async () => {
    const folder = binary.folder({ "in.csv": IN, "real/x": "" });
    symlinkSync("real/out.csv", folder.at("link.csv"));
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "link.csv"])).expect({});
    expect(lstatSync(folder.at("link.csv")).isSymbolicLink()).toBe(true);
    expect(folder.read("real/out.csv")).toBe(OUT);
  });

  test("keeps the mode of the file that it replaces", async () => {
    const folder = binary.folder({ "in.csv": IN, "out.csv": "old\n" });
    for (const mode of [0o600, 0o640, 0o666, 0o755]) {
      chmodSync(folder.at("out.csv"), mode);
      (await folder.run([...TIMES_TEN, "in.csv", "-o", "out.csv"])).expect({});
      expect(statSync(folder.at("out.csv")).mode & 0o7777).toBe(mode);
    }
  });

  test("a new file has the mode that the umask leaves", async () => {
    const folder = binary.folder({ "in.csv": IN });
    (await folder.bash("umask 027; rowmill -e row in.csv -o out.csv")).expect({});
    expect(statSync(folder.at("out.csv")).mode & 0o7777).toBe(0o640);
  });

  test("writes devices and FIFOs directly", async () => {
    const folder = binary.folder({ "in.csv": IN });
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "/dev/null"])).expect({});
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
    (await folder.bash("mkfifo f; rowmill -e row in.csv -o f & cat f; wait $!")).expect({ stdout: IN });
    expect(folder.names()).toEqual(["f", "in.csv"]);
    (await folder.bash("rowmill -e row in.csv -o /dev/stdout | cat")).expect({ stdout: IN });
  });

  test("refuses a part file that is there, and leaves it", async () => {
    const folder = binary.folder({ "in.csv": IN, "out.csv": "old\n", "out.csv.part": "theirs\n" });
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "out.csv"])).expect({
      code: 1,
      stderr: ["a run that was cut off left out.csv.part", "--resume", "--restart"],
    });
    expect(folder.read("out.csv")).toBe("old\n");
    expect(folder.read("out.csv.part")).toBe("theirs\n");
  });

  test("never follows a link in the part file's place", async () => {
    const folder = binary.folder({ "in.csv": IN, victim: "safe\n" });
    symlinkSync("victim", folder.at("out.csv.part"));
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "out.csv"])).expect({ code: 1, stderr: ["out.csv.part"] });
    expect(folder.read("victim")).toBe("safe\n");
    expect(lstatSync(folder.at("out.csv.part")).isSymbolicLink()).toBe(true);
  });

  test("a folder, a missing folder, a file as folder", async () => {
    const folder = binary.folder({ "in.csv": IN, "sub/x": "" });
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "sub"])).expect({
      code: 1,
      stderr: ["cannot write sub: it is a folder"],
    });
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "no/out.csv"])).expect({
      code: 1,
      stderr: ["cannot write no/out.csv: its folder does not exist"],
    });
    (await folder.run([...TIMES_TEN, "in.csv", "-o", "in.csv/out.csv"])).expect({
      code: 1,
      stderr: ["cannot write in.csv/out.csv"],
    });
    (await folder.run([...TIMES_TEN, "in.csv", "-o", ""])).expect({ code: 2, stderr: ["-o"] });
  });

  test("a folder that cannot be written is found out before any row is mapped", async () => {
    const folder = binary.folder({ "in.csv": IN });
    const ran = await folder.run(["-e", "(row, ctx) => (ctx.log('ran'), row)", "in.csv", "-o", "no/out.csv"]);
    expect(ran.stderr).not.toContain("ran");
  });
});

describe("dialect of the output", () => {
  const input = 'a,b\n1,"x,y"\n,=1+1\n';
  const cases: [args: string[], output: string][] = [
    [["--bom"], '\uFEFFa,b\n1,"x,y"\n,=1+1\n'],
    [["--crlf"], 'a,b\r\n1,"x,y"\r\n,=1+1\r\n'],
    [["--quote-all"], '"a","b"\n"1","x,y"\n"","=1+1"\n'],
    [["--out-delimiter", ";"], "a;b\n1;x,y\n;=1+1\n"],
    [["--out-delimiter", "tab"], "a\tb\n1\tx,y\n\t=1+1\n"],
    [["--no-header-out"], '1,"x,y"\n,=1+1\n'],
    [["--escape-formulas"], 'a,b\n1,"x,y"\n,\'=1+1\n'],
    [["--to", "tsv"], "a\tb\n1\tx,y\n\t=1+1\n"],
    [["--bom", "--crlf", "--quote-all", "--out-delimiter", ";"], '\uFEFF"a";"b"\r\n"1";"x,y"\r\n"";"=1+1"\r\n'],
    [["--bom", "--no-header-out"], '\uFEFF1,"x,y"\n,=1+1\n'],
  ];
  for (const [args, output] of cases) {
    test(args.join(" "), async () => {
      const folder = binary.folder({ "in.csv": input });
      (await folder.run(["-e", "r => r", "in.csv", ...args])).expect({ stdout: output });
      (await folder.run(["-e", "r => ({ ...r })", "in.csv", "-b", "1", ...args])).expect({ stdout: output });
    });
  }

  test("--escape-formulas for every sign that starts one, and for no number", async () => {
    const folder = binary.folder({
      "in.jsonl": '{"a":"=1","b":"+1","c":"-1","d":"@x","e":"\\tx","f":"x=1","g":-1,"h":"-1+1"}\n',
    });
    (await folder.run(["-e", "row", "in.jsonl", "--to", "csv", "--escape-formulas"])).expect({
      stdout: "a,b,c,d,e,f,g,h\n'=1,+1,-1,'@x,'\tx,x=1,-1,'-1+1\n",
    });
  });

  test("--null is what null and undefined are written as", async () => {
    const folder = binary.folder({ "in.csv": "a\n1\n" });
    (await folder.run(["-e", "{ a, b: null, c: undefined, d: '' }", "in.csv", "--null", "\\N"])).expect({
      stdout: "a,b,c,d\n1,\\N,\\N,\n",
    });
  });

  test("an output in a dialect is read again in it", async () => {
    const text = 'a,b\n"x;y","""q"""\n';
    const folder = binary.folder({ "in.csv": text });
    const there = "rowmill -e 'r=>r' in.csv --out-delimiter ';' --crlf --bom";
    (await folder.bash(`${there} | rowmill -e 'r=>r' -d ';' --quote-all`)).expect({
      stdout: '"a","b"\n"x;y","""q"""\n',
    });
  });

  test("a table without a terminal is as wide as it must be", async () => {
    const folder = binary.folder({ "in.csv": `a,b\n${"x".repeat(50)},${"y".repeat(100)}\n` });
    const ran = await folder.run(["-e", "row", "in.csv", "--to", "table"]);
    ran.expect({ stdout: new RegExp(`│ x{50} │ y{50,}… │`) });
  });

  test("a table shows control characters and wide characters in one line each", async () => {
    const folder = binary.folder({ "in.jsonl": '{"a":"\\u001b[31mred","b":"数字"}\n{"a":"two\\nlines","b":"é"}\n' });
    const ran = await folder.run(["-e", "row", "in.jsonl", "--to", "table"]);
    ran.expect({ stdout: /two⏎lines/ });
    expect(ran.stdout).not.toContain("\u001b");
    expect(
      new Set(
        ran.stdout
          .trimEnd()
          .split("\n")
          .map((line) => Bun.stringWidth(line)),
      ).size,
    ).toBe(1);
  });

  test("a header of a table comes without rows too", async () => {
    (await binary.folder().run(["-e", "r => r", "--to", "table"], { stdin: "a,b\n" })).expect({ stdout: /│ a │ b │/ });
  });
});
