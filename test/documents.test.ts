import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Glob } from "bun";

// What the documents show on a terminal is what the binary prints: every `$ rowmill …` (and `$ printf … | rowmill …`) in
// the README and in docs/ is run in a folder of its document, with the files that it speaks of, and its output compared.
const CHECKOUT = resolve(import.meta.dir, "..");
const root = mkdtempSync(join(tmpdir(), "rowmill-documents-"));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "bin"));
copyFileSync(join(CHECKOUT, "dist/rowmill"), join(root, "bin/rowmill"));
chmodSync(join(root, "bin/rowmill"), 0o755);

const DOCUMENTS: string[] = ["README.md", ...new Glob("docs/**/*.md").scanSync(CHECKOUT)].toSorted();

interface Example {
  command: string;
  output: string;
}

function textOf(document: string): string {
  return readFileSync(join(CHECKOUT, document), "utf8");
}

/** A folder with the seven scientists and the transforms of a document, by the names that their first lines give them. */
function folderOf(document: string): string {
  const folder = join(root, document.replaceAll("/", "-"));
  mkdirSync(folder);
  copyFileSync(join(CHECKOUT, "test/fixtures/scientists.csv"), join(folder, "scientists.csv"));
  for (const [, text = "", name = ""] of textOf(document).matchAll(/^```ts\n(\/\/ (\w+\.ts)\n[\s\S]*?)^```/gm)) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The block without a language in a document that begins with this. */
function textBlock(document: string, start: string): string {
  const blocks = [...textOf(document).matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)];
  const found = blocks.find(([, language, text]) => language === "" && text?.startsWith(start));
  if (found?.[2] === undefined) throw new Error(`${document} has no block ${start}`);
  return found[2];
}

/** The number of workers is this machine's; a program's size is that of this build. */
function neutral(text: string): string {
  return text.replace(/^jobs: +\d+$/m, "jobs: N").replace(/^(\w+): \d+ MB$/m, "$1: N MB");
}

function examples(document: string): Example[] {
  const blocks = [...textOf(document).matchAll(/```console\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  return blocks.flatMap((block) => {
    const [head = "", ...output] = block.split("\n");
    // What is interrupted, or drawn over, needs somebody at a terminal.
    const isPlain = /^\$ (rowmill|printf)/.test(head) && !/\n\^C|rows\/s/.test(block);
    return isPlain ? [{ command: head.slice(2), output: output.join("\n") }] : [];
  });
}

function run(command: string, folder: string): string {
  const { stdout } = Bun.spawnSync(["bash", "-c", `{ ${command}; } 2>&1`], {
    cwd: folder,
    env: { PATH: `${root}/bin:/usr/bin:/bin`, HOME: folder },
    stdin: "ignore",
  });
  return stdout.toString();
}

for (const document of DOCUMENTS) {
  const folder = folderOf(document);
  describe(document, () => {
    if (document === "README.md") prepareReadme(folder);
    for (const { command, output } of examples(document)) {
      test(`shows what is printed by: ${command}`, () => {
        expect(neutral(run(command, folder))).toBe(neutral(output));
      });
    }
  });
}

/** The README's own files, and what it says beside its examples. */
function prepareReadme(folder: string): void {
  writeFileSync(join(folder, "dirty.csv"), textBlock("README.md", "name,born\nAda"));
  writeFileSync(join(folder, "visits.csv"), "url\n/\n/stuck\n/crash\n/about\n");
  writeFileSync(
    join(folder, "visits.ts"),
    `export default ({ url }) => {
    if (url === "/stuck") for (;;);
    if (url === "/crash") process.exit(1);
    return { url, length: url.length };
  };`,
  );

  test("has examples", () => {
    expect(examples("README.md").length).toBeGreaterThan(8);
  });

  test("its rejects can be put right", () => {
    run("rowmill run age.ts dirty.csv --on-error reject --rejects rejects.jsonl", folder);
    const fixed = readFileSync(join(folder, "rejects.jsonl"), "utf8").replace("Tu Youyou,unknown", "Tu Youyou,1930");
    expect(fixed).toContain("1930");
    writeFileSync(join(folder, "fixed.jsonl"), fixed);
  });

  test("its transform file is the one of the tests", () => {
    expect(textOf("README.md")).toContain(readFileSync(join(CHECKOUT, "test/fixtures/age.ts"), "utf8"));
  });
}
