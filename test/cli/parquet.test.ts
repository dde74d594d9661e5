/** Parquet as a user of the binary reads it: whatever columns are left out, the rows are those of all of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const CASES = join(import.meta.dir, "../cases/parquet");

/** What is asked of the rows of people.parquet, which has four row groups of three rows. */
const ASKED: readonly (readonly string[])[] = [
  ["-e", "row"],
  ["-e", "({ id })"],
  ["-e", "({ a: 1 })"],
  ["-e", "({ age: 2017 - row.born, id: row.id })"],
  ["-e", "({ ...row, id: undefined })"],
  ["-e", "({ n: Object.keys(row).length })"],
  ["-e", "({ name })", "--filter", "born > 1903"],
  ["--filter", "id % 2 === 0"],
  ["-e", "({ id, born })", "--sort-by", "-id"],
  ["--group-by", "born", "--count"],
  ["--sum", "id", "--mean", "born"],
  ["-e", "({ born })", "--distinct=born"],
  ["-e", "id > 8 ? [] : [{ id }, { id: -id }]"],
  ["-e", "({ z, x })", "--columns", "x,y,z"],
  ["-e", "({ name })", "--types", "born=int"],
  ["-e", "({ id })", "--union"],
  ["-e", "({ id })", "--first", "4"],
  ["-e", "({ id })", "--limit", "4"],
  ["-e", "({ born: row.born ?? 'none' })", "--to", "jsonl"],
];

describe("rows of Parquet are those of the same rows of CSV", () => {
  for (const asked of ASKED) {
    test(asked.join(" "), async () => {
      const people = readFileSync(join(CASES, "row-groups/people.parquet"));
      const folder = binary.folder({ "people.parquet": people });
      await folder.run(["-e", "row", "people.parquet", "-o", "people.csv"]);
      const { stdout } = await folder.run([...asked, "people.csv", "-j", "1"]);
      for (const [jobs, rows] of [["1"], ["2"], ["3", "1"], ["2", "4"]] as const) {
        const size = rows === undefined ? [] : ["-b", rows];
        (await folder.run([...asked, "people.parquet", "-j", jobs, ...size])).expect({ stdout });
      }
      if (asked.includes("--columns") || asked.includes("--first") || asked.includes("--limit")) return;
      const twice = await folder.run([...asked, "people.csv", "people.csv"]);
      (await folder.run([...asked, "people.parquet", "people.parquet"])).expect({ stdout: twice.stdout });
    });
  }
});

/** What row groups that are not read must not change. Of people.parquet a third of the row groups, or so, is skipped. */
const FILTERED: readonly (readonly string[])[] = [
  ["--filter", "born < 1903"],
  ["--filter", "1905 <= born && id != 7", "-e", "(row, ctx) => ({ id, i: ctx.index, line: ctx.line })"],
  ["--filter", "name === 'n4'", "-e", "({ id, i })"],
  ["--filter", "born == null", "-e", "({ id, i })"],
  ["--filter", "born !== undefined && born > 1906", "--first", "8"],
  ["--filter", "born > 1903", "--first", "2"],
  ["--filter", "born > 1903", "--limit", "3"],
  ["--filter", "born > 1903", "--group-by", "born", "--count"],
  ["--filter", "born > 1903", "--cumsum", "id"],
  ["--filter", "born > 1903", "--sort-by", "-id"],
  ["--filter", "born > 1903", "--tail", "2"],
  ["--filter", "born > 1903", "-e", "id === 6 ? born.nothing() : row"],
  ["--filter", "born > 1903", "-e", "id === 6 ? born.nothing() : row", "--on-error", "skip"],
  ["--filter", "born > 1903", "--types", "name=int"],
  ["--filter", "born > 1903", "--types", "born=int", "--on-error", "skip"],
  ["--filter", "born.toFixed(1) > '' && born > 1903"],
  ["--filter", "born > 1903 && born.toFixed(1) > ''"],
  ["--filter", "ctx.log(id), born > 1903"],
];

describe("row groups that a filter skips change nothing", () => {
  for (const asked of FILTERED) {
    test(asked.join(" "), async () => {
      const people = readFileSync(join(CASES, "row-groups/people.parquet"));
      const folder = binary.folder({ "people.parquet": people });
      const outcomeOf = async (words: readonly string[]): Promise<unknown> => {
        const { code, stdout, stderr } = await folder.run([
          ...words,
          "--summary",
          "s.json",
          "people.parquet",
          "people.parquet",
        ]);
        return { code, stdout, stderr, rows: (JSON.parse(folder.read("s.json")) as { rows: unknown }).rows };
      };
      // What is handed to a function is not looked into.
      const read = asked.map((word, at) => (asked[at - 1] === "--filter" ? `Boolean((${word}))` : word));
      expect(await outcomeOf([...asked, "-j", "1"])).toEqual(await outcomeOf([...read, "-j", "1"]));
    });
  }
});
