import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Glob } from "bun";
import { writeFilesOf } from "./document-files.ts";

// What the documents show on a terminal is what the binary prints: every `$ rowmill …` (and lines that begin with one of
// COMMANDS) in the README and in docs/ is run in a folder of its document, with the files that it speaks of, and its output
// compared. A file of a document is a block whose first line is `// name.ts`, or one that is opened by ```csv name.csv.
const CHECKOUT = resolve(import.meta.dir, "..");
const root = mkdtempSync(join(tmpdir(), "rowmill-documents-"));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "bin"));
copyFileSync(join(CHECKOUT, "dist/rowmill"), join(root, "bin/rowmill"));
chmodSync(join(root, "bin/rowmill"), 0o755);
// For programs of the library.
symlinkSync(process.execPath, join(root, "bin/bun"));

const DOCUMENTS: string[] = [
  "README.md",
  "CHANGELOG.md",
  ...new Glob("{docs,examples}/**/*.md").scanSync(CHECKOUT),
].toSorted();

/** What a line that is run may begin with. */
const COMMANDS = /^\$ (rowmill|printf|sed|bun \w+\.ts)/;

interface Example {
  command: string;
  output: string;
}

function textOf(document: string): string {
  return readFileSync(join(CHECKOUT, document), "utf8");
}

/** A folder with the seven scientists and the files of a document. */
function folderOf(document: string): string {
  const folder = join(root, document.replaceAll("/", "-"));
  mkdirSync(folder);
  copyFileSync(join(CHECKOUT, "test/fixtures/scientists.csv"), join(folder, "scientists.csv"));
  const text = textOf(document);
  writeFilesOf(text, folder);
  // A transform finds `rowmill` in the binary; a program finds the package.
  if (examples(document).some(({ command }) => command.startsWith("bun "))) {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(CHECKOUT, join(folder, "node_modules/rowmill"));
  }
  return folder;
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
    const isPlain = COMMANDS.test(head) && !/\n\^C|rows\/s/.test(block);
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

/** The names by which links reach the headings of a document, as GitHub makes them. */
function anchorsOf(document: string): Set<string> {
  const headings = textOf(document)
    .replaceAll(/^```[\s\S]*?^```/gm, "")
    .matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Links of a document to files of this checkout that lead nowhere. */
function brokenLinks(document: string): string[] {
  const links = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => {
    if (/^\w+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? document : join(dirname(document), path);
    if (!existsSync(join(CHECKOUT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).has(anchor);
  });
}

/** Documents that speak of files of the code. */
const OF_THE_CODE = new Set(["docs/architecture.md", "docs/internals.md", "docs/CONTRIBUTING.md"]);

const sources: string[] = [...new Glob("{src,test}/**/*.ts").scanSync(CHECKOUT)].map((path) => `/${path}`);

/** Names of files that are nowhere below src/ and test/: what was renamed has another name in the document, too. */
function unknownFiles(document: string): string[] {
  const text = textOf(document).replaceAll(/^```[\s\S]*?^```/gm, "");
  const names = new Set([...text.matchAll(/(?<![\w*/.])[\w/-]+(?:\.[\w-]+)*\.ts\b/g)].map(([name]) => name));
  return [...names].filter((name) => !sources.some((path) => path.endsWith(`/${name}`)));
}

for (const document of DOCUMENTS) {
  const folder = folderOf(document);
  describe(document, () => {
    test("links to what is there", () => {
      expect(brokenLinks(document)).toEqual([]);
    });

    if (OF_THE_CODE.has(document)) {
      test("names files that there are", () => {
        expect(unknownFiles(document)).toEqual([]);
      });
    }

    for (const { command, output } of examples(document)) {
      test(`shows what is printed by: ${command}`, () => {
        expect(neutral(run(command, folder))).toBe(neutral(output));
      });
    }
  });
}

test("the architecture is on a page", () => {
  expect(textOf("docs/architecture.md").trimEnd().split("\n").length).toBeLessThanOrEqual(120);
});

describe("the README", () => {
  test("is short, and has examples", () => {
    expect(statSync(join(CHECKOUT, "README.md")).size).toBeLessThan(18_000);
    expect(examples("README.md").length).toBeGreaterThan(5);
  });

  test("has the transform file of the tests", () => {
    expect(textOf("README.md")).toContain(readFileSync(join(CHECKOUT, "test/fixtures/age.ts"), "utf8"));
  });

  test("names every document", () => {
    const unnamed = DOCUMENTS.filter((document) => document.startsWith("docs/")).filter(
      (document) => !textOf("README.md").includes(`](${document})`),
    );
    expect(unnamed).toEqual([]);
  });

  test("names the test command that the continuous check runs", () => {
    const command = /^exec (npx .*)$/m.exec(readFileSync(join(CHECKOUT, ".ci/run"), "utf8"))?.[1];
    expect(command).toBeDefined();
    expect(textOf("README.md")).toContain(`$ ${command}`);
  });
});
