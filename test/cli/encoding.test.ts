/** Inputs that are not UTF-8: other encodings, bytes that are wrong in any, line ends of old Macs. */
import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const TEXT = 'naïve,日本\n"a\r\n""é""",😀\nœ,\n';

function utf16(text: string, { isBig = false, hasMark = true } = {}): Buffer {
  const bytes = Buffer.from((hasMark ? "\uFEFF" : "") + text, "utf16le");
  return isBig ? bytes.swap16() : bytes;
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

describe("--encoding", () => {
  test("UTF-16 is known by its byte order mark, in files and in streams", async () => {
    const folder = binary.folder({ "le.csv": utf16(TEXT), "be.csv": utf16(TEXT, { isBig: true }) });
    for (const name of ["le.csv", "be.csv"]) {
      (await folder.run(["-e", "row", name])).expect({ stdout: TEXT });
      (await folder.bash(`cat ${name} | rowmill -e row`)).expect({ stdout: TEXT });
    }
    (await folder.run(["-e", "row", "le.csv", "be.csv", "--limit", "3"])).expect({
      stdout: 'naïve,日本\n"a\r\n""é""",😀\nœ,\n"a\r\n""é""",😀\n',
    });
  });

  test("without a mark it is to be said, and the error says how", async () => {
    const folder = binary.folder({
      "le.csv": utf16(TEXT, { hasMark: false }),
      "be.csv": utf16(TEXT, { hasMark: false, isBig: true }),
    });
    (await folder.run(["-e", "row", "le.csv"])).expect({
      code: 1,
      stderr: ["cannot read le.csv", "UTF-16", "--encoding utf-16le"],
    });
    (await folder.bash("rowmill -e row < be.csv")).expect({
      code: 1,
      stderr: ["cannot read standard input", "--encoding utf-16be"],
    });
    (await folder.run(["-e", "row", "be.csv", "--encoding", "UTF-16BE"])).expect({ stdout: TEXT });
  });

  test("a large input goes through in pieces, rows with their lines and names", async () => {
    const rows = Array.from({ length: 60_000 }, (_, row) => `${row},é€😀,"q\nx"`);
    const folder = binary.folder({ "in.csv": utf16(`n,t,u\n${rows.join("\n")}\n`) });
    const ran = await folder.run(["-e", "(r, ctx) => ({ n: r.n, ok: r.t === 'é€😀', line: ctx.line })", "in.csv"]);
    ran.expect({ stdout: /^n,ok,line\n0,true,2\n/ });
    expect(ran.stdout.trimEnd().split("\n").at(-1)).toBe("59999,true,120000");
  });

  test.each([
    ["latin1", latin1("é,b\n\x80,1\n"), "é,b\n€,1\n"],
    ["windows-1251", Buffer.from([0xff, 0x0a, 0xc6, 0x0a]), "я\nЖ\n"],
    ["Shift_JIS", Buffer.from([0x93, 0xfa, 0x0a, 0x83, 0x5c, 0x0a]), "日\nソ\n"],
    ["gb18030", Buffer.from([0xba, 0xba, 0x0a, 0x81, 0x30, 0x84, 0x36, 0x0a]), "汉\n¥\n"],
  ])("%s", async (label, bytes, text) => {
    const folder = binary.folder({ "in.csv": bytes });
    (await folder.run(["-e", "row", "in.csv", "--encoding", label])).expect({ stdout: text });
    (await folder.run(["-e", "row", "--encoding", label], { stdin: bytes })).expect({ stdout: text });
  });

  test("a byte order mark wins over it", async () => {
    const folder = binary.folder({ "a.csv": "\uFEFFé\n1\n", "b.csv": utf16("é\n2\n"), "c.csv": latin1("\xe9\n3\n") });
    (await folder.run(["-e", "row", "a.csv", "b.csv", "c.csv", "--encoding", "latin1"])).expect({
      stdout: "é\n1\n2\n3\n",
    });
  });

  test("is for every format, and may be a transform's own", async () => {
    const folder = binary.folder({
      "in.jsonl": utf16('{"a":"é"}\n\n{"a":2}\n'),
      "in.json": utf16('[{"a":"é"},\n{"a":2}]'),
      "in.csv": latin1("\xe9\n1\n"),
      "x.ts": 'export const options = { encoding: "latin1" }; export default (row) => row;',
    });
    (await folder.run(["-e", "row", "in.jsonl"])).expect({ stdout: '{"a":"é"}\n{"a":2}\n' });
    (await folder.run(["-e", "row", "in.json", "--to", "jsonl"])).expect({ stdout: '{"a":"é"}\n{"a":2}\n' });
    (await folder.run(["x.ts", "in.csv"])).expect({ stdout: "é\n1\n" });
  });

  test("that is unknown is wrong usage", async () => {
    const folder = binary.folder({ "in.csv": "a\n1\n" });
    (await folder.run(["-e", "row", "in.csv", "--encoding", "utf-17"])).expect({
      code: 2,
      stderr: ['"utf-17"', "windows-1252"],
    });
  });

  test("is shown by --dry-run, as it was found", async () => {
    const folder = binary.folder({ "in.csv": utf16("a\n1\n"), "b.csv": "a\n1\n" });
    (await folder.run(["-e", "row", "in.csv", "--dry-run"])).expect({ stdout: /encoding: +utf-16le\n/ });
    (await folder.run(["-e", "row", "b.csv", "--dry-run"])).expect({ stdout: /encoding: +utf-8\n/ });
    (await folder.run(["-e", "row", "b.csv", "--encoding", "latin1", "--dry-run"])).expect({
      stdout: /encoding: +windows-1252\n/,
    });
  });

  test("malformed bytes end the run at their line, behind the rows before it, whatever the batches", async () => {
    const bytes = Buffer.concat([utf16("n,t\n1,a\n2,b\n3,"), Buffer.from([0, 0xd8]), utf16("c\n4,d\n").subarray(2)]);
    const folder = binary.folder({ "in.csv": bytes });
    const stderr = ["in.csv:4: ", "not utf-16le", "--encoding-errors replace"];
    for (const batch of [[], ["-b", "1"], ["-b", "100"]]) {
      (await folder.run(["-e", "row", "in.csv", ...batch])).expect({ code: 1, stdout: "n,t\n1,a\n2,b\n", stderr });
    }
    (await folder.run(["-e", "row", "in.csv", "--encoding-errors", "replace"])).expect({
      stdout: "n,t\n1,a\n2,b\n3,\uFFFDc\n4,d\n",
    });
  });
});

describe("--encoding-errors replace", () => {
  const REPLACE = ["--encoding-errors", "replace"];

  test("puts U+FFFD in the place of bytes that are not UTF-8, in rows and headers", async () => {
    const folder = binary.folder({
      "in.csv": latin1('a\xe9,b\nplain,1\n"q\xff ""z""\n",2\n\n\xe2\x82,3\n'),
      "in.jsonl": latin1('{"a":"\xff"}\n{"a":2}\n'),
      "in.json": latin1('[{"a":"\xff]"},\n{"a":12345678901234567890}]'),
    });
    const csv = 'a\uFFFD,b\nplain,1\n"q\uFFFD ""z""\n",2\n\uFFFD,3\n';
    for (const more of [[], ["-b", "1"], ["--lazy-quotes"]]) {
      (await folder.run(["-e", "row", "in.csv", ...REPLACE, ...more])).expect({ stdout: csv });
    }
    (await folder.run(["-e", "row", "in.jsonl", ...REPLACE])).expect({ stdout: '{"a":"\uFFFD"}\n{"a":2}\n' });
    (await folder.run(["-e", "row", "in.json", "--to", "jsonl", ...REPLACE])).expect({
      stdout: '{"a":"\uFFFD]"}\n{"a":12345678901234567890}\n',
    });
  });

  test("one bad byte among many rows changes its field only", async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => `${row},é€`);
    const bytes = Buffer.from(`n,t\n${rows.join("\n")}\n`);
    const at = bytes.indexOf("\n10000,") + 7;
    bytes[at] = 0xff;
    const folder = binary.folder({ "in.csv": bytes });
    const text = bytes.toString("utf8");
    expect(text.split("\n").filter((line) => line.includes("\uFFFD"))).toEqual(["10000,\uFFFD\uFFFD€"]);
    (await folder.run(["-e", "row", "in.csv", ...REPLACE])).expect({ stdout: text });
    (await folder.run(["-e", "row", "in.csv"])).expect({ code: 1, stdout: /^/, stderr: ["in.csv:10002: ", "0xff"] });
  });
});

describe("line ends of old Macs", () => {
  test("are refused, with the way out", async () => {
    const folder = binary.folder({
      "in.csv": 'a,b\r1,"x\r"\r',
      "big.csv": "a,b\r1,2\r".repeat(20_000),
      "in.jsonl": '{"a":1}\r{"a":2}\r',
    });
    const toLineFeeds = String.raw`awk '{ sub(/\r$/, ""); gsub(/\r/, "\n") } 1'`;
    const stderr = ["CR alone", toLineFeeds];
    for (const name of ["in.csv", "big.csv", "in.jsonl"]) {
      (await folder.run(["-e", "row", name])).expect({ code: 1, stderr: [`cannot read ${name}`, ...stderr] });
      (await folder.bash(`cat ${name} | rowmill -e row --from ${name.split(".")[1]}`)).expect({ code: 1, stderr });
    }
    (await folder.bash(`${toLineFeeds} < in.csv | rowmill -e row`)).expect({ stdout: 'a,b\n1,"x\n"\n' });
  });

  test("a lone CR inside fields is text, in the header too", async () => {
    const text = '"a\rb",c\n"x\ry",1\n';
    const folder = binary.folder({ "in.csv": text, "bare.csv": "a,b\nx\ry,1\n", "header.csv": '"a\rb"' });
    (await folder.run(["-e", "row", "in.csv"])).expect({ stdout: text });
    (await folder.run(["-e", "row", "bare.csv"])).expect({ stdout: 'a,b\n"x\ry",1\n' });
    (await folder.run(["-e", "row", "header.csv"])).expect({ stdout: '"a\rb"\n' });
  });
});
