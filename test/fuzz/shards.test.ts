/** The short form of shards.ts. */
import { expect, test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { shardsAgainstOne } from "./shards.ts";

const binary = installBinary();

test("random tables in shards of random sizes come to the bytes of one machine", async () => {
  const codes = await shardsAgainstOne({ binary, seed: 20170526 }, Array.from({ length: 8 }, (_, at) => at).values());
  // Most of them do come to something.
  expect((codes.get(0) ?? 0) + (codes.get(3) ?? 0)).toBeGreaterThan(4);
}, 120_000);
