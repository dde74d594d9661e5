/**
 * The entry of a program that `rowmill compile` makes: that of main.ts, for one transform. It is part of Rowmill's own
 * binary only to be linked from there.
 */
import { writeSync } from "node:fs";
import { newThread } from "./spawn.ts";
import { tooFewThreads } from "./thread-room.ts";

const refusal = tooFewThreads();
if (refusal !== undefined) {
  writeSync(2, refusal);
  process.exit(1);
}
const firstThread = newThread();
firstThread.postMessage({ type: "preload" });
const commandLine = new URL("./command-line.ts", import.meta.url).href;
const { standalone } = (await import(commandLine)) as typeof import("./command-line.ts");
process.exit(await standalone(process.argv.slice(2), firstThread));
