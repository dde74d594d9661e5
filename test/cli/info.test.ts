/** `rowmill info`, and how commands beside run and eval are found. */
import { expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

test("says what the binary is, for people and for programs", async () => {
  const folder = binary.folder();
  const ran = await folder.run(["info", "--json"]);
  ran.expect({ stdout: /^\{.*\}\n$/ });
  expect(JSON.parse(ran.stdout)).toMatchObject({ rowmill: expect.any(String), binary: binary.path });
  (await folder.run(["info"])).expect({
    stdout: /^rowmill: .*\nbun: .*\n(?:.*\n)+limits: .*16777216 bytes a row.*\n$/,
  });
});

test("its help has usage, flags, examples and exit codes", async () => {
  const folder = binary.folder();
  for (const args of [
    ["info", "--help"],
    ["help", "info"],
    ["info", "-h"],
  ]) {
    (await folder.run(args)).expect({ stdout: /Usage: rowmill info[\s\S]*--json[\s\S]*Examples:[\s\S]*Exit codes:/ });
  }
  (await folder.run(["--help"])).expect({ stdout: /Commands:\n(?: .*\n)* {2}info / });
});

test("wrong words are a usage error", async () => {
  const folder = binary.folder();
  (await folder.run(["info", "--jsonn"])).expect({
    code: 2,
    stderr: ["unknown option --jsonn", "did you mean --json?"],
  });
  (await folder.run(["inof"])).expect({ code: 2, stderr: ["did you mean info?"] });
});

test("of a file: format, rows, columns, the first rows", async () => {
  (await binary.scientists().run(["info", "scientists.csv"])).expect({
    stdout: `input:    scientists.csv (126 bytes)
format:   csv, delimiter , (by the first rows), quote ", lines end with LF
encoding: utf-8
rows:     7
columns:  2, by all rows
┌────────┬─────────┬─────────────────────────────────┐
│ column │ type    │ seen                            │
├────────┼─────────┼─────────────────────────────────┤
│ name   │ string  │ 7 different, 9 to 12 characters │
│ born   │ integer │ 1815 to 1951, 7 different       │
└────────┴─────────┴─────────────────────────────────┘
┌──────────────┬──────┐
│ name         │ born │
├──────────────┼──────┤
│ Ada Lovelace │ 1815 │
│ Emmy Noether │ 1882 │
│ Marie Curie  │ 1867 │
│ Tu Youyou    │ 1930 │
│ Ada Yonath   │ 1939 │
└──────────────┴──────┘
`,
  });
});

test("counts all rows of a file, however few it looks at", async () => {
  const rows = Array.from({ length: 30_000 }, (_, at) => `${at};"a\nb"\r\n`).join("");
  const folder = binary.folder({ "a.csv": Buffer.from(`\ufeffn;t\r\n${rows}`) });
  const ran = await folder.run(["info", "a.csv", "--sample", "100", "--json"]);
  ran.expect({ stdout: /^\{/ });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    rows: 30_000,
    delimiter: ";",
    hasBom: true,
    hasCrlf: true,
    looked: { rows: 100, isAll: false, failed: 0 },
    columns: [
      { name: "n", type: "integer", zod: "z.number().int()", seen: ["0 to 99", "100 different"] },
      { name: "t", type: "string", seen: ['always "a\\nb"', "line breaks in 100"] },
    ],
    head: [{ n: "0", t: "a\nb" }, {}, {}, {}, {}],
  });
  (await folder.run(["info", "a.csv"])).expect({ stdout: /rows: {5}30000\n[^]*newlines: inside fields of t\n/ });
});

test("of standard input, of JSON, of nothing, of rows that cannot be read", async () => {
  const folder = binary.folder({ "a.jsonl": '{"id":12345678901234567890,"o":{"k":[1]}}\n', "empty.csv": "" });
  (await folder.run(["info", "-"], { stdin: "a,b\n1,2\n3\n4,5\n" })).expect({
    stdout: /^input: {4}standard input\n[^]*rows: {5}3\n[^]*1 of 3 rows failed[^]*standard input:3: [^]*│ a /,
  });
  (await folder.run(["info", "a.jsonl"])).expect({ stdout: /jsonl\n[^]*│ id +│ bigint [^]*"k":\[1\]/ });
  (await folder.run(["info", "a.jsonl", "--json"])).expect({ stdout: /"head":\[\{"id":12345678901234567890,/ });
  (await folder.run(["info", "empty.csv"])).expect({ stdout: /rows: {5}0\n/ });
  (await folder.run(["info", "none.csv"])).expect({ code: 1, stderr: ["none.csv"] });
});
