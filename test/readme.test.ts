import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// What the README shows on a terminal is what the binary prints: every `$ rowmill …` (and `$ printf … | rowmill …`) in
// it is run in a folder with the files that the README speaks of, and its output compared.
const CHECKOUT = resolve(import.meta.dir, "..");
const folder = mkdtempSync(join(tmpdir(), "rowmill-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));
copyFileSync(join(CHECKOUT, "dist/rowmill"), join(folder, "rowmill"));
chmodSync(join(folder, "rowmill"), 0o755);
copyFileSync(join(CHECKOUT, "test/fixtures/scientists.csv"), join(folder, "scientists.csv"));
for (const [name, text] of transforms()) writeFileSync(join(folder, name), text);
writeFileSync(join(folder, "dirty.csv"), textBlock("name,born\nAda"));
writeFileSync(join(folder, "visits.csv"), "url\n/\n/stuck\n/crash\n/about\n");
writeFileSync(
  join(folder, "visits.ts"),
  `export default ({ url }) => {
    if (url === "/stuck") for (;;);
    if (url === "/crash") process.exit(1);
    return { url, length: url.length };
  };`,
);

/** The transforms of the README, by the names that their first lines give them. */
function transforms(): [name: string, text: string][] {
  const readme = readFileSync(join(CHECKOUT, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(\/\/ (\w+\.ts)\n[\s\S]*?)^```/gm)];
  return blocks.map(([, text = "", name = ""]) => [name, text]);
}

/** The block without a language in the README that begins with this. */
function textBlock(start: string): string {
  const readme = readFileSync(join(CHECKOUT, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)];
  const found = blocks.find(([, language, text]) => language === "" && text?.startsWith(start));
  if (found?.[2] === undefined) throw new Error(`the README has no block ${start}`);
  return found[2];
}

interface Example {
  command: string;
  output: string;
}

/** The number of workers is this machine's; a program's size is that of this build. */
function neutral(text: string): string {
  return text.replace(/^jobs: +\d+$/m, "jobs: N").replace(/^(\w+): \d+ MB$/m, "$1: N MB");
}

function examples(): Example[] {
  const readme = readFileSync(join(CHECKOUT, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  return blocks.flatMap((block) => {
    const [head = "", ...output] = block.split("\n");
    // What is interrupted, or drawn over, needs somebody at a terminal.
    const isPlain = /^\$ (rowmill|printf)/.test(head) && !/\n\^C|rows\/s/.test(block);
    return isPlain ? [{ command: head.slice(2), output: output.join("\n") }] : [];
  });
}

describe("README", () => {
  test("has examples", () => {
    expect(examples().length).toBeGreaterThan(8);
  });

  test("its rejects can be put right", () => {
    Bun.spawnSync(["bash", "-c", `rowmill run age.ts dirty.csv --on-error reject --rejects rejects.jsonl`], {
      cwd: folder,
      env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder },
    });
    const fixed = readFileSync(join(folder, "rejects.jsonl"), "utf8").replace("Tu Youyou,unknown", "Tu Youyou,1930");
    expect(fixed).toContain("1930");
    writeFileSync(join(folder, "fixed.jsonl"), fixed);
  });

  for (const { command, output } of examples()) {
    test(`shows what is printed by: ${command}`, () => {
      const { stdout } = Bun.spawnSync(["bash", "-c", `{ ${command}; } 2>&1`], {
        cwd: folder,
        env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder },
        stdin: "ignore",
      });
      expect(neutral(stdout.toString())).toBe(neutral(output));
    });
  }

  test("its transform file is the one of the tests", () => {
    const readme = readFileSync(join(CHECKOUT, "README.md"), "utf8");
    expect(readme).toContain(readFileSync(join(CHECKOUT, "test/fixtures/age.ts"), "utf8"));
  });
});
