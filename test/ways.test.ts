/** Which way rows take: the table of docs/ways.md, every line of the benchmark, and what a test can ask for. */
import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Way } from "../src/transform/plan/ways.ts";
import { makeInput } from "./bench/generate.ts";
import type { Contender, Places } from "./bench/workload.ts";
import { WORKLOADS } from "./bench/workloads.ts";
import { installBinary } from "./cli/binary.ts";
import { WAYS_PAGE, waysPage } from "./ways.ts";

const binary = installBinary();
const root = mkdtempSync(join(tmpdir(), "rowmill-ways-"));
afterAll(() => rmSync(root, { recursive: true }));

test("docs/ways.md says what the plans say", async () => {
  if (readFileSync(WAYS_PAGE, "utf8") === (await waysPage())) return;
  throw new Error("docs/ways.md is not what the plans say: bring it up to date with `bun test/ways.ts`");
}, 120_000);

/** Blocks of a run by way, as its log has them. */
function blocksIn(path: string): Partial<Record<Way, number>> {
  return (JSON.parse(readFileSync(path, "utf8")) as { blocks: Partial<Record<Way, number>> }).blocks;
}

/** The ways that are not the long one of a mapped row, which the first blocks of a run may always take. */
function quickWays(blocks: Partial<Record<Way, number>>): string[] {
  return Object.keys(blocks).filter((way) => way !== "rows" && way !== "rows-block");
}

/** By workload and contender: what `--dry-run` says, and the ways of blocks, where a run is a matter of milliseconds. */
const BENCH_WAYS: Record<string, [told: string, ways: Way[] | "not run"]> = {
  "wide: Rowmill": ["woven", ["woven-numbers"]],
  "spread: Rowmill": ["woven", ["woven-numbers"]],
  "filter: Rowmill --filter": ["woven", ["woven-numbers"]],
  "filter: Rowmill run": ["woven", ["woven-numbers"]],
  "accents: accents": ["woven", ["woven-numbers"]],
  "accents: ASCII only": ["woven", ["woven-numbers"]],
  "quoted: quoted": ["woven", ["woven-numbers"]],
  "quoted: as needed": ["woven", ["woven-numbers"]],
  "schema: schema": ["woven", ["woven-numbers"]],
  "schema: no schema": ["woven", ["woven-numbers"]],
  "full-schema: schema": ["woven", ["woven-numbers"]],
  "full-schema: no schema": ["woven", ["woven-numbers"]],
  "tenfold: 4 M rows": ["woven", ["woven-numbers"]],
  "tenfold: 40 M rows": ["woven", ["woven-numbers"]],
  "gzip: -o out.csv.gz": ["woven", ["woven-numbers"]],
  "jsonl: Rowmill": ["woven", ["woven-objects"]],
  "jsonl-filter: Rowmill": ["copied", ["copied"]],
  "group-by: Rowmill, reduce": ["step by step", ["steps-interned"]],
  "group-by: Rowmill --group-by": ["straight into groups", ["groups"]],
  "sort: Rowmill": ["woven", ["woven-numbers"]],
  "top: Rowmill": ["woven", ["woven-numbers"]],
  "distinct: Rowmill": ["woven", ["woven-numbers"]],
  "join: Rowmill": ["woven", ["woven-joined"]],
  "split: Rowmill": ["woven", ["woven-numbers"]],
  "median: Rowmill": ["straight into groups", ["groups"]],
  "heavy: Rowmill -j 2": ["woven", ["woven-numbers"]],
  "heavy: Rowmill -j 1": ["woven", ["woven-numbers"]],
  "realistic: Rowmill": ["woven", ["woven-numbers"]],
  "eight: Rowmill -j 2": ["woven", "not run"],
  "start: Rowmill -e": ["woven", []],
  "start: Rowmill, zod schema": ["woven", []],
};

/** Packages of npm that a transform of the benchmark imports: as far as it needs them, which is what rows become. */
const STAND_INS: Readonly<Record<string, string>> = {
  "@sindresorhus/slugify": "export default (text) => text.toLowerCase().replace(/[^a-z]+/g, '-');",
  bowser: "export default { parse: (agent) => ({ browser: { name: agent }, os: {}, platform: {} }) };",
  murmurhash: "export default { v3: (text) => text.length };",
};

describe("every line of the benchmark takes its way", () => {
  const lines = WORKLOADS.flatMap(({ name, contenders }) =>
    contenders
      .filter(({ by }) => by === "rowmill")
      .map((contender): [string, Contender] => [`${name}: ${contender.name}`, contender]),
  );

  test("all are known", () => {
    const names = lines.map(([name]) => name);
    expect(names.toSorted()).toEqual(Object.keys(BENCH_WAYS).toSorted());
  });

  for (const [name, contender] of lines) {
    const [told, ways] = BENCH_WAYS[name] ?? [];
    if (told === undefined || ways === undefined) continue;
    test(name, async () => {
      const folder = binary.folder();
      const words = wordsOf(contender, folder.path);
      const planned = await folder.run([...words, "--dry-run"]);
      expect(planned.stdout).toMatch(new RegExp(`^way: +${told}: `, "m"));
      if (ways === "not run") return;
      const ran = await folder.run([...words, "--summary", "log.json"]);
      expect(ran.code).toBe(0);
      expect(quickWays(blocksIn(folder.at("log.json")))).toEqual(ways);
    });
  }
});

/** The words of a line of the benchmark, with small inputs. */
function wordsOf({ command }: Contender, folder: string): string[] {
  const places: Places = {
    ours: [],
    peer: () => [],
    input: (name) => makeInput(join(root, name), name, name === "huge" ? 0.0005 : 0.01),
    transform: (file) => {
      const from = join(import.meta.dir, "bench/transforms");
      if (dirname(file) === ".") return join(from, file);
      // A folder with packages of its own.
      cpSync(join(from, dirname(file)), join(folder, dirname(file)), { recursive: true });
      for (const [name, code] of Object.entries(STAND_INS)) {
        const at = join(folder, "node_modules", name);
        mkdirSync(at, { recursive: true });
        writeFileSync(join(at, "index.mjs"), code);
        writeFileSync(join(at, "package.json"), JSON.stringify({ name, type: "module", exports: "./index.mjs" }));
      }
      return join(folder, file);
    },
    script: (file) => file,
    count: (items) => items,
    out: join(folder, "out"),
  };
  return command(places);
}

describe("ROWMILL_WAY", () => {
  const csv = `id,name,born\n${Array.from({ length: 2000 }, (_, at) => `${at},n${at % 7},${1900 + (at % 100)}\n`).join("")}`;
  const jsonl = Array.from({ length: 2000 }, (_, at) => `{"id":${at},"born":${1900 + (at % 100)}}\n`).join("");
  const step = `export const reduce = {
    init: () => 0, step: (sum: number, { born }: { born: number }) => sum + born,
    merge: (a: number, b: number) => a + b, finish: (sum: number) => ({ sum }) };\n`;
  const texts = [
    "a",
    "Zoë",
    "漢字 😀",
    "",
    '"q""q"',
    '"x\ny"',
    "back\\slash",
    "\t",
    "\u0001",
    "\u007f",
    '"a,b"',
    " sp ",
  ];
  const numbers = ["1", "2.50", "-3", "0", "-0", "0.10", "", "1.000"];
  const odd = `name,n,note\n${Array.from({ length: 2000 }, (_, at) => `${texts[at % 12]},${numbers[at % 8]},${texts[(at * 7 + 3) % 12]}\n`).join("")}`;
  const values = ["1", "2.50", "-3", "true", "null", "0.10", '"\\u00e9"', "[1]"];
  const oddLines = Array.from({ length: 2000 }, (_, at) => {
    const n = at % 9 === 4 ? values[(at * 5) % 8] : `${at}`;
    const note = at % 7 === 3 ? texts[(at * 5) % 12] : `note, ${at}`;
    return `{"note":${JSON.stringify(note)},"n":${n}}\n`;
  });
  const files = {
    "odd.csv": odd,
    "odd.jsonl": oddLines.join(""),
    "in.csv": csv,
    "in.jsonl": jsonl,
    "sum.ts": step,
    "batch.ts": "export const batch = (rows) => rows;\n",
  };
  const map = ["-e", "{ name, age: 2017 - born }", "in.csv"];
  const runs: [words: string[], ways: string[]][] = [
    [map, ["woven-numbers", "woven-texts", "rows"]],
    [
      [...map, "--to", "jsonl"],
      ["woven-numbers", "woven-texts", "rows"],
    ],
    [
      ["-e", "{ note, n, name, twice: n === undefined ? undefined : n * 2, list: [n] }", "odd.csv", "--to", "json"],
      ["woven-numbers", "rows"],
    ],
    [
      ["--filter", "name !== ''", "odd.csv", "--to", "jsonl"],
      ["woven-numbers", "rows"],
    ],
    [
      ["--filter", "born > 1950", "in.jsonl"],
      ["copied", "rows"],
    ],
    [
      ["-e", "{ note, n, twice: n * 2 || 0 }", "odd.jsonl"],
      ["woven-objects", "rows"],
    ],
    [
      ["-e", "{ n, note, s: `${n}` }", "--filter", "n !== 0", "odd.jsonl", "--to", "csv"],
      ["woven-objects", "rows"],
    ],
    [
      ["--group-by", "name", "--mean", "born", "in.csv"],
      ["groups", "steps-interned", "steps-numbers", "steps-texts", "rows"],
    ],
    [
      ["sum.ts", "in.csv"],
      ["steps-interned", "steps-numbers", "steps-texts", "rows"],
    ],
    [
      ["--group-by", "born", "--mean", "id", "in.jsonl"],
      ["groups", "steps-objects", "rows"],
    ],
    [
      ["sum.ts", "--filter", "id % 3 === 1", "in.jsonl"],
      ["steps-objects", "rows"],
    ],
    [
      ["batch.ts", "in.csv"],
      ["batch", "rows"],
    ],
  ];

  for (const [words, ways] of runs) {
    test(`${words.join(" ")}: all ways give the same bytes`, async () => {
      const folder = binary.folder(files);
      const { stdout } = await folder.run([...words, "-j", "1"]);
      for (const way of ways) {
        const flags = ["-j", "1", "-b", "200", "--summary", `${way}.json`];
        (await folder.run([...words, ...flags], { env: { ROWMILL_WAY: way } })).expect({ stdout });
        const blocks = blocksIn(folder.at(`${way}.json`));
        if (way === "rows") expect(Object.keys(blocks).filter((one) => !one.startsWith("rows"))).toEqual([]);
        else expect(quickWays(blocks)).toEqual([way]);
      }
    });
  }

  test("fails with the reason where the way cannot be taken", async () => {
    const folder = binary.folder(files);
    const cases: [way: string, words: string[], reason: string][] = [
      ["woven", [...map, "--null", "NA"], "--null changes fields"],
      ["woven-texts", ["sum.ts", "in.csv"], "rows are folded"],
      ["woven", ["-e", "r => JSON.parse(JSON.stringify(r))", "in.csv"], "is not proven"],
      ["woven", [...map.slice(0, -1), "in.csv", "--to", "jsonl", "--null", "NA"], "--null changes fields"],
      ["woven", ["-e", "{ '0': name, born }", "in.csv", "--to", "jsonl"], 'results have a key "0"'],
      ["woven", ["-e", "{ born, n: Object.keys(row).length }", "in.jsonl"], "is not proven"],
      ["woven", ["--filter", "born > 1950", "in.jsonl", "--to", "csv"], "rows have keys of their own"],
      ["copied", map, "the input is csv"],
      ["groups", map, "there are no groups to make"],
      ["groups", ["--group-by", "name", "--count", "--filter", "born > 1", "in.csv"], "--filter looks at rows"],
      ["steps", map, "no rows are folded"],
      ["steps", ["sum.ts", "--types", "born=string", "in.jsonl"], "--types says what born is"],
      ["batch", map, "the transform has no export batch"],
      ["quickest", map, "names no way"],
    ];
    for (const [way, words, reason] of cases) {
      const ran = await folder.run(words, { env: { ROWMILL_WAY: way } });
      ran.expect({ code: 1, stderr: [`ROWMILL_WAY=${way}`, reason] });
    }
  });
});
