/**
 * The pages of docs/from/: each pair of commands, the other tool's and ours, is run, and what they give is compared: the same
 * values in the same order. Names of columns may differ, and so may the way in which a number or an empty value is written.
 *
 *     bun test/peers/side-by-side.ts [miller jq duckdb pandas python-pool] [--binary PATH]
 *
 * A tool that is not here is said, and its page is left out: Miller and jq (Debian's miller, jq), pandas (python3-pandas), DuckDB
 * in the folder that ROWMILL_BENCH_PEERS names (`bun run bench --install-peers FOLDER`). What ours prints is held by
 * documents.test.ts in the gate.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Glob } from "bun";
import { parse } from "csv-parse/sync";
import { writeFilesOf } from "../document-files.ts";

const PAGES = resolve(import.meta.dir, "../../docs/from");
const PYTHON = "/usr/bin/python3";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { binary: { type: "string", default: join(import.meta.dir, "../../dist/rowmill") } },
});

interface Pair {
  heading: string;
  language: string;
  theirs: string;
  ours: string;
}

/** Sections that have a command of another tool and one of ours. */
function pairsOf(text: string): Pair[] {
  return text.split(/^## /m).flatMap((section) => {
    const [heading = ""] = section.split("\n", 1);
    const [, language = "", theirs] = /^```(sh|sql|python)\n([^]*?)\n```$/m.exec(section) ?? [];
    const [, ours] = /^```console\n\$ (.*)$/m.exec(section) ?? [];
    return theirs === undefined || ours === undefined ? [] : [{ heading, language, theirs, ours }];
  });
}

type Cells = string[][];

class Page {
  readonly #folder: string;

  constructor(text: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "rowmill-from-"));
    mkdirSync(join(this.#folder, "bin"));
    copyFileSync(resolve(values.binary), join(this.#folder, "bin/rowmill"));
    writeFilesOf(text, this.#folder);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  ours(command: string): Cells {
    return cellsOf(this.#run(["bash", "-c", command]));
  }

  theirs(language: string, command: string): Cells {
    if (language === "sh") return cellsOf(this.#run(["bash", "-c", command]));
    if (language === "sql") {
      const script = join(import.meta.dir, "duckdb-query.mjs");
      return cellsOf(this.#run([Bun.which("node") ?? "node", script, duckFolder(), command]));
    }
    return cellsOf(this.#run([PYTHON, "-c", pandasProgram(command)]));
  }

  #run(words: readonly string[]): string {
    const { stdout, stderr, exitCode } = Bun.spawnSync([...words], {
      cwd: this.#folder,
      env: { PATH: `${this.#folder}/bin:/usr/bin:/bin`, HOME: this.#folder, LANG: "C.UTF-8" },
      stdin: "ignore",
    });
    // It is shown as what differs.
    if (exitCode !== 0) return `exit code ${exitCode}: ${stderr.toString().split("\n", 1)[0]}`;
    return stdout.toString();
  }
}

/** What an expression of pandas comes to, as CSV. */
function pandasProgram(expression: string): string {
  return `import pandas as pd\ndf = pd.read_csv("sales.csv")\nprint((${expression}).to_csv(index=False), end="")\n`;
}

function duckFolder(): string {
  return process.env["ROWMILL_BENCH_PEERS"] ?? "";
}

/** The values of an output, row by row: of JSON, JSON lines, CSV, or lines of anything. */
function cellsOf(text: string): Cells {
  const parsed = jsonRows(text);
  if (parsed !== undefined) return parsed.map((row) => plain(row));
  const rows = parse(text, { relaxColumnCount: true, skipEmptyLines: true });
  // A first row without a number is a header.
  const isHeader = rows[0]?.every((cell) => Number.isNaN(Number(cell)) || cell === "") === true || rows.length > 1;
  return (isHeader && rows.length > 1 && !isData(rows) ? rows.slice(1) : rows).map(plain);
}

/** Output without a header: its first row is as its second one, with numbers in the same places. */
function isData([first = [], second = []]: Cells): boolean {
  const isAlike =
    first.length === second.length && first.every((cell, at) => isNumber(cell) === isNumber(second[at] ?? ""));
  return isAlike && first.some(isNumber);
}

function isNumber(cell: string): boolean {
  return cell !== "" && !Number.isNaN(Number(cell));
}

function jsonRows(text: string): unknown[] | undefined {
  try {
    const whole: unknown = JSON.parse(text);
    return Array.isArray(whole) ? whole : [whole];
  } catch {
    // Not one document.
  }
  try {
    return text
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Values as texts that do not depend on who wrote them. */
function plain(row: unknown): string[] {
  const cells = typeof row === "object" && row !== null ? Object.values(row) : [row];
  return cells.map((cell: unknown) => {
    if (cell === undefined || cell === null) return "";
    const text = typeof cell === "string" ? cell : JSON.stringify(cell);
    if (text === "-" || text === "NaN") return "";
    return isNumber(text) ? String(Number(Number(text).toPrecision(12))) : text;
  });
}

const NEEDED: Readonly<Record<string, () => boolean>> = {
  miller: () => Bun.which("mlr") !== null,
  jq: () => Bun.which("jq") !== null,
  duckdb: () => duckFolder() !== "",
  pandas: () => Bun.spawnSync([PYTHON, "-c", "import pandas"], { stderr: "ignore" }).exitCode === 0,
  "python-pool": () => Bun.which("python3") !== null,
};

let differences = 0;
const names = [...new Glob("*.md").scanSync(PAGES)].map((file) => basename(file, ".md")).toSorted();
for (const name of positionals.length > 0 ? positionals : names) {
  if (NEEDED[name]?.() === false) {
    console.log(`${name}: not tried, its tool is not here`);
    continue;
  }
  const text = readFileSync(join(PAGES, `${name}.md`), "utf8");
  const page = new Page(text);
  const pairs = pairsOf(text);
  let same = 0;
  for (const { heading, language, theirs, ours } of pairs) {
    const [wanted, got] = [page.theirs(language, theirs), page.ours(ours)];
    if (wanted.length > 0 && Bun.deepEquals(wanted, got)) same++;
    else {
      differences++;
      console.error(`${name}: ${heading}\n  theirs: ${theirs}\n  ours:   ${ours}`);
      console.error(`  theirs gives ${JSON.stringify(wanted)}\n  ours gives   ${JSON.stringify(got)}`);
    }
  }
  page.remove();
  console.log(`${name}: ${same} of ${pairs.length} pairs give the same`);
}
process.exit(differences === 0 ? 0 : 1);
