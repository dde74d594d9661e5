/** The short form of matrix.ts. */
import { expect, test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { runMatrix } from "./matrix.ts";

const binary = installBinary();

test("one row that fails costs nothing but itself: some kinds × policies × jobs × places", async () => {
  expect(await runMatrix({ binary, seed: 20170526 }, { kind: "", policy: "", sample: 60 })).toBe(60);
});
