import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const ROWS = [
  { name: "Ada", note: "a,b", born: "1815" },
  { name: "Émilie", note: 'say "hi"\ttwice', born: "1706" },
  { name: "Tu", note: "two\nlines", born: "" },
];

const CSV = 'name,note,born\nAda,"a,b",1815\nÉmilie,"say ""hi""\ttwice",1706\nTu,"two\nlines",\n';
const TSV = 'name\tnote\tborn\nAda\ta,b\t1815\nÉmilie\t"say ""hi""\ttwice"\t1706\nTu\t"two\nlines"\t\n';
const JSONL = `${ROWS.map((row) => JSON.stringify(row)).join("\n")}\n`;
const JSON_ARRAY = `[\n${ROWS.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`;
const TABLE = `┌────────┬────────────────┬──────┐
│ name   │ note           │ born │
├────────┼────────────────┼──────┤
│ Ada    │ a,b            │ 1815 │
│ Émilie │ say "hi" twice │ 1706 │
│ Tu     │ two⏎lines      │      │
└────────┴────────────────┴──────┘
`;

const INPUTS = { csv: CSV, tsv: TSV, jsonl: JSONL, json: JSON_ARRAY };
const OUTPUTS = { ...INPUTS, table: TABLE };

/** Of text, a column of numbers is one of numbers in JSON, and an empty field of it is null. */
function fromText(json: string): string {
  return json.replaceAll(/"born":"(\d+)"/g, '"born":$1').replaceAll('"born":""', '"born":null');
}

describe("every input format to every output format", () => {
  for (const [from, input] of Object.entries(INPUTS)) {
    for (const [to, same] of Object.entries(OUTPUTS)) {
      // TSV that is made of something else has no quotes, and then no field with a tab.
      const quoted = to === "tsv" && from !== "tsv" ? ["--out-quote", '"'] : [];
      const isTyped = (from === "csv" || from === "tsv") && (to === "jsonl" || to === "json");
      const output = isTyped ? fromText(same) : same;
      test(`${from} file to ${to}`, async () => {
        const folder = binary.folder({ [`in.${from}`]: input });
        (await folder.run(["-e", "row", `in.${from}`, "--to", to, ...quoted])).expect({ stdout: output });
      });

      test(`${from} from stdin to ${to}`, async () => {
        const folder = binary.folder();
        (await folder.run(["-e", "row", `--i${from}`, `--o${to}`, ...quoted], { stdin: input })).expect({
          stdout: output,
        });
      });

      if (to === "table") continue;
      test(`${from} file to ${to} file, by their names`, async () => {
        const folder = binary.folder({ [`in.${from}`]: input });
        (await folder.run(["-e", "row", `in.${from}`, "-o", `out.${to}`, ...quoted])).expect({});
        expect(folder.read(`out.${to}`)).toBe(output);
        expect(folder.names()).toEqual([`in.${from}`, `out.${to}`]);
      });
    }
  }
});

describe("formats by name", () => {
  test("the output has the input's format when nothing is said", async () => {
    const folder = binary.folder({ "in.ndjson": JSONL, "in.tab": TSV, "in.JSON": JSON_ARRAY });
    (await folder.run(["-e", "row", "in.ndjson"])).expect({ stdout: JSONL });
    (await folder.run(["-e", "row", "in.tab"])).expect({ stdout: TSV });
    (await folder.run(["-e", "row", "in.JSON"])).expect({ stdout: JSON_ARRAY });
  });

  test("stdin is csv", async () => {
    (await binary.folder().run(["-e", "row"], { stdin: CSV })).expect({ stdout: CSV });
  });

  test("--from wins over the extension", async () => {
    const folder = binary.folder({ "in.txt": JSONL });
    (await folder.run(["-e", "row", "--from", "jsonl", "in.txt", "--to", "csv"])).expect({ stdout: CSV });
  });
});

describe("json", () => {
  test("numbers, integers of any length and nesting leave as they came", async () => {
    const line = '{"a":1,"b":-0.5,"c":12345678901234567890,"d":{"e":[1,null,true,"x"]},"f":9007199254740993}\n';
    const folder = binary.folder({ "in.jsonl": line, "in.json": `[${line}]` });
    (await folder.run(["-e", "r => r", "in.jsonl"])).expect({ stdout: line });
    (await folder.run(["-e", "r => r", "in.json"])).expect({ stdout: `[\n${line}]\n` });
  });

  test("an integer beyond 2^53-1 is a bigint for the function", async () => {
    const folder = binary.folder({ "in.jsonl": '{"n":12345678901234567890}\n' });
    (await folder.run(["-e", "{ type: typeof n, n: n + 1n }", "in.jsonl"])).expect({
      stdout: '{"type":"bigint","n":12345678901234567891}\n',
    });
  });

  test("objects and arrays are JSON in a field of csv", async () => {
    const folder = binary.folder({ "in.jsonl": '{"a":{"b":1},"c":[1,2]}\n' });
    (await folder.run(["-e", "row", "in.jsonl", "--to", "csv"])).expect({ stdout: 'a,c\n"{""b"":1}","[1,2]"\n' });
  });

  test("an array in one line, pretty or empty", async () => {
    const folder = binary.folder({
      "one.json": '[{"a":1},{"a":2}]',
      "pretty.json": '\n[\n  {\n    "a": 1\n  },\n  { "a": 2 }\n]\n\n',
      "empty.json": " [ ] ",
    });
    (await folder.run(["-e", "row", "one.json"])).expect({ stdout: '[\n{"a":1},\n{"a":2}\n]\n' });
    (await folder.run(["-e", "row", "pretty.json", "--to", "csv"])).expect({ stdout: "a\n1\n2\n" });
    (await folder.run(["-e", "row", "empty.json"])).expect({ stdout: "[]\n" });
    (await folder.run(["-e", "row", "empty.json", "--to", "csv"])).expect({ stdout: "" });
  });

  test("values of all kinds have one form in csv", async () => {
    const folder = binary.folder({ "in.csv": "a\n1\n" });
    const expression = `{ s: "x", n: 1e21, i: 5, big: 10n ** 20n, t: true, d: new Date(0), u: undefined, z: null,
      o: { a: 1 }, l: [1] }`;
    (await folder.run(["-e", expression, "in.csv"])).expect({
      stdout:
        's,n,i,big,t,d,u,z,o,l\nx,1e+21,5,100000000000000000000,true,1970-01-01T00:00:00.000Z,,,"{""a"":1}",[1]\n',
    });
  });

  test("NaN and infinities are no numbers that could be written", async () => {
    const folder = binary.folder({ "in.csv": "a,t\n0,x\n" });
    for (const [expression, value] of [
      ["{ v: a / a }", "NaN"],
      ["{ v: 1 / a }", "Infinity"],
      ["{ v: t * 2 }", "NaN"],
    ]) {
      for (const to of ["csv", "jsonl", "table"]) {
        (await folder.run(["-e", expression ?? "", "in.csv", "--to", to])).expect({
          code: 1,
          stderr: [`in.csv:2: the result cannot be written: column v: ${value} is no number`],
        });
      }
    }
  });

  test("blank lines of jsonl are no rows, and a last line needs no line feed", async () => {
    const folder = binary.folder({ "in.jsonl": '\n{"a":1}\r\n   \n\n{"a":2}' });
    (await folder.run(["-e", "{ a, i, line: 0 }", "in.jsonl"])).expect({
      stdout: '{"a":1,"i":0,"line":0}\n{"a":2,"i":1,"line":0}\n',
    });
  });
});

describe("csv stays as it was", () => {
  test("fields are the text of the file", async () => {
    const text = "a,b,c\n0123,1e5,12345678901234567890\n 1 ,true,1.10\n";
    (await binary.folder({ "in.csv": text }).run(["-e", "r => r", "in.csv"])).expect({ stdout: text });
  });

  test("a quoted CRLF stays a CRLF; line ends of rows may be CRLF", async () => {
    const folder = binary.folder({ "in.csv": 'a,b\r\n"x\r\ny",1\r\n' });
    (await folder.run(["-e", "r => r", "in.csv"])).expect({ stdout: 'a,b\n"x\r\ny",1\n' });
  });

  test("a byte order mark is no part of the first name", async () => {
    const folder = binary.folder({ "in.csv": "\uFEFFa,b\n1,2\n" });
    (await folder.run(["-e", "{ a }", "in.csv"])).expect({ stdout: "a\n1\n" });
  });

  test("a lone empty field is quoted, and read again", async () => {
    const text = 'a\n""\nx\n""\n';
    (await binary.folder({ "in.csv": text }).run(["-e", "r => r", "in.csv"])).expect({ stdout: text });
  });
});
