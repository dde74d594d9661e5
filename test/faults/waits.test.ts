/** All of waits.ts: it is short. */
import { expect, test } from "bun:test";
import { installBinary } from "../cli/binary.ts";
import { runWaits } from "./waits.ts";

const binary = installBinary();

test("what hangs beside rows ends the run in time, and costs no output that is complete", async () => {
  expect(await runWaits({ binary })).toBe(24);
});
