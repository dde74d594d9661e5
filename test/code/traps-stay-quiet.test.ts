/** What is told of code that is likely wrong is not told of code that is right: examples, fixtures, the transforms of the bench. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Glob } from "bun";
import { functionTree } from "../../src/code/function-tree.ts";
import { changedVariables } from "../../src/code/module-state.ts";
import { checkGives } from "../../src/transform/watched-calls.ts";

const ROOT = join(import.meta.dir, "../..");
const CODE = /^```ts\n([^]*?)^```$/gm;

/** Modules by their names: the blocks of code in the documents, and files. */
function examples(): [name: string, code: string][] {
  const found: [name: string, code: string][] = [];
  for (const page of ["README.md", ...new Glob("docs/*.md").scanSync(ROOT)]) {
    const blocks = readFileSync(join(ROOT, page), "utf8").matchAll(CODE);
    for (const [, code = ""] of blocks) found.push([`${page}, module ${found.length + 1}`, code]);
  }
  for (const pattern of ["test/bench/transforms/*.ts", "test/fixtures/*.ts", "examples/*/*.ts"])
    for (const path of new Glob(pattern).scanSync(ROOT)) found.push([path, readFileSync(join(ROOT, path), "utf8")]);
  return found.filter(
    ([, code]) =>
      /^export (?:default|const (?:reduce|batch)|function batch)\b/m.test(code) &&
      !/\b(?:state: "per-worker"|jobs: 1\b)/.test(code),
  );
}

const modules = examples();

test("there are such modules", () => expect(modules.length).toBeGreaterThan(15));

describe("no variable of the module is said to change in", () => {
  for (const [name, code] of modules) test(name, () => expect(changedVariables(code, "ts")).toEqual([]));
});

describe("nothing is said to be missing of what is given in", () => {
  for (const path of new Glob("test/bench/transforms/*.ts").scanSync(ROOT)) {
    test(basename(path), async () => {
      const module = (await import(join(ROOT, path))) as { default?: (row: object) => unknown };
      const parsed = module.default && functionTree(module.default);
      if (parsed === undefined) return;
      expect(() => checkGives(parsed.tree, parsed.source, { who: path, gives: "a row" })).not.toThrow();
    });
  }
});
