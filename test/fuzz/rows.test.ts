/** The short form of rows.ts. */
import { expect, test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { fuzzRows } from "./rows.ts";

const binary = installBinary();
const ROWS = 60_000;

test("random files come out as the slow reference says: rows, rejects, counts", async () => {
  const amount = { policies: ["fail", "skip", "reject"] as const, replaces: false, rows: ROWS, only: undefined };
  const { rows } = await fuzzRows({ binary, seed: 20170526 }, amount);
  expect(rows).toBeGreaterThanOrEqual(ROWS);
});
