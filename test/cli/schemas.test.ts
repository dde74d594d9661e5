/** Schemas of several libraries on the binary, each from the transform's own node_modules, and zod from wherever it comes. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();
const PACKAGES = resolve(import.meta.dir, "../../node_modules");

const PEOPLE = {
  "people.csv": `name,born,height,joined,note
Ada,1815,,1843-09-01,first
"Noether, Emmy",1882,1.6,1915-01-01,n/a
Tu,x,1.5,1955-01-01,
`,
};

/** A folder in which packages are installed. */
function installed(names: readonly string[], files: Record<string, string>): Folder {
  const folder = binary.folder({ ...PEOPLE, ...files });
  for (const name of names) {
    const link = join(folder.path, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(PACKAGES, name), link);
  }
  return folder;
}

const FUNCTION = `export default ({ name, born, height, joined, ...more }) =>
  ({ name, age: 2017 - born, tall: height, year: joined.getUTCFullYear(), more: Object.keys(more).join(" ") });`;

const ROWS = 'name,age,tall,year,more\nAda,202,,1843,\n"Noether, Emmy",135,1.6,1915,\n';

describe("a schema of", () => {
  test("valibot reads and validates fields, and fixes the output's columns", async () => {
    const folder = installed(["valibot"], {
      "t.ts": `import * as v from "valibot";
        export const schema = v.object({ name: v.string(), born: v.pipe(v.number(), v.integer()),
          height: v.optional(v.number()), joined: v.date() });
        export const output = v.object({ year: v.number(), name: v.string(), age: v.number() });
        ${FUNCTION}`,
    });
    const ran = await folder.run(["t.ts", "people.csv", "--on-error", "skip"]);
    ran.expect({
      code: 3,
      stdout: 'year,name,age\n1843,Ada,202\n1915,"Noether, Emmy",135\n',
      stderr: ['people.csv:4: column born holds "x": Invalid type: Expected number but received "x"'],
    });
  });

  test("ArkType reads and validates fields, by the JSON Schema that it gives", async () => {
    const folder = installed(["arktype", "@ark/schema", "@ark/util", "arkregex"], {
      "t.ts": `import { type } from "arktype";
        export const schema = type({ name: "string", born: "number.integer", "height?": "number", joined: "Date", "+": "delete" });
        export const output = type({ name: "string", age: "number < 300", "tall?": "number | undefined", year: "number", more: "string" });
        ${FUNCTION}`,
    });
    const ran = await folder.run(["t.ts", "people.csv", "--on-error", "skip"]);
    ran.expect({ code: 3, stdout: ROWS, stderr: ['people.csv:4: column born holds "x": born must be a number'] });
  });

  test("zod in the transform's own node_modules", async () => {
    const folder = installed(["zod"], {
      "t.ts": `import { z } from "zod";
        export const schema = z.object({ name: z.string(), born: z.int(), height: z.number().optional(), joined: z.date() });
        ${FUNCTION}`,
    });
    const ran = await folder.run(["t.ts", "people.csv", "--on-error", "skip"]);
    ran.expect({
      code: 3,
      stdout: ROWS,
      stderr: ['column born holds "x": Invalid input: expected number, received string'],
    });
  });

  test("zod/mini", async () => {
    const folder = installed(["zod"], {
      "t.ts": `import * as z from "zod/mini";
        export const schema = z.object({ name: z.string(), born: z.int(), height: z.optional(z.number()), joined: z.date() });
        ${FUNCTION}`,
    });
    (await folder.run(["t.ts", "people.csv", "--limit", "2"])).expect({ stdout: ROWS });
  });
});

test("an optional field that is empty is no key for a schema that wants it so", async () => {
  const folder = installed(["valibot"], {
    "t.ts": `import * as v from "valibot";
      export const schema = v.object({ name: v.string(), height: v.exactOptional(v.number()) });
      export const columns = ["name", "height", "keys"];
      export default (row) => ({ ...row, keys: Object.keys(row).length });`,
  });
  (await folder.run(["t.ts", "people.csv", "--limit", "2"])).expect({
    stdout: 'name,height,keys\nAda,,1\n"Noether, Emmy",1.6,2\n',
  });
});

describe("a schema of zod is compiled, and zod itself judges what the code does not take:", () => {
  // That is when a function of the schema is called a second time.
  const transform = `import { z } from "zod";
    let calls = 0;
    export const schema = z.object({ name: z.string(), born: z.string().refine((text) => { if (text === "x") calls++; return text !== "x"; }) });
    export default ({ name, born }) => ({ name, born });
    export const teardown = (state, ctx) => ctx.log(calls + " calls");`;
  const stderr = ["2 calls", 'column born holds "x": Invalid input'];
  const stdout = 'name,born\nAda,1815\n"Noether, Emmy",1882\n';

  test("the built-in one", async () => {
    const folder = binary.folder({ ...PEOPLE, "t.ts": transform });
    (await folder.run(["t.ts", "people.csv", "--on-error", "skip", "-j", "1"])).expect({ code: 3, stdout, stderr });
  });

  test("the transform's own", async () => {
    const folder = installed(["zod"], { "t.ts": transform });
    (await folder.run(["t.ts", "people.csv", "--on-error", "skip", "-j", "1"])).expect({ code: 3, stdout, stderr });
  });

  test.each([
    ["the built-in one", []],
    ["the transform's own", ["zod"]],
  ])("in a program of the transform, %s", async (_, packages) => {
    const folder = installed(packages, { "t.ts": transform });
    (await folder.run(["compile", "t.ts", "-o", "people"])).expect({ stdout: /^people: /, stderr: [] });
    const ran = await folder.bash("./people people.csv --on-error skip -j 1");
    ran.expect({ code: 3, stdout, stderr });
  });
});

test("a discriminated union reads each row as what it is", async () => {
  const folder = binary.folder({
    "events.csv": 'kind,value,at\ncount,5,2024-01-01\nword,0123,2024-01-02\nlist,"[1,2]",\n',
    "t.ts": `import { z } from "zod";
      const at = z.date().optional();
      export const schema = z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("count"), value: z.number(), at }),
        z.object({ kind: z.literal("word"), value: z.string(), at }),
        z.object({ kind: z.literal("list"), value: z.array(z.number()), at }),
      ]);
      export default (row) => row;`,
  });
  (await folder.run(["t.ts", "events.csv", "--to", "jsonl"])).expect({
    stdout: `{"kind":"count","value":5,"at":"2024-01-01T00:00:00.000Z"}
{"kind":"word","value":"0123","at":"2024-01-02T00:00:00.000Z"}
{"kind":"list","value":[1,2]}
`,
  });
});

test("what is taken is the same for every number of workers", async () => {
  const rows = Array.from({ length: 5000 }, (_, row) => `${row},${row % 7 === 0 ? "" : row / 4},${row % 2 === 0}`);
  const folder = binary.folder({
    "in.csv": `id,x,even\n${rows.join("\n")}\n`,
    "t.ts": `import { z } from "zod";
      export const schema = z.object({ id: z.int(), x: z.number().nullable(), even: z.boolean() });
      export default ({ id, x, even }) => ({ id, twice: x === null ? null : x * 2, even });`,
  });
  const expected = rows.map((_, row) => `${row},${row % 7 === 0 ? "" : row / 2},${row % 2 === 0}`);
  for (const jobs of ["1", "2"]) {
    const ran = await folder.run(["t.ts", "in.csv", "-j", jobs, "-b", "700"]);
    expect(ran.stdout).toBe(`id,twice,even\n${expected.join("\n")}\n`);
  }
});
