/**
 * The tests of the pool, as files that Node's test runner takes: bundled with the package in place of the sources, and with
 * Node's runner and Jest's `expect` in place of Bun's.
 */
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const TESTS = resolve(import.meta.dir, "../pool");
const FILES = ["pool.test.ts", "faults.test.ts", "settle.test.ts"];

/** Bun's `bun:test`, as far as these tests use it. */
const RUNNER = `
import * as node from "node:test";
import { expect } from "expect";
export { expect };
export const { describe } = node;
export const afterAll = node.after;
export const test = (name, fn) => node.test(name, fn);
export const expectTypeOf = () => ({ toEqualTypeOf() {} });
expect.extend({ toStartWith: (text, start) => ({ pass: text.startsWith(start), message: () => text }) });
`;

/** What the tests use of Bun itself, in words of Node; also inside of functions that travel to workers. */
const IN_WORDS_OF_NODE: [RegExp, string][] = [
  [/\bBun\.sleep\(/g, "((ms) => new Promise((resolve) => setTimeout(resolve, ms)))("],
  [/\bBun\.sleepSync\(/g, "((ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms))("],
  [/new URL\("\.\.\/\.\.\/src\/pool\/pool\.ts", import\.meta\.url\)\.href/g, '"rowmill"'],
];

/** Writes them to a folder in which the package and `expect` are installed. */
export async function bundleTests(folder: string): Promise<void> {
  mkdirSync(join(folder, "tests"));
  cpSync(join(TESTS, "modules"), join(folder, "tests/modules"), { recursive: true });
  const { outputs } = await Bun.build({
    entrypoints: FILES.map((name) => join(TESTS, name)),
    outdir: join(folder, "tests"),
    target: "node",
    format: "esm",
    naming: "[name].mjs",
    plugins: [
      {
        name: "tests",
        setup(build) {
          build.onResolve({ filter: /^bun:test$/ }, ({ path }) => ({ path, namespace: "runner" }));
          build.onLoad({ filter: /./, namespace: "runner" }, () => ({ contents: RUNNER, loader: "js" }));
          build.onResolve({ filter: /^\.\.\/\.\.\/src\// }, () => ({ path: "rowmill", external: true }));
          build.onResolve({ filter: /^(?:expect|rowmill)$/ }, ({ path }) => ({ path, external: true }));
          build.onLoad({ filter: /\.test\.ts$/ }, ({ path }) => {
            let contents = readFileSync(path, "utf8");
            for (const [words, other] of IN_WORDS_OF_NODE) contents = contents.replaceAll(words, other);
            return { contents, loader: "ts" };
          });
        },
      },
    ],
  });
  if (outputs.length !== FILES.length) throw new Error("the tests were not bundled");
}
