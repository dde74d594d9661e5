/** The tables of docs/writing.md that say what becomes of values on their way through formats. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { installBinary } from "./cli/binary.ts";
import { PAGE, roundTrips, tablesOfPage, withoutServer } from "./round-trips.ts";

const binary = installBinary();

test("the page says what comes back: if not, bring it up to date with `bun test/round-trips.ts`", async () => {
  const { tables, hasServer } = await roundTrips(binary);
  const said = tablesOfPage(readFileSync(PAGE, "utf8"));
  expect(hasServer ? said : withoutServer(said)).toEqual(tables);
}, 120_000);
