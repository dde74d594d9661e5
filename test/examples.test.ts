/** The examples hold what they teach: their types are right. That they print what they say is a case (cases.test.ts). */
import { expect, test } from "bun:test";
import { cpSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Glob } from "bun";
import { installBinary } from "./cli/binary.ts";

const EXAMPLES: string = join(import.meta.dir, "../examples");
const binary = installBinary();

const transforms: string[] = [...new Glob("*/*.ts").scanSync(EXAMPLES)].toSorted();

for (const path of transforms) {
  const text = readFileSync(join(EXAMPLES, path), "utf8");
  // The types of the runtime's modules are a package of their own.
  if (text.includes('"bun:')) continue;
  test(`the types of ${path}`, async () => {
    const folder = binary.folder();
    cpSync(join(EXAMPLES, dirname(path)), folder.path, { recursive: true });
    (await folder.run(["check", basename(path)])).expect({ stderr: [] });
  });
}

test("the README names every example", () => {
  const readme = readFileSync(join(EXAMPLES, "README.md"), "utf8");
  const folders = [...new Set(transforms.map((path) => dirname(path)))];
  expect(folders.length).toBeGreaterThan(11);
  expect(folders.filter((folder) => !readme.includes(`](${folder}/`))).toEqual([]);
});
