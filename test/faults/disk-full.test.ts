/** The short form of disk-full.ts. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { canMount } from "./disk-full.ts";

const BINARY = process.env["ROWMILL_BINARY"];

const canRun = canMount();
if (!canRun) console.log("disk-full.test.ts is skipped: no tmpfs can be mounted here");

test.skipIf(!canRun)("a full disk is one clear message, and --resume goes on when there is room", async () => {
  const which = BINARY === undefined ? [] : ["--binary", BINARY];
  const command = [process.execPath, join(import.meta.dir, "disk-full.ts"), "--rows", "20000", "--seed", "1", ...which];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const [text, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (code !== 0) throw new Error(text);
  expect(text).toContain("the same bytes");
});
