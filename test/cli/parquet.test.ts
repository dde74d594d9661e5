/** Parquet as a user of the binary reads it: whatever columns are left out, the rows are those of all of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "bun:test";
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
