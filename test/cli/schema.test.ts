/** `rowmill schema`: the file that it prints runs, takes all that was seen, and loses nothing. */
import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** The lines of the schema that is printed for an input. */
async function schemaOf(input: string, args: string[] = []): Promise<string> {
  const ran = await binary.folder().run(["schema", ...args], { stdin: input });
  ran.expect({ stdout: /./ });
  return ran.stdout;
}

describe("the scientists", () => {
  test("a transform file, one line a column, which runs", async () => {
    const folder = binary.scientists();
    (await folder.run(["schema", "scientists.csv"])).expect({
      stdout: `// What rowmill schema saw in all 7 rows of scientists.csv.
import { z } from "zod";

export const schema = z.object({
  name: z.string(), // 7 different, 9 to 12 characters
  born: z.number().int(), // 1815 to 1951, 7 different
});

export default (row: z.infer<typeof schema>) => row;
`,
    });
    (await folder.run(["schema", "scientists.csv", "-o", "s.ts"])).expect({});
    (await folder.run(["run", "s.ts", "scientists.csv"])).expect({ stdout: folder.read("scientists.csv") });
  });

  test("-o never writes over a file, unless told so", async () => {
    const folder = binary.scientists();
    folder.write({ "s.ts": "mine" });
    (await folder.run(["schema", "scientists.csv", "-o", "s.ts"])).expect({
      code: 1,
      stderr: ["cannot write s.ts: there is a file of that name", "--force"],
    });
    expect(folder.read("s.ts")).toBe("mine");
    (await folder.run(["schema", "scientists.csv", "-o", "s.ts", "--force"])).expect({});
    expect(folder.read("s.ts")).toContain("z.object");
    (await folder.run(["schema", "scientists.csv", "-o", "none/s.ts"])).expect({
      code: 1,
      stderr: ["cannot write none/s.ts: its folder does not exist"],
    });
  });

  test("--json-schema", async () => {
    const ran = await binary.scientists().run(["schema", "scientists.csv", "--json-schema"]);
    ran.expect({ stdout: /^\{/ });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      type: "object",
      properties: { name: { type: "string" }, born: { type: "integer" } },
      required: ["name", "born"],
    });
  });
});

describe("what a column of CSV is", () => {
  test.each([
    ["whole numbers", "1,-5,0", "z.number().int()"],
    ["numbers", "1,0.5,1e-7", "z.number()"],
    ["the largest integer", "9007199254740991", "z.number().int()"],
    ["ids beyond 2^53", "9007199254740992", "z.string()"],
    ["leading zeros", "007,1", "z.string()"],
    ["exponents", "1e5,3", "z.string()"],
    ["decimals that JavaScript writes otherwise", "1.0,2.5", "z.string()"],
    ["plus signs", "+1", "z.string()"],
    ["minus zero", "-0", "z.string()"],
    ["infinity", "Infinity", "z.string()"],
    ["hexadecimal", "0x10", "z.string()"],
    ["booleans", "true,false,true", "z.boolean()"],
    ["other booleans", "True,False", "z.string()"],
    ["days", "2024-02-29,2023-12-31", "z.iso.date()"],
    ["no days", "2023-02-29", "z.string()"],
    ["timestamps as JavaScript writes them", "2024-02-29T10:00:00.000Z", "z.date()"],
    ["other timestamps", "2024-02-29T10:00:00Z", "z.iso.datetime()"],
    ["timestamps with offsets", "2024-02-29T10:00:00+02:00", "z.iso.datetime({ offset: true })"],
    ["local timestamps", "2024-02-29T10:00:00", "z.iso.datetime({ local: true })"],
    ["times", "10:00,23:59:59", "z.iso.time()"],
    ["UUIDs", "123e4567-e89b-42d3-a456-426614174000", "z.uuid()"],
    ["addresses", "ada@example.org", "z.email()"],
    ["empty fields", ",", "z.string()"],
    ["numbers and empty fields", "1,,2", "z.number().int().optional()"],
    ["texts and empty fields", "a,,b", "z.string()"],
    ["few texts, often", "a,b,a,b,b,b,a,a", 'z.enum(["a", "b"])'],
    ["few texts, often, and empty fields", "a,b,,b,b,b,a,a,a", 'z.enum(["a", "b"]).optional()'],
  ])("%s", async (_, values, code) => {
    // A second column: a line with one empty field would be blank.
    const rows = values.split(",").map((value) => `${value},x\n`);
    const csv = `a,b\n${rows.join("")}`;
    const file = await schemaOf(csv);
    expect(file).toContain(`\n  a: ${code},`);
    const folder = binary.folder({ "s.ts": file });
    (await folder.run(["run", "s.ts"], { stdin: csv })).expect({ stdout: csv });
  });

  test("notes say what was seen", async () => {
    const file = await schemaOf('a,b,c\n1,1.20,"x\ny"\n,7,\n');
    expect(file).toContain("  a: z.number().int().optional(), // always 1, 1 of 2 empty\n");
    expect(file).toContain("a number would write 1.20 as 1.2");
    expect(file).toContain("line breaks in 1, 1 of 2 empty");
  });

  test("a sample is said to be one; --all looks at all", async () => {
    const csv = `a\n${"1\n".repeat(20)}x\n`;
    const sampled = await schemaOf(csv, ["--sample", "20"]);
    expect(sampled).toContain("// What rowmill schema saw in the first 20 rows of standard input.");
    expect(sampled).toContain("a: z.number().int()");
    const all = await schemaOf(csv, ["--all"]);
    expect(all).toContain("all 21 rows");
    expect(all).toContain('a: z.enum(["1", "x"])');
    const folder = binary.folder();
    (await folder.run(["schema", "--all", "--sample", "3"])).expect({ code: 2, stderr: ["--all and --sample"] });
  });

  test("no rows, and nothing at all", async () => {
    const file = await schemaOf("b,a\n");
    expect(file).toContain("all 0 rows");
    const folder = binary.folder({ "s.ts": file });
    (await folder.run(["run", "s.ts"], { stdin: "b,a\n" })).expect({ stdout: "b,a\n" });
    expect(await schemaOf("")).toContain("z.object({})");
  });

  test("a row that cannot be read is named", async () => {
    const folder = binary.folder({ "a.csv": "a,b\n1,2\n3\n" });
    (await folder.run(["schema", "a.csv"])).expect({ code: 1, stderr: ["a.csv:3", "1 field"] });
  });
});

describe("names", () => {
  test("of any kind are valid code, and lose nothing", async () => {
    const names = [
      "__proto__",
      "constructor",
      "toString",
      "0",
      "a-b",
      "",
      'q"uote',
      "back\\slash",
      "line\nfeed",
      "${x}",
      "`",
      "*/",
      "// x",
      "zé",
      "日本",
      "\u2028",
      "\u202e",
      "😀",
      "class",
    ];
    const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
    const csv = `${quoted}\n${names.map(() => "1").join(",")}\n${names.map((_, at) => `0${at}`).join(",")}\n`;
    const folder = binary.folder({ "a.csv": csv, "s.ts": await schemaOf(csv) });
    const again = await folder.run(["run", "s.ts", "a.csv", "--to", "jsonl"]);
    const plain = await folder.run(["-e", "row", "a.csv", "--to", "jsonl"]);
    again.expect({ stdout: plain.stdout });
    expect(plain.stdout).toContain('"__proto__":"1"');
    const checked = await folder.run(["schema", "a.csv", "--json-schema"]);
    expect(JSON.parse(checked.stdout).required).toContain("line\nfeed");
  });

  test("values cannot leave their comment or literal", async () => {
    const evil = ["\u2028process.exit(7)//", "\nprocess.exit(7)//", '"]);process.exit(7)//', "`${process.exit(7)}`"];
    const csv = `a\n${evil.flatMap((text) => Array<string>(5).fill(`"${text.replaceAll('"', '""')}"\n`)).join("")}`;
    const file = await schemaOf(csv);
    expect(file).toContain("z.enum([");
    const folder = binary.folder({ "s.ts": file, "a.csv": csv });
    (await folder.run(["run", "s.ts", "a.csv", "--to", "json"])).expect({ stdout: /^\[/ });
    const one = await schemaOf('a\n"\u2028process.exit(7)//"\n');
    folder.write({ "one.ts": one });
    (await folder.run(["run", "one.ts"], { stdin: "a\nx\n" })).expect({ stdout: "a\nx\n" });
  });
});

describe("how the input is read", () => {
  test("is kept in the file", async () => {
    const folder = binary.folder({ "a.csv": "x\n1|NA\n|2\n" });
    const args = ["--skip-lines", "1", "-d", "|", "-n", "--null", "NA"];
    (await folder.run(["schema", "a.csv", ...args, "-o", "s.ts"])).expect({});
    expect(folder.read("s.ts")).toContain(
      'export const options = { delimiter: "|", skipLines: 1, noHeaders: true, null: "NA" };',
    );
    (await folder.run(["run", "s.ts", "a.csv", "--out-delimiter", "|"])).expect({ stdout: "1|NA\n|2\n" });
  });

  test("with --types, --columns and --ragged", async () => {
    expect(await schemaOf("a,b\n007,x\n,y\n", ["--types", "a=int"])).toContain(
      "a: z.number().int().optional(), // always 7",
    );
    expect(await schemaOf("a\n1\n", ["--columns", "n m"])).toMatch(/--columns 'n m'[\s\S]*"n m": z/);
    const csv = "a,b\n1\n2,3\n";
    const folder = binary.folder({ "a.csv": csv });
    (await folder.run(["schema", "a.csv", "--ragged", "-o", "s.ts"])).expect({});
    expect(folder.read("s.ts")).toMatch(
      /b: z\.number\(\)\.int\(\)\.optional\(\), .*1 of 2 missing[\s\S]*columns = \["a", "b"\]/,
    );
    (await folder.run(["run", "s.ts", "a.csv"])).expect({ stdout: "a,b\n1,\n2,3\n" });
  });

  test("several inputs are one", async () => {
    const folder = binary.folder({ "a.csv": "a,b\n1,x\n", "b.csv": "b,a\ny,z\n" });
    const ran = await folder.run(["schema", "a.csv", "b.csv"]);
    ran.expect({ stdout: /all 2 rows of a\.csv, b\.csv[\s\S]*a: z\.string\(\)/ });
  });
});

describe("JSON", () => {
  const rows = [
    { id: 1, tags: ["a", "b"], at: { x: 1, y: null }, mixed: 1, day: "2024-01-01", n: null, "a-b": true },
    { id: 2, tags: [], at: { x: 2.5 }, mixed: "one", day: "2024-01-02", n: null, extra: [{ k: 1 }, { k: "x", l: 2 }] },
  ];
  const jsonl = rows.map((row) => `${JSON.stringify(row)}\n`).join("");

  test("nested objects, arrays, unions, keys that are missing, nulls", async () => {
    const file = await schemaOf(jsonl, ["--from", "jsonl"]);
    expect(file).toContain(`export const schema = z.object({
  id: z.number().int(), // 1 to 2
  tags: z.array(z.string()), // at most 2 items
  at: z.object({
    x: z.number(), // 1 to 2.5
    y: z.null().optional(), // 1 of 1 null, 1 of 2 missing
  }),
  mixed: z.union([z.number().int(), z.string()]), // always 1, always "one"
  day: z.iso.date(), // 2 different, 10 characters
  n: z.null(), // 2 of 2 null
  "a-b": z.boolean().optional(), // 1 of 2 missing
  extra: z.array(z.object({ // at most 2 items, 1 of 2 missing
    k: z.union([z.number().int(), z.string()]), // always 1, always "x"
    l: z.number().int().optional(), // always 2, 1 of 2 missing
  })).optional(),
});`);
    const folder = binary.folder({ "s.ts": file });
    (await folder.run(["run", "s.ts"], { stdin: jsonl })).expect({ stdout: jsonl });
  });

  test("an array of objects", async () => {
    const folder = binary.folder({ "a.json": JSON.stringify(rows) });
    (await folder.run(["schema", "a.json", "-o", "s.ts"])).expect({});
    (await folder.run(["run", "s.ts", "a.json", "--to", "jsonl"])).expect({ stdout: jsonl });
  });

  test("large integers, keys called __proto__, numbers as texts", async () => {
    const lines =
      '{"id":12345678901234567890,"o":{"__proto__":1},"__proto__":"p","t":"007"}\n{"id":1,"o":{},"t":"1"}\n';
    const file = await schemaOf(lines, ["--ijsonl"]);
    expect(file).toContain("id: z.union([z.number().int(), z.bigint()])");
    expect(file).toContain("t: z.string()");
    const folder = binary.folder({ "s.ts": file });
    (await folder.run(["run", "s.ts"], { stdin: lines })).expect({ stdout: lines });
  });

  test("a key that every object inherits may be missing", async () => {
    const lines = '{"a":1,"constructor":"x","o":{"toString":1}}\n{"a":2,"o":{}}\n';
    const folder = binary.folder({ "s.ts": await schemaOf(lines, ["--ijsonl"]) });
    (await folder.run(["run", "s.ts"], { stdin: lines })).expect({ stdout: lines });
  });

  test("a sample leaves room for keys that it had not", async () => {
    const lines = '{"a":1}\n{"a":2,"b":{"c":1}}\n';
    const file = await schemaOf(lines, ["--ijsonl", "--sample", "1"]);
    expect(file).toContain("z.looseObject({");
    const folder = binary.folder({ "s.ts": file });
    (await folder.run(["run", "s.ts"], { stdin: lines })).expect({ stdout: lines });
  });

  test("an object with thousands of keys is a map", async () => {
    const map = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`k${at}`, at]));
    const lines = `${JSON.stringify({ map })}\n`;
    const file = await schemaOf(lines, ["--ijsonl"]);
    expect(file).toContain("map: z.record(z.string(), z.number().int())");
    const folder = binary.folder({ "s.ts": file });
    (await folder.run(["run", "s.ts"], { stdin: lines })).expect({ stdout: lines });
  });
});
