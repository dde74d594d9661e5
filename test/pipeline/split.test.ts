/**
 * Rows that are split into files are in each the same bytes for every jobs × batch size × block size × file or stream ×
 * order in which workers answer, and those of a plain loop; and the name of each file tells the values.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { splitTemplate } from "../../src/options/split-template.ts";
import { csvLine } from "./plain-loop.ts";
import { FUNCTIONS, type Row, writeFunctions } from "./row-functions.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

const out = join(folder, "split");

beforeAll(writeFunctions);

interface Asked {
  by: ("k" | "l")[];
  path: string;
  to: "csv" | "tsv-escaped" | "jsonl" | "json";
  limit: number | undefined;
  /** Rows come in their opposite order, at the end. */
  isSorted: boolean;
}

/** What a file holds. */
type Files = Map<string, string>;

/** One row after the other; files by the values of their rows. */
function plainFiles(
  rows: readonly Row[],
  of: (row: Row) => Row[] | "fails",
  { by, to, limit = Infinity, isSorted }: Asked,
): Files {
  const results: Row[] = [];
  for (const row of rows) {
    if (!isSorted && results.length >= limit) break;
    const made = of(row);
    if (made !== "fails") results.push(...made);
  }
  const ordered = isSorted ? results.toSorted((a, b) => (a.v < b.v ? 1 : a.v > b.v ? -1 : 0)) : results;
  const found = new Map<string, string[]>();
  for (const row of ordered.slice(0, limit)) {
    const key = JSON.stringify(by.map((name) => row[name]));
    const texts = found.get(key) ?? [];
    texts.push(lineOf(row, to));
    found.set(key, texts);
  }
  const start = to === "csv" ? "k,l,v\n" : to === "tsv-escaped" ? "k\tl\tv\n" : "";
  const whole = (texts: string[]): string =>
    to === "json" ? `[\n${texts.join(",\n")}\n]\n` : `${start}${texts.join("")}`;
  return new Map([...found].map(([key, texts]) => [key, whole(texts)]));
}

function lineOf(row: Row, to: Asked["to"]): string {
  const fields = [row.k, row.l, row.v];
  if (to === "csv") return csvLine(fields);
  if (to === "json") return JSON.stringify(row);
  if (to === "jsonl") return `${JSON.stringify(row)}\n`;
  const escaped = fields.map((text) =>
    text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r"),
  );
  return `${escaped.join("\t")}\n`;
}

/** What lies in the folder; the values are read from the names. */
function filesBy({ by, path }: Asked): Files {
  const names = readdirSync(out, { recursive: true })
    .map(String)
    .filter((name) => !statSync(join(out, name)).isDirectory());
  const pattern = new RegExp(
    `^${path.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]*?)")}$`,
  );
  const valueOf = (text = ""): string =>
    text === (path.includes("={") ? "__HIVE_DEFAULT_PARTITION__" : "_empty") ? "" : decodeURIComponent(text);
  return new Map(
    names.map((name) => {
      const match = pattern.exec(name);
      if (match === null) throw new Error(`${name} is no ${path}`);
      return [
        JSON.stringify(by.map((column) => valueOf(match.groups?.[column]))),
        readFileSync(join(out, name), "utf8"),
      ];
    }),
  );
}

const VALUES =
  `a|b|c d||__proto__|q"|7|.|..|a/b|%41|_empty|x.part|con|ü|a\nb|-|a-b| a|a.|a\\b|a\tb|\u202Ea|{k}|aux.csv|a,b|NULL|__HIVE_DEFAULT_PARTITION__`.split(
    "|",
  );

const PATHS: Pick<Asked, "by" | "path">[] = [
  { by: ["k"], path: "{k}" },
  { by: ["k"], path: "k={k}/rows" },
  { by: ["l", "k"], path: "{k}/{l}.x" },
  { by: ["k", "l"], path: "{k}-{l}.x" },
  { by: ["k", "l"], path: "all {l}_{k}" },
];

describe("the files of a split run are those of a plain loop", () => {
  const key = fc.constantFrom(...VALUES);
  const value = fc.constantFrom("1", "2", "5", "6", "7", "8");
  const rows = fc.array(fc.record({ k: key, l: key, v: value }), { maxLength: 40 });
  const asked = fc
    .record({
      at: fc.constantFrom(...PATHS),
      to: fc.constantFrom("csv" as const, "tsv-escaped" as const, "jsonl" as const, "json" as const),
      limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined, freq: 1 }),
      isSorted: fc.boolean(),
    })
    .map(({ at, to, limit, isSorted }): Asked => ({ by: at.by, path: at.path, to, limit, isSorted }));
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });

  for (const [name, { of, options }] of Object.entries(FUNCTIONS)) {
    test(`of ${name}`, async () => {
      const property = fc.asyncProperty(rows, asked, shapes, async (all, wants, ways) => {
        const input = `k,l,v\n${all.map(({ k, l, v }) => csvLine([k, l, v])).join("")}`;
        const wanted = plainFiles(all, of, wants);
        const run: RunOptions = {
          ...options(),
          splitBy: wants.by,
          output: join(out, wants.path),
          from: "csv",
          types: "text",
          to: wants.to,
          onError: "reject",
          rejects: rejectsFile,
          ...(wants.limit !== undefined && { limit: wants.limit }),
          ...(wants.isSorted && { sortBy: ["-v"] }),
        };
        for (const way of ways) {
          rmSync(out, { recursive: true, force: true });
          const { failure } = await runShaped({ format: "csv", bytes: Buffer.from(input) }, run, way);
          expect(failure).toBeUndefined();
          const found = wanted.size === 0 ? new Map<string, string>() : filesBy(wants);
          expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
        }
      });
      await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 25 });
    }, 600_000);
  }
});

describe("splitTemplate()", () => {
  test("gives two lists of values two paths, none of which leaves its folder", () => {
    const value = fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: "binary" }), fc.string({ maxLength: 400 }));
    const values = fc.tuple(value, value);
    const property = fc.property(
      fc.constantFrom(...PATHS.filter(({ by }) => by.length === 2)),
      values,
      values,
      (at, a, b) => {
        const template = splitTemplate(`out/${at.path}.csv`, at.by);
        const [one, other] = [template.pathOf(a), template.pathOf(b)];
        for (const path of [one, other]) {
          const parts = path.split("/");
          expect(parts).toHaveLength(at.path.split("/").length + 1);
          for (const part of parts) {
            expect([".", "..", ""]).not.toContain(part);
            expect(Buffer.byteLength(part)).toBeLessThanOrEqual(246);
          }
          expect(path).not.toMatch(/[\0-\x1f\x7f]/);
        }
        // Halves of pairs are told apart, too.
        if (a[0] !== b[0] || a[1] !== b[1]) expect(one).not.toBe(other);
      },
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 2000 });
  });

  test("cuts what is too long for a name, and tells it apart by a hash", () => {
    const template = splitTemplate("{k}.csv", ["k"]);
    const pathOf = (values: string[]): string => template.pathOf(values);
    const [one, other] = [pathOf([`${"ü".repeat(300)}a`]), pathOf([`${"ü".repeat(300)}b`])];
    expect(one).toMatch(/^ü{50,}%~[0-9a-f]{16}\.csv$/);
    expect(other).not.toBe(one);
  });

  test("keeps names that lie beside a file on its way apart", () => {
    expect(splitTemplate("out/{k}", ["k"]).pathOf(["a.part"])).toBe("out/a%2Epart");
    expect(splitTemplate("out/{k}.part", ["k"]).pathOf(["a"])).toBe("out/a%2Epart");
  });
});
