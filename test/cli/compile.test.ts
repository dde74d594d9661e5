/** `rowmill compile`: programs that run in an empty folder, with nothing of where they were made in reach. */
import { expect, test } from "bun:test";
import { renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Files, type Folder, Ran, installBinary } from "./binary.ts";

const binary = installBinary();
const PEOPLE = "name,born\nAda Lovelace,1815\nTu Youyou,1930\n";
const PLAIN: Files = { "age.ts": "export default ({ name, born }) => ({ name, age: 2017 - born });\n" };

/** Compiles a transform, takes the sources away, and leaves the program alone in a folder with data. */
async function compiled(files: Files, transform: string): Promise<Folder> {
  const made = binary.folder(files);
  (await made.run(["compile", transform, "-o", "program"])).expect({ stdout: /^program: \d+ MB\n$/ });
  const folder = binary.folder({ "people.csv": PEOPLE });
  renameSync(made.at("program"), folder.at("program"));
  rmSync(made.path, { recursive: true });
  return folder;
}

/** Runs the program with nothing in its environment. */
async function start(folder: Folder, args: string[], stdin = ""): Promise<Ran> {
  const child = Bun.spawn([join(folder.path, "program"), ...args], {
    cwd: folder.path,
    env: {},
    stdin: Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.bytes(), child.stderr.text(), child.exited]);
  return new Ran(["program", ...args].join(" "), { code, stdout, stderr });
}

test("a program has all options of run, its own help, its packages, and zod", async () => {
  const folder = await compiled(
    {
      "node_modules/twice/package.json": '{ "name": "twice", "version": "1.0.0" }',
      "node_modules/twice/index.js": "exports.twice = (text) => text + text;",
      "sub/extra.json": '{ "year": 2017 }',
      "sub/t.ts": `import { z } from "zod";
import { twice } from "twice";
import extra from "./extra.json";

export const schema = z.object({ name: z.string(), born: z.number().int() });
export const options = { name: "ages", description: "How old they would be.", version: "1.2.3", outDelimiter: ";" };

export default ({ name, born }: z.infer<typeof schema>, ctx) => {
  if (ctx.args.no === name) throw new Error("not this one");
  return { name: twice(name.slice(0, 2)), age: extra.year - born };
};
`,
    },
    "sub/t.ts",
  );
  (await start(folder, ["people.csv"])).expect({ stdout: "name;age\nAdAd;202\nTuTu;87\n" });
  (await start(folder, ["--to", "jsonl", "--filter", "born > 1900", "-j", "2"], PEOPLE)).expect({
    stdout: '{"name":"TuTu","age":87}\n',
  });
  (await start(folder, ["people.csv", "-o", "out.csv"])).expect({});
  expect(folder.read("out.csv")).toBe("name;age\nAdAd;202\nTuTu;87\n");

  const help = await start(folder, ["--help"]);
  help.expect({
    stdout: /^How old they would be\.\n\nUsage: ages \[options\] \[input…\]\n[^]*--resume[^]*Exit codes:/,
  });
  expect(help.stdout).not.toContain("--expression");
  (await start(folder, ["--version"])).expect({ stdout: /^ages 1\.2\.3, made with rowmill \S+\n$/ });

  // The stack is that of the transform, in its own lines.
  const failed = await start(folder, ["people.csv", "--arg", "no=Ada Lovelace", "-q"]);
  failed.expect({ code: 1, stderr: ["people.csv:2: not this one", /at .*sub\/t\.ts:9:/] });
  expect(failed.stderr.match(/^ +at /gm)).toHaveLength(1);
  (await start(folder, ["people.csv", "--arg", "no=Ada Lovelace", "--on-error", "skip", "-q"])).expect({
    code: 3,
    stdout: "name;age\nTuTu;87\n",
  });
  (await start(folder, ["-e", "row", "people.csv"])).expect({ code: 2, stderr: ["unknown option -e"] });
  expect(folder.names()).toEqual(["out.csv", "people.csv", "program"]);
});

test("a program without a description goes by the name of its file, and runs nothing that lies beside the data", async () => {
  const folder = await compiled(PLAIN, "age.ts");
  folder.write({
    "bunfig.toml": 'preload = ["./evil.ts"]\n',
    "evil.ts": 'await Bun.write("evil", "");\n',
    "tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }',
    ".env": "ROWMILL_DEBUG=1\n",
  });
  (await start(folder, ["people.csv", "--limit", "1"])).expect({ stdout: "name,age\nAda Lovelace,202\n" });
  (await start(folder, ["--help"])).expect({ stdout: /^Usage: program \[options\]/ });
  expect(folder.names()).not.toContain("evil");
});

test("a run of a program that was cut off goes on, with the same program only", async () => {
  const folder = await compiled(
    { "t.ts": 'export default (row) => (row.name === "bad" ? Promise.reject(new Error("no")) : row);\n' },
    "t.ts",
  );
  folder.write({ "people.csv": "name\na\nbad\nb\n" });
  const args = ["people.csv", "-o", "out.csv", "--on-error", "skip"];
  (await start(folder, [...args, "--max-errors", "0"])).expect({
    code: 1,
    stderr: [/go on with: \S+\/program people\.csv/],
  });
  (await start(folder, [...args, "--max-errors", "1", "--resume", "-q"])).expect({ code: 3 });
  expect(folder.read("out.csv")).toBe("name\na\nb\n");

  (await start(folder, [...args, "--max-errors", "0"])).expect({ code: 1, stderr: ["go on with"] });
  const other = await compiled({ "t.ts": 'export default (row) => ({ ...row, more: "" });\n' }, "t.ts");
  renameSync(other.at("program"), folder.at("program"));
  (await start(folder, [...args, "--max-errors", "1", "--resume"])).expect({
    code: 1,
    stderr: ["the program has another transform"],
  });
});

test("the program takes its name from the transform, and replaces an earlier program only", async () => {
  const folder = binary.folder({ ...PLAIN, "people.csv": PEOPLE });
  (await folder.run(["compile", "age.ts"])).expect({ stdout: /^age: \d+ MB\n$/ });
  expect(statSync(folder.at("age")).mode & 0o777).toBe(0o755);
  folder.write({ "age.ts": "export default ({ name }) => ({ name });\n" });
  (await folder.run(["compile", "age.ts", "-o", "age"])).expect({ stdout: /^age: / });
  (await folder.bash("./age people.csv --limit 1")).expect({ stdout: "name\nAda Lovelace\n" });
  for (const taken of ["people.csv", "age.ts", "."]) {
    (await folder.run(["compile", "age.ts", "-o", taken])).expect({ code: 1, stderr: ["is there already"] });
  }
  expect(folder.read("people.csv")).toBe(PEOPLE);
  (await folder.run(["compile", "age.ts", "-o", "no/where"])).expect({ code: 1, stderr: ["cannot write no/where"] });
  expect(folder.names()).toEqual(["age", "age.ts", "people.csv"]);
});

test("a tsconfig.json counts for its own transform, and for nothing else that a program is made of", async () => {
  const folder = binary.folder({
    "here/tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }',
    "here/evil.ts": 'await Bun.write("evil", "");\nexport default () => ({ evil: 1 });\n',
    "there/tsconfig.json": '{ "compilerOptions": { "paths": { "#/*": ["./lib/*"] } } }',
    "there/lib/year.ts": "export const year = 2017;\n",
    "there/age.ts": `import { z } from "zod";
import { year } from "#/year";
export const schema = z.object({ name: z.string(), born: z.number() });
export default ({ name, born }) => ({ name, age: year - born });
`,
    "people.csv": PEOPLE,
  });
  (await folder.bash("cd here && rowmill compile ../there/age.ts -o ../age")).expect({ stdout: /MB\n$/ });
  (await folder.bash("cd here && ../age ../people.csv")).expect({
    stdout: "name,age\nAda Lovelace,202\nTu Youyou,87\n",
  });
  expect(folder.names()).toEqual(["age", "here", "people.csv", "there"]);
});

test("what does not compile is said, and nothing is written", async () => {
  const folder = binary.folder({
    "open.ts": "export default (row) => {\n  return {\n",
    "gone.ts": 'import { a } from "./not-there.ts";\nexport default () => a;\n',
    "none.ts": "export const columns = ['a'];\n",
  });
  (await folder.run(["compile", "open.ts"])).expect({ code: 1, stderr: [/cannot compile .*open\.ts:\d+:\d+: /] });
  (await folder.run(["compile", "gone.ts"])).expect({
    code: 1,
    stderr: [/cannot compile .*gone\.ts:1:\d+: /, "not-there"],
  });
  (await folder.run(["compile", "none.ts"])).expect({ code: 1, stderr: ["there is no default export"] });
  (await folder.run(["compile", "away.ts"])).expect({ code: 1, stderr: ["cannot read the transform away.ts"] });
  (await folder.run(["compile"])).expect({ code: 2, stderr: ["there is no transform"] });
  expect(folder.names()).toEqual(["gone.ts", "none.ts", "open.ts"]);
});

test("an unknown target lists them all", async () => {
  const folder = binary.folder(PLAIN);
  (await folder.run(["compile", "age.ts", "--target", "linux-x86"])).expect({
    code: 2,
    stderr: [
      "linux-x64, linux-arm64, linux-x64-musl, linux-arm64-musl, macos-x64, macos-arm64, windows-x64",
      "did you mean linux-x64?",
    ],
  });
});
